package org.etcdjakarta.connector.inbound;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.etcd.jetcd.KeyValue;
import io.etcd.jetcd.options.GetOption;
import jakarta.resource.ResourceException;
import java.time.Duration;
import java.util.List;
import org.etcdjakarta.connector.EtcdActivationSpec;
import org.junit.jupiter.api.Test;

/** Checkpoints that somebody else touches, or that are of another history. */
class CheckpointTest extends WithBean {

    private static final String PREFIX = "/_etcd-jakarta/c/it/";

    private void durable(EtcdActivationSpec wanted) {
        wanted.setPrefix("/in/");
        wanted.setDurableName("it");
        wanted.setStartRevision("1");
        wanted.setRedeliveryDelay("20ms");
    }

    private void write(int lane, long revision, int lanes) {
        put(
                PREFIX + lane,
                "version=1\nrevision=" + revision + "\nlanes=" + lanes + "\nrange=prefix /in/\nearlier=\nnode=other\n");
    }

    /** Else a server that dies between two of them leaves a watch that never begins again. */
    @Test
    void firstOnesAreWrittenTogether() throws ResourceException {
        durable(spec);
        spec.setConcurrency("4");
        activate();
        await().until(() -> keys(PREFIX).size() == 4);

        List<KeyValue> written = link.client()
                .getKVClient()
                .get(bytes(PREFIX), GetOption.builder().isPrefix(true).build())
                .join()
                .getKvs();
        assertThat(written.stream().map(KeyValue::getCreateRevision).distinct()).hasSize(1);
    }

    /** So does another node now and then, when it has had nothing to deliver for a while. */
    @Test
    void checkpointThatSomebodyElseMovesIsNoFailureOfTheBean() throws ResourceException {
        durable(spec);
        spec.setDeadLetterPrefix("/dead/");
        spec.setMaxRedeliveries("0");
        bean.behaviour = batch -> {
            if (bean.calls.get() == 1) {
                write(0, batch.revision() - 1, 1);
            }
        };
        put("/in/a", "1");
        activate();

        awaitTaken("/in/a=1");
        assertThat(keys("/dead/")).isEmpty();
        assertThat(bean.calls).hasValue(2);
    }

    /** Revisions begin anew: those of the restored history have not been delivered, however small they are. */
    @Test
    void whatFollowsARestoredBackupIsDelivered() throws ResourceException {
        durable(spec);
        for (int i = 0; i < 10; i++) {
            put("/in/" + i, "old");
        }
        activate();
        await().until(() -> bean.taken.size() == 10);
        adapter.endpointDeactivation(bean, spec);
        EtcdActivationSpec next = new EtcdActivationSpec();
        durable(next);
        activate(next);
        put("/in/last", "old");
        await().until(() -> bean.taken.size() == 11);
        etcd.restartEmpty();
        await().atMost(Duration.ofSeconds(30)).until(() -> !bean.gaps.isEmpty());
        bean.taken.clear();
        put("/in/a", "new");

        awaitTaken("/in/a=new");
    }

    /** Nor do they count as delivered when there was another number of lanes. */
    @Test
    void gapEndsWhatEarlierLanesHadDelivered() throws ResourceException {
        durable(spec);
        put("/in/a", "1");
        put(PREFIX + "0", "version=1\nrevision=2\nlanes=1\nrange=prefix /in/\nearlier=3,900\nnode=other\n");
        activate();
        put("/in/a", "2");
        put("/in/b", "2");
        await().until(() -> !value(PREFIX + "0").contains("node=other"));
        assertThat(value(PREFIX + "0")).as("control").contains("earlier=3,900\n");
        bean.taken.clear();
        bean.onGap = none -> {
            put(PREFIX + "0", "version=1\nrevision=2\nlanes=1\nrange=prefix /in/\nearlier=3,900\nnode=other\n");
            bean.onGap = nothing -> {};
        };
        etcd.restartEmpty();
        await().atMost(Duration.ofSeconds(30)).until(() -> !bean.gaps.isEmpty());

        assertThat(value(PREFIX + "0")).contains("earlier=\n");
        put("/in/a", "new");
        awaitTaken("/in/a=new");
    }

    /** Of two nodes that hear of the same gap the one that comes late neither tells it again nor moves the checkpoint back. */
    @Test
    void gapThatSomebodyElseHasToldIsNotToldAgain() throws ResourceException {
        durable(spec);
        put("/in/a", "1");
        put("/in/a", "2");
        link.client().getKVClient().compact(3).join();
        bean.onGap = batch -> write(0, batch.revision() + 100, 1);
        activate();
        await().until(() -> bean.calls.get() > 0 && keys(PREFIX).size() == 1);
        await().during(Duration.ofMillis(500)).until(() -> value(PREFIX + "0").contains("node=other"));

        assertThat(bean.calls).hasValue(1);
        assertThat(bean.gaps).isEmpty();
        assertThat(List.copyOf(bean.taken)).isEmpty();
    }
}
