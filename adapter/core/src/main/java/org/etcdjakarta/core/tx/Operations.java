package org.etcdjakarta.core.tx;

import com.google.protobuf.ByteString;
import io.etcd.jetcd.api.Compare;
import io.etcd.jetcd.api.DeleteRangeRequest;
import io.etcd.jetcd.api.DeleteRangeResponse;
import io.etcd.jetcd.api.KeyValue;
import io.etcd.jetcd.api.PutRequest;
import io.etcd.jetcd.api.PutResponse;
import io.etcd.jetcd.api.RangeRequest;
import io.etcd.jetcd.api.RangeResponse;
import io.etcd.jetcd.api.RequestOp;
import io.etcd.jetcd.api.ResponseHeader;
import io.etcd.jetcd.api.ResponseOp;
import io.etcd.jetcd.api.TxnRequest;
import io.etcd.jetcd.api.TxnResponse;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import org.etcdjakarta.core.link.KvProtocol;

/**
 * etcd's operations on a transaction's view. One that fails half way leaves what it has done so far to be taken back.
 */
final class Operations {

    private final KvProtocol history;
    private final Snapshot snapshot;
    private final ReservedKeys reserved;
    private final WriteSet pending;
    private final View view;
    private final Validation validation;

    /**
     * @param history answers reads at an explicit revision
     * @param validation takes what every operation has read and written
     */
    Operations(KvProtocol history, Snapshot snapshot, ReservedKeys reserved, WriteSet pending, Validation validation) {
        this.history = history;
        this.snapshot = snapshot;
        this.reserved = reserved;
        this.pending = pending;
        this.view = new View(snapshot, reserved, pending, validation);
        this.validation = validation;
    }

    /** What was at an explicit revision nobody can change: it shows no own writes and needs no guard. */
    RangeResponse range(RangeRequest asked) {
        RequestChecks.range(asked);
        return asked.getRevision() > 0 ? Await.answer(history.range(asked)) : view.range(asked);
    }

    PutResponse put(PutRequest asked) {
        RequestChecks.put(asked);
        reserved.refuse(asked.getKey());
        PutResponse.Builder answer = PutResponse.newBuilder();
        ByteString value = asked.getValue();
        long lease = asked.getLease();
        if (asked.getIgnoreValue() || asked.getIgnoreLease() || asked.getPrevKv()) {
            KeyValue before = view.key(asked.getKey());
            if (before != null) {
                value = asked.getIgnoreValue() ? before.getValue() : value;
                lease = asked.getIgnoreLease() ? before.getLease() : lease;
                if (asked.getPrevKv()) {
                    answer.setPrevKv(before);
                }
            } else if (asked.getIgnoreValue() || asked.getIgnoreLease()) {
                throw TxErrors.keyNotFound(asked.getKey());
            }
        }
        validation.written(asked.getKey());
        pending.put(asked.getKey(), new Write.Put(value, lease));
        return answer.setHeader(header()).build();
    }

    DeleteRangeResponse deleteRange(DeleteRangeRequest asked) {
        RequestChecks.key(asked.getKey());
        KeyRange range = KeyRange.of(asked.getKey(), asked.getRangeEnd());
        List<KeyValue> seen = view.keys(range);
        for (KeyValue kv : seen) {
            if (view.isNew(kv)) {
                pending.remove(kv.getKey());
                validation.takenBack(kv.getKey());
            } else {
                validation.written(kv.getKey());
                pending.put(kv.getKey(), new Write.Delete());
            }
        }
        DeleteRangeResponse.Builder answer =
                DeleteRangeResponse.newBuilder().setHeader(header()).setDeleted(seen.size());
        if (asked.getPrevKv()) {
            answer.addAllPrevKvs(seen);
        }
        return answer.build();
    }

    /** As in etcd, all compares, also those of nested Txns, are evaluated before the first operation. */
    TxnResponse txn(TxnRequest asked) {
        RequestChecks.txn(asked);
        IdentityHashMap<TxnRequest, Boolean> holds = new IdentityHashMap<>();
        evaluate(asked, holds);
        return apply(asked, holds);
    }

    private void evaluate(TxnRequest asked, IdentityHashMap<TxnRequest, Boolean> holds) {
        boolean all = true;
        for (Compare compare : asked.getCompareList()) {
            all &= Compares.holds(compare, view.keys(KeyRange.of(compare.getKey(), compare.getRangeEnd())));
            if (!all) {
                break;
            }
        }
        holds.put(asked, all);
        for (RequestOp operation : branch(asked, all)) {
            if (operation.hasRequestTxn()) {
                evaluate(operation.getRequestTxn(), holds);
            }
        }
    }

    private TxnResponse apply(TxnRequest asked, IdentityHashMap<TxnRequest, Boolean> holds) {
        boolean succeeded = Boolean.TRUE.equals(holds.get(asked));
        List<ResponseOp> answers = new ArrayList<>();
        for (RequestOp operation : branch(asked, succeeded)) {
            ResponseOp.Builder answer = ResponseOp.newBuilder();
            switch (operation.getRequestCase()) {
                case REQUEST_RANGE -> answer.setResponseRange(range(operation.getRequestRange()));
                case REQUEST_PUT -> answer.setResponsePut(put(operation.getRequestPut()));
                case REQUEST_DELETE_RANGE ->
                    answer.setResponseDeleteRange(deleteRange(operation.getRequestDeleteRange()));
                case REQUEST_TXN -> answer.setResponseTxn(apply(operation.getRequestTxn(), holds));
                case REQUEST_NOT_SET -> throw TxErrors.invalid("an operation of the Txn is empty");
            }
            answers.add(answer.build());
        }
        return TxnResponse.newBuilder()
                .setHeader(header())
                .setSucceeded(succeeded)
                .addAllResponses(answers)
                .build();
    }

    private static List<RequestOp> branch(TxnRequest asked, boolean succeeded) {
        return succeeded ? asked.getSuccessList() : asked.getFailureList();
    }

    private ResponseHeader header() {
        return snapshot.header();
    }
}
