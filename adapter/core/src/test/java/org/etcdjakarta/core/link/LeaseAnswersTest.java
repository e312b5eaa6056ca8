package org.etcdjakarta.core.link;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.etcdjakarta.EtcdInDoubtException;
import org.etcdjakarta.EtcdLease;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * Answers about leases at moments at which no etcd gives them on demand: by a lease service that is made by hand. What etcd does
 * by itself or by its faults is in {@link LeaseClientTest}.
 */
class LeaseAnswersTest {

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
    void eachCallerGetsTheAnswerToItsOwnQuestion() {
        var first = lease.keepAliveOnce(2);
        var second = lease.keepAliveOnce(2);

        assertThat(get(first).getTTL()).isEqualTo(1);
        assertThat(get(second).getTTL()).isEqualTo(2);
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
}
