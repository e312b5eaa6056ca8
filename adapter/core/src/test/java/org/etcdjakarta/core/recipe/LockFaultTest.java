package org.etcdjakarta.core.recipe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;
import static org.etcdjakarta.core.recipe.RecipeClients.GENEROUS;
import static org.etcdjakarta.core.recipe.RecipeClients.get;

import io.etcd.jetcd.api.KVGrpc;
import io.etcd.jetcd.api.RequestOp;
import io.etcd.jetcd.api.TxnRequest;
import io.etcd.jetcd.api.WatchGrpc;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.etcdjakarta.EtcdException;
import org.etcdjakarta.EtcdInDoubtException;
import org.etcdjakarta.core.link.EtcdLink;
import org.etcdjakarta.core.recipe.RecipeClients.Client;
import org.etcdjakarta.core.recipe.RecipeClients.Worker;
import org.etcdjakarta.embedded.faults.Fault;
import org.etcdjakarta.embedded.faults.LostAnswer;
import org.etcdjakarta.embedded.faults.Refusal;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Answers that are lost, and an etcd that is away. */
class LockFaultTest {

    private static final String NAME = "/locks/a";

    private final RecipeClients clients = new RecipeClients();
    private final Worker one = clients.worker();
    private final Worker two = clients.worker();

    @AfterEach
    void close() throws Exception {
        clients.close();
    }

    private static boolean puts(TxnRequest txn) {
        return has(txn.getSuccessList(), RequestOp.RequestCase.REQUEST_PUT);
    }

    private static boolean deletes(TxnRequest txn) {
        return has(txn.getSuccessList(), RequestOp.RequestCase.REQUEST_DELETE_RANGE);
    }

    private static boolean has(List<RequestOp> operations, RequestOp.RequestCase kind) {
        return operations.stream().anyMatch(operation -> operation.getRequestCase() == kind);
    }

    private Fault losePuts(int calls, LostAnswer how) {
        return clients.etcd
                .faults()
                .on(KVGrpc.getTxnMethod())
                .when(LockFaultTest::puts)
                .next(calls)
                .loseAnswer(how);
    }

    /** The key is there when the put comes again, and it is known for one's own. */
    @Test
    void putWhoseAnswerIsLostIsSettledAndNotRepeatedBlindly() {
        FencedLock lock = clients.client().recipes().lock(NAME);
        Fault fault = losePuts(2, LostAnswer.UNAVAILABLE);
        assertThat(one.call(() -> lock.tryLock(GENEROUS))).isTrue();

        assertThat(fault.hits()).isEqualTo(2);
        assertThat(clients.keys(NAME)).hasSize(1);
        assertThat(clients.keys(NAME).get(0).getVersion()).isEqualTo(1);
        assertThat(clients.keys(NAME).get(0).getCreateRevision()).isEqualTo(one.call(lock::fencingToken));
        one.run(lock::unlock);
        assertThat(clients.keys(NAME)).isEmpty();
    }

    @Test
    void putWhoseAnswerIsLostKeepsItsPlaceInTheQueue() {
        FencedLock holder = clients.client().recipes().lock(NAME);
        one.call(() -> holder.tryLock(GENEROUS));
        FencedLock lock = clients.client().recipes().lock(NAME);
        losePuts(1, LostAnswer.UNAVAILABLE);
        Future<Boolean> waits = two.begin(() -> lock.tryLock(GENEROUS));
        await().atMost(GENEROUS).until(() -> clients.waiting(NAME) == 2);
        long place = clients.keys(NAME).get(1).getCreateRevision();
        one.run(holder::unlock);

        assertThat(get(waits)).isTrue();
        assertThat(two.call(lock::fencingToken)).isEqualTo(place);
    }

    /** Nobody would take the key away before the lease ends: that is what the control in the same test shows. */
    @Test
    void whoGivesUpInDoubtLeavesTheQueueAsSoonAsEtcdAnswers() {
        EtcdLink link = clients.link(Duration.ofSeconds(1));
        FencedLock lock = clients.client(link).recipes().lock(NAME);
        losePuts(1, LostAnswer.NEVER_ENDS);
        Fault refusing = clients.etcd
                .faults()
                .on(KVGrpc.getTxnMethod())
                .when(LockFaultTest::deletes)
                .next(3)
                .refuse(Refusal.UNAVAILABLE);
        Future<Boolean> inDoubt = one.begin(() -> lock.tryLock(Duration.ZERO));
        assertThatExceptionOfType(ExecutionException.class)
                .isThrownBy(() -> inDoubt.get(GENEROUS.toSeconds(), TimeUnit.SECONDS))
                .withCauseInstanceOf(EtcdInDoubtException.class);
        // The control: the place has been taken.
        assertThat(clients.keys(NAME)).hasSize(1);

        await().atMost(GENEROUS).until(() -> clients.keys(NAME).isEmpty());
        assertThat(refusing.hits()).isGreaterThanOrEqualTo(1);
        assertThat(two.call(() -> lock.tryLock(Duration.ZERO))).isTrue();
    }

    /** A put that etcd holds back, and that arrives when its waiter has left. */
    @Test
    void putThatArrivesAfterItsWaiterHasLeftIsTakenAway() {
        EtcdLink link = clients.link(Duration.ofSeconds(1));
        FencedLock lock = clients.client(link).recipes().lock(NAME);
        clients.etcd
                .faults()
                .on(KVGrpc.getTxnMethod())
                .when(LockFaultTest::puts)
                .next(1)
                .delay(Duration.ofSeconds(3));
        Future<Boolean> inDoubt = one.begin(() -> lock.tryLock(Duration.ZERO));
        assertThatExceptionOfType(ExecutionException.class)
                .isThrownBy(() -> inDoubt.get(GENEROUS.toSeconds(), TimeUnit.SECONDS))
                .withCauseInstanceOf(EtcdInDoubtException.class);
        FencedLock other = clients.client().recipes().lock(NAME);
        long before = clients.revision();
        assertThat(clients.keys(NAME)).isEmpty();

        // The put and the delete. Without the delete the key would stay, and the queue would not move.
        await().atMost(GENEROUS).until(() -> clients.revision() >= before + 2);
        assertThat(two.call(() -> other.tryLock(Duration.ZERO))).isTrue();
    }

    @Test
    void deleteWhoseAnswerIsLostDoesNotHurtTheNextHolder() {
        Client client = clients.client();
        FencedLock lock = client.recipes().lock(NAME);
        one.call(() -> lock.tryLock(GENEROUS));
        clients.etcd
                .faults()
                .on(KVGrpc.getTxnMethod())
                .when(LockFaultTest::deletes)
                .next(1)
                .loseAnswer(LostAnswer.UNAVAILABLE);
        one.run(lock::unlock);
        assertThat(two.call(() -> lock.tryLock(GENEROUS))).isTrue();
        long token = two.call(lock::fencingToken);

        await().during(Duration.ofSeconds(1)).atMost(GENEROUS).until(() -> clients.waiting(NAME) == 1);
        assertThat(clients.keys(NAME).get(0).getCreateRevision()).isEqualTo(token);
    }

    @Test
    void unlockThatEtcdDoesNotHearIsRepeatedInTheBackground() {
        FencedLock lock = clients.client().recipes().lock(NAME);
        one.call(() -> lock.tryLock(GENEROUS));
        Fault fault = clients.etcd
                .faults()
                .on(KVGrpc.getTxnMethod())
                .when(LockFaultTest::deletes)
                .next(1)
                .refuse(Refusal.NO_LEADER);
        one.run(lock::unlock);

        await().atMost(GENEROUS).until(() -> clients.keys(NAME).isEmpty());
        assertThat(fault.hits()).isEqualTo(1);
    }

    /** Its key stands there still when the next thread comes: it is removed, and not taken for a stranger's. */
    @Test
    void nextThreadDoesNotWaitForAKeyThatWasNotGivenBackYet() {
        FencedLock lock = clients.client().recipes().lock(NAME);
        one.call(() -> lock.tryLock(GENEROUS));
        long token = one.call(lock::fencingToken);
        clients.etcd
                .faults()
                .on(KVGrpc.getTxnMethod())
                .when(LockFaultTest::deletes)
                .next(1)
                .refuse(Refusal.NO_LEADER);
        one.run(lock::unlock);

        assertThat(two.call(() -> lock.tryLock(Duration.ZERO))).isTrue();
        assertThat(two.call(lock::fencingToken)).isGreaterThan(token);
    }

    @Test
    void watchThatIsCutGoesOn() {
        FencedLock holder = clients.client().recipes().lock(NAME);
        one.call(() -> holder.tryLock(GENEROUS));
        FencedLock lock = clients.client().recipes().lock(NAME);
        Future<Boolean> waits = two.begin(() -> lock.tryLock(GENEROUS));
        await().atMost(GENEROUS).until(() -> clients.etcd.faults().seen(WatchGrpc.getWatchMethod()) > 0);
        clients.etcd.faults().on(WatchGrpc.getWatchMethod()).next(3).refuse(Refusal.UNAVAILABLE);
        clients.etcd.faults().cutStreams(WatchGrpc.getWatchMethod());
        one.run(holder::unlock);
        clients.etcd.faults().compact();

        assertThat(get(waits)).isTrue();
    }

    @Test
    void nobodyWaitsLongerThanAskedForAnEtcdThatIsAway() {
        EtcdLink link = clients.link(Duration.ofSeconds(1));
        FencedLock lock = clients.client(link).recipes().lock(NAME);
        clients.etcd.stop();
        long begin = System.nanoTime();
        Future<Boolean> waits = one.begin(() -> lock.tryLock(Duration.ofSeconds(2)));
        assertThatExceptionOfType(ExecutionException.class)
                .isThrownBy(() -> waits.get(GENEROUS.toSeconds(), TimeUnit.SECONDS))
                .withCauseInstanceOf(EtcdException.class);
        assertThat(Duration.ofNanos(System.nanoTime() - begin)).isGreaterThanOrEqualTo(Duration.ofSeconds(2));
        clients.etcd.restart();
        assertThat(two.call(() -> lock.tryLock(GENEROUS))).isTrue();
    }

    @Test
    void etcdThatComesBackInTimeIsWaitedFor() {
        EtcdLink link = clients.link(Duration.ofSeconds(1));
        FencedLock lock = clients.client(link).recipes().lock(NAME);
        clients.etcd.stop();
        Future<Boolean> waits = one.begin(() -> lock.tryLock(GENEROUS));
        await().during(Duration.ofMillis(1_500)).atMost(GENEROUS).until(() -> !waits.isDone());
        clients.etcd.restart();

        assertThat(get(waits)).isTrue();
    }
}
