package org.etcdjakarta.core.tx;

import com.google.protobuf.ByteString;
import io.etcd.jetcd.api.KeyValue;
import io.etcd.jetcd.api.RangeRequest;
import io.etcd.jetcd.api.RangeRequest.SortOrder;
import io.etcd.jetcd.api.RangeRequest.SortTarget;
import io.etcd.jetcd.api.RangeResponse;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.etcdjakarta.core.tx.Snapshot.Window;
import org.jspecify.annotations.Nullable;

/**
 * The snapshot with a transaction's own writes laid over it: the state that its commit would leave if it took effect at
 * revision R0 + 1. A pending put therefore has mod revision R0 + 1, and what it replaces at R0 gives create revision and
 * version; several puts of one key, or a delete and a put, are one put, as in the commit's Txn. Since an own write shows the
 * version of what it replaces, reading it reads etcd's key too, and guards it.
 */
final class View {

    private record Part(List<KeyValue> keys, long count) {}

    /** How many keys of a part an answer depends on, from its start or, descending, from its end. */
    private record Scope(long keys) {
        static final Scope ALL = new Scope(Long.MAX_VALUE);
    }

    private final Snapshot snapshot;
    private final ReservedKeys reserved;
    private final WriteSet pending;
    private final Validation validation;

    /** @param validation takes what every question has read */
    View(Snapshot snapshot, ReservedKeys reserved, WriteSet pending, Validation validation) {
        this.snapshot = snapshot;
        this.reserved = reserved;
        this.pending = pending;
        this.validation = validation;
    }

    @Nullable
    KeyValue key(ByteString key) {
        reserved.refuse(key);
        KeyValue base = snapshot.key(key);
        validation.read(key, base == null ? 0 : base.getModRevision());
        return overlay(key, base, pending.get(key));
    }

    /** All keys of a range, with their values. */
    List<KeyValue> keys(KeyRange range) {
        List<KeyValue> keys = new ArrayList<>();
        for (KeyRange part : reserved.around(range)) {
            keys.addAll(read(part, 0, false, true, Scope.ALL).keys());
        }
        return keys;
    }

    /** True when the key is there by the transaction's own put only. */
    boolean isNew(KeyValue seen) {
        return seen.getCreateRevision() > snapshot.revision();
    }

    RangeResponse range(RangeRequest asked) {
        KeyRange range = KeyRange.of(asked.getKey(), asked.getRangeEnd());
        boolean keyOrder = asked.getSortTarget() == SortTarget.KEY;
        boolean descending = keyOrder && asked.getSortOrder() == SortOrder.DESCEND && !RangeAnswer.filters(asked);
        boolean limited = asked.getLimit() > 0
                && asked.getLimit() < Integer.MAX_VALUE
                && !asked.getCountOnly()
                && (RangeAnswer.stopsEarly(asked)
                        || (keyOrder && !RangeAnswer.filters(asked) && asked.getSortOrder() != SortOrder.UNRECOGNIZED));
        // etcd looks at one key more than it returns when it sorts what it has stopped at
        long limit = limited ? asked.getLimit() : 0;
        long examined = limited && !keyOrder ? limit + 1 : limit;

        List<KeyValue> keys = new ArrayList<>();
        long count = 0;
        List<KeyRange> parts = new ArrayList<>(reserved.around(range));
        if (descending) {
            Collections.reverse(parts);
        }
        for (KeyRange part : parts) {
            // once enough keys are found, a further part only counts
            Scope scope = !limited ? Scope.ALL : new Scope(Math.max(0, examined - keys.size()));
            Part read = read(part, limit, descending, RangeAnswer.needsValues(asked), scope);
            keys.addAll(descending ? 0 : keys.size(), read.keys());
            count += read.count();
        }
        return RangeAnswer.of(asked, snapshot.header(), keys, count);
    }

    /**
     * @param limit how many keys are wanted from the start, or from the end when descending; 0 for all
     * @param scope how many of them the answer depends on
     */
    private Part read(KeyRange range, long limit, boolean descending, boolean values, Scope scope) {
        NavigableMap<ByteString, Write> own = pending.within(range);
        // each pending delete may take one of the keys fetched away, and one more key tells whether there is more
        long deletes =
                own.values().stream().filter(Write.Delete.class::isInstance).count();
        Window window = snapshot.window(range, limit == 0 ? 0 : limit + 1 + deletes, descending, values);

        TreeMap<ByteString, KeyValue> merged = new TreeMap<>(KeyRange.ORDER);
        window.keys().forEach(kv -> merged.put(kv.getKey(), kv));
        long count = window.count();
        for (Map.Entry<ByteString, Write> write : own.entrySet()) {
            ByteString key = write.getKey();
            if (window.covers(key)) {
                KeyValue base = merged.remove(key);
                KeyValue now = overlay(key, base, write.getValue());
                if (now != null) {
                    merged.put(key, now);
                }
                count += (now == null ? 0 : 1) - (base == null ? 0 : 1);
            } else {
                // beyond what the answer shows, only the count changes
                count += (write.getValue() instanceof Write.Put ? 1 : 0) - (snapshot.exists(key) ? 1 : 0);
            }
        }
        guard(range, window, new ArrayList<>(merged.keySet()), descending, scope);
        return new Part(new ArrayList<>(merged.values()), count);
    }

    /** A limited read depends on the keys up to the last one examined; all others on the whole range. */
    private void guard(KeyRange range, Window window, List<ByteString> merged, boolean descending, Scope scope) {
        if (scope.keys() == 0) {
            return;
        }
        KeyRange guarded = range;
        if (merged.size() > scope.keys()) {
            guarded = descending
                    ? range.startingAt(merged.get((int) (merged.size() - scope.keys())))
                    : range.upTo(KeyRange.after(merged.get((int) scope.keys() - 1)));
        }
        if (range.isSingle()) {
            validation.read(
                    range.from(),
                    window.keys().isEmpty() ? 0 : window.keys().get(0).getModRevision());
            return;
        }
        validation.read(guarded);
        for (KeyValue kv : window.keys()) {
            if (guarded.contains(kv.getKey())) {
                validation.read(kv.getKey(), kv.getModRevision());
            }
        }
    }

    private @Nullable KeyValue overlay(ByteString key, @Nullable KeyValue base, @Nullable Write write) {
        if (write == null) {
            return base;
        }
        if (!(write instanceof Write.Put put)) {
            return null;
        }
        long revision = snapshot.revision() + 1;
        return KeyValue.newBuilder()
                .setKey(key)
                .setValue(put.value())
                .setLease(put.lease())
                .setModRevision(revision)
                .setCreateRevision(base == null ? revision : base.getCreateRevision())
                .setVersion(base == null ? 1 : base.getVersion() + 1)
                .build();
    }
}
