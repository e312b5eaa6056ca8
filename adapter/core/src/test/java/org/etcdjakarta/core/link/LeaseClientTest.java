package org.etcdjakarta.core.link;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.awaitility.Awaitility.await;

import io.etcd.jetcd.api.LeaseGrantRequest;
import io.etcd.jetcd.api.LeaseGrpc;
import io.etcd.jetcd.api.LeaseKeepAliveRequest;
import io.etcd.jetcd.lease.LeaseGrantResponse;
import io.etcd.jetcd.lease.LeaseKeepAliveResponse;
import io.grpc.MethodDescriptor;
import io.grpc.stub.StreamObserver;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.etcdjakarta.EtcdException;
import org.etcdjakarta.EtcdInDoubtException;
import org.etcdjakarta.EtcdLease;
import org.etcdjakarta.EtcdUnavailableException;
import org.etcdjakarta.embedded.EmbeddedEtcd;
import org.etcdjakarta.embedded.faults.LostAnswer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class LeaseClientTest {

    private static final Duration GENEROUS = Duration.ofSeconds(60);

    private static final MethodDescriptor<LeaseGrantRequest, ?> GRANT = LeaseGrpc.getLeaseGrantMethod();
    private static final MethodDescriptor<LeaseKeepAliveRequest, ?> KEEP_ALIVE = LeaseGrpc.getLeaseKeepAliveMethod();

    private final EmbeddedEtcd etcd = EmbeddedEtcd.start();
    private final List<Long> asked = new CopyOnWriteArrayList<>();
    private final List<Long> keptAlive = new CopyOnWriteArrayList<>();
    private EtcdLink link = open(Duration.ofSeconds(30));
    private EtcdLease lease = EtcdLease.of(link.client().getLeaseClient());

    /** A fault that strikes nothing sees all that is asked. */
    @BeforeEach
    void listen() {
        etcd.faults().on(GRANT).when(request -> asked.add(request.getID())).delay(Duration.ZERO);
        etcd.faults()
                .on(KEEP_ALIVE)
                .when(request -> keptAlive.add(request.getID()))
                .delay(Duration.ZERO);
    }

    @AfterEach
    void close() {
        link.close();
        etcd.close();
    }

    private EtcdLink open(Duration requestTimeout) {
        return EtcdLink.open(EtcdLinkConfig.builder()
                .endpoints(etcd.endpoint())
                .requestTimeout(requestTimeout)
                .build());
    }

    /** As etcd lists them. */
    private List<Long> living() {
        return get(link.leases());
    }

    private int keepAliveStreams() {
        return etcd.faults().cutStreams(KEEP_ALIVE);
    }

    private void impatient() {
        link.close();
        link = open(Duration.ofMillis(600));
        lease = EtcdLease.of(link.client().getLeaseClient());
        // The call that a test makes is to fail by its own timeout, and not because there is no connection yet.
        get(lease.grant(600, GENEROUS.toSeconds(), TimeUnit.SECONDS));
    }

    private static <T> T get(CompletableFuture<T> future) {
        try {
            return future.get(GENEROUS.toSeconds(), TimeUnit.SECONDS);
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    // ---- grant

    @Test
    void grantWhoseAnswerIsLostIsTheSameLeaseAtTheNextTry() {
        etcd.faults().on(GRANT).next(1).loseAnswer(LostAnswer.UNAVAILABLE);
        LeaseGrantResponse granted = get(lease.grant(1));

        assertThat(asked).hasSize(2).allMatch(id -> id == granted.getID() && id > 0);
        assertThat(living()).containsExactly(granted.getID());
        assertThat(granted.getTTL()).as("what etcd makes of it").isEqualTo(2);
    }

    @Test
    void grantThatStaysInDoubtIsTakenBack() {
        etcd.faults().on(GRANT).loseAnswer(LostAnswer.UNAVAILABLE);

        assertThat(lease.grant(5, 3, TimeUnit.SECONDS))
                .failsWithin(GENEROUS)
                .withThrowableOfType(ExecutionException.class)
                .withCauseInstanceOf(EtcdInDoubtException.class);
        assertThat(asked).hasSizeGreaterThan(1);
        assertThat(asked.stream().distinct()).hasSize(1);
        await().atMost(GENEROUS).until(() -> living().isEmpty());
    }

    @Test
    void grantWithAChosenIdIsNotRepeatedBecauseTheLeaseMayBeSomebodyElses() {
        etcd.faults().on(GRANT).next(1).loseAnswer(LostAnswer.UNAVAILABLE);

        assertThat(lease.grantWithId(5, 0x77))
                .failsWithin(GENEROUS)
                .withThrowableOfType(ExecutionException.class)
                .withCauseInstanceOf(EtcdInDoubtException.class);
        assertThat(asked).containsExactly(0x77L);
    }

    @Test
    void chosenIdThatExistsIsNamed() {
        assertThat(get(lease.grantWithId(5, 0x77)).getID()).isEqualTo(0x77);

        assertThat(lease.grantWithId(5, 0x77))
                .failsWithin(GENEROUS)
                .withThrowableOfType(ExecutionException.class)
                .havingCause()
                .isInstanceOfSatisfying(EtcdException.class, failure -> assertThat(failure.code())
                        .isEqualTo("ETCD-00132"));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> lease.grantWithId(5, 0))
                .withMessageContaining("leaseId: 0");
    }

    // ---- close

    @Test
    void closeRevokesWhatThisOwnerGrantedAndNothingElse() {
        EtcdLink other = link.retain();
        try {
            long foreign = get(other.client().getLeaseClient().grant(5)).getID();
            get(lease.grant(5));
            get(lease.grantWithId(5, 0x99));
            lease.close();

            assertThat(living()).containsExactly(foreign);
        } finally {
            other.close();
        }
    }

    /** The next one that chooses the same id owns it. */
    @Test
    void leaseThatEtcdHasEndedIsNoLongerThisOwners() {
        EtcdLink other = link.retain();
        try {
            get(lease.grantWithId(5, 0x98));
            get(lease.grantWithId(5, 0x99));
            get(lease.grantWithId(5, 0x9a));
            etcd.faults().expire(0x98);
            etcd.faults().expire(0x99);
            assertThat(lease.keepAliveOnce(0x98)).failsWithin(GENEROUS);
            CompletableFuture<Throwable> told = new CompletableFuture<>();
            var unused = lease.keepAlive(0x99, new StreamObserver<LeaseKeepAliveResponse>() {
                @Override
                public void onNext(LeaseKeepAliveResponse answer) {}

                @Override
                public void onError(Throwable failure) {
                    told.complete(failure);
                }

                @Override
                public void onCompleted() {}
            });
            assertThat(get(told)).isInstanceOf(EtcdException.class);
            EtcdLease others = EtcdLease.of(other.client().getLeaseClient());
            get(others.grantWithId(5, 0x98));
            get(others.grantWithId(5, 0x99));
            lease.close();

            assertThat(living()).containsExactlyInAnyOrder(0x98L, 0x99L);
        } finally {
            other.close();
        }
    }

    @Test
    void closedLeaseGrantsAndKeepsAliveNothing() {
        lease.close();

        assertThatIllegalStateException().isThrownBy(() -> lease.grant(5));
        assertThatIllegalStateException().isThrownBy(() -> lease.grantWithId(5, 0x77));
        assertThat(lease.keepAliveOnce(1)).failsWithin(GENEROUS);
        assertThat(asked).isEmpty();
    }

    @Test
    void closeOfTheLinkRevokesNothing() {
        long id = get(lease.grant(5)).getID();
        link.close();
        link = open(GENEROUS);

        assertThat(living()).containsExactly(id);
    }

    @Test
    void closeWaitsForAnEtcdThatIsAwayNoLongerThanTheRequestTimeout() {
        impatient();
        etcd.stop();
        CompletableFuture<Void> closing = CompletableFuture.runAsync(lease::close);

        assertThat(closing).succeedsWithin(GENEROUS);
    }

    @Test
    void expiredLeasesAreForgotten() {
        GrantedLeases granted = new GrantedLeases();
        for (long id = 1; id <= 10_000; id++) {
            granted.add(id, 0);
        }
        granted.add(10_001, 3_600);

        assertThat(granted.size()).isBetween(1, 1_100);
        assertThat(granted.close()).contains(10_001L);
    }

    // ---- keep-alive once

    private void grant(long... ids) {
        for (long id : ids) {
            get(lease.grantWithId(600, id));
        }
    }

    @Test
    void keepAliveOnceIsOneMessageOnTheStreamOfAll() {
        List<Long> ttls = new CopyOnWriteArrayList<>();
        grant(1, 2, 3);
        var unused = lease.keepAlive(1, KeepAliveTest.recording(ttls));
        await().atMost(GENEROUS).until(() -> !ttls.isEmpty());
        for (int i = 0; i < 5; i++) {
            get(lease.keepAliveOnce(2));
        }
        get(lease.keepAliveOnce(3));

        assertThat(keepAliveStreams()).isEqualTo(1);
        assertThat(keptAlive.stream().filter(id -> id == 2)).hasSize(5);
        assertThat(keptAlive.stream().filter(id -> id == 3)).hasSize(1);
    }

    @Test
    void keepAliveOnceAloneNeedsNoStreamForEachCall() {
        grant(2);
        get(lease.keepAliveOnce(2));
        get(lease.keepAliveOnce(2));

        assertThat(keepAliveStreams()).isEqualTo(1);
    }

    @Test
    void keepAliveOnceEndsWithTheRequestTimeout() {
        impatient();
        etcd.faults().on(KEEP_ALIVE).next(1).loseAnswer(LostAnswer.NEVER_ENDS);

        assertThat(lease.keepAliveOnce(2))
                .failsWithin(GENEROUS)
                .withThrowableOfType(ExecutionException.class)
                .withCauseInstanceOf(EtcdUnavailableException.class)
                .withMessageContaining("LeaseKeepAlive");
    }

    @Test
    void keepAliveOnceOfAnEtcdThatIsAwayEndsWithTheRequestTimeout() {
        impatient();
        etcd.stop();

        assertThat(lease.keepAliveOnce(2))
                .failsWithin(GENEROUS)
                .withThrowableOfType(ExecutionException.class)
                .withCauseInstanceOf(EtcdUnavailableException.class);
    }

    // ---- keep-alive

    @Test
    void keepAliveThatBeginsWhileEtcdIsAwayIsHeardWhenItIsBack() {
        grant(1);
        impatient();
        etcd.stop();
        List<Long> ttls = new CopyOnWriteArrayList<>();
        var unused = lease.keepAlive(1, KeepAliveTest.recording(ttls));
        // Longer than the request timeout, which is none of a keep-alive's.
        await().during(Duration.ofSeconds(2)).atMost(GENEROUS).until(ttls::isEmpty);
        etcd.restart();

        await().atMost(GENEROUS).until(() -> !ttls.isEmpty());
        assertThat(ttls).noneMatch(ttl -> ttl < 0);
    }
}
