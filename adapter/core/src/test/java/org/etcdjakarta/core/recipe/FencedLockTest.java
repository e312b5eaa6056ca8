package org.etcdjakarta.core.recipe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.awaitility.Awaitility.await;
import static org.etcdjakarta.core.recipe.RecipeClients.GENEROUS;
import static org.etcdjakarta.core.recipe.RecipeClients.bytes;
import static org.etcdjakarta.core.recipe.RecipeClients.get;

import io.etcd.jetcd.KeyValue;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.etcdjakarta.EtcdKv;
import org.etcdjakarta.EtcdOp;
import org.etcdjakarta.EtcdSession.State;
import org.etcdjakarta.core.fence.Fences;
import org.etcdjakarta.core.link.EtcdLink;
import org.etcdjakarta.core.recipe.RecipeClients.Client;
import org.etcdjakarta.core.recipe.RecipeClients.Worker;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What a lock promises while etcd does what it should. The rest: {@link LostLockTest}, {@link LockFaultTest}. */
class FencedLockTest {

    private static final String NAME = "/locks/a";
    private static final Duration AT_ONCE = Duration.ZERO;
    private static final Duration SHORT = Duration.ofMillis(200);

    private final RecipeClients clients = new RecipeClients();
    private final Worker one = clients.worker();
    private final Worker two = clients.worker();
    private final Worker three = clients.worker();

    @AfterEach
    void close() throws Exception {
        clients.close();
    }

    private FencedLock lock() {
        return clients.client().recipes().lock(NAME);
    }

    @Test
    void isHeldByOneThreadOfTheClusterAtATime() {
        FencedLock mine = lock();
        FencedLock theirs = lock();
        assertThat(one.call(() -> mine.tryLock(AT_ONCE))).isTrue();

        assertThat(one.call(mine::isHeld)).isTrue();
        assertThat(two.call(mine::isHeld)).isFalse();
        assertThat(two.call(() -> mine.tryLock(SHORT))).isFalse();
        assertThat(two.call(() -> theirs.tryLock(SHORT))).isFalse();
        assertThat(two.call(() -> theirs.tryLock(AT_ONCE))).isFalse();

        one.run(mine::unlock);
        assertThat(one.call(mine::isHeld)).isFalse();
        assertThat(two.call(() -> theirs.tryLock(AT_ONCE))).isTrue();
    }

    /** etcd's own layout, so that others stand in the same queue. */
    @Test
    void keyIsTheNameAndTheLease() {
        Client client = clients.client();
        FencedLock lock = client.recipes().lock(NAME);
        one.call(() -> lock.tryLock(GENEROUS));

        List<KeyValue> keys = clients.keys(NAME);
        assertThat(keys).hasSize(1);
        assertThat(keys.get(0).getKey())
                .isEqualTo(bytes(NAME + "/" + Long.toHexString(client.session().leaseId())));
        assertThat(keys.get(0).getLease()).isEqualTo(client.session().leaseId());
        assertThat(keys.get(0).getCreateRevision()).isEqualTo(one.call(lock::fencingToken));
        one.run(lock::unlock);
        assertThat(clients.keys(NAME)).isEmpty();
    }

    @Test
    void isTakenAgainByItsOwnerAndGivenBackAsOften() {
        FencedLock lock = lock();
        one.call(() -> lock.tryLock(AT_ONCE));
        assertThat(one.call(() -> lock.tryLock(AT_ONCE))).isTrue();
        long token = one.call(lock::fencingToken);

        one.run(lock::unlock);
        assertThat(one.call(lock::isHeld)).isTrue();
        assertThat(one.call(lock::fencingToken)).isEqualTo(token);
        assertThat(two.call(() -> lock.tryLock(AT_ONCE))).isFalse();
        one.run(lock::unlock);
        assertThat(two.call(() -> lock.tryLock(AT_ONCE))).isTrue();
    }

    @Test
    void onlyItsOwnerMayUnlockOrAskForTheToken() {
        FencedLock lock = lock();
        assertThatExceptionOfType(IllegalMonitorStateException.class).isThrownBy(lock::unlock);
        one.call(() -> lock.tryLock(AT_ONCE));
        assertThatExceptionOfType(IllegalMonitorStateException.class)
                .isThrownBy(lock::unlock)
                .withMessageContaining(NAME);
        assertThatExceptionOfType(IllegalMonitorStateException.class).isThrownBy(lock::fencingToken);
        assertThatExceptionOfType(IllegalMonitorStateException.class).isThrownBy(lock::ownership);
        assertThat(one.call(lock::isHeld)).isTrue();
    }

    @Test
    void tokenOfEachLaterHolderIsGreaterAlsoInOneProcess() {
        FencedLock lock = lock();
        long last = 0;
        for (Worker worker : List.of(one, two, one, three)) {
            worker.call(() -> lock.tryLock(AT_ONCE));
            long token = worker.call(lock::fencingToken);
            assertThat(token).isGreaterThan(last);
            last = token;
            worker.run(lock::unlock);
        }
    }

    @Test
    void waitersOfSeveralProcessesComeInTheirOrder() {
        List<Integer> order = new CopyOnWriteArrayList<>();
        FencedLock first = lock();
        one.call(() -> first.tryLock(GENEROUS));
        List<Worker> workers = List.of(two, three, clients.worker(), clients.worker());
        for (int i = 0; i < workers.size(); i++) {
            int number = i;
            FencedLock lock = lock();
            var unused = workers.get(i).begin(() -> {
                boolean taken = lock.tryLock(GENEROUS);
                order.add(number);
                lock.unlock();
                return taken;
            });
            int queued = i + 2;
            await().atMost(GENEROUS).until(() -> clients.waiting(NAME) == queued);
        }
        assertThat(order).isEmpty();
        one.run(first::unlock);

        await().atMost(GENEROUS).until(() -> order.size() == workers.size());
        assertThat(order).isSorted();
    }

    /** One place for a process: its threads cannot crowd out those of others. */
    @Test
    void threadsOfAProcessStandInTheQueueOnceAndTakeTurnsWithOthers() {
        List<String> order = new CopyOnWriteArrayList<>();
        FencedLock mine = lock();
        FencedLock theirs = lock();
        one.call(() -> mine.tryLock(GENEROUS));
        Future<Boolean> inside = two.begin(() -> mine.tryLock(GENEROUS) && order.add("mine"));
        Future<Boolean> outside = three.begin(() -> {
            boolean taken = theirs.tryLock(GENEROUS) && order.add("theirs");
            theirs.unlock();
            return taken;
        });
        await().atMost(GENEROUS).until(() -> clients.waiting(NAME) == 2);
        one.run(mine::unlock);

        assertThat(get(outside)).isTrue();
        assertThat(get(inside)).isTrue();
        assertThat(order).containsExactly("theirs", "mine");
    }

    @Test
    void waiterThatGivesUpLeavesTheQueueAndTheNextOneGetsIt() {
        FencedLock holder = lock();
        FencedLock impatient = lock();
        FencedLock patient = lock();
        one.call(() -> holder.tryLock(AT_ONCE));
        Future<Boolean> givesUp = two.begin(() -> impatient.tryLock(Duration.ofSeconds(2)));
        await().atMost(GENEROUS).until(() -> clients.waiting(NAME) == 2);
        Future<Boolean> waits = three.begin(() -> patient.tryLock(GENEROUS));

        assertThat(get(givesUp)).isFalse();
        await().atMost(GENEROUS).until(() -> clients.waiting(NAME) == 2);
        assertThat(waits).isNotDone();
        one.run(holder::unlock);
        assertThat(get(waits)).isTrue();
    }

    /** Not even for a moment: a key that comes and goes would be in the way of others. */
    @Test
    void whoDoesNotWaitNeverStandsInTheQueue() {
        FencedLock holder = lock();
        FencedLock other = lock();
        one.call(() -> holder.tryLock(AT_ONCE));
        long before = clients.revision();

        assertThat(two.call(() -> other.tryLock(AT_ONCE))).isFalse();
        assertThat(clients.revision()).isEqualTo(before);
    }

    @Test
    void interruptedWaiterLeavesTheQueue() {
        FencedLock holder = lock();
        FencedLock other = lock();
        one.call(() -> holder.tryLock(AT_ONCE));
        Future<Boolean> interrupted = two.begin(() -> other.tryLock(GENEROUS));
        await().atMost(GENEROUS).until(() -> clients.waiting(NAME) == 2);
        two.close();

        await().atMost(GENEROUS).until(() -> clients.waiting(NAME) == 1);
        assertThatExceptionOfType(ExecutionException.class)
                .isThrownBy(() -> interrupted.get(GENEROUS.toSeconds(), TimeUnit.SECONDS))
                .withCauseInstanceOf(InterruptedException.class);
        assertThat(one.call(holder::isHeld)).isTrue();
        assertThat(three.call(() -> other.tryLock(AT_ONCE))).isFalse();
    }

    /** What the interruption is about may be the unlock itself. */
    @Test
    void isGivenBackByAnInterruptedThread() {
        FencedLock lock = lock();
        boolean interrupted = one.call(() -> {
            boolean taken = lock.tryLock(AT_ONCE);
            Thread.currentThread().interrupt();
            lock.unlock();
            return taken && Thread.interrupted();
        });
        assertThat(interrupted).isTrue();
        assertThat(clients.keys(NAME)).isEmpty();
    }

    @Test
    void waiterIsNotDisturbedByTheEndOfOnesBehindNorOfOneInTheMiddle() {
        FencedLock holder = lock();
        one.call(() -> holder.tryLock(AT_ONCE));
        Client middle = clients.client();
        Future<Boolean> inTheMiddle =
                two.begin(() -> middle.recipes().lock(NAME).tryLock(GENEROUS));
        await().atMost(GENEROUS).until(() -> clients.waiting(NAME) == 2);
        FencedLock last = lock();
        Future<Boolean> waits = three.begin(() -> last.tryLock(GENEROUS));
        await().atMost(GENEROUS).until(() -> clients.waiting(NAME) == 3);
        middle.session().close();

        assertThatExceptionOfType(ExecutionException.class)
                .isThrownBy(() -> inTheMiddle.get(GENEROUS.toSeconds(), TimeUnit.SECONDS))
                .withCauseInstanceOf(IllegalStateException.class);
        await().during(Duration.ofMillis(500)).atMost(GENEROUS).until(() -> !waits.isDone());
        one.run(holder::unlock);
        assertThat(get(waits)).isTrue();
    }

    /** They stand on one key; the one is a stranger to the other. */
    @Test
    void twoObjectsOnOneSessionExcludeEachOther() {
        Client client = clients.client();
        FencedLock first = client.recipes().lock(NAME);
        FencedLock second = new Recipes(clients.link, client.session()).lock(NAME);
        one.call(() -> first.tryLock(AT_ONCE));
        assertThat(two.call(() -> second.tryLock(AT_ONCE))).isFalse();
        assertThat(two.call(() -> second.tryLock(SHORT))).isFalse();
        Future<Boolean> waits = two.begin(() -> second.tryLock(GENEROUS));
        await().during(Duration.ofMillis(500)).atMost(GENEROUS).until(() -> !waits.isDone());
        assertThat(clients.keys(NAME)).hasSize(1);
        one.run(first::unlock);

        assertThat(get(waits)).isTrue();
        assertThat(one.call(() -> first.tryLock(AT_ONCE))).isFalse();
    }

    @Test
    void fenceIsUpOnTheOwnersThreadOnlyAsLongAsTheLockIsTaken() {
        FencedLock lock = lock();
        one.call(() -> lock.tryLock(AT_ONCE));
        one.call(() -> lock.tryLock(AT_ONCE));
        assertThat(one.call(() -> Fences.ofCurrentThread(clients.link.config())))
                .hasSize(1);
        assertThat(two.call(() -> Fences.ofCurrentThread(clients.link.config())))
                .isEmpty();
        one.run(lock::unlock);
        assertThat(one.call(() -> Fences.ofCurrentThread(clients.link.config())))
                .hasSize(1);
        one.run(lock::unlock);
        assertThat(one.call(() -> Fences.ofCurrentThread(clients.link.config())))
                .isEmpty();
    }

    @Test
    void writesUnderTheOwnershipAreRefusedOnceSomebodyElseHasDeletedTheKey() {
        FencedLock lock = lock();
        EtcdKv kv = EtcdKv.of(clients.link.client().getKVClient());
        one.call(() -> lock.tryLock(AT_ONCE));
        assertThat(one.call(() -> get(kv.newTxn()
                                .If(lock.ownership())
                                .Then(EtcdOp.put(bytes("/data"), bytes("1")))
                                .commit())
                        .succeeded()))
                .isTrue();
        clients.delete(NAME);

        assertThat(one.call(() -> get(kv.newTxn()
                                .If(lock.ownership())
                                .Then(EtcdOp.put(bytes("/data"), bytes("2")))
                                .commit())
                        .succeeded()))
                .isFalse();
        one.run(lock::unlock);
        assertThat(one.call(() -> lock.tryLock(AT_ONCE))).isTrue();
    }

    @Test
    void staysTheSameWhileItIsTakenThoughNobodyKeepsTheObject() {
        Recipes recipes = clients.client().recipes();
        one.call(() -> recipes.lock(NAME).tryLock(AT_ONCE));
        for (int i = 0; i < 1_000; i++) {
            recipes.lock(NAME + i);
        }
        System.gc();

        one.run(() -> recipes.lock(NAME).unlock());
        assertThat(clients.keys(NAME)).isEmpty();
    }

    /** Its watch tells nothing any more; the session, of another reference, lives on. */
    @Test
    void waiterHearsOfTheEndOfItsReferenceOnTheLink() {
        Client holder = clients.client();
        FencedLock held = holder.recipes().lock(NAME);
        assertThat(one.<Boolean>call(() -> held.tryLock(GENEROUS))).isTrue();
        Client client = clients.client();
        EtcdLink reference = clients.link.retain();
        Future<Boolean> waiting = two.begin(
                () -> new Recipes(reference, client.session()).lock(NAME).tryLock(Duration.ofDays(1)));
        await().atMost(GENEROUS).until(() -> clients.waiting(NAME + "/") == 2);
        reference.close();

        assertThat(waiting)
                .failsWithin(GENEROUS)
                .withThrowableOfType(ExecutionException.class)
                .withCauseInstanceOf(IllegalStateException.class);
        await().atMost(GENEROUS).until(() -> clients.waiting(NAME + "/") == 1);
        one.run(held::unlock);
    }

    @Test
    void refusesANegativeWaitAndAClosedSession() {
        Client client = clients.client();
        FencedLock lock = client.recipes().lock(NAME);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> lock.tryLock(Duration.ofNanos(-1)))
                .withMessageContaining("zero or more");
        client.session().close();
        assertThatIllegalStateException().isThrownBy(() -> lock.tryLock(GENEROUS));
        assertThat(client.session().state()).isEqualTo(State.CLOSED);
    }
}
