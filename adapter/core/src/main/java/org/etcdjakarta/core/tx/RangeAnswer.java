package org.etcdjakarta.core.tx;

import com.google.protobuf.ByteString;
import io.etcd.jetcd.api.KeyValue;
import io.etcd.jetcd.api.RangeRequest;
import io.etcd.jetcd.api.RangeRequest.SortOrder;
import io.etcd.jetcd.api.RangeRequest.SortTarget;
import io.etcd.jetcd.api.RangeResponse;
import io.etcd.jetcd.api.ResponseHeader;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * What etcd's range does once it has found the keys: filter by revisions, sort, cut, in this order. The count is taken
 * before all of them.
 */
final class RangeAnswer {

    private RangeAnswer() {}

    static boolean filters(RangeRequest asked) {
        return asked.getMinModRevision() != 0
                || asked.getMaxModRevision() != 0
                || asked.getMinCreateRevision() != 0
                || asked.getMaxCreateRevision() != 0;
    }

    /**
     * True when etcd stops at limit + 1 keys in key order, before it sorts. A sort target without an order sorts (ascending)
     * but does not lift that stop, so such a read sorts only the first keys; that is what etcd does and what we do.
     */
    static boolean stopsEarly(RangeRequest asked) {
        return asked.getLimit() > 0 && asked.getSortOrder() == SortOrder.NONE && !filters(asked);
    }

    static boolean needsValues(RangeRequest asked) {
        return !asked.getCountOnly() && (!asked.getKeysOnly() || asked.getSortTarget() == SortTarget.VALUE);
    }

    /**
     * @param ascending keys found, in key order; where the read is limited, at least one more than the limit if there is one
     * @param count all keys of the range
     */
    static RangeResponse of(RangeRequest asked, ResponseHeader header, List<KeyValue> ascending, long count) {
        RangeResponse.Builder answer =
                RangeResponse.newBuilder().setHeader(header).setCount(count);
        if (asked.getCountOnly()) {
            return answer.build();
        }
        List<KeyValue> found = new ArrayList<>(ascending);
        if (stopsEarly(asked) && found.size() - 1 > asked.getLimit()) {
            found = found.subList(0, (int) asked.getLimit() + 1);
        }
        found.removeIf(kv -> !passes(asked, kv));
        if (asked.getSortOrder() != SortOrder.NONE || asked.getSortTarget() != SortTarget.KEY) {
            Comparator<KeyValue> order = comparator(asked.getSortTarget());
            found.sort(asked.getSortOrder() == SortOrder.DESCEND ? order.reversed() : order);
        }
        if (asked.getLimit() > 0 && found.size() > asked.getLimit()) {
            found = found.subList(0, (int) asked.getLimit());
            answer.setMore(true);
        }
        for (KeyValue kv : found) {
            answer.addKvs(asked.getKeysOnly() ? kv.toBuilder().clearValue().build() : kv);
        }
        return answer.build();
    }

    private static boolean passes(RangeRequest asked, KeyValue kv) {
        return within(asked.getMinModRevision(), kv.getModRevision(), asked.getMaxModRevision())
                && within(asked.getMinCreateRevision(), kv.getCreateRevision(), asked.getMaxCreateRevision());
    }

    private static boolean within(long min, long revision, long max) {
        return (min == 0 || revision >= min) && (max == 0 || revision <= max);
    }

    private static Comparator<KeyValue> comparator(SortTarget target) {
        return switch (target) {
            case VERSION -> Comparator.comparingLong(KeyValue::getVersion);
            case CREATE -> Comparator.comparingLong(KeyValue::getCreateRevision);
            case MOD -> Comparator.comparingLong(KeyValue::getModRevision);
            case VALUE -> Comparator.comparing(KeyValue::getValue, ByteString.unsignedLexicographicalComparator());
            case KEY, UNRECOGNIZED -> Comparator.comparing(KeyValue::getKey, KeyRange.ORDER);
        };
    }
}
