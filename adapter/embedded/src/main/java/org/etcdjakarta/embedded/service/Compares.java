package org.etcdjakarta.embedded.service;

import com.google.protobuf.ByteString;
import io.etcd.jetcd.api.Compare;
import io.etcd.jetcd.api.KeyValue;
import java.util.Collection;
import java.util.List;

/** etcd's rules for the compares of a Txn. */
final class Compares {

    /** etcd's target LEASE and its operand, which jetcd's protocol classes lack: they arrive as a number and an unknown field. */
    private static final int TARGET_LEASE = 4;

    private static final int LEASE_FIELD = 8;

    private Compares() {}

    /**
     * @param found the keys of the compare's range. All of them must hold; if there is none, one with all numbers 0 must, and
     *     a compare of the value never holds
     */
    static boolean hold(Compare compare, Collection<KeyValue> found) {
        if (found.isEmpty()) {
            return compare.getTarget() != Compare.CompareTarget.VALUE && holds(compare, KeyValue.getDefaultInstance());
        }
        return found.stream().allMatch(kv -> holds(compare, kv));
    }

    private static boolean holds(Compare compare, KeyValue kv) {
        int order = order(compare, kv);
        return switch (compare.getResult()) {
            case EQUAL -> order == 0;
            case NOT_EQUAL -> order != 0;
            case GREATER -> order > 0;
            case LESS -> order < 0;
            case UNRECOGNIZED -> true;
        };
    }

    private static int order(Compare compare, KeyValue kv) {
        return switch (compare.getTarget()) {
            case VERSION -> Long.compare(kv.getVersion(), compare.getVersion());
            case CREATE -> Long.compare(kv.getCreateRevision(), compare.getCreateRevision());
            case MOD -> Long.compare(kv.getModRevision(), compare.getModRevision());
            case VALUE -> ByteString.unsignedLexicographicalComparator().compare(kv.getValue(), compare.getValue());
            case UNRECOGNIZED ->
                compare.getTargetValue() == TARGET_LEASE ? Long.compare(kv.getLease(), lease(compare)) : 0;
        };
    }

    private static long lease(Compare compare) {
        List<Long> sent = compare.getUnknownFields().getField(LEASE_FIELD).getVarintList();
        return sent.isEmpty() ? 0 : sent.get(sent.size() - 1);
    }
}
