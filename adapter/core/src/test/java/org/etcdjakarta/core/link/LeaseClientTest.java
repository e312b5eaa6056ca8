package org.etcdjakarta.core.link;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.awaitility.Awaitility.await;

import io.etcd.jetcd.lease.LeaseGrantResponse;
import io.etcd.jetcd.lease.LeaseKeepAliveResponse;
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
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class LeaseClientTest {

    private static final Duration GENEROUS = Duration.ofSeconds(60);

    private final FakeLeases leases = new FakeLeases();
    private final FakeEtcd etcd = new FakeEtcd(leases);
    private EtcdLink link = open(Duration.ofSeconds(30));
    private EtcdLease lease = EtcdLease.of(link.client().getLeaseClient());

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

    private void impatient() {
        link.close();
        link = open(Duration.ofMillis(600));
        lease = EtcdLease.of(link.client().getLeaseClient());
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
        leases.lostAnswers.set(1);
        LeaseGrantResponse granted = get(lease.grant(5));

        assertThat(leases.asked).hasSize(2).allMatch(id -> id == granted.getID() && id > 0);
        assertThat(leases.living).containsExactly(granted.getID());
        assertThat(granted.getTTL()).isEqualTo(FakeLeases.GRANTED_TTL);
    }

    @Test
    void grantThatStaysInDoubtIsTakenBack() {
        leases.lostAnswers.set(Integer.MAX_VALUE);

        assertThat(lease.grant(5, 3, TimeUnit.SECONDS))
                .failsWithin(GENEROUS)
                .withThrowableOfType(ExecutionException.class)
                .withCauseInstanceOf(EtcdInDoubtException.class);
        assertThat(leases.asked.stream().distinct()).hasSize(1);
        await().atMost(GENEROUS).until(leases.living::isEmpty);
    }

    @Test
    void grantWithAChosenIdIsNotRepeatedBecauseTheLeaseMayBeSomebodyElses() {
        leases.lostAnswers.set(1);

        assertThat(lease.grantWithId(5, 0x77))
                .failsWithin(GENEROUS)
                .withThrowableOfType(ExecutionException.class)
                .withCauseInstanceOf(EtcdInDoubtException.class);
        assertThat(leases.asked).containsExactly(0x77L);
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

            assertThat(leases.living).containsExactly(foreign);
        } finally {
            other.close();
        }
    }

    private void etcdEnds(long id) {
        leases.living.remove(id);
        leases.ended.add(id);
    }

    /** The next one that chooses the same id owns it. */
    @Test
    void leaseThatEtcdHasEndedIsNoLongerThisOwners() {
        EtcdLink other = link.retain();
        try {
            get(lease.grantWithId(5, 0x98));
            get(lease.grantWithId(5, 0x99));
            get(lease.grantWithId(5, 0x9a));
            etcdEnds(0x98);
            etcdEnds(0x99);
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

            assertThat(leases.living).containsExactlyInAnyOrder(0x98L, 0x99L);
        } finally {
            other.close();
        }
    }

    @Test
    void grantThatCrossesTheCloseIsTakenBackAndInDoubtUntilThen() {
        leases.afterGrant = lease::close;

        assertThat(lease.grantWithId(5, 0x77))
                .failsWithin(GENEROUS)
                .withThrowableOfType(ExecutionException.class)
                .withCauseInstanceOf(EtcdInDoubtException.class);
        await().atMost(GENEROUS).until(leases.living::isEmpty);
    }

    @Test
    void closedLeaseGrantsAndKeepsAliveNothing() {
        lease.close();

        assertThatIllegalStateException().isThrownBy(() -> lease.grant(5));
        assertThatIllegalStateException().isThrownBy(() -> lease.grantWithId(5, 0x77));
        assertThat(lease.keepAliveOnce(1)).failsWithin(GENEROUS);
        assertThat(leases.asked).isEmpty();
    }

    @Test
    void closeOfTheLinkRevokesNothing() {
        long id = get(lease.grant(5)).getID();
        link.close();

        assertThat(leases.living).containsExactly(id);
    }

    @Test
    void closeWaitsForAnEtcdThatIsAwayNoLongerThanTheRequestTimeout() {
        impatient();
        get(lease.grant(5));
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

    @Test
    void keepAliveOnceIsOneMessageOnTheStreamOfAll() {
        List<Long> ttls = new CopyOnWriteArrayList<>();
        var unused = lease.keepAlive(1, observer(ttls));
        await().atMost(GENEROUS).until(() -> !ttls.isEmpty());
        for (int i = 0; i < 5; i++) {
            get(lease.keepAliveOnce(2));
        }
        get(lease.keepAliveOnce(3));

        assertThat(leases.streams).hasSize(1);
        assertThat(leases.keptAlive.stream().filter(id -> id == 2)).hasSize(5);
        assertThat(leases.keptAlive.stream().filter(id -> id == 3)).hasSize(1);
    }

    @Test
    void keepAliveOnceAloneNeedsNoStreamForEachCall() {
        get(lease.keepAliveOnce(2));
        get(lease.keepAliveOnce(2));

        assertThat(leases.streams).hasSize(1);
    }

    @Test
    void eachCallerGetsTheAnswerToItsOwnQuestion() {
        var first = lease.keepAliveOnce(2);
        var second = lease.keepAliveOnce(2);

        assertThat(get(first).getTTL()).isEqualTo(1);
        assertThat(get(second).getTTL()).isEqualTo(2);
    }

    @Test
    void keepAliveOnceEndsWithTheRequestTimeout() {
        impatient();
        leases.silentQuestions.set(1);

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

    @Test
    void answerThatALateQuestionGetsIsNotThatOfTheNext() {
        impatient();
        leases.silentQuestions.set(1);
        var late = lease.keepAliveOnce(2);
        assertThat(late).failsWithin(GENEROUS);
        // etcd answers at last, and then the next question.
        leases.streams
                .get(0)
                .onNext(io.etcd.jetcd.api.LeaseKeepAliveResponse.newBuilder()
                        .setID(2)
                        .setTTL(99)
                        .build());

        assertThat(get(lease.keepAliveOnce(2)).getTTL()).isNotEqualTo(99);
    }

    @Test
    void streamThatEndsInOrderLosesNoAnswer() {
        leases.silentQuestions.set(1);
        var once = lease.keepAliveOnce(2);
        await().atMost(GENEROUS).until(() -> leases.keptAlive.size() == 1);
        leases.streams.get(0).onCompleted();

        assertThat(get(once).getTTL()).isPositive();
        assertThat(leases.streams).hasSize(2);
    }

    // ---- keep-alive

    @Test
    void keepAliveThatBeginsWhileEtcdIsAwayIsHeardWhenItIsBack() {
        impatient();
        etcd.stop();
        List<Long> ttls = new CopyOnWriteArrayList<>();
        var unused = lease.keepAlive(1, observer(ttls));
        // Longer than the request timeout, which is none of a keep-alive's.
        await().during(Duration.ofSeconds(2)).atMost(GENEROUS).until(ttls::isEmpty);
        etcd.restart();

        await().atMost(GENEROUS).until(() -> !ttls.isEmpty());
        assertThat(ttls).noneMatch(ttl -> ttl < 0);
    }

    /** Adds -1 for onError, -2 for onCompleted. */
    private static StreamObserver<LeaseKeepAliveResponse> observer(List<Long> ttls) {
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
}
