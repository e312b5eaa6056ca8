package org.etcdjakarta.core.link;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.awaitility.Awaitility.await;

import io.etcd.jetcd.api.LeaseGrantRequest;
import io.etcd.jetcd.api.LeaseGrpc;
import io.etcd.jetcd.api.LeaseKeepAliveRequest;
import io.etcd.jetcd.lease.LeaseKeepAliveResponse;
import io.grpc.MethodDescriptor;
import io.grpc.stub.StreamObserver;
import java.lang.ref.WeakReference;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.etcdjakarta.EtcdSession.State;
import org.etcdjakarta.core.session.Session;
import org.etcdjakarta.embedded.EmbeddedEtcd;
import org.etcdjakarta.embedded.faults.LostAnswer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Sessions as a link gives them. What becomes of them at which time: {@code SessionTest}. */
class LinkSessionTest {

    private static final Duration GENEROUS = Duration.ofSeconds(60);
    private static final MethodDescriptor<LeaseGrantRequest, ?> GRANT = LeaseGrpc.getLeaseGrantMethod();
    private static final MethodDescriptor<LeaseKeepAliveRequest, ?> KEEP_ALIVE = LeaseGrpc.getLeaseKeepAliveMethod();

    private final EmbeddedEtcd etcd = EmbeddedEtcd.start();
    private final EtcdLink link = EtcdLink.open(EtcdLinkConfig.builder()
            .endpoints(etcd.endpoint())
            .requestTimeout(Duration.ofSeconds(30))
            .build());
    private final List<State> told = new CopyOnWriteArrayList<>();

    @AfterEach
    void close() {
        link.close();
        etcd.close();
    }

    private static <T> T get(CompletableFuture<T> future) {
        try {
            return future.get(GENEROUS.toSeconds(), TimeUnit.SECONDS);
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void listenersRunOnTheLinksWorkers() {
        CompletableFuture<String> thread = new CompletableFuture<>();
        Session session = link.newSession();
        long leaseId = get(session.connected());
        assertThat(session.leaseId()).isEqualTo(leaseId);
        var unused =
                session.onChange(state -> thread.complete(Thread.currentThread().getName()));
        session.close();

        assertThat(get(thread)).contains("-work-");
        assertThat(get(link.leases())).isEmpty();
    }

    @Test
    void isKeptAliveOverItsTtl() {
        try (Session session = link.newSession(Duration.ofSeconds(2))) {
            long leaseId = get(session.connected());
            await().during(Duration.ofSeconds(5)).atMost(GENEROUS).until(() -> get(link.leases())
                    .contains(leaseId));
        }
    }

    @Test
    void leaseThatHasEndedIsReplaced() {
        try (Session session = link.newSession(Duration.ofSeconds(2), Runnable::run)) {
            long first = get(session.connected());
            var unused = session.onChange(told::add);
            etcd.faults().expire(first);
            await().atMost(GENEROUS).until(() -> told.contains(State.CONNECTED));

            assertThat(told).startsWith(State.LOST, State.CONNECTED);
            assertThat(session.leaseId()).isNotEqualTo(first);
            assertThat(get(link.leases())).containsExactly(session.leaseId());
        }
    }

    @Test
    void grantWhoseAnswerIsLostLeavesNoOtherLeaseBehind() {
        etcd.faults().on(GRANT).next(2).loseAnswer(LostAnswer.UNAVAILABLE);
        try (Session session = link.newSession()) {
            long leaseId = get(session.connected());

            assertThat(get(link.leases())).containsExactly(leaseId);
            assertThat(etcd.faults().seen(GRANT)).isEqualTo(3);
        }
    }

    @Test
    void sessionsAndKeepAlivesOfAllReferencesAreOnOneStream() {
        EtcdLink other = link.retain();
        try (Session one = link.newSession(Duration.ofSeconds(2));
                Session two = other.newSession(Duration.ofSeconds(2))) {
            get(one.connected());
            get(two.connected());
            long lease = get(other.client().getLeaseClient().grant(2)).getID();
            List<Long> ttls = new CopyOnWriteArrayList<>();
            var unused = other.client().getLeaseClient().keepAlive(lease, KeepAliveTest.recording(ttls));
            await().atMost(GENEROUS).until(() -> ttls.size() >= 2);
            assertThat(etcd.faults().cutStreams(KEEP_ALIVE)).isEqualTo(1);
            int before = ttls.size();
            await().atMost(GENEROUS).until(() -> ttls.size() >= before + 2);

            assertThat(etcd.faults().cutStreams(KEEP_ALIVE)).isEqualTo(1);
            other.close();
            assertThat(two.state()).isEqualTo(State.CLOSED);
            await().atMost(GENEROUS).until(() -> ttls.contains(-1L));
            assertThat(one.state()).isEqualTo(State.CONNECTED);
        } finally {
            other.close();
        }
    }

    @Test
    void endsWithItsReferenceAndTellsSo() {
        Session session = link.newSession(Duration.ofSeconds(60), Runnable::run);
        get(session.connected());
        var unused = session.onChange(told::add);
        link.close();

        assertThat(session.state()).isEqualTo(State.CLOSED);
        await().atMost(GENEROUS).until(() -> told.equals(List.of(State.CLOSED)));
        assertThatIllegalStateException().isThrownBy(link::newSession);
        session.close();
    }

    @Test
    void closeDoesNotWaitLongerThanTheRequestTimeoutForAnEtcdThatIsAway() {
        EtcdLink impatient = EtcdLink.open(
                link.config().toBuilder().requestTimeout(Duration.ofMillis(600)).build());
        try {
            Session session = impatient.newSession();
            get(session.connected());
            etcd.stop();

            assertThat(CompletableFuture.runAsync(session::close)).succeedsWithin(GENEROUS);
        } finally {
            impatient.close();
        }
    }

    /** However many of them: they are an application's, and the session must know in time. */
    @Test
    void observersThatStandStillHoldUpNoSession() {
        CountDownLatch goOn = new CountDownLatch(1);
        List<Long> standing = new CopyOnWriteArrayList<>();
        for (int i = 0; i < 30; i++) {
            long lease = get(link.client().getLeaseClient().grant(60)).getID();
            var unused = link.client().getLeaseClient().keepAlive(lease, new StreamObserver<>() {
                @Override
                public void onNext(LeaseKeepAliveResponse answer) {
                    standing.add(lease);
                    await().atMost(GENEROUS).until(() -> goOn.getCount() == 0);
                }

                @Override
                public void onError(Throwable failure) {}

                @Override
                public void onCompleted() {}
            });
        }
        await().atMost(GENEROUS).until(() -> !standing.isEmpty());
        try (Session session = link.newSession(Duration.ofSeconds(2))) {
            get(session.connected());
            long first = session.leaseId();
            etcd.stop();
            await().atMost(GENEROUS).until(() -> session.state() == State.LOST);
            etcd.restart();
            await().atMost(GENEROUS).until(() -> session.state() == State.CONNECTED);

            assertThat(session.leaseId()).isNotEqualTo(first);
        } finally {
            goOn.countDown();
        }
    }

    @Test
    void closedSessionIsForgotten() {
        WeakReference<Session> forgotten = openAndClose();
        await().atMost(GENEROUS).until(() -> {
            System.gc();
            return forgotten.refersTo(null);
        });
    }

    private WeakReference<Session> openAndClose() {
        Session session = link.newSession();
        get(session.connected());
        session.close();
        return new WeakReference<>(session);
    }

    /** What stands still is noticed, and the next stream may lead to a member that does not. */
    @Test
    void streamThatStaysSilentIsReplaced() {
        etcd.faults().on(KEEP_ALIVE).next(1).loseAnswer(LostAnswer.NEVER_ENDS);
        try (Session session = link.newSession(Duration.ofSeconds(10), Runnable::run)) {
            var unused = session.onChange(told::add);
            get(session.connected());
            await().atMost(GENEROUS).until(() -> etcd.faults().seen(KEEP_ALIVE) >= 3);

            assertThat(told).doesNotContain(State.LOST);
        }
    }
}
