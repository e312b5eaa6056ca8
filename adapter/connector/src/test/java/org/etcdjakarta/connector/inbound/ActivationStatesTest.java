package org.etcdjakarta.connector.inbound;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.etcd.jetcd.api.KVGrpc;
import jakarta.resource.ResourceException;
import jakarta.transaction.Status;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import javax.management.JMX;
import javax.management.MBeanServer;
import javax.management.ObjectName;
import org.etcdjakarta.connector.EtcdResourceAdapter;
import org.etcdjakarta.embedded.faults.Fault;
import org.junit.jupiter.api.Test;

/** What is asked of an activation while it does something else. */
class ActivationStatesTest extends WithBean {

    static ActivationMXBean shown() throws Exception {
        MBeanServer beans = ManagementFactory.getPlatformMBeanServer();
        ObjectName name = beans.queryNames(new ObjectName("org.etcdjakarta:type=Activation,*"), null)
                .iterator()
                .next();
        return JMX.newMXBeanProxy(beans, name, ActivationMXBean.class);
    }

    /** The feed that begins is ended before it has begun; it is not the one that delivers afterwards. */
    @Test
    void pausedAndResumedWhileItBeginsDelivers() throws Exception {
        spec.setDurableName("quick");
        spec.setStartRevision("1");
        put("/in/a", "1");
        Fault slow = etcd.faults().on(KVGrpc.getRangeMethod()).next(1).delay(Duration.ofSeconds(1));
        activate();
        await().until(() -> slow.hits() == 1);
        ActivationMXBean shown = shown();
        shown.pause();
        shown.resume();

        awaitTaken("/in/a=1");
        await().until(() -> shown.getState().equals("DELIVERING"));
    }

    /** Behind a restored backup, what is left off lies before what was left off then. */
    @Test
    void pauseBehindARestoredBackupLosesNothing() throws Exception {
        spec.setStartRevision("1");
        String[] wanted = new String[20];
        for (int i = 0; i < 10; i++) {
            put("/in/" + i, "old");
            wanted[i] = "/in/" + i + "=old";
        }
        activate();
        await().until(() -> bean.taken.size() == 10);
        ActivationMXBean shown = shown();
        shown.pause();
        shown.resume();
        await().until(() -> shown.getState().equals("DELIVERING"));
        etcd.restartEmpty();
        await().atMost(Duration.ofSeconds(30)).until(() -> !bean.gaps.isEmpty());
        shown.pause();
        for (int i = 10; i < 20; i++) {
            put("/in/" + i, "new");
            wanted[i] = "/in/" + i + "=new";
        }
        put("/out/x", "behind what was left off first");
        put("/out/x", "behind what was left off first");
        shown.resume();

        awaitTaken(wanted);
    }

    /** One that does not react holds up nobody else's interruption. */
    @Test
    void allDeliveriesAreInterruptedAtTheSameTime() throws Exception {
        int lanes = 3;
        CountDownLatch inside = new CountDownLatch(lanes);
        CountDownLatch interrupted = new CountDownLatch(lanes);
        bean.behaviour = batch -> {
            inside.countDown();
            try {
                new CountDownLatch(1).await();
            } catch (InterruptedException e) {
                interrupted.countDown();
                assertThat(interrupted.await(20, TimeUnit.SECONDS)).isTrue();
                throw e;
            }
        };
        Activations impatient = new Activations((name, shown) -> () -> {}, Duration.ofMillis(100));
        impatient.start(server.context());
        spec.setStartRevision("1");
        spec.setConcurrency(String.valueOf(lanes));
        spec.setResourceAdapter(adapter);
        for (int i = 0; i < 12; i++) {
            put("/in/" + i, "1");
        }
        impatient.activate(bean, spec, Specifications.settings(spec, adapter));
        assertThat(inside.await(30, TimeUnit.SECONDS)).isTrue();
        long began = System.nanoTime();
        impatient.deactivate(bean, spec);

        assertThat(interrupted.getCount()).isZero();
        assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(5));
    }

    @Test
    void containerThatIsBrokenForAWhileIsTriedAgain() throws ResourceException {
        spec.setStartRevision("1");
        bean.broken = new NoClassDefFoundError("being deployed");
        put("/in/a", "1");
        activate();
        await().until(() -> server.threads.get() > 1);
        bean.broken = null;

        awaitTaken("/in/a=1");
    }

    /** As WildFly does when it has begun the transaction already. */
    @Test
    void beforeDeliveryThatFailsLeavesNoTransactionOnTheThread() throws ResourceException {
        spec.setStartRevision("1");
        bean.enlisting = new ResourceException("the resource cannot be enlisted");
        put("/in/a", "1");
        activate();
        await().until(() -> server.threads.get() > 2);
        bean.enlisting = null;

        awaitTaken("/in/a=1");
        assertThat(bean.calls).hasValue(1);
        assertThat(bean.transactions).hasValue(0);
    }

    /** As a server does that is suspended and resumed while a delivery takes its time. */
    @Test
    void activationWaitsForTheDeactivationUnderWay() throws Exception {
        CountDownLatch inside = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        spec.setStartRevision("1");
        bean.behaviour = batch -> {
            inside.countDown();
            assertThat(goOn.await(30, TimeUnit.SECONDS)).isTrue();
        };
        put("/in/a", "1");
        activate();
        assertThat(inside.await(30, TimeUnit.SECONDS)).isTrue();
        Thread ending = new Thread(() -> adapter.endpointDeactivation(bean, spec));
        ending.start();
        await().until(() -> ending.getState() == Thread.State.TIMED_WAITING);
        Thread beginning = new Thread(() -> {
            try {
                activate();
            } catch (ResourceException e) {
                throw new IllegalStateException(e);
            }
        });
        beginning.start();
        await().until(() -> beginning.getState() == Thread.State.WAITING || bean.calls.get() > 1);
        goOn.countDown();
        ending.join();
        beginning.join();
        put("/in/b", "2");

        awaitTaken("/in/a=1", "/in/b=2");
        assertThat(bean.calls).hasValue(2);
    }

    @Test
    void serverThatCannotStartAThreadIsAskedAgain() throws ResourceException {
        spec.setStartRevision("1");
        server.refusal = new OutOfMemoryError("unable to create native thread");
        server.refusals.set(2);
        put("/in/a", "1");
        activate();

        awaitTaken("/in/a=1");
    }

    /** Else it would ask for ever, as long as anybody uses the link. */
    @Test
    void serverWithoutThreadsIsNotAskedAfterTheEnd() throws ResourceException {
        int most = 1000;
        server.refusals.set(most);
        spec.setStartRevision("1");
        spec.setResourceAdapter(adapter);
        put("/in/a", "1");
        Activations own = new Activations((name, shown) -> () -> {}, Duration.ofMillis(100));
        own.start(server.context());
        own.activate(bean, spec, Specifications.settings(spec, adapter));
        await().until(() -> server.refusals.get() < most);
        own.deactivate(bean, spec);
        int left = server.refusals.get();

        await().during(Duration.ofMillis(1200)).until(() -> server.refusals.get() == left);
    }

    /** Nobody tells how a transaction has ended but the checkpoint. */
    @Test
    void rollbackOnAServerThatLendsNoRegistryIsAFailureToo() throws ResourceException {
        FakeServer bare = new FakeServer();
        bare.lendsTransactions = false;
        EtcdResourceAdapter other = new EtcdResourceAdapter();
        other.setEndpoints(etcd.endpoint());
        other.start(bare.context());
        spec.setDurableName("bare");
        spec.setStartRevision("1");
        bean.behaviour = batch -> {
            FakeServer.Tx tx = FakeServer.CURRENT.get();
            if (bean.calls.get() == 1 && tx != null) {
                tx.status = Status.STATUS_MARKED_ROLLBACK;
            }
        };
        put("/in/a", "1");
        other.endpointActivation(bean, spec);

        awaitTaken("/in/a=1");
        assertThat(bean.calls).hasValue(2);
        other.stop();
        bare.close();
    }
}
