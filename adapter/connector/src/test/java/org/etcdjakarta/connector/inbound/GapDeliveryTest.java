package org.etcdjakarta.connector.inbound;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import jakarta.resource.ResourceException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.etcdjakarta.EtcdGap;
import org.etcdjakarta.connector.EtcdActivationSpec;
import org.junit.jupiter.api.Test;

/** What is lost for good is told, in the transaction that moves the checkpoint. */
class GapDeliveryTest extends WithBean {

    private void compactAway() {
        put("/in/a", "1");
        put("/in/b", "2");
        put("/in/a", "3");
        long last = link.client()
                .getKVClient()
                .get(bytes("/in/a"))
                .join()
                .getHeader()
                .getRevision();
        link.client().getKVClient().compact(last).join();
    }

    private static List<String> state(EtcdGap gap) {
        return gap.state().stream()
                .map(kv -> kv.getKey().toString(StandardCharsets.UTF_8) + "="
                        + kv.getValue().toString(StandardCharsets.UTF_8))
                .toList();
    }

    @Test
    void compactedHistoryIsAGapWithTheStateAndDeliveryGoesOnBehindIt() throws ResourceException {
        compactAway();
        spec.setStartRevision("1");
        spec.setDurableName("late");
        spec.setConcurrency("3");
        activate();
        await().until(() -> !bean.gaps.isEmpty());
        put("/in/c", "4");

        awaitTaken("/in/c=4");
        assertThat(bean.gaps).singleElement().satisfies(gap -> {
            assertThat(gap.reason()).isEqualTo(EtcdGap.Reason.COMPACTED);
            assertThat(state(gap)).containsExactly("/in/a=3", "/in/b=2");
        });
    }

    @Test
    void gapThatTheBeanRefusesComesAgainAndTheCheckpointOfAllLanesMovesWithIt() throws ResourceException {
        compactAway();
        spec.setStartRevision("1");
        spec.setDurableName("late");
        spec.setConcurrency("2");
        bean.onGap = none -> {
            assertThat(value("/_etcd-jakarta/c/late/1")).contains("revision=0\n");
            if (bean.calls.get() < 3) {
                throw new IllegalStateException("the table is locked");
            }
        };
        activate();
        await().until(() -> !bean.gaps.isEmpty());

        assertThat(bean.calls).hasValue(3);
        String moved = "revision=" + bean.gaps.get(0).revision() + "\n";
        assertThat(value("/_etcd-jakarta/c/late/0")).contains(moved);
        assertThat(value("/_etcd-jakarta/c/late/1")).contains(moved);
    }

    @Test
    void durableWatchThatWasAwayForTooLongIsToldOnce() throws ResourceException {
        spec.setStartRevision("1");
        spec.setDurableName("away");
        put("/in/a", "0");
        activate();
        awaitTaken("/in/a=0");
        adapter.endpointDeactivation(bean, spec);
        compactAway();
        EtcdActivationSpec next = new EtcdActivationSpec();
        next.setPrefix("/in/");
        next.setDurableName("away");
        activate(next);
        await().until(() -> !bean.gaps.isEmpty());
        adapter.endpointDeactivation(bean, next);

        EtcdActivationSpec again = new EtcdActivationSpec();
        again.setPrefix("/in/");
        again.setDurableName("away");
        activate(again);
        put("/in/b", "4");
        awaitTaken("/in/a=0", "/in/b=4");
        assertThat(bean.gaps).hasSize(1);
    }

    @Test
    void gapThatIsNeverTakenIsParkedToo() throws ResourceException {
        compactAway();
        spec.setStartRevision("1");
        spec.setDeadLetterPrefix("/dead/");
        spec.setMaxRedeliveries("1");
        bean.onGap = none -> {
            throw new IllegalStateException("never");
        };
        activate();
        await().until(() -> !keys("/dead/").isEmpty());
        put("/in/c", "4");

        awaitTaken("/in/c=4");
        assertThat(value(keys("/dead/").get(0))).contains("\"gap\":\"COMPACTED\"", "\"attempts\":2");
    }
}
