package org.etcdjakarta.itests.wildfly;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.Map;
import org.etcdjakarta.itests.support.EtcdServer;
import org.etcdjakarta.itests.support.Etcdctl;
import org.etcdjakarta.itests.wildfly.Management.Resource;
import org.etcdjakarta.itests.wildfly.inside.Administer;
import org.etcdjakarta.itests.wildfly.inside.BesidesRaw;
import org.etcdjakarta.itests.wildfly.inside.Hold;
import org.etcdjakarta.itests.wildfly.inside.InTransaction;
import org.etcdjakarta.itests.wildfly.inside.ManyHandles;
import org.etcdjakarta.itests.wildfly.inside.Put;
import org.jboss.shrinkwrap.api.spec.WebArchive;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;

/** WildFly's pools: what an administrator sees of them, and what becomes of applications when something is wrong. */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class PoolIT {

    private static final EtcdServer ETCD = EtcdServer.start();
    private static final Etcdctl WITNESS = ETCD.etcdctl();
    private static final WebArchive APPLICATION = Applications.commands();

    private static final WildFlyProcess SERVER = WildFlyProcess.fresh("pools")
            .configure("<cached-connection-manager", "$0 debug=\"true\"")
            .property("jboss.tx.node.id", "pools")
            .property("etcd.endpoints", ETCD.endpoint())
            .property("etcd.request-timeout", "1s")
            .deploy(APPLICATION);
    private static final Pools POOLS = new Pools(SERVER);

    /** The connection that nobody uses is forgotten while the other tests run. */
    @BeforeAll
    static void start() {
        SERVER.start();
        POOLS.add("idle", "XATransaction", Map.of(), "idle-timeout-minutes", "1");
        SERVER.run(APPLICATION, Hold.class, "java:/eis/idle", "3");
        assertThat(POOLS.statistics("idle").number("ActiveCount")).isEqualTo(3);
    }

    @AfterAll
    static void close() {
        try (ETCD;
                SERVER) {
            // both
        }
    }

    private static void put(String pool, String key) {
        SERVER.run(APPLICATION, Put.class, "java:/eis/" + pool, key);
    }

    @Test
    @Order(Integer.MAX_VALUE)
    void connectionsThatNobodyUsesAreRemoved() {
        Resource statistics = POOLS.statistics("idle");
        await("WildFly looks twice in the time of a minute")
                .atMost(Duration.ofMinutes(10))
                .pollInterval(Duration.ofSeconds(1))
                .until(() -> statistics.number("ActiveCount") == 0);
        put("idle", "/idle/again");
        assertThat(WITNESS.get("/idle/again")).hasValue("written");
    }

    @Test
    void operatorsFindTheirObjectAndTheirManagementBeans() {
        put("etcd", "/operators/1");
        assertThat(SERVER.run(APPLICATION, Administer.class, "java:/eis/etcd-admin"))
                .matches("etcd 3\\.\\d+\\.\\d+, 0 in doubt, 0 listed, shown");
    }

    @Test
    void twoPoolsOfOneClusterHaveOneBranch() {
        POOLS.add("joined", "XATransaction", Map.of());
        String[] both = {"commit", "java:/eis/etcd", "/joined/1", "java:/eis/joined", "/joined/2"};
        SERVER.run(APPLICATION, InTransaction.class, both);

        long before = WITNESS.revision();
        SERVER.run(APPLICATION, InTransaction.class, both);
        assertThat(WITNESS.modRevision("/joined/1"))
                .isEqualTo(WITNESS.modRevision("/joined/2"))
                .isEqualTo(before + 1);
        assertThat(WITNESS.revision()).as("one phase").isEqualTo(before + 1);

        both[0] = "rollback";
        SERVER.run(APPLICATION, InTransaction.class, both);
        assertThat(WITNESS.revision()).isEqualTo(before + 1);
    }

    @Test
    void aResourceThatIsNotOfAPoolJoinsTheOneThatIs() {
        put("etcd", "/raw/warm");
        for (String first : new String[] {"raw", "pooled", "raw", "pooled"}) {
            WITNESS.deletePrefix("/raw/");
            SERVER.run(APPLICATION, BesidesRaw.class, first, "/raw/1", "/raw/2");
            assertThat(WITNESS.modRevision("/raw/1")).as(first).isEqualTo(WITNESS.modRevision("/raw/2"));
        }
        long before = WITNESS.revision();
        SERVER.run(APPLICATION, BesidesRaw.class, "raw", "/raw/1", "/raw/2");
        assertThat(WITNESS.revision()).as("one phase").isEqualTo(before + 1);
    }

    @Test
    void exhaustionIsToldInTime() {
        Resource pool = POOLS.add(
                "small", "XATransaction", Map.of(), "max-pool-size", "2", "blocking-timeout-wait-millis", "300");
        SERVER.run(APPLICATION, Hold.class, "java:/eis/small", "2");
        assertThatThrownBy(() -> SERVER.run(APPLICATION, Hold.class, "java:/eis/small", "3"))
                .hasMessageContaining("IJ000655")
                .hasMessageContaining("300");
        assertThat(pool.run("test-connection-in-pool").asString()).contains("true");
        SERVER.run(APPLICATION, Hold.class, "java:/eis/small", "2");

        Resource statistics = POOLS.statistics("small");
        assertThat(statistics.number("ActiveCount")).isEqualTo(2);
        assertThat(statistics.number("InUseCount")).isZero();
        assertThat(statistics.number("MaxUsedCount")).isEqualTo(2);
        assertThat(statistics.number("BlockingFailureCount")).isPositive();
        SERVER.run(APPLICATION, InTransaction.class, "commit", "java:/eis/small", "/small");
        assertThat(statistics.number("XACommitCount")).isEqualTo(1);
        SERVER.run(APPLICATION, InTransaction.class, "rollback", "java:/eis/small", "/small");
        assertThat(statistics.number("XARollbackCount")).isEqualTo(1);
    }

    @Test
    void aLeakedHandleIsClosedByTheServer() {
        POOLS.add("leaky", "XATransaction", Map.of());
        SERVER.run(APPLICATION, Hold.class, "java:/eis/leaky", "3", "leak");
        assertThat(POOLS.statistics("leaky").number("InUseCount")).isZero();
        assertThat(SERVER.log()).contains("IJ000100");
    }

    @Test
    void worksOnAfterAFailureAndAfterEveryFlush() {
        Resource pool = POOLS.add("flushed", "XATransaction", Map.of());
        Resource statistics = POOLS.statistics("flushed");
        SERVER.run(APPLICATION, Hold.class, "java:/eis/flushed", "3");
        assertThat(statistics.number("ActiveCount")).isEqualTo(3);

        ETCD.kill();
        assertThatThrownBy(() -> put("flushed", "/flushed/away")).hasMessageContaining("EtcdUnavailableException");
        ETCD.restart();
        put("flushed", "/flushed/back");
        assertThat(WITNESS.get("/flushed/back")).hasValue("written");

        for (String which : new String[] {"idle", "gracefully", "invalid", "all"}) {
            SERVER.run(APPLICATION, Hold.class, "java:/eis/flushed", "3");
            pool.run("flush-" + which + "-connection-in-pool");
            assertThat(statistics.number("ActiveCount")).as(which).isEqualTo(which.equals("invalid") ? 3 : 0);
            put("flushed", "/flushed/" + which);
            assertThat(WITNESS.get("/flushed/" + which)).hasValue("written");
        }
    }

    @Test
    void tenThousandHandlesLeaveNothing() {
        POOLS.add("many", "XATransaction", Map.of(), "max-pool-size", "20", "blocking-timeout-wait-millis", "60000");
        assertThat(Integer.parseInt(SERVER.run(APPLICATION, ManyHandles.class, "java:/eis/many", "64", "10000")))
                .isGreaterThanOrEqualTo(10_000);
        Resource statistics = POOLS.statistics("many");
        assertThat(statistics.number("InUseCount")).isZero();
        assertThat(statistics.number("ActiveCount")).isBetween(1, 20);
    }

    @Test
    void transactionsAreAsThePoolIsConfigured() {
        POOLS.add("local", "LocalTransaction", Map.of("transactionSupportLevel", "LocalTransaction"));
        SERVER.run(
                APPLICATION,
                InTransaction.class,
                "commit",
                "java:/eis/local",
                "/local/1",
                "java:/eis/local",
                "/local/2");
        assertThat(WITNESS.modRevision("/local/1")).isEqualTo(WITNESS.modRevision("/local/2"));
        SERVER.run(APPLICATION, InTransaction.class, "rollback", "java:/eis/local", "/local/3");
        assertThat(WITNESS.get("/local/3")).isEmpty();

        POOLS.add("none", "NoTransaction", Map.of("transactionSupportLevel", "NoTransaction"));
        SERVER.run(
                APPLICATION, InTransaction.class, "rollback", "java:/eis/none", "/none/1", "java:/eis/none", "/none/2");
        assertThat(WITNESS.modRevision("/none/2"))
                .as("each write by itself, and for good")
                .isGreaterThan(WITNESS.modRevision("/none/1"));
    }
}
