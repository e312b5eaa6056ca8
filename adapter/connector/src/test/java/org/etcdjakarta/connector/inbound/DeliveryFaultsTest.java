package org.etcdjakarta.connector.inbound;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.etcd.jetcd.api.KVGrpc;
import jakarta.resource.ResourceException;
import jakarta.transaction.RollbackException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.etcdjakarta.EtcdConflictException;
import org.etcdjakarta.EtcdException.Effect;
import org.etcdjakarta.embedded.faults.LostAnswer;
import org.junit.jupiter.api.Test;

/** etcd goes away, or its answers do, while a bean is being delivered to: nothing lost, nothing twice, nothing parked. */
class DeliveryFaultsTest extends WithBean {

    private void durable() {
        spec.setStartRevision("1");
        spec.setDurableName("faults");
        spec.setDeadLetterPrefix("/dead/");
        spec.setMaxRedeliveries("0");
        spec.setRequestTimeout("1s");
        spec.setSettlingTime("2s");
    }

    @Test
    void etcdThatIsRestartedUnderDeliveryCostsNothing() throws ResourceException {
        durable();
        List<String> wanted = new ArrayList<>();
        for (int i = 0; i < 30; i++) {
            put("/in/" + i, "x");
            wanted.add("/in/" + i + "=x");
        }
        bean.behaviour = batch -> {
            int call = bean.calls.get();
            if (call == 10 || call == 20) {
                etcd.stop();
                link.later(Duration.ofMillis(1500), etcd::restart);
            }
        };
        activate();

        awaitTaken(wanted.toArray(new String[0]));
        assertThat(keys("/dead/")).isEmpty();
    }

    /** The commit is applied and nobody hears of it: it is found out, and the bean does not get it again. */
    @Test
    void commitWhoseAnswerIsLostIsNotDeliveredAgain() throws ResourceException {
        durable();
        put("/in/a", "1");
        boolean[] once = new boolean[1];
        bean.behaviour = batch -> {
            if (!once[0]) {
                once[0] = true;
                etcd.faults().on(KVGrpc.getTxnMethod()).next(1).loseAnswer(LostAnswer.UNAVAILABLE);
            }
        };
        activate();
        awaitTaken("/in/a=1");
        put("/in/b", "2");

        awaitTaken("/in/a=1", "/in/b=2");
        assertThat(bean.calls).hasValue(2);
    }

    /** Somebody else was faster, as the server tells it: suppressed by what says that the transaction was rolled back. */
    @Test
    void conflictOfTheTransactionIsNotTheBeansFault() throws ResourceException {
        durable();
        bean.behaviour = batch -> {
            if (bean.calls.get() <= 3) {
                RollbackException rolledBack = new RollbackException("could not commit");
                rolledBack.addSuppressed(
                        new EtcdConflictException("ETCD-00000", "changed by another", Effect.NOT_APPLIED, "", null));
                throw rolledBack;
            }
        };
        put("/in/a", "1");
        activate();

        awaitTaken("/in/a=1");
        assertThat(keys("/dead/")).isEmpty();
    }

    /** Control: what a bean without a checkpoint does while etcd is away is delivered too, and its failures count. */
    @Test
    void failureOfTheBeanIsParkedWhileEtcdIsThere() throws ResourceException {
        durable();
        bean.behaviour = batch -> {
            throw new IllegalStateException("its own fault");
        };
        put("/in/a", "1");
        activate();

        await().until(() -> keys("/dead/").size() == 1);
    }

    @Test
    void activationWhileEtcdIsAwayBeginsWhenItIsBack() throws ResourceException {
        durable();
        put("/in/a", "1");
        etcd.stop();
        activate();
        etcd.restart();

        awaitTaken("/in/a=1");
    }
}
