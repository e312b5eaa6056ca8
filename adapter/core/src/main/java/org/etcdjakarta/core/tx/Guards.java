package org.etcdjakarta.core.tx;

import com.google.protobuf.ByteString;
import io.etcd.jetcd.api.Compare;
import io.etcd.jetcd.api.Compare.CompareResult;
import io.etcd.jetcd.api.Compare.CompareTarget;
import io.etcd.jetcd.api.KeyValue;
import io.etcd.jetcd.api.RangeRequest;
import io.etcd.jetcd.api.RequestOp;
import io.etcd.jetcd.api.ResponseOp;
import io.etcd.jetcd.api.TxnRequest;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What a transaction has read, and the compares that say that it is still so. A key must have the mod revision seen (0 when
 * absent). A range must have no key newer than R0; as that does not notice a deletion, each key seen in it is compared too. The key
 * of a lock or leadership that was held meanwhile must still be the one of that holding.
 *
 * <p>Not thread-safe: the workspace's lock guards it.
 */
final class Guards {

    private final TreeMap<ByteString, Long> keys = new TreeMap<>(KeyRange.ORDER);
    private final List<KeyRange> ranges = new ArrayList<>();
    private final TreeMap<ByteString, Long> fences = new TreeMap<>(KeyRange.ORDER);

    /** @param seen mod revision, 0 when absent */
    void key(ByteString key, long seen) {
        keys.put(key, seen);
    }

    /** @param token create revision of the key */
    void fence(ByteString key, long token) {
        fences.put(key, token);
    }

    void range(KeyRange range) {
        if (range.isEmpty() || ranges.stream().anyMatch(known -> known.contains(range))) {
            return;
        }
        ranges.removeIf(range::contains);
        ranges.add(range);
    }

    void addAll(Guards others) {
        keys.putAll(others.keys);
        fences.putAll(others.fences);
        others.ranges.forEach(this::range);
    }

    Guards with(Guards others) {
        Guards both = new Guards();
        both.addAll(this);
        both.addAll(others);
        return both;
    }

    /** The same of these keys only, and of no range. Locks and leaderships count whatever was read or written. */
    Guards of(Set<ByteString> only) {
        Guards part = new Guards();
        part.fences.putAll(fences);
        for (ByteString key : only) {
            Long seen = keys.get(key);
            if (seen != null) {
                part.keys.put(key, seen);
            }
        }
        return part;
    }

    int size() {
        return fences.size() + ranges.size() + needed().size();
    }

    /** Adds the compares, and an else branch that reads what they compared, in the same order. */
    void addTo(TxnRequest.Builder txn, long r0) {
        fences.forEach((key, token) -> {
            txn.addCompare(Compare.newBuilder()
                    .setKey(key)
                    .setTarget(CompareTarget.CREATE)
                    .setResult(CompareResult.EQUAL)
                    .setCreateRevision(token));
            txn.addFailure(look(RangeRequest.newBuilder().setKey(key)));
        });
        for (KeyRange range : ranges) {
            txn.addCompare(Compare.newBuilder()
                    .setKey(range.from())
                    .setRangeEnd(range.rangeEnd())
                    .setTarget(CompareTarget.MOD)
                    .setResult(CompareResult.LESS)
                    .setModRevision(r0 + 1));
            txn.addFailure(look(RangeRequest.newBuilder()
                    .setKey(range.from())
                    .setRangeEnd(range.rangeEnd())
                    .setMinModRevision(r0 + 1)
                    .setLimit(1)));
        }
        needed().forEach((key, seen) -> {
            txn.addCompare(Compare.newBuilder()
                    .setKey(key)
                    .setTarget(CompareTarget.MOD)
                    .setResult(CompareResult.EQUAL)
                    .setModRevision(seen));
            txn.addFailure(look(RangeRequest.newBuilder().setKey(key)));
        });
    }

    /** A key whose guard did not hold, from the answers of the else branch; null when all of them did. */
    @Nullable
    ByteString broken(List<ResponseOp> answers) {
        int next = 0;
        for (Map.Entry<ByteString, Long> fence : fences.entrySet()) {
            List<KeyValue> now = answers.get(next++).getResponseRange().getKvsList();
            if ((now.isEmpty() ? 0 : now.get(0).getCreateRevision()) != fence.getValue()) {
                return fence.getKey();
            }
        }
        for (int i = 0; i < ranges.size(); i++) {
            List<KeyValue> newer = answers.get(next++).getResponseRange().getKvsList();
            if (!newer.isEmpty()) {
                return newer.get(0).getKey();
            }
        }
        for (Map.Entry<ByteString, Long> guard : needed().entrySet()) {
            List<KeyValue> now = answers.get(next++).getResponseRange().getKvsList();
            if ((now.isEmpty() ? 0 : now.get(0).getModRevision()) != guard.getValue()) {
                return guard.getKey();
            }
        }
        return null;
    }

    /** An absent key inside of a guarded range needs no compare of its own: its creation would be newer than R0. */
    private Map<ByteString, Long> needed() {
        TreeMap<ByteString, Long> needed = new TreeMap<>(keys);
        needed.entrySet()
                .removeIf(guard ->
                        guard.getValue() == 0 && ranges.stream().anyMatch(range -> range.contains(guard.getKey())));
        return needed;
    }

    boolean isFence(@Nullable ByteString key) {
        return key != null && fences.containsKey(key);
    }

    private static RequestOp look(RangeRequest.Builder range) {
        return RequestOp.newBuilder().setRequestRange(range.setKeysOnly(true)).build();
    }
}
