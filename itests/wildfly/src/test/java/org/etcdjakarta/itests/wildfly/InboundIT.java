package org.etcdjakarta.itests.wildfly;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.SortedSet;
import org.etcdjakarta.itests.support.EtcdServer;
import org.etcdjakarta.itests.support.Etcdctl;
import org.etcdjakarta.itests.wildfly.inbound.CrowdedBean;
import org.etcdjakarta.itests.wildfly.inbound.DurableBean;
import org.etcdjakarta.itests.wildfly.inbound.OutsideBean;
import org.etcdjakarta.itests.wildfly.inbound.PassingBean;
import org.jboss.shrinkwrap.api.spec.WebArchive;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** Message-driven beans while their server is suspended, has no instance free, is operated by hand, and while etcd is away. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class InboundIT {

    private static final Duration SOON = Duration.ofSeconds(90);
    private static final String[] BEANS = {"durable", "passing", "outside", "crowded"};

    private final EtcdServer etcd = EtcdServer.start();
    private final Etcdctl witness = etcd.etcdctl();
    private final Told told = new Told(witness);
    private final WebArchive application =
            Applications.inbound(DurableBean.class, PassingBean.class, OutsideBean.class, CrowdedBean.class);
    private final WildFlyProcess server = MessageDriven.enabledWithOneInstance(WildFlyProcess.fresh("inbound"))
            .property("etcd.endpoints", etcd.endpoint())
            .property("etcd.request-timeout", "2s")
            .property("jboss.node.name", "a")
            .deploy(application);

    @BeforeAll
    void start() {
        server.start();
        await("all watches stand").atMost(SOON).until(() -> {
            told.put(1);
            for (String bean : BEANS) {
                if (told.taken(bean).isEmpty()) {
                    return false;
                }
            }
            return true;
        });
    }

    @AfterAll
    void stop() {
        try (etcd;
                server) {
            // both, whatever the other does
        }
    }

    @AfterEach
    void nothingIsParked() {
        assertThat(witness.keys("/dead/")).isEmpty();
    }

    private void assertNothingIsTaken(String bean) {
        int before = told.taken(bean).size();
        told.put(3);
        await(bean)
                .during(Duration.ofSeconds(2))
                .atMost(SOON)
                .until(() -> told.taken(bean).size() == before);
    }

    /** What every bean gets from now on, it gets once. */
    private SortedSet<Long> from(long revision) {
        return told.revisions().tailSet(revision);
    }

    private void assertOnceFrom(long revision, String... beans) {
        SortedSet<Long> revisions = from(revision);
        for (String bean : beans) {
            told.awaitTaken(bean, revisions.last(), SOON);
            await(bean).atMost(SOON).untilAsserted(() -> assertThat(told.notOnce(bean, revisions))
                    .isEmpty());
        }
    }

    @Test
    void suspendedServerTakesNothingAndGoesOnWhenItResumes() {
        long before = told.put("taken");
        assertOnceFrom(before, BEANS);

        server.management().at().run("suspend", "suspend-timeout", "10");
        for (String bean : BEANS) {
            assertNothingIsTaken(bean);
        }
        server.management().at().run("resume");

        told.put(3);
        assertOnceFrom(before, BEANS);
    }

    @Test
    void deliveryIsStoppedAndStartedForOneBean() {
        long before = told.put("taken");
        assertOnceFrom(before, BEANS);

        bean("DurableBean").run("stop-delivery");
        assertNothingIsTaken("durable");
        assertOnceFrom(before, "outside", "passing");
        bean("DurableBean").run("start-delivery");

        told.put(3);
        assertOnceFrom(before, BEANS);
    }

    private Management.Resource bean(String name) {
        return server.management().at("deployment=inbound.war", "subsystem=ejb3", "message-driven-bean=" + name);
    }

    /** Eight deliveries at a time, one instance, and 20 ms to wait for it: with more than one refusal allowed nothing is parked. */
    @Test
    void moreDeliveriesThanInstancesWait() {
        long before = told.put("taken");
        told.put(200);
        assertOnceFrom(before, "crowded");
    }

    @Test
    void activationsAreManagedByTheServersOwnJmx() throws IOException {
        long before = told.put("taken");
        assertOnceFrom(before, BEANS);

        try (Activations activations = new Activations(server.management().port())) {
            assertThat(activations.<String>attribute("DurableBean", "State")).isEqualTo("DELIVERING");
            assertThat(activations.<String>attribute("DurableBean", "Range")).isEqualTo("prefix /in/");
            assertThat(activations.<String>attribute("DurableBean", "DurableName"))
                    .isEqualTo("durable");
            assertThat(activations.<Long>attribute("DurableBean", "LastRevision"))
                    .isEqualTo(before);
            assertThat(activations.<Long>attribute("DurableBean", "Delivered")).isPositive();
            assertThat(activations.<Long>attribute("DurableBean", "Parked")).isZero();

            activations.run("PassingBean", "pause");
            assertThat(activations.<String>attribute("PassingBean", "State")).isEqualTo("PAUSED");
            assertNothingIsTaken("passing");
            activations.run("PassingBean", "resume");
        }
        told.put(3);
        assertOnceFrom(before, BEANS);
    }

    @Test
    void etcdMayDieUnderDelivery() {
        long before = told.put("taken");
        told.putMeanwhile(() -> {
            for (int i = 0; i < 3; i++) {
                long seen = told.revisions().last();
                told.awaitTaken("durable", seen, SOON);
                etcd.kill();
                etcd.restart();
            }
        });
        told.put(1);
        assertOnceFrom(before, "durable", "crowded");
    }

    /** In the middle of a delivery; and the same without a transaction, to see that this test would notice a second one. */
    @Test
    void deliveryThatMeetsADeadEtcdIsRepeatedWithoutAnEffect() throws IOException {
        long before = told.put("hold");
        await().atMost(SOON)
                .until(() -> Files.exists(data().resolve("holding-durable"))
                        && Files.exists(data().resolve("holding-outside")));
        try (Activations activations = new Activations(server.management().port())) {
            long waits = activations.<Long>attribute("OutsideBean", "Waits");
            etcd.kill();
            Files.createFile(data().resolve("go-on"));
            await("the bean has returned, and its checkpoint is not written")
                    .atMost(SOON)
                    .until(() -> activations.<Long>attribute("OutsideBean", "Waits") > waits);
        }
        etcd.restart();

        told.put(1);
        assertOnceFrom(before, "durable");
        told.awaitTaken("outside", from(before).last(), SOON);
        assertThat(told.taken("outside").get(before)).isEqualTo(List.of("a", "a"));
    }

    private Path data() {
        return server.base().resolve("data");
    }
}
