package org.etcdjakarta.core.link;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.api.AuthenticateResponse;
import io.etcd.jetcd.api.ResponseHeader;
import io.etcd.jetcd.api.WatchResponse;
import io.etcd.jetcd.lease.LeaseKeepAliveResponse;
import io.grpc.Status;
import io.grpc.Status.Code;
import io.grpc.stub.StreamObserver;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.etcdjakarta.EtcdAccessException;
import org.etcdjakarta.EtcdException;
import org.etcdjakarta.EtcdGap;
import org.etcdjakarta.core.watch.RevisionBatch;
import org.etcdjakarta.core.watch.WatchConsumer;
import org.etcdjakarta.core.watch.WatchSpec;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Streams that end in ways that etcd cannot be made to choose from, and an etcd that changes its mind about a TTL. What it does by
 * itself or by its faults is in {@link KeepAliveTest} and {@link WaitingCallsTest}.
 */
class StreamsTest {

    private static final ByteSequence KEY = ByteSequence.from("k", UTF_8);
    private static final Duration GENEROUS = Duration.ofSeconds(30);

    private final FakeEtcd etcd = new FakeEtcd();
    private final EtcdLink link =
            EtcdLink.open(EtcdLinkConfig.builder().endpoints(etcd.endpoint()).build());
    private final Observer observer = new Observer();

    @AfterEach
    void close() {
        link.close();
        etcd.close();
    }

    // ---- watch streams

    private static final class Quiet implements WatchConsumer {

        final List<EtcdException> failures = new CopyOnWriteArrayList<>();

        @Override
        public void onBatch(RevisionBatch batch) {}

        @Override
        public void onGap(EtcdGap gap) {}

        @Override
        public void onFailure(EtcdException failure) {
            failures.add(failure);
        }
    }

    private void watchStandsAt(EtcdLink over, Quiet consumer, long revision) {
        var unused = over.watches().subscribe(WatchSpec.key(KEY), consumer, Runnable::run);
        await().atMost(GENEROUS).until(() -> etcd.watchStreams.get() == 1);
        etcd.watchAnswers
                .get(0)
                .onNext(WatchResponse.newBuilder()
                        .setHeader(ResponseHeader.newBuilder().setClusterId(7).setRevision(revision))
                        .setCreated(true)
                        // The link numbers its watches from 1.
                        .setWatchId(1)
                        .build());
    }

    @ParameterizedTest
    @EnumSource(
            value = Code.class,
            names = {"UNAVAILABLE", "INTERNAL", "RESOURCE_EXHAUSTED", "CANCELLED", "UNKNOWN", "DEADLINE_EXCEEDED", "OK"
            })
    void brokenWatchStreamIsReplacedAtTheRightRevision(Code code) {
        watchStandsAt(link, new Quiet(), 41);
        if (code == Code.OK) {
            etcd.watchAnswers.get(0).onCompleted();
        } else {
            etcd.watchAnswers
                    .get(0)
                    .onError(code.toStatus()
                            .withDescription("etcdserver: no leader")
                            .asRuntimeException());
        }
        await().atMost(GENEROUS).until(() -> etcd.watchStreams.get() == 2);

        assertThat(etcd.watchStarts).containsExactly(0L, 41L);
    }

    @Test
    void deniedWatchStreamEndsTheWatch() {
        Quiet consumer = new Quiet();
        watchStandsAt(link, consumer, 41);
        etcd.watchAnswers.get(0).onError(Status.PERMISSION_DENIED.asRuntimeException());
        await().atMost(GENEROUS).until(() -> !consumer.failures.isEmpty());

        assertThat(consumer.failures).singleElement().isInstanceOf(EtcdAccessException.class);
    }

    @Test
    void expiredTokenOfAWatchStreamIsRenewed() {
        etcd.onAuthenticate = FakeEtcd.firstThen(
                FakeEtcd.answer(
                        AuthenticateResponse.newBuilder().setToken("old").build()),
                FakeEtcd.answer(
                        AuthenticateResponse.newBuilder().setToken("new").build()));
        try (EtcdLink withUser = EtcdLink.open(EtcdLinkConfig.builder()
                .endpoints(etcd.endpoint())
                .user("root")
                .password("secret".toCharArray())
                .build())) {
            watchStandsAt(withUser, new Quiet(), 41);
            etcd.watchAnswers
                    .get(0)
                    .onError(Status.UNAUTHENTICATED
                            .withDescription("etcdserver: invalid auth token")
                            .asRuntimeException());
            await().atMost(GENEROUS).until(() -> etcd.watchStreams.get() == 2);
        }

        assertThat(etcd.tokens).containsSubsequence("old", "new");
        assertThat(etcd.watchStarts).containsExactly(0L, 41L);
    }

    // ---- keep-alive

    private static final class Observer implements StreamObserver<LeaseKeepAliveResponse> {

        final List<Long> ttls = new CopyOnWriteArrayList<>();
        final List<Throwable> errors = new CopyOnWriteArrayList<>();

        @Override
        public void onNext(LeaseKeepAliveResponse response) {
            ttls.add(response.getTTL());
        }

        @Override
        public void onError(Throwable failure) {
            errors.add(failure);
        }

        @Override
        public void onCompleted() {}
    }

    @Test
    void nothingIsQueuedWhileEtcdIsAway() {
        SharedLink shared = SharedLink.acquire(link.config());
        KeepAlives impatient = new KeepAlives(shared.calls(), Duration.ofMillis(1));
        try {
            for (long lease = 1; lease <= 5; lease++) {
                assertThat(impatient.add(new KeepAliveObserver(lease, observer, impatient.deliveries(), ended -> {})))
                        .isTrue();
            }
            await().atMost(GENEROUS).until(() -> observer.ttls.size() >= 5);
            etcd.stop();
            int before = etcd.keepAlives.get();
            // Time for fifteen rounds, each of which would ask for five answers.
            await().during(Duration.ofSeconds(3)).atMost(GENEROUS).until(() -> etcd.keepAlives.get() == before);
            etcd.keepAliveTtl = 3_600; // what is answered now is asked no more
            etcd.restart();
            await().atMost(GENEROUS).until(() -> observer.ttls.size() >= 10);

            // One round, and another for each tick that the answers take on a slow machine. Queued ones would be 75
            // more.
            assertThat(etcd.keepAlives.get() - before).isBetween(5, 50);
            assertThat(observer.errors).isEmpty();
        } finally {
            impatient.close();
            shared.release();
        }
    }
}
