package org.etcdjakarta.connector.inbound;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import jakarta.resource.ResourceException;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import javax.management.JMX;
import javax.management.MBeanServer;
import javax.management.ObjectName;
import org.etcdjakarta.connector.EtcdActivationSpec;
import org.etcdjakarta.connector.EtcdResourceAdapter;
import org.junit.jupiter.api.Test;

/** Servers start and stop adapters and endpoints in any order. */
class ActivationOrderTest extends WithBean {

    private static Set<ObjectName> shown() throws Exception {
        return ManagementFactory.getPlatformMBeanServer()
                .queryNames(new ObjectName("org.etcdjakarta:type=Activation,*"), null);
    }

    @Test
    void activationBeforeTheAdapterIsStartedBeginsWithIt() throws ResourceException {
        EtcdResourceAdapter late = new EtcdResourceAdapter();
        late.setEndpoints(etcd.endpoint());
        spec.setStartRevision("1");
        put("/in/a", "1");
        late.endpointActivation(bean, spec);
        assertThat(server.threads).hasValue(0);
        late.start(server.context());

        awaitTaken("/in/a=1");
        late.stop();
    }

    @Test
    void secondActivationDeliversNothingTwice() throws ResourceException {
        spec.setStartRevision("1");
        activate();
        activate();
        put("/in/a", "1");
        awaitTaken("/in/a=1");
        put("/in/b", "2");
        awaitTaken("/in/a=1", "/in/b=2");
    }

    /** Control: two specifications are two endpoints, however equal they look. */
    @Test
    void twoSpecificationsAreTwoEndpoints() throws ResourceException {
        EtcdActivationSpec same = new EtcdActivationSpec();
        same.setPrefix("/in/");
        same.setStartRevision("1");
        spec.setStartRevision("1");
        put("/in/a", "1");
        activate();
        activate(same);

        awaitTaken("/in/a=1", "/in/a=1");
    }

    @Test
    void deactivationAfterTheAdapterIsStoppedAndTwiceDoesNothing() throws ResourceException {
        activate();
        adapter.stop();
        adapter.endpointDeactivation(bean, spec);
        adapter.endpointDeactivation(bean, spec);
        assertThatThrownBy(this::activate).hasMessageContaining("ETCD-00330");

        adapter.start(server.context());
        spec.setStartRevision("1");
        put("/in/a", "1");
        activate();
        awaitTaken("/in/a=1");
    }

    @Test
    void deactivationWaitsForTheDeliveryUnderWay() throws Exception {
        CountDownLatch inside = new CountDownLatch(1);
        AtomicBoolean ended = new AtomicBoolean();
        spec.setStartRevision("1");
        bean.behaviour = batch -> {
            inside.countDown();
            await().pollDelay(Duration.ofMillis(300)).until(() -> true);
            ended.set(true);
        };
        put("/in/a", "1");
        put("/in/b", "2");
        activate();
        assertThat(inside.await(30, TimeUnit.SECONDS)).isTrue();
        adapter.endpointDeactivation(bean, spec);

        assertThat(ended).isTrue();
        assertThat(bean.taken).containsExactly("/in/a=1");
    }

    @Test
    void deliveryThatDoesNotEndIsInterrupted() throws Exception {
        CountDownLatch inside = new CountDownLatch(1);
        CountDownLatch never = new CountDownLatch(1);
        AtomicBoolean interrupted = new AtomicBoolean();
        bean.behaviour = batch -> {
            inside.countDown();
            try {
                never.await();
            } catch (InterruptedException e) {
                interrupted.set(true);
                throw e;
            }
        };
        Activations impatient = new Activations((name, shown) -> () -> {}, Duration.ofMillis(100));
        impatient.start(server.context());
        spec.setStartRevision("1");
        spec.setResourceAdapter(adapter);
        put("/in/a", "1");
        impatient.activate(bean, spec, Specifications.settings(spec, adapter));
        assertThat(inside.await(30, TimeUnit.SECONDS)).isTrue();
        impatient.deactivate(bean, spec);

        assertThat(interrupted).isTrue();
        assertThat(bean.taken).isEmpty();
    }

    @Test
    void operatorsSeeItAndPauseIt() throws Exception {
        spec.setStartRevision("1");
        spec.setDurableName("seen");
        activate();
        put("/in/a", "1");
        awaitTaken("/in/a=1");
        MBeanServer server = ManagementFactory.getPlatformMBeanServer();
        assertThat(shown()).hasSize(1);
        ActivationMXBean shown = JMX.newMXBeanProxy(server, shown().iterator().next(), ActivationMXBean.class);
        await().until(() -> shown.getDelivered() == 1);
        assertThat(shown.getState()).isEqualTo("DELIVERING");
        assertThat(shown.getRange()).isEqualTo("prefix /in/");
        assertThat(shown.getDurableName()).isEqualTo("seen");
        assertThat(shown.getLastRevision()).isEqualTo(2);
        assertThat(shown.getLastFailure()).isEmpty();

        shown.pause();
        put("/in/b", "2");
        assertThat(shown.getState()).isEqualTo("PAUSED");
        shown.resume();
        awaitTaken("/in/a=1", "/in/b=2");

        adapter.endpointDeactivation(bean, spec);
        assertThat(shown()).isEmpty();
    }
}
