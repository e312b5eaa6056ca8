package org.etcdjakarta.itests.watch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.etcdjakarta.itests.link.Links.bytes;

import com.google.protobuf.ByteString;
import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.api.Event;
import io.etcd.jetcd.api.KeyValue;
import io.etcd.jetcd.watch.WatchEvent;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.Consumer;
import org.etcdjakarta.EtcdException;
import org.etcdjakarta.EtcdGap;
import org.etcdjakarta.EtcdGap.Reason;
import org.etcdjakarta.core.watch.RevisionBatch;
import org.etcdjakarta.core.watch.WatchSpec;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** The negative controls of the validators: histories made by hand, with one thing wrong in each. */
class ValidatorsTest {

    private static final WatchSpec SPEC = WatchSpec.prefix(bytes("/a/")).withPrevKv();

    private final WatchTruth truth = new WatchTruth(2);
    private final List<Told> good = new ArrayList<>();

    /** Revision 2 makes two keys, 3 changes one, 4 is somebody else's, 5 deletes one, 6 makes it again. */
    ValidatorsTest() {
        KeyValue x2 = kv("/a/x", 2, 1);
        KeyValue y2 = kv("/a/y", 2, 1);
        KeyValue x3 = kv("/a/x", 3, 2);
        KeyValue x6 = kv("/a/x", 6, 1);
        truth.happened(2, put(x2), put(y2));
        truth.happened(3, put(x3));
        truth.happened(4, put(kv("/other", 4, 1)));
        truth.happened(5, delete("/a/x", 5));
        truth.happened(6, put(x6));
        good.add(new Told.Created(1));
        good.add(batch(2, told(put(x2), null), told(put(y2), null)));
        good.add(batch(3, told(put(x3), x2)));
        good.add(new Told.Progress(4));
        good.add(batch(5, told(delete("/a/x", 5), x3)));
        good.add(batch(6, told(put(x6), null)));
    }

    private static KeyValue kv(String key, long modRevision, long version) {
        return KeyValue.newBuilder()
                .setKey(ByteString.copyFromUtf8(key))
                .setValue(ByteString.copyFromUtf8("v" + modRevision))
                .setModRevision(modRevision)
                .setVersion(version)
                .build();
    }

    private static Event put(KeyValue kv) {
        return Event.newBuilder().setType(Event.EventType.PUT).setKv(kv).build();
    }

    private static Event delete(String key, long revision) {
        return Event.newBuilder()
                .setType(Event.EventType.DELETE)
                .setKv(KeyValue.newBuilder()
                        .setKey(ByteString.copyFromUtf8(key))
                        .setModRevision(revision))
                .build();
    }

    private static WatchEvent told(Event event, @Nullable KeyValue previous) {
        return new WatchEvent(
                new io.etcd.jetcd.KeyValue(event.getKv(), ByteSequence.EMPTY),
                new io.etcd.jetcd.KeyValue(
                        previous == null ? KeyValue.getDefaultInstance() : previous, ByteSequence.EMPTY),
                event.getType() == Event.EventType.PUT ? WatchEvent.EventType.PUT : WatchEvent.EventType.DELETE);
    }

    private static Told.Batch batch(long revision, WatchEvent... events) {
        return new Told.Batch(new RevisionBatch(revision, List.of(events)));
    }

    private List<WatchEvent> eventsAt(int index) {
        return ((Told.Batch) good.get(index)).batch().events();
    }

    private Told.Batch replaced(int index, WatchEvent... events) {
        return batch(((Told.Batch) good.get(index)).revision(), events);
    }

    private List<String> violations(Validator validator, WatchSpec spec, Consumer<List<Told>> change) {
        List<Told> changed = new ArrayList<>(good);
        change.accept(changed);
        return validator.violations(new WatchHistory("/a/", spec).with(changed), truth);
    }

    private void finds(Validator validator, Consumer<List<Told>> change) {
        assertThat(violations(validator, SPEC, told -> {})).isEmpty();
        assertThat(violations(validator, SPEC, change)).isNotEmpty();
    }

    @Test
    void rightHistoryBreaksNoRule() {
        assertThat(Validator.allViolations(new WatchHistory("/a/", SPEC).with(good), truth))
                .isEmpty();
    }

    @Test
    void orderedFindsWhatIsSwapped() {
        finds(new Ordered(), told -> Collections.swap(told, 1, 2));
    }

    @Test
    void uniqueFindsWhatIsToldTwice() {
        finds(new Unique(), told -> told.add(3, told.get(2)));
    }

    @Test
    void atomicFindsARevisionInTwoBatches() {
        finds(new Atomic(), told -> {
            told.set(1, replaced(1, eventsAt(1).get(0)));
            told.add(2, batch(2, eventsAt(1).get(1)));
        });
    }

    @Test
    void atomicFindsHalfARevision() {
        finds(new Atomic(), told -> told.set(1, replaced(1, eventsAt(1).get(1))));
    }

    @Test
    void atomicFindsAnotherOrder() {
        finds(
                new Atomic(),
                told -> told.set(1, replaced(1, eventsAt(1).get(1), eventsAt(1).get(0))));
    }

    @Test
    void atomicFindsAnEventOfAnotherRevision() {
        finds(
                new Atomic(),
                told -> told.set(2, replaced(2, eventsAt(1).get(0), eventsAt(2).get(0))));
    }

    @Test
    void reliableFindsWhatIsLostInTheMiddle() {
        finds(new Reliable(), told -> told.remove(2));
    }

    @Test
    void reliableFindsWhatIsLostAtTheEnd() {
        finds(new Reliable(), told -> told.remove(told.size() - 1));
    }

    @Test
    void reliableFindsAWatchThatEnds() {
        finds(
                new Reliable(),
                told -> told.add(new Told.Failed(
                        new EtcdException("ETCD-00000", "ended", EtcdException.Effect.NONE, "here", null))));
    }

    @Test
    void reliableFindsAWatchThatNeverStood() {
        finds(new Reliable(), List::clear);
    }

    private Told.Gap gap(long firstLost, KeyValue... state) {
        List<io.etcd.jetcd.KeyValue> all = new ArrayList<>();
        for (KeyValue kv : state) {
            all.add(new io.etcd.jetcd.KeyValue(kv, ByteSequence.EMPTY));
        }
        return new Told.Gap(new EtcdGap(Reason.COMPACTED, "/a/", firstLost, 3, all));
    }

    @Test
    void reliableTakesAGapWithTheStateAndFindsOneWithout() {
        assertThat(violations(new Reliable(), SPEC, told -> {
                    told.set(1, gap(2, kv("/a/x", 3, 2), kv("/a/y", 2, 1)));
                    told.remove(2);
                }))
                .isEmpty();
        finds(new Reliable(), told -> {
            told.set(1, gap(2, kv("/a/x", 3, 2)));
            told.remove(2);
        });
    }

    @Test
    void resumableFindsABeginningThatIsLost() {
        finds(new Resumable(), told -> told.remove(1));
    }

    @Test
    void resumableFindsAStartElsewhere() {
        List<String> found = violations(new Resumable(), SPEC.from(2), told -> {
            told.set(0, new Told.Created(2));
            told.remove(1);
        });

        assertThat(violations(new Resumable(), SPEC.from(2), told -> {})).isEmpty();
        assertThat(found).isNotEmpty();
    }

    @Test
    void resumableFindsAGapThatBeginsElsewhere() {
        finds(new Resumable(), told -> {
            told.set(1, gap(3, kv("/a/x", 3, 2), kv("/a/y", 2, 1)));
            told.remove(2);
        });
    }

    @Test
    void bookmarkableFindsANoticeThatOvertakes() {
        finds(new Bookmarkable(), told -> told.set(3, new Told.Progress(5)));
    }

    @Test
    void bookmarkableFindsAnEventBeforeTheWatchStands() {
        finds(new Bookmarkable(), told -> Collections.swap(told, 0, 1));
    }

    @Test
    void prevKvFindsAnotherValue() {
        finds(new PrevKv(), told -> told.set(2, replaced(2, told(put(kv("/a/x", 3, 2)), kv("/a/x", 1, 1)))));
    }

    @Test
    void prevKvFindsOneThatIsMissing() {
        finds(new PrevKv(), told -> told.set(2, replaced(2, told(put(kv("/a/x", 3, 2)), null))));
    }

    @Test
    void isCreateFindsAChangeThatSaysItCreates() {
        finds(new IsCreate(), told -> told.set(2, replaced(2, told(put(kv("/a/x", 3, 1)), kv("/a/x", 2, 1)))));
    }

    @Test
    void filterFindsAnotherPrefix() {
        finds(new Filter(), told -> told.add(batch(4, told(put(kv("/other", 4, 1)), null))));
    }

    @Test
    void filterFindsWhatWasNotWanted() {
        assertThat(violations(new Filter(), SPEC.only(true, false), told -> {})).isNotEmpty();
    }
}
