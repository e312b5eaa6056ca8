package org.etcdjakarta.core.tx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import javax.transaction.xa.XAException;
import javax.transaction.xa.XAResource;
import org.etcdjakarta.itests.support.EtcdServer;
import org.etcdjakarta.itests.support.WithEtcd;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Two servers with the same node identifier on one etcd. Their transaction managers take each other's branches for their own, so
 * what keeps them from rolling them back is that recovery does not show them. This process is one of the two.
 */
@WithEtcd
class NodesIT {

    private static final Duration GENEROUS = Duration.ofSeconds(60);

    /** etcd grants no less. */
    private static final Duration SHORT = Duration.ofSeconds(2);

    private static final String RESERVED = "/_nodes/";
    private static final String NODE = "1";

    private final EtcdServer etcd;
    private final TxEngine here;
    private final TxSession session;
    private final XAResource recovery;
    private final Errors errors = Errors.of(Presence.class);

    NodesIT(EtcdServer etcd) {
        this.etcd = etcd;
        here = TxEngine.open(NodeProcess.link(etcd.endpoint(), SHORT), NodeProcess.settings(RESERVED, NODE));
        session = here.newSession();
        recovery = session.xaResource();
    }

    @BeforeEach
    void clean() {
        etcd.etcdctl().deletePrefix("/");
    }

    @AfterEach
    void close() {
        errors.close();
        here.close();
    }

    private NodeProcess other() throws Exception {
        return NodeProcess.start(etcd.endpoint(), RESERVED, NODE, SHORT);
    }

    private List<String> listed() {
        return listed(recovery);
    }

    private static List<String> listed(XAResource resource) {
        try {
            return Stream.of(resource.recover(XAResource.TMSTARTRSCAN))
                    .map(xid -> BranchXid.of(xid).gtrid().toStringUtf8())
                    .toList();
        } catch (XAException e) {
            throw new AssertionError(e);
        }
    }

    private List<String> alive() {
        return etcd.etcdctl().keys(RESERVED + "s/");
    }

    private List<String> records() {
        return etcd.etcdctl().keys(RESERVED).stream()
                .filter(key -> key.matches(RESERVED + "[pih]/.*"))
                .toList();
    }

    @Test
    void eachLeavesAloneWhatTheOtherHasPreparedAndIsToldHowToMendIt() throws Exception {
        try (NodeProcess other = other()) {
            other.prepare("theirs", "/theirs");
            assertThat(listed()).isEmpty();
            assertThat(other.recover()).as("one's own").containsExactly("theirs");

            NodeProcess.prepare(session, NodeProcess.xid("ours"), "/ours", "1");
            assertThat(listed()).containsExactly("ours");
            assertThat(other.recover()).containsExactly("theirs");

            await().atMost(GENEROUS).until(() -> !errors.messages().isEmpty());
            assertThat(errors.messages()).singleElement().satisfies(message -> assertThat(message)
                    .startsWith("ETCD-00240")
                    .contains("node name '" + NODE + "'", etcd.endpoint(), "-Djboss.tx.node.id=UNIQUE"));

            assertThat(other.commit("theirs")).isEqualTo("done");
            recovery.commit(NodeProcess.xid("ours"), false);
            assertThat(etcd.etcdctl().keys("/theirs")).hasSize(1);
            assertThat(etcd.etcdctl().keys("/ours")).hasSize(1);
            assertThat(records()).isEmpty();
        }
    }

    /** The control: it is this key, and nothing else, that keeps the branch out of recovery. */
    @Test
    void withoutItsSignOfLifeABranchOfALiveProcessIsTakenForThatOfADeadOne() throws Exception {
        try (NodeProcess other = other()) {
            other.prepare("theirs", "/theirs");
            assertThat(listed()).isEmpty();
            assertThat(alive()).hasSize(1);
            etcd.etcdctl().delete(alive().get(0));
            assertThat(other.isAlive()).isTrue();
            assertThat(listed()).containsExactly("theirs");
            recovery.rollback(NodeProcess.xid("theirs"));
            assertThat(other.commit("theirs"))
                    .as("it is told, and does not take it for committed")
                    .isEqualTo("" + XAException.XA_HEURRB);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void whatADeadProcessLeavesIsListedWhenItsSignOfLifeHasExpired(boolean decided) throws Exception {
        try (NodeProcess other = other()) {
            other.prepare("theirs", "/theirs");
            assertThat(listed()).isEmpty();
            other.halt();
        }
        await().atMost(GENEROUS).until(() -> !listed().isEmpty());
        assertThat(alive()).isEmpty();
        assertThat(listed()).containsExactly("theirs");
        if (decided) {
            recovery.commit(NodeProcess.xid("theirs"), false);
            assertThat(etcd.etcdctl().get("/theirs")).hasValue("theirs");
        } else {
            recovery.rollback(NodeProcess.xid("theirs"));
            assertThat(etcd.etcdctl().get("/theirs")).isEmpty();
        }
        assertThat(records()).isEmpty();
        assertThat(errors.messages()).isEmpty();
    }

    /** Its transaction manager has gone with it, or serves it by another factory. */
    @Test
    void whatAProcessLeavesThatClosesItsEngineInOrderIsListedAtOnce() throws Exception {
        try (NodeProcess other = other()) {
            other.prepare("theirs", "/theirs");
            assertThat(listed()).isEmpty();
            other.closeEngine();
            assertThat(other.isAlive()).isTrue();
            assertThat(listed()).containsExactly("theirs");
            recovery.rollback(NodeProcess.xid("theirs"));
        }
    }

    /** One transaction manager serves them, so it may find on any of them what another one has prepared. */
    @Test
    void branchesOfOtherEnginesOfTheSameProcessAreListed() throws Exception {
        TxSettings settings = NodeProcess.settings(RESERVED, NODE);
        try (TxEngine patient = TxEngine.open(
                NodeProcess.link(etcd.endpoint(), SHORT),
                new TxSettings(
                        RESERVED, settings.maxTxnOps(), NODE, Isolation.SNAPSHOT, TxSettings.DEFAULT_SETTLING_TIME))) {
            NodeProcess.prepare(patient.newSession(), NodeProcess.xid("theirs"), "/theirs", "1");
            assertThat(alive()).hasSize(1);
            assertThat(listed()).containsExactly("theirs");

            // as another process, it would not
            try (TxEngine elsewhere =
                    TxEngine.over(Links.of(NodeProcess.link(etcd.endpoint(), SHORT), RESERVED), settings)) {
                assertThat(listed(elsewhere.newSession().xaResource())).isEmpty();
            }
            recovery.commit(NodeProcess.xid("theirs"), false);
            assertThat(records()).isEmpty();
        }
        assertThat(errors.messages()).as("it is one server").isEmpty();
    }
}
