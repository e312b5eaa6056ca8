package org.etcdjakarta.core.link;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.etcd.jetcd.api.KVGrpc;
import io.etcd.jetcd.api.RangeRequest;
import io.etcd.jetcd.api.WatchGrpc;
import io.etcd.jetcd.api.WatchRequest;
import io.etcd.jetcd.api.WatchResponse;
import io.grpc.ManagedChannel;
import io.grpc.netty.shaded.io.netty.util.internal.InternalThreadLocalMap;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.etcdjakarta.EtcdException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * The thread of a caller that has to open the link's connection: the endpoints are found while it is still in the channel that
 * asked for them, and then it is the one to go on with them. On a busy machine that happens by itself now and then.
 */
class CallersThreadTest {

    private static final Duration GENEROUS = Duration.ofSeconds(60);

    private static final String CALLER = "caller";

    private final FakeEtcd etcd = new FakeEtcd();
    private final EtcdLinkConfig config =
            EtcdLinkConfig.builder().endpoints(etcd.endpoint()).build();
    private final LinkThreads threads = new LinkThreads(1);
    private final ManagedChannel channel =
            LinkChannel.open(config, null, new EndpointList(config.parsedEndpoints()), threads);

    /** What a caller gives to the pool is done, with a thread of its own, before the caller goes on. */
    @BeforeEach
    void nobodyIsFasterThanTheLookUp() {
        ThreadPoolExecutor pool = (ThreadPoolExecutor) threads.pool();
        pool.setKeepAliveTime(1, TimeUnit.NANOSECONDS);
        pool.setThreadFactory(task -> new Thread(task, "look-up") {
            @Override
            public synchronized void start() {
                super.start();
                if (Thread.currentThread().getName().equals(CALLER)) {
                    await().atMost(GENEROUS).until(() -> pool.getPoolSize() == 0);
                }
            }
        });
    }

    @AfterEach
    void stop() {
        channel.shutdownNow();
        threads.stop();
        etcd.close();
    }

    private interface Use {
        void run(Calls calls) throws Exception;
    }

    /** Whether netty has something on a thread that did nothing but this. */
    private boolean leavesSomething(Use use) throws Exception {
        Calls calls = new Calls(channel, threads, config);
        CompletableFuture<Boolean> left = new CompletableFuture<>();
        Thread caller = new Thread(
                () -> {
                    try {
                        use.run(calls);
                        left.complete(InternalThreadLocalMap.getIfSet() != null);
                    } catch (Throwable e) {
                        left.completeExceptionally(e);
                    }
                },
                CALLER);
        caller.start();
        return left.get(GENEROUS.toSeconds(), TimeUnit.SECONDS);
    }

    /** Else the tests below would show nothing. */
    @Test
    void channelAloneLeavesSomething() throws Exception {
        assertThat(leavesSomething(calls -> KVGrpc.newBlockingStub(channel)
                        .withWaitForReady()
                        .withDeadlineAfter(GENEROUS.toSeconds(), TimeUnit.SECONDS)
                        .range(RangeRequest.getDefaultInstance())))
                .isTrue();
    }

    @Test
    void callThatIsWaitedForLeavesNothing() throws Exception {
        assertThat(leavesSomething(calls -> calls.read(KVGrpc.getRangeMethod(), RangeRequest.getDefaultInstance())
                        .get(GENEROUS.toSeconds(), TimeUnit.SECONDS)))
                .isFalse();
    }

    @Test
    void callThatNobodyWaitsForLeavesNothing() throws Exception {
        assertThat(leavesSomething(calls -> {
                    var unused = calls.read(KVGrpc.getRangeMethod(), RangeRequest.getDefaultInstance());
                }))
                .isFalse();
    }

    @Test
    void streamLeavesNothing() throws Exception {
        assertThat(leavesSomething(calls -> new StreamCall<WatchRequest, WatchResponse>(
                                calls, WatchGrpc.getWatchMethod(), new Unheard())
                        .start()))
                .isFalse();
    }

    private static final class Unheard implements StreamCall.Events<WatchResponse> {

        @Override
        public void onMessage(WatchResponse message) {}

        @Override
        public void onCompleted() {}

        @Override
        public void onFailure(EtcdException failure, boolean mayResume) {}
    }
}
