package org.etcdjakarta.core.tx;

import io.etcd.jetcd.api.Compare;
import io.etcd.jetcd.api.KeyValue;
import java.util.List;
import org.etcdjakarta.core.link.LeaseCompare;

/** etcd's rules for the compares of a Txn. */
final class Compares {

    private Compares() {}

    /**
     * @param found the keys of the compare's range. All of them must hold; if there is none, one with all numbers 0 must, and
     *     a compare of the value never holds
     */
    static boolean holds(Compare compare, List<KeyValue> found) {
        if (found.isEmpty()) {
            return compare.getTarget() != Compare.CompareTarget.VALUE && holds(compare, KeyValue.getDefaultInstance());
        }
        return found.stream().allMatch(kv -> holds(compare, kv));
    }

    private static boolean holds(Compare compare, KeyValue kv) {
        int order =
                switch (compare.getTarget()) {
                    case VERSION -> Long.compare(kv.getVersion(), compare.getVersion());
                    case CREATE -> Long.compare(kv.getCreateRevision(), compare.getCreateRevision());
                    case MOD -> Long.compare(kv.getModRevision(), compare.getModRevision());
                    case VALUE -> KeyRange.ORDER.compare(kv.getValue(), compare.getValue());
                    // RequestChecks has let nothing else pass; a lease is part of what a put writes, and guarded with
                    // it
                    case UNRECOGNIZED -> Long.compare(kv.getLease(), LeaseCompare.lease(compare));
                };
        return switch (compare.getResult()) {
            case EQUAL -> order == 0;
            case NOT_EQUAL -> order != 0;
            case GREATER -> order > 0;
            case LESS -> order < 0;
            case UNRECOGNIZED -> throw RequestChecks.unknown(compare);
        };
    }
}
