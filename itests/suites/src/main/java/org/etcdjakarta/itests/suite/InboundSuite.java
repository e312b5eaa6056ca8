package org.etcdjakarta.itests.suite;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionFactory;
import org.etcdjakarta.EtcdBatch;
import org.etcdjakarta.itests.support.Etcdctl;
import org.jboss.arquillian.container.test.api.Deployment;
import org.jboss.arquillian.junit5.ArquillianExtension;
import org.jboss.shrinkwrap.api.spec.WebArchive;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Message-driven beans on watches: what they get, in which transaction, and what becomes of what they refuse. */
@ExtendWith(ArquillianExtension.class)
class InboundSuite {

    private final Etcdctl witness = Etcdctl.fromSystemProperties();

    @Deployment
    static WebArchive application() {
        return TestApplication.war(
                InboundSuite.class,
                Inbox.class,
                Effects.class,
                TakingBean.class,
                FailingBean.class,
                OutsideBean.class,
                PassingBean.class);
    }

    @BeforeEach
    void clean() throws Exception {
        Effects.emptyTable();
        // what an earlier test has left is delivered too, before it is counted
        awaitDelivered(TakingBean.NAME, TakingBean.PREFIX + "ready");
        awaitDelivered(FailingBean.NAME, FailingBean.PREFIX + "ready");
        awaitDelivered(OutsideBean.NAME, OutsideBean.PREFIX + "ready");
        witness.deletePrefix("/inbound-effects/");
        witness.deletePrefix("/inbound-dead/");
        Inbox.clear();
    }

    @AfterEach
    void nothingOfTheProtocolIsLeft() {
        assertThat(witness.keys("/_etcd-jakarta/"))
                .as("but checkpoints, slots, and the sign that this server lives")
                .allMatch(key -> key.matches("/_etcd-jakarta/[cos]/.*"));
    }

    @Test
    @Tag("smoke")
    void changesArriveInTheOrderOfRevisions() {
        witness.put(TakingBean.PREFIX + "a", "1");
        witness.put(TakingBean.PREFIX + "b", "2");
        witness.put(TakingBean.PREFIX + "a", "3");
        witness.delete(TakingBean.PREFIX + "a");

        soon().until(() -> witness.keys(TakingBean.EFFECTS).size() == 4);
        assertThat(witness.keys(TakingBean.EFFECTS).stream()
                        .map(key -> witness.get(key).orElseThrow()))
                .containsExactly(
                        "PUT /inbound/taking/a 1",
                        "PUT /inbound/taking/b 2",
                        "PUT /inbound/taking/a 3 (1)",
                        "DELETE /inbound/taking/a (3)");
        assertThat(Inbox.of(TakingBean.class))
                .extracting(EtcdBatch::revision)
                .isSorted()
                .doesNotHaveDuplicates();
    }

    @Test
    @Tag("smoke")
    void effectAndCheckpointCommitTogether() {
        witness.put(TakingBean.PREFIX + "a", "1");
        long revision = witness.modRevision(TakingBean.PREFIX + "a");

        awaitCheckpoint(TakingBean.NAME, revision);
        List<String> effects = witness.keys(TakingBean.EFFECTS);
        assertThat(effects).containsExactly(TakingBean.EFFECTS + String.format("%010d", revision));
        assertThat(witness.modRevision(effects.get(0))).isEqualTo(witness.modRevision(checkpoint(TakingBean.NAME)));
    }

    @Test
    @Tag("smoke")
    void whatABeanThrowsRollsBackAndIsDeliveredAgain() throws Exception {
        assertExactlyOnce("runtime", "once throw");
    }

    /** The container itself would commit. */
    @Test
    @Tag("smoke")
    void checkedExceptionRollsBackAsWell() throws Exception {
        assertExactlyOnce("checked", "once refuse");
    }

    @Test
    @Tag("smoke")
    void setRollbackOnlyIsARefusal() throws Exception {
        assertExactlyOnce("marked", "once roll back");
    }

    private void assertExactlyOnce(String name, String value) throws Exception {
        String key = FailingBean.PREFIX + name;
        witness.put(key, value);

        awaitCheckpoint(FailingBean.NAME, witness.modRevision(key));
        assertThat(Inbox.callsWith(key)).isEqualTo(2);
        assertThat(witness.get(Effects.PREFIX + key)).hasValue("1");
        assertThat(Effects.rows(key)).isEqualTo(1);
        assertThat(witness.keys(FailingBean.DEAD_LETTERS)).isEmpty();
    }

    @Test
    @Tag("smoke")
    void whatIsNeverTakenIsParkedAndDeliveryGoesOn() throws Exception {
        assertParked("poison", "throw", "IllegalStateException: told to fail by ");
        assertParked("refused", "refuse", "Refused: told to refuse by ");
        assertParked("marked-again", "roll back", "setRollbackOnly");

        String next = FailingBean.PREFIX + "next";
        witness.put(next, "taken");
        soon().until(() -> witness.get(Effects.PREFIX + next).isPresent());
        assertThat(witness.keys(FailingBean.DEAD_LETTERS)).hasSize(3);
    }

    private void assertParked(String name, String value, String reason) throws Exception {
        String key = FailingBean.PREFIX + name;
        witness.put(key, value);
        long revision = witness.modRevision(key);
        String letter = FailingBean.DEAD_LETTERS + FailingBean.NAME + "/" + String.format("%020d", revision);

        soon().until(() -> witness.get(letter).isPresent());
        assertThat(witness.get(letter).orElseThrow())
                .contains(key, reason, "\"attempts\":3", "\"revision\":" + revision);
        assertThat(witness.modRevision(letter)).isEqualTo(witness.modRevision(checkpoint(FailingBean.NAME)));
        assertThat(Inbox.callsWith(key)).isEqualTo(3);
        assertThat(witness.get(Effects.PREFIX + key)).isEmpty();
        assertThat(Effects.rows(key)).isZero();
    }

    /** At least once: what it did before it failed stays. */
    @Test
    void beanInNoTransactionIsCalledUntilItTakes() throws Exception {
        String key = OutsideBean.PREFIX + "a";
        witness.put(key, "once throw");

        awaitCheckpoint(OutsideBean.NAME, witness.modRevision(key));
        assertThat(Inbox.callsWith(key)).isEqualTo(2);
        assertThat(witness.get(Effects.PREFIX + key)).hasValue("2");
        assertThat(Effects.rows(key)).isEqualTo(2);
    }

    @Test
    void onlyWhatIsAskedForIsDelivered() {
        soon().until(() -> {
            // without a checkpoint nobody can tell when the watch stands
            witness.put(PassingBean.KEY, "0");
            witness.delete(PassingBean.KEY);
            return !Inbox.of(PassingBean.class).isEmpty();
        });
        long revision = witness.revision();
        witness.put(PassingBean.KEY, "1");
        witness.put(PassingBean.KEY + "/below", "1");
        witness.delete(PassingBean.KEY + "/below");
        witness.delete(PassingBean.KEY);

        soon().until(() -> passed(revision).contains("DELETE " + PassingBean.KEY));
        assertThat(passed(revision)).containsExactly("DELETE " + PassingBean.KEY);
        assertThat(witness.keys("/_etcd-jakarta/c/")).noneMatch(key -> key.contains("passing"));
    }

    private static List<String> passed(long after) {
        return Inbox.of(PassingBean.class).stream()
                .filter(batch -> batch.revision() > after)
                .flatMap(batch -> batch.events().stream())
                .map(Inbox::text)
                .toList();
    }

    private void awaitDelivered(String durableName, String key) {
        // without a checkpoint the watch may not stand yet
        soon().until(() -> witness.get(checkpoint(durableName)).isPresent());
        witness.put(key, "taken");
        awaitCheckpoint(durableName, witness.modRevision(key));
    }

    private void awaitCheckpoint(String durableName, long revision) {
        soon().until(() -> witness.get(checkpoint(durableName)).orElse("").contains("\nrevision=" + revision + "\n"));
    }

    private static String checkpoint(String durableName) {
        return "/_etcd-jakarta/c/" + durableName + "/0";
    }

    private static ConditionFactory soon() {
        return Awaitility.await().atMost(Duration.ofSeconds(90)).pollInterval(Duration.ofMillis(50));
    }
}
