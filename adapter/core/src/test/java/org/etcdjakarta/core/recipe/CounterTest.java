package org.etcdjakarta.core.recipe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.etcdjakarta.core.recipe.RecipeClients.GENEROUS;
import static org.etcdjakarta.core.recipe.RecipeClients.bytes;
import static org.etcdjakarta.core.recipe.RecipeClients.get;

import io.etcd.jetcd.api.KVGrpc;
import io.etcd.jetcd.api.RequestOp;
import io.etcd.jetcd.api.TxnRequest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Future;
import org.etcdjakarta.EtcdConflictException;
import org.etcdjakarta.EtcdException;
import org.etcdjakarta.EtcdInDoubtException;
import org.etcdjakarta.core.recipe.RecipeClients.Worker;
import org.etcdjakarta.embedded.faults.Fault;
import org.etcdjakarta.embedded.faults.LostAnswer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class CounterTest {

    private static final String KEY = "/counter";

    private final RecipeClients clients = new RecipeClients();
    private final Recipes recipes = clients.client().recipes();
    private final Counter counter = recipes.counter(KEY);

    @AfterEach
    void close() throws Exception {
        clients.close();
    }

    private Fault losePut(LostAnswer how) {
        return clients.etcd
                .faults()
                .on(KVGrpc.getTxnMethod())
                .when(CounterTest::puts)
                .next(1)
                .loseAnswer(how);
    }

    private static boolean puts(TxnRequest txn) {
        return txn.getSuccessList().stream()
                .anyMatch(operation -> operation.getRequestCase() == RequestOp.RequestCase.REQUEST_PUT);
    }

    private void put(String value) {
        var unused = get(clients.link.client().getKVClient().put(bytes(KEY), bytes(value)));
    }

    @Test
    void countsFromZero() {
        assertThat(counter.get()).isZero();
        assertThat(counter.addAndGet(5)).isEqualTo(5);
        assertThat(counter.addAndGet(-7)).isEqualTo(-2);
        assertThat(counter.compareAndSet(0, 1)).isFalse();
        assertThat(counter.compareAndSet(-2, 40)).isTrue();
        assertThat(counter.get()).isEqualTo(40);
        assertThat(clients.keys(KEY).get(0).getValue()).isEqualTo(bytes("40"));
    }

    @Test
    void refusesWhatIsNoNumberOrDoesNotFitAndLeavesItAlone() {
        put("many");
        assertThatExceptionOfType(EtcdException.class)
                .isThrownBy(() -> counter.addAndGet(1))
                .withMessageContaining(KEY);
        put(Long.toString(Long.MAX_VALUE));
        assertThatExceptionOfType(ArithmeticException.class).isThrownBy(() -> counter.addAndGet(1));
        assertThat(counter.get()).isEqualTo(Long.MAX_VALUE);
    }

    @Test
    void losesNothingWhenManyCountAtOnce() {
        List<Future<Long>> all = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            Worker worker = clients.worker();
            for (int n = 0; n < 25; n++) {
                all.add(worker.begin(() -> counter.addAndGet(1)));
            }
        }
        assertThat(all.stream().map(RecipeClients::get)).doesNotHaveDuplicates();
        assertThat(counter.get()).isEqualTo(100);
    }

    /** It was applied: the same number again proves nothing, and adding it again would count twice. */
    @Test
    void addWhoseAnswerIsLostIsInDoubtAndNotAppliedTwice() {
        counter.addAndGet(1);
        losePut(LostAnswer.UNAVAILABLE);
        assertThatExceptionOfType(EtcdInDoubtException.class)
                .isThrownBy(() -> counter.addAndGet(1))
                .withMessageContaining(KEY);
        assertThat(counter.get()).isEqualTo(2);
    }

    /** It is not applied yet when it is looked for: it is fenced off, and the change is made once. */
    @Test
    void addThatArrivesLateIsFencedOffAndMadeAgain() throws Exception {
        Counter impatient =
                clients.client(clients.link(Duration.ofSeconds(1))).recipes().counter(KEY);
        impatient.addAndGet(1);
        Fault late = clients.etcd
                .faults()
                .on(KVGrpc.getTxnMethod())
                .when(CounterTest::puts)
                .next(1)
                .delay(Duration.ofSeconds(3));
        assertThat(impatient.addAndGet(1)).isEqualTo(2);
        assertThat(late.hits()).isEqualTo(1);
        org.awaitility.Awaitility.await()
                .during(Duration.ofSeconds(4))
                .atMost(GENEROUS)
                .until(() -> counter.get() == 2);
    }

    @Test
    void fencedOneRefusesAHolderThatHasLostItsLock() {
        Worker one = clients.worker();
        FencedLock lock = recipes.lock("/locks/a");
        one.call(() -> lock.tryLock(GENEROUS));
        assertThat(one.call(() -> counter.fenced().addAndGet(1))).isEqualTo(1);
        clients.delete("/locks/a");

        one.run(() -> assertThatExceptionOfType(EtcdConflictException.class)
                .isThrownBy(() -> counter.fenced().addAndGet(1))
                .withMessageContaining("/locks/a"));
        // The control: without the fence it counts.
        assertThat(one.call(() -> counter.addAndGet(1))).isEqualTo(2);
        one.run(lock::unlock);
        assertThat(one.call(() -> counter.fenced().addAndGet(1))).isEqualTo(3);
    }
}
