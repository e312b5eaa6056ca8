package org.etcdjakarta.itests.link;

import static org.assertj.core.api.Assertions.assertThat;
import static org.etcdjakarta.itests.link.Links.bytes;
import static org.etcdjakarta.itests.link.Links.config;

import com.google.protobuf.ByteString;
import com.sun.management.ThreadMXBean;
import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.KV;
import io.etcd.jetcd.Txn;
import io.etcd.jetcd.api.KVGrpc;
import io.etcd.jetcd.api.KVGrpc.KVBlockingStub;
import io.etcd.jetcd.api.PutRequest;
import io.etcd.jetcd.api.RangeRequest;
import io.etcd.jetcd.kv.TxnResponse;
import io.etcd.jetcd.op.Cmp;
import io.etcd.jetcd.op.CmpTarget;
import io.etcd.jetcd.op.Op;
import io.etcd.jetcd.op.TxnImpl;
import io.etcd.jetcd.options.PutOption;
import io.grpc.ManagedChannel;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadInfo;
import java.net.URI;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.etcdjakarta.core.link.EtcdLink;
import org.etcdjakarta.itests.support.EtcdServer;
import org.etcdjakarta.itests.support.WithEtcd;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * What a blocking call through the link costs in memory beyond the bare blocking stub's: bytes allocated by all threads, the
 * network's included, over many calls of which the cheapest round counts. The JVM counts them, so this is no measurement of time.
 */
@WithEtcd
class AllocationIT {

    private static final int WARM_UP = 2_000;
    private static final int ROUNDS = 8;
    private static final int CALLS = 500;
    private static final long MOST_BEYOND_THE_STUB = 1024;

    private static final byte[] VALUE = new byte[256];
    private static final ByteSequence KEY = bytes("/allocation/key");

    private final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private final EtcdServer etcd;
    private EtcdLink link;
    private KV kv;
    private ManagedChannel channel;
    private KVBlockingStub stub;

    AllocationIT(EtcdServer etcd) {
        this.etcd = etcd;
    }

    @BeforeEach
    void open() {
        link = EtcdLink.open(config(etcd.endpoint()).build());
        kv = link.client().getKVClient();
        URI uri = URI.create(link.config().endpoints().get(0));
        channel = NettyChannelBuilder.forAddress(uri.getHost(), uri.getPort())
                .usePlaintext()
                .build();
        stub = KVGrpc.newBlockingStub(channel);
    }

    @AfterEach
    void close() throws InterruptedException {
        link.close();
        channel.shutdownNow();
        assertThat(channel.awaitTermination(60, TimeUnit.SECONDS)).isTrue();
    }

    private interface Call {
        Object run() throws Exception;
    }

    /** Bytes a call. */
    private long cost(Call call) throws Exception {
        for (int i = 0; i < WARM_UP; i++) {
            call.run();
        }
        long cheapest = Long.MAX_VALUE;
        for (int round = 0; round < ROUNDS; round++) {
            Map<Long, Long> before = allocated();
            for (int i = 0; i < CALLS; i++) {
                call.run();
            }
            Map<Long, Long> after = allocated();
            long sum = 0;
            for (var thread : after.entrySet()) {
                sum += thread.getValue() - before.getOrDefault(thread.getKey(), 0L);
            }
            cheapest = Math.min(cheapest, sum);
        }
        return cheapest / CALLS;
    }

    /** By this thread and by those of both clients; the JVM's own and those of the test tools allocate when they like. */
    private Map<Long, Long> allocated() {
        Map<Long, Long> bytes = new HashMap<>();
        for (ThreadInfo thread : threads.getThreadInfo(threads.getAllThreadIds())) {
            if (thread != null && isOurs(thread)) {
                bytes.put(thread.getThreadId(), threads.getThreadAllocatedBytes(thread.getThreadId()));
            }
        }
        return bytes;
    }

    private static boolean isOurs(ThreadInfo thread) {
        return thread.getThreadId() == Thread.currentThread().getId()
                || thread.getThreadName().startsWith("etcd-link-")
                || thread.getThreadName().startsWith("grpc-");
    }

    private void compare(String what, Call bare, Call ours) throws Exception {
        long stubs = cost(bare);
        long links = cost(ours);
        assertThat(links)
                .as("%s: %d bytes through the link, %d through the bare stub", what, links, stubs)
                .isLessThanOrEqualTo(stubs + MOST_BEYOND_THE_STUB);
        // the count has seen something: no call comes without its messages
        assertThat(stubs).isGreaterThan(VALUE.length);
    }

    @Test
    void put() throws Exception {
        compare(
                "put",
                () -> stub.put(PutRequest.newBuilder()
                        .setKey(ByteString.copyFromUtf8("/allocation/key"))
                        .setValue(ByteString.copyFrom(VALUE))
                        .build()),
                () -> kv.put(KEY, ByteSequence.from(VALUE)).get());
    }

    @Test
    void get() throws Exception {
        kv.put(KEY, ByteSequence.from(VALUE)).get();
        compare(
                "get",
                () -> stub.range(RangeRequest.newBuilder()
                        .setKey(ByteString.copyFromUtf8("/allocation/key"))
                        .build()),
                () -> kv.get(KEY).get());
    }

    /** jetcd's builder of transactions copies each value several times, whoever takes the request; so both sides use it. */
    @Test
    void transactionOfOneWrite() throws Exception {
        compare(
                "txn",
                () -> transaction(TxnImpl.newTxn(
                        request -> CompletableFuture.completedFuture(
                                new TxnResponse(stub.txn(request), ByteSequence.EMPTY)),
                        ByteSequence.EMPTY)),
                () -> transaction(kv.txn()));
    }

    private static TxnResponse transaction(Txn txn) throws Exception {
        return txn.If(new Cmp(KEY, Cmp.Op.GREATER, CmpTarget.version(-1)))
                .Then(Op.put(KEY, ByteSequence.from(VALUE), PutOption.DEFAULT))
                .commit()
                .get();
    }
}
