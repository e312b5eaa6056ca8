package org.etcdjakarta.core.link;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.etcd.jetcd.api.LeaseGrantRequest;
import io.etcd.jetcd.api.LeaseGrpc;
import io.etcd.jetcd.api.LeaseKeepAliveRequest;
import io.etcd.jetcd.lease.LeaseKeepAliveResponse;
import io.etcd.jetcd.lease.NoSuchLeaseException;
import io.grpc.MethodDescriptor;
import io.grpc.stub.StreamObserver;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.etcdjakarta.EtcdException;
import org.etcdjakarta.embedded.EmbeddedEtcd;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class KeepAliveTest {

    private static final MethodDescriptor<LeaseKeepAliveRequest, ?> KEEP_ALIVE = LeaseGrpc.getLeaseKeepAliveMethod();
    private static final Duration GENEROUS = Duration.ofSeconds(30);

    private final EmbeddedEtcd etcd = EmbeddedEtcd.start();
    private final EtcdLink link =
            EtcdLink.open(EtcdLinkConfig.builder().endpoints(etcd.endpoint()).build());
    private final Observer observer = new Observer();

    @AfterEach
    void close() {
        link.close();
        etcd.close();
    }

    private void grant(long ttl, long... leases) {
        for (long lease : leases) {
            var unused = LeaseGrpc.newBlockingStub(etcd.channel())
                    .leaseGrant(LeaseGrantRequest.newBuilder()
                            .setID(lease)
                            .setTTL(ttl)
                            .build());
        }
    }

    /** They are cut by it. */
    private int openStreams() {
        return etcd.faults().cutStreams(KEEP_ALIVE);
    }

    private static final class Observer implements StreamObserver<LeaseKeepAliveResponse> {

        final List<Long> ttls = new CopyOnWriteArrayList<>();
        final List<Throwable> errors = new CopyOnWriteArrayList<>();
        volatile boolean completed;

        @Override
        public void onNext(LeaseKeepAliveResponse response) {
            ttls.add(response.getTTL());
        }

        @Override
        public void onError(Throwable failure) {
            errors.add(failure);
        }

        @Override
        public void onCompleted() {
            completed = true;
        }
    }

    /** Adds the TTLs of answers, -1 for onError, -2 for onCompleted. */
    static StreamObserver<LeaseKeepAliveResponse> recording(List<Long> ttls) {
        return new StreamObserver<>() {
            @Override
            public void onNext(LeaseKeepAliveResponse answer) {
                ttls.add(answer.getTTL());
            }

            @Override
            public void onError(Throwable failure) {
                ttls.add(-1L);
            }

            @Override
            public void onCompleted() {
                ttls.add(-2L);
            }
        };
    }

    @Test
    void keepAliveGoesOnAtAThirdOfTheTtl() {
        grant(3, 1);
        var unused = link.client().getLeaseClient().keepAlive(1, observer);
        long start = System.nanoTime();
        await().atMost(GENEROUS).until(() -> observer.ttls.size() >= 3);

        assertThat(Duration.ofNanos(System.nanoTime() - start)).isGreaterThan(Duration.ofMillis(1_900));
        assertThat(openStreams()).isEqualTo(1);
    }

    @Test
    void brokenKeepAliveStreamIsReplacedWithoutAWord() {
        grant(3, 1);
        var unused = link.client().getLeaseClient().keepAlive(1, observer);
        await().atMost(GENEROUS).until(() -> observer.ttls.size() == 1);
        assertThat(openStreams()).isEqualTo(1);
        await().atMost(GENEROUS).until(() -> observer.ttls.size() >= 2);

        assertThat(observer.errors).isEmpty();
        assertThat(openStreams()).isEqualTo(1);
    }

    @Test
    void goneLeaseEndsItsKeepAliveWithAnError() {
        grant(600, 0x1f);
        etcd.faults().expire(0x1f);
        var unused = link.client().getLeaseClient().keepAlive(0x1f, observer);
        await().atMost(GENEROUS).until(() -> !observer.errors.isEmpty());

        assertThat(observer.errors).singleElement().satisfies(error -> {
            assertThat(error).isInstanceOf(EtcdException.class).hasMessageContaining("1f");
            assertThat(error).hasCauseInstanceOf(NoSuchLeaseException.class);
        });
    }

    @Test
    void closedKeepAliveIsCompletedAndSendsNothingMore() {
        grant(3, 1);
        var keepAlive = link.client().getLeaseClient().keepAlive(1, observer);
        await().atMost(GENEROUS).until(() -> observer.ttls.size() == 1);
        keepAlive.close();
        await().atMost(GENEROUS).until(() -> observer.completed);
        long sent = etcd.faults().seen(KEEP_ALIVE);
        await().during(Duration.ofMillis(1_500))
                .atMost(GENEROUS)
                .until(() -> etcd.faults().seen(KEEP_ALIVE) == sent);

        assertThat(observer.errors).isEmpty();
    }

    @Test
    void closeOfTheLinkEndsKeepAlives() {
        grant(3, 1);
        var unused = link.client().getLeaseClient().keepAlive(1, observer);
        await().atMost(GENEROUS).until(() -> observer.ttls.size() == 1);
        link.close();
        await().atMost(GENEROUS).until(() -> !observer.errors.isEmpty());
    }

    @Test
    void keepAliveOnceAsksOnce() throws Exception {
        grant(3, 1);
        assertThat(link.client()
                        .getLeaseClient()
                        .keepAliveOnce(1)
                        .get(60, TimeUnit.SECONDS)
                        .getTTL())
                .isEqualTo(3);
        assertThat(etcd.faults().seen(KEEP_ALIVE)).isEqualTo(1);
    }
}
