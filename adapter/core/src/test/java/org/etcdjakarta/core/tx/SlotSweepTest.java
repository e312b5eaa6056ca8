package org.etcdjakarta.core.tx;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class SlotSweepTest {

    private static final Instant NOW = Instant.parse("2026-11-29T12:00:00Z");
    private static final Duration LONG_AGO = SlotSweep.UNUSED_FOR.plusMinutes(1);

    private final DirectEtcd etcd = new DirectEtcd();

    private void slot(String link, Duration age) {
        Slot.Value value = new Slot.Value(Slot.State.DONE, "17", NOW.minus(age));
        etcd.put("/r/o/" + link + "/1", value.encode().toStringUtf8());
    }

    private int sweep() {
        return new SlotSweep(etcd, new BranchKeys("/r/"), NOW).run();
    }

    @Test
    void onlyOldSlotsOfLinksThatShowNoSignOfLifeAreDeleted() {
        slot("gone", LONG_AGO);
        slot("gone lately", Duration.ofHours(23));
        slot("idle", LONG_AGO);
        etcd.put("/r/s/idle", "alive");
        etcd.put("/r/o/strange/1", "not ours");
        etcd.put("/r/p/record", "of a branch");
        assertThat(sweep()).isEqualTo(1);
        assertThat(etcd.keys())
                .containsExactly("/r/o/gone lately/1", "/r/o/idle/1", "/r/o/strange/1", "/r/p/record", "/r/s/idle");
        assertThat(sweep()).isZero();
    }

    @Test
    void oneThatIsUsedMeanwhileStays() {
        slot("late", LONG_AGO);
        boolean[] first = {true};
        etcd.beforeAnswer(() -> {
            if (first[0]) {
                first[0] = false;
                slot("late", Duration.ZERO);
            }
        });
        assertThat(sweep()).isZero();
        assertThat(etcd.keys()).containsExactly("/r/o/late/1");
    }

    @Test
    void anEngineSweepsAfterItsFirstCommit() {
        FakeLinks links = new FakeLinks(etcd);
        TxSession session = TxEngine.over(links, FakeLinks.SETTINGS).newSession();
        Slot.Value old = new Slot.Value(Slot.State.DONE, "17", Instant.now().minus(LONG_AGO));
        etcd.put("/_etcd-jakarta/o/gone/1", old.encode().toStringUtf8());
        session.begin();
        Requests.put(session.kv(), "a", "1");
        session.commit();
        assertThat(etcd.keys()).contains("/_etcd-jakarta/o/gone/1");
        links.runLater();
        assertThat(etcd.keys()).containsExactly("a");
        assertThat(etcd.slots()).hasSize(1);
    }
}
