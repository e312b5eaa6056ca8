package org.etcdjakarta.core.tx;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.KeyValue;
import io.etcd.jetcd.api.RangeResponse;
import io.etcd.jetcd.watch.WatchEvent;
import java.util.List;
import java.util.Map;
import org.etcdjakarta.EtcdGap;
import org.etcdjakarta.core.tx.IntentGuard.Known;
import org.etcdjakarta.core.watch.RevisionBatch;
import org.junit.jupiter.api.Test;

/** What a process knows of others' intents, and that it never takes itself to know more than it does. */
class IntentWatchTest {

    private final BranchKeys keys = new BranchKeys("/r/");
    private final IntentGuard guard = new IntentGuard(keys.intentsPrefix());
    private final Intents one = intents("1");
    private final Intents two = intents("2");

    private static Intents intents(String name) {
        BranchXid xid = BranchXid.of(new TestXid(name, "b"));
        return new Intents(
                xid, "link", "node", 0, Footprint.of(List.of(Requests.bytes(name)), List.of()), Footprint.NONE, "");
    }

    private ByteString key(Intents intents) {
        return Requests.bytes(keys.intentsPrefix(intents.xid().text()) + "1");
    }

    private RangeResponse answer(Intents... there) {
        RangeResponse.Builder answer = RangeResponse.newBuilder();
        for (Intents each : there) {
            answer.addKvs(
                    io.etcd.jetcd.api.KeyValue.newBuilder().setKey(key(each)).setValue(each.encode()));
        }
        return answer.build();
    }

    private RevisionBatch batch(long revision, Intents of, WatchEvent.EventType type) {
        KeyValue kv = new KeyValue(
                io.etcd.jetcd.api.KeyValue.newBuilder()
                        .setKey(key(of))
                        .setValue(type == WatchEvent.EventType.PUT ? of.encode() : ByteString.EMPTY)
                        .build(),
                ByteSequence.EMPTY);
        return new RevisionBatch(revision, List.of(new WatchEvent(kv, null, type)));
    }

    private void learn(Known before, long revision, Intents... there) {
        assertThat(guard.learned(before, revision, answer(there))).isSameAs(guard.known());
    }

    private void assertKnown(long revision, Intents... branches) {
        Known known = guard.known();
        assertThat(known.revision()).isEqualTo(revision);
        assertThat(known.branches().values()).containsExactlyInAnyOrder(branches);
    }

    @Test
    void whatIsToldIsKnownFromThenOn() {
        Known learned = guard.learned(guard.known(), 10, answer(one));
        assertThat(learned.revision()).isEqualTo(10);
        IntentWatch watch = new IntentWatch(guard, 10);
        watch.onBatch(batch(12, two, WatchEvent.EventType.PUT));
        assertKnown(12, one, two);
        watch.onBatch(batch(15, one, WatchEvent.EventType.DELETE));
        assertKnown(15, two);
    }

    /** It would have to come after all older events, always; and nothing is gained by it. */
    @Test
    void progressIsNotReliedOn() {
        learn(guard.known(), 10, one);
        IntentWatch watch = new IntentWatch(guard, 10);
        watch.onProgress(20);
        assertKnown(10, one);
        watch.onBatch(batch(15, two, WatchEvent.EventType.PUT));
        assertKnown(15, one, two);
    }

    @Test
    void whatIsToldLateChangesNothing() {
        IntentWatch watch = new IntentWatch(guard, 0);
        learn(guard.known(), 10, two);
        watch.onBatch(batch(5, one, WatchEvent.EventType.PUT));
        assertKnown(10, two);
    }

    /** Else a guard would pass what was prepared in the gap. */
    @Test
    void afterAGapNothingIsKnownUntilEtcdWasAsked() {
        learn(guard.known(), 10, one);
        IntentWatch watch = new IntentWatch(guard, 10);
        watch.onGap(new EtcdGap(EtcdGap.Reason.COMPACTED, "/r/i/", 11, 30, List.of()));
        assertKnown(0);
        watch.onBatch(batch(31, two, WatchEvent.EventType.PUT));
        assertKnown(0);
        learn(guard.known(), 33, one, two);
        watch.onBatch(batch(40, one, WatchEvent.EventType.DELETE));
        assertKnown(40, two);
    }

    @Test
    void anAnswerOlderThanWhatWasKnownWhenItWasAskedForSaysThatEtcdWasRestored() {
        learn(guard.known(), 100, one);
        learn(guard.known(), 50, two);
        assertKnown(50, two);
    }

    @Test
    void anOlderAnswerThatWasAskedForEarlierIsNotTaken() {
        Known before = guard.known();
        learn(before, 100, one);
        learn(before, 50, two);
        assertKnown(100, one);
    }

    @Test
    void aWriteUnderTheGuardProvesThatThereWasNothingElse() {
        learn(guard.known(), 10, one);
        guard.applied(guard.known(), 20, Map.of(key(two), two));
        assertKnown(20, one, two);
        guard.completed(one.xid());
        assertKnown(20, two);
        guard.applied(guard.known(), 20, Map.of());
        assertKnown(0);
    }

    /** Else what the guard knew of, and is still there, would be known not to be. */
    @Test
    void aWriteUnderAGuardThatWasForgottenMeanwhileProvesNothing() {
        learn(guard.known(), 10, one);
        Known guardedBy = guard.known();
        guard.forgetAll();
        guard.applied(guardedBy, 20, Map.of(key(two), two));
        assertKnown(0);
    }

    @Test
    void aPlaceThatIsUsedAgainIsTheNextBranchs() {
        learn(guard.known(), 10, one);
        guard.applied(guard.known(), 20, Map.of(key(one), two));
        assertKnown(20, two);
        guard.completed(one.xid());
        assertKnown(20, two);
    }

    /** In a process that writes all the time no answer is ever the newest. */
    @Test
    void whatAnAnswerDoesNotHaveAnyMoreIsForgottenAlsoWhenMoreIsKnownByThen() {
        learn(guard.known(), 10, one);
        Known asked = guard.known();
        guard.applied(asked, 30, Map.of(), Map.of(key(two), two));
        assertThat(guard.learned(asked, 20, answer()).branches().values()).containsExactly(two);
        assertKnown(30, two);
    }

    @Test
    void aPlaceThatWasUsedAgainMeanwhileIsNotForgotten() {
        learn(guard.known(), 10, one);
        Known asked = guard.known();
        guard.applied(asked, 30, Map.of(), Map.of(key(one), two));
        assertThat(guard.learned(asked, 20, answer()).branches().values()).containsExactly(two);
    }

    /** Taken back and put again: the same intents, and there. */
    @Test
    void whatWasPutAgainMeanwhileIsNotForgotten() {
        learn(guard.known(), 10, two);
        guard.applied(guard.known(), 11, Map.of(), Map.of(key(one), one));
        Known asked = guard.known();
        guard.completed(one.xid());
        guard.applied(guard.known(), 30, Map.of(), Map.of(key(one), one));
        assertThat(guard.learned(asked, 20, answer(two)).branches().values()).containsExactlyInAnyOrder(one, two);
    }
}
