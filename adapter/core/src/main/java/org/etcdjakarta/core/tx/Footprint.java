package org.etcdjakarta.core.tx;

import com.google.protobuf.ByteString;
import io.etcd.jetcd.api.RequestOp;
import io.etcd.jetcd.api.TxnRequest;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.NavigableSet;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Keys and ranges, to be found quickly.
 *
 * @param keys in their order
 * @param ranges of more than one key
 */
record Footprint(NavigableSet<ByteString> keys, List<KeyRange> ranges) {

    static final Footprint NONE = of(List.of(), List.of());

    static Footprint of(Collection<ByteString> keys, Collection<KeyRange> ranges) {
        NavigableSet<ByteString> sorted = new TreeSet<>(KeyRange.ORDER);
        sorted.addAll(keys);
        return new Footprint(sorted, List.copyOf(ranges));
    }

    /** All that a Txn may write, whichever of its branches is taken. */
    static Footprint writtenBy(TxnRequest txn) {
        List<ByteString> keys = new ArrayList<>();
        List<KeyRange> ranges = new ArrayList<>();
        collect(txn, keys, ranges);
        return of(keys, ranges);
    }

    private static void collect(TxnRequest txn, List<ByteString> keys, List<KeyRange> ranges) {
        for (List<RequestOp> branch : List.of(txn.getSuccessList(), txn.getFailureList())) {
            for (RequestOp operation : branch) {
                if (operation.hasRequestPut()) {
                    keys.add(operation.getRequestPut().getKey());
                } else if (operation.hasRequestDeleteRange()) {
                    ranges.add(KeyRange.of(
                            operation.getRequestDeleteRange().getKey(),
                            operation.getRequestDeleteRange().getRangeEnd()));
                } else if (operation.hasRequestTxn()) {
                    collect(operation.getRequestTxn(), keys, ranges);
                }
            }
        }
    }

    boolean isEmpty() {
        return keys.isEmpty() && ranges.isEmpty();
    }

    /** A key that both have, or the start of what their ranges have in common; null when they have nothing. */
    @Nullable
    ByteString common(Footprint other) {
        boolean fewer = keys.size() <= other.keys.size();
        NavigableSet<ByteString> many = fewer ? other.keys : keys;
        for (ByteString key : fewer ? keys : other.keys) {
            if (many.contains(key)) {
                return key;
            }
        }
        ByteString found = firstIn(ranges, other.keys);
        found = found == null ? firstIn(other.ranges, keys) : found;
        return found == null ? overlap(ranges, other.ranges) : found;
    }

    private static @Nullable ByteString firstIn(List<KeyRange> ranges, NavigableSet<ByteString> keys) {
        for (KeyRange range : ranges) {
            ByteString key = keys.ceiling(range.from());
            if (key != null && range.contains(key)) {
                return key;
            }
        }
        return null;
    }

    private static @Nullable ByteString overlap(List<KeyRange> some, List<KeyRange> others) {
        for (KeyRange one : some) {
            for (KeyRange other : others) {
                if (one.overlaps(other)) {
                    return KeyRange.ORDER.compare(one.from(), other.from()) < 0 ? other.from() : one.from();
                }
            }
        }
        return null;
    }
}
