package org.etcdjakarta.embedded.service;

import com.google.protobuf.ByteString;
import io.etcd.jetcd.api.KeyValue;
import io.etcd.jetcd.api.RangeRequest;
import io.etcd.jetcd.api.RangeRequest.SortOrder;
import io.etcd.jetcd.api.RangeResponse;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** What etcd makes of the keys of a range: count, filter by revisions, sort, limit, strip. */
final class RangeAnswer {

    private static final Comparator<KeyValue> BY_KEY =
            Comparator.comparing(KeyValue::getKey, ByteString.unsignedLexicographicalComparator());

    private RangeAnswer() {}

    /** @param found all keys of the range, in their order */
    static RangeResponse.Builder of(RangeRequest request, List<KeyValue> found) {
        RangeResponse.Builder answer = RangeResponse.newBuilder().setCount(found.size());
        if (request.getCountOnly()) {
            return answer;
        }
        long limit = request.getLimit() > 0 ? request.getLimit() : Long.MAX_VALUE;
        // Without order and filter etcd reads just one key more than the limit, and sorts those if it is asked to.
        Stream<KeyValue> kvs = readsAll(request) || limit == Long.MAX_VALUE
                ? found.stream()
                : found.stream().limit(limit + 1);
        List<KeyValue> wanted =
                kvs.filter(kv -> passes(request, kv)).sorted(order(request)).toList();
        answer.setMore(wanted.size() > limit);
        wanted.stream().limit(limit).map(kv -> stripped(request, kv)).forEach(answer::addKvs);
        return answer;
    }

    private static boolean readsAll(RangeRequest request) {
        return request.getSortOrder() != SortOrder.NONE
                || request.getMinModRevision() != 0
                || request.getMaxModRevision() != 0
                || request.getMinCreateRevision() != 0
                || request.getMaxCreateRevision() != 0;
    }

    private static boolean passes(RangeRequest request, KeyValue kv) {
        return within(kv.getModRevision(), request.getMinModRevision(), request.getMaxModRevision())
                && within(kv.getCreateRevision(), request.getMinCreateRevision(), request.getMaxCreateRevision());
    }

    private static boolean within(long revision, long min, long max) {
        return (min == 0 || revision >= min) && (max == 0 || revision <= max);
    }

    /**
     * Another target than the key without order means ascending, an order that etcd does not know means none: then the keys stay
     * as they were found, in their own. What is equal stays so, too, as in etcd up to 12 keys; beyond, etcd's order of equal ones is arbitrary.
     */
    private static Comparator<KeyValue> order(RangeRequest request) {
        if (request.getSortOrder() == SortOrder.UNRECOGNIZED) {
            return BY_KEY;
        }
        Comparator<KeyValue> ascending =
                switch (request.getSortTarget()) {
                    case VERSION -> Comparator.comparingLong(KeyValue::getVersion);
                    case CREATE -> Comparator.comparingLong(KeyValue::getCreateRevision);
                    case MOD -> Comparator.comparingLong(KeyValue::getModRevision);
                    case VALUE ->
                        Comparator.comparing(KeyValue::getValue, ByteString.unsignedLexicographicalComparator());
                    case KEY, UNRECOGNIZED -> BY_KEY;
                };
        return request.getSortOrder() == SortOrder.DESCEND ? ascending.reversed() : ascending;
    }

    private static KeyValue stripped(RangeRequest request, KeyValue kv) {
        return request.getKeysOnly() ? kv.toBuilder().clearValue().build() : kv;
    }
}
