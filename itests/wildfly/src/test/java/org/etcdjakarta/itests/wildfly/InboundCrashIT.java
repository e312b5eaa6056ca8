package org.etcdjakarta.itests.wildfly;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Files;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeSet;
import org.etcdjakarta.itests.support.EtcdServer;
import org.etcdjakarta.itests.support.Etcdctl;
import org.etcdjakarta.itests.wildfly.inbound.DurableBean;
import org.etcdjakarta.itests.wildfly.inbound.OutsideBean;
import org.etcdjakarta.itests.wildfly.inbound.PassingBean;
import org.etcdjakarta.itests.wildfly.inbound.SoleBean;
import org.jboss.shrinkwrap.api.spec.WebArchive;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Servers that are killed in the middle of deliveries: what was done there, what is done after a restart or by another server. */
class InboundCrashIT {

    private static final Duration TTL = Duration.ofSeconds(3);
    private static final Duration SOON = TTL.multipliedBy(20);

    private final EtcdServer etcd = EtcdServer.start();
    private final Etcdctl witness = etcd.etcdctl();
    private final Told told = new Told(witness);
    private final WebArchive killed = Applications.inbound(DurableBean.class, PassingBean.class, OutsideBean.class);
    private final WebArchive shared = Applications.inbound(SoleBean.class, PassingBean.class);
    private final WildFlyProcess a = server("a");
    private final WildFlyProcess b = server("b");

    private WildFlyProcess server(String name) {
        return MessageDriven.enabled(WildFlyProcess.fresh(name))
                .property("etcd.endpoints", etcd.endpoint())
                .property("etcd.session-ttl", TTL.toSeconds() + "s")
                .property("jboss.tx.node.id", name)
                .property("jboss.node.name", name);
    }

    @AfterEach
    void close() {
        try (etcd;
                a;
                b) {
            // all of them, whatever the others do
        }
    }

    /** With the same application on one server, and then with another one on two. */
    @Test
    void nothingIsLostAndNothingIsDoneTwice() {
        a.deploy(killed).start();
        killedInTheMiddleOfADelivery();
        a.undeploy(killed);
        a.deploy(shared);
        b.deploy(shared).start();
        anotherServerTakesOver();
    }

    private void killedInTheMiddleOfADelivery() {
        awaitWatch("durable", "passing", "outside");
        long before = told.put("taken");
        told.put(10);
        told.awaitOnce("durable", before, SOON);

        long held = told.put("hold");
        await().atMost(SOON)
                .until(() -> Files.exists(a.base().resolve("data/holding-durable"))
                        && Files.exists(a.base().resolve("data/holding-outside")));
        told.put(10);
        a.kill();
        told.put(10);
        long last = told.revisions().last();
        assertThat(told.taken("durable")).doesNotContainKey(held);
        a.start();

        told.awaitTaken("durable", last, SOON);
        assertThat(told.notOnce("durable", told.revisions().tailSet(before))).isEmpty();
        assertThat(witness.keys("/dead/")).isEmpty();

        // What would have been seen: twice where there is no transaction, never where there is no checkpoint.
        told.awaitTaken("outside", last, SOON);
        assertThat(told.taken("outside").get(held)).isEqualTo(List.of("a", "a"));
        assertThat(told.taken("passing")).doesNotContainKey(last);
    }

    private void anotherServerTakesOver() {
        awaitWatch("sole");
        await("both servers watch").atMost(SOON).until(() -> {
            long revision = told.put("taken");
            told.awaitTaken("passing", revision, SOON);
            return told.taken("passing").getOrDefault(revision, List.of()).size() == 2;
        });

        long before = told.put("taken");
        told.put(20);
        told.awaitTaken("sole", told.revisions().last(), SOON);
        SortedSet<String> leaders = servers(before);
        assertThat(leaders).hasSize(1);
        boolean first = leaders.first().equals("a");
        WildFlyProcess leader = first ? a : b;
        String other = first ? "b" : "a";
        told.putMeanwhile(() -> {
            long died = System.nanoTime();
            leader.kill();
            await("the other takes over")
                    .atMost(TTL.multipliedBy(10))
                    .pollInterval(Duration.ofMillis(100))
                    .until(() -> servers(before).contains(other));
            System.out.println(other + " took over " + (System.nanoTime() - died) / 1_000_000
                    + " ms after the other one was killed; the session's TTL is " + TTL);
        });

        told.put(1);
        told.awaitTaken("sole", told.revisions().last(), SOON);
        assertThat(told.notOnce("sole", told.revisions().tailSet(before))).isEmpty();
        assertThat(witness.keys("/dead/")).isEmpty();
    }

    /** On which servers it has been taken since then. */
    private SortedSet<String> servers(long before) {
        SortedSet<String> servers = new TreeSet<>();
        for (Map.Entry<Long, List<String>> taken : told.taken("sole").entrySet()) {
            if (taken.getKey() >= before) {
                servers.addAll(taken.getValue());
            }
        }
        return servers;
    }

    private void awaitWatch(String... beans) {
        await("all watches stand").atMost(SOON).until(() -> {
            told.put(1);
            for (String bean : beans) {
                if (told.taken(bean).isEmpty()) {
                    return false;
                }
            }
            return true;
        });
    }
}
