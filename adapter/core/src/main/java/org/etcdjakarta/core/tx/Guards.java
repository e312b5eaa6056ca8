package org.etcdjakarta.core.tx;

import com.google.protobuf.ByteString;
import io.etcd.jetcd.api.Compare;
import io.etcd.jetcd.api.Compare.CompareResult;
import io.etcd.jetcd.api.Compare.CompareTarget;
import io.etcd.jetcd.api.KeyValue;
import io.etcd.jetcd.api.RangeRequest;
import io.etcd.jetcd.api.RequestOp;
import io.etcd.jetcd.api.ResponseOp;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * What a transaction has read, and the compares that say that it is still so. A key must have the mod revision seen (0 when
 * absent). A range must have no key newer than R0; as that does not notice a deletion, each key seen in it is compared too. The key
 * of a lock or leadership that was held meanwhile must still be the one of that holding.
 *
 * <p>Whatever is added can be taken back until it is kept. Counts and sizes are carried along: they are asked for at every
 * operation.
 *
 * <p>Not thread-safe: the workspace's lock guards it.
 */
final class Guards {

    /**
     * A compare, and what reads in an else branch why it did not hold.
     *
     * @param look keys only
     */
    record Guard(Compare compare, RequestOp look) {}

    /**
     * Bytes of all compares, of the looks of fences, of all others, of the largest of these, and of what was read in the record
     * of a branch's intents.
     */
    record Bytes(long compares, long fenceLooks, long looks, long largestLook, long intents) {

        private static final Bytes NONE = new Bytes(0, 0, 0, 0, 0);

        private static Bytes ofFence(Guard guard) {
            return new Bytes(MessageSizes.field(guard.compare()), MessageSizes.field(guard.look()), 0, 0, 0);
        }

        private static Bytes ofRead(Guard guard, long intents) {
            long look = MessageSizes.field(guard.look());
            return new Bytes(MessageSizes.field(guard.compare()), 0, look, look, intents);
        }

        private Bytes plus(Bytes other) {
            return new Bytes(
                    compares + other.compares,
                    fenceLooks + other.fenceLooks,
                    looks + other.looks,
                    Math.max(largestLook, other.largestLook),
                    intents + other.intents);
        }

        /** The largest look may be one that is gone now. */
        private Bytes minus(Bytes other) {
            return new Bytes(
                    compares - other.compares,
                    fenceLooks - other.fenceLooks,
                    looks - other.looks,
                    largestLook,
                    intents - other.intents);
        }
    }

    /** By their mod revisions. */
    private final TreeMap<ByteString, Long> present = new TreeMap<>(KeyRange.ORDER);
    /** Only those outside of all ranges: inside, the creation of such a key would be newer than R0. */
    private final NavigableSet<ByteString> absent = new TreeSet<>(KeyRange.ORDER);
    /** By their first keys. None contains another, so they are in the order of their ends, too. */
    private final TreeMap<ByteString, KeyRange> ranges = new TreeMap<>(KeyRange.ORDER);
    /** By the create revisions of the keys. */
    private final TreeMap<ByteString, Long> fences = new TreeMap<>(KeyRange.ORDER);

    private final Undo undo = new Undo();
    private Bytes bytes = Bytes.NONE;

    /** @param seen mod revision, 0 when absent */
    void key(ByteString key, long seen) {
        boolean isNew = seen == 0
                ? !isCovered(KeyRange.single(key)) && absent.add(key)
                : present.putIfAbsent(key, seen) == null;
        if (isNew) {
            resize(bytes.plus(sizeOf(key, seen)), () -> {
                if (seen == 0) {
                    absent.remove(key);
                } else {
                    present.remove(key);
                }
            });
        }
    }

    void range(KeyRange range) {
        if (range.isEmpty() || isCovered(range)) {
            return;
        }
        Map.Entry<ByteString, KeyRange> next = ranges.ceilingEntry(range.from());
        while (next != null && range.contains(next.getValue())) {
            removeRange(next.getValue());
            next = ranges.ceilingEntry(range.from());
        }
        NavigableSet<ByteString> covered = range.to() == null
                ? absent.tailSet(range.from(), true)
                : absent.subSet(range.from(), true, range.to(), false);
        List.copyOf(covered).forEach(this::removeAbsent);
        ranges.put(range.from(), range);
        resize(bytes.plus(sizeOf(range)), () -> ranges.remove(range.from()));
    }

    private void removeRange(KeyRange range) {
        ranges.remove(range.from());
        resize(bytes.minus(sizeOf(range)), () -> ranges.put(range.from(), range));
    }

    /** A key that was absent is of no consequence any more. */
    void forgetAbsent(ByteString key) {
        if (absent.contains(key)) {
            removeAbsent(key);
        }
    }

    private void removeAbsent(ByteString key) {
        absent.remove(key);
        resize(bytes.minus(sizeOf(key, 0)), () -> absent.add(key));
    }

    /** @param token create revision of the key */
    void fence(ByteString key, long token) {
        Long before = fences.put(key, token);
        if (before == null) {
            resize(bytes.plus(Bytes.ofFence(ofFence(key, token))), () -> fences.remove(key));
        } else {
            Bytes other = bytes.minus(Bytes.ofFence(ofFence(key, before)));
            resize(other.plus(Bytes.ofFence(ofFence(key, token))), () -> fences.put(key, before));
        }
    }

    private void resize(Bytes next, Runnable undoing) {
        Bytes before = bytes;
        bytes = next;
        undo.add(() -> {
            undoing.run();
            bytes = before;
        });
    }

    /** Takes back what was added since it was last kept. */
    void undo() {
        undo.run();
    }

    void keep() {
        undo.forget();
    }

    private boolean isCovered(KeyRange range) {
        // of those that begin no later, the last one reaches farthest
        Map.Entry<ByteString, KeyRange> known = ranges.floorEntry(range.from());
        return known != null && known.getValue().contains(range);
    }

    /** How many compares besides those of the fences. */
    int size() {
        return ranges.size() + present.size() + absent.size();
    }

    int fences() {
        return fences.size();
    }

    /** At most, as the revisions of ranges are not known yet. */
    Bytes bytes() {
        return bytes;
    }

    List<Guard> ofFences() {
        List<Guard> guards = new ArrayList<>(fences.size());
        fences.forEach((key, token) -> guards.add(ofFence(key, token)));
        return guards;
    }

    /** All others. */
    List<Guard> ofReads(long r0) {
        List<Guard> guards = new ArrayList<>(size());
        ranges.values().forEach(range -> guards.add(ofRange(range, r0)));
        present.forEach((key, seen) -> guards.add(ofKey(key, seen)));
        absent.forEach(key -> guards.add(ofKey(key, 0)));
        return guards;
    }

    /** What was read: as few ranges as say so. */
    List<KeyRange> reads() {
        List<KeyRange> reads = new ArrayList<>(ranges.values());
        present.keySet().stream()
                .map(KeyRange::single)
                .filter(key -> !isCovered(key))
                .forEach(reads::add);
        absent.stream().map(KeyRange::single).forEach(reads::add);
        return reads;
    }

    /**
     * A key whose guard did not hold; null when all of them did.
     *
     * @param answers to the looks of the fences, and to those of the others if they were asked for
     */
    @Nullable
    ByteString broken(List<ResponseOp> answers) {
        Iterator<ResponseOp> looks = answers.iterator();
        for (Map.Entry<ByteString, Long> fence : fences.entrySet()) {
            KeyValue now = found(looks);
            if (now.getCreateRevision() != fence.getValue()) {
                return fence.getKey();
            }
        }
        if (!looks.hasNext()) {
            return null;
        }
        for (int i = 0; i < ranges.size(); i++) {
            KeyValue newer = found(looks);
            if (newer.getModRevision() != 0) {
                return newer.getKey();
            }
        }
        for (Map.Entry<ByteString, Long> key : present.entrySet()) {
            if (found(looks).getModRevision() != key.getValue()) {
                return key.getKey();
            }
        }
        for (ByteString key : absent) {
            if (found(looks).getModRevision() != 0) {
                return key;
            }
        }
        return null;
    }

    boolean isFence(@Nullable ByteString key) {
        return key != null && fences.containsKey(key);
    }

    /** One whose numbers are all 0 when there is none. */
    private static KeyValue found(Iterator<ResponseOp> looks) {
        List<KeyValue> found = looks.next().getResponseRange().getKvsList();
        return found.isEmpty() ? KeyValue.getDefaultInstance() : found.get(0);
    }

    private static Bytes sizeOf(ByteString key, long seen) {
        return Bytes.ofRead(ofKey(key, seen), RecordSizes.key(key));
    }

    private static Bytes sizeOf(KeyRange range) {
        return Bytes.ofRead(ofRange(range, Long.MAX_VALUE - 1), RecordSizes.range(range));
    }

    private static Guard ofFence(ByteString key, long token) {
        return new Guard(
                Compare.newBuilder()
                        .setKey(key)
                        .setTarget(CompareTarget.CREATE)
                        .setResult(CompareResult.EQUAL)
                        .setCreateRevision(token)
                        .build(),
                look(RangeRequest.newBuilder().setKey(key)));
    }

    private static Guard ofKey(ByteString key, long seen) {
        return new Guard(
                Compare.newBuilder()
                        .setKey(key)
                        .setTarget(CompareTarget.MOD)
                        .setResult(CompareResult.EQUAL)
                        .setModRevision(seen)
                        .build(),
                look(RangeRequest.newBuilder().setKey(key)));
    }

    private static Guard ofRange(KeyRange range, long r0) {
        return new Guard(
                Compare.newBuilder()
                        .setKey(range.from())
                        .setRangeEnd(range.rangeEnd())
                        .setTarget(CompareTarget.MOD)
                        .setResult(CompareResult.LESS)
                        .setModRevision(r0 + 1)
                        .build(),
                look(RangeRequest.newBuilder()
                        .setKey(range.from())
                        .setRangeEnd(range.rangeEnd())
                        .setMinModRevision(r0 + 1)
                        .setLimit(1)));
    }

    private static RequestOp look(RangeRequest.Builder range) {
        return RequestOp.newBuilder().setRequestRange(range.setKeysOnly(true)).build();
    }
}
