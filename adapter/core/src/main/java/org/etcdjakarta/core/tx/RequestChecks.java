package org.etcdjakarta.core.tx;

import com.google.protobuf.ByteString;
import io.etcd.jetcd.api.Compare;
import io.etcd.jetcd.api.PutRequest;
import io.etcd.jetcd.api.RangeRequest;
import io.etcd.jetcd.api.RequestOp;
import io.etcd.jetcd.api.TxnRequest;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.etcdjakarta.EtcdException;
import org.etcdjakarta.core.link.LeaseCompare;

/** What etcd's server refuses before it looks at a key, in its words: a workspace must not be more lenient than etcd. */
final class RequestChecks {

    /** What the operations of one level and below it put and delete. */
    private record Touched(Set<ByteString> puts, List<KeyRange> deletes) {

        boolean deletes(ByteString key) {
            return deletes.stream().anyMatch(range -> range.contains(key));
        }

        void put(ByteString key) {
            if (deletes(key) || !puts.add(key)) {
                throw TxErrors.duplicateKey(key);
            }
        }
    }

    private RequestChecks() {}

    static void key(ByteString key) {
        if (key.isEmpty()) {
            throw TxErrors.invalid("etcdserver: key is not provided");
        }
    }

    static void range(RangeRequest asked) {
        key(asked.getKey());
        if (asked.getSortOrder() == RangeRequest.SortOrder.UNRECOGNIZED
                || asked.getSortTarget() == RangeRequest.SortTarget.UNRECOGNIZED) {
            throw TxErrors.invalid("etcdserver: invalid sort option");
        }
    }

    static void put(PutRequest asked) {
        key(asked.getKey());
        if (asked.getIgnoreValue() && !asked.getValue().isEmpty()) {
            throw TxErrors.invalid("etcdserver: value is provided");
        }
        if (asked.getIgnoreLease() && asked.getLease() != 0) {
            throw TxErrors.invalid("etcdserver: lease is provided");
        }
    }

    /** etcd takes what it does not know for equal; a workspace can't tell whether it will in the next version. */
    private static void compare(Compare asked) {
        key(asked.getKey());
        boolean target = asked.getTarget() != Compare.CompareTarget.UNRECOGNIZED || LeaseCompare.is(asked);
        if (!target || asked.getResult() == Compare.CompareResult.UNRECOGNIZED) {
            throw unknown(asked);
        }
    }

    static EtcdException unknown(Compare compare) {
        return TxErrors.invalid("a compare's target (" + compare.getTargetValue() + ") or relation ("
                + compare.getResultValue() + ") is unknown");
    }

    static void txn(TxnRequest asked) {
        shape(asked);
        touched(asked.getSuccessList());
        touched(asked.getFailureList());
    }

    private static void shape(TxnRequest asked) {
        for (Compare compare : asked.getCompareList()) {
            compare(compare);
        }
        for (List<RequestOp> branch : List.of(asked.getSuccessList(), asked.getFailureList())) {
            for (RequestOp operation : branch) {
                switch (operation.getRequestCase()) {
                    case REQUEST_RANGE -> range(operation.getRequestRange());
                    case REQUEST_PUT -> put(operation.getRequestPut());
                    case REQUEST_DELETE_RANGE ->
                        key(operation.getRequestDeleteRange().getKey());
                    case REQUEST_TXN -> shape(operation.getRequestTxn());
                    case REQUEST_NOT_SET -> throw TxErrors.invalid("an operation of the Txn is empty");
                }
            }
        }
    }

    /**
     * No key may be put twice, or put and deleted, by what one Txn may do; the two branches of one nested Txn exclude each
     * other. Deletes may overlap.
     */
    private static Touched touched(List<RequestOp> operations) {
        Touched all = new Touched(new HashSet<>(), new ArrayList<>());
        for (RequestOp operation : operations) {
            if (operation.hasRequestDeleteRange()) {
                all.deletes.add(KeyRange.of(
                        operation.getRequestDeleteRange().getKey(),
                        operation.getRequestDeleteRange().getRangeEnd()));
            }
        }
        for (RequestOp operation : operations) {
            if (operation.hasRequestTxn()) {
                Touched then = touched(operation.getRequestTxn().getSuccessList());
                Touched otherwise = touched(operation.getRequestTxn().getFailureList());
                then.puts.forEach(all::put);
                otherwise.puts.stream().filter(key -> !then.puts.contains(key)).forEach(all::put);
                all.deletes.addAll(then.deletes);
                all.deletes.addAll(otherwise.deletes);
            }
        }
        for (RequestOp operation : operations) {
            if (operation.hasRequestPut()) {
                all.put(operation.getRequestPut().getKey());
            }
        }
        return all;
    }
}
