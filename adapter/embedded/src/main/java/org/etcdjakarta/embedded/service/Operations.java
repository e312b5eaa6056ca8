package org.etcdjakarta.embedded.service;

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
import org.etcdjakarta.embedded.store.Draft;
import org.etcdjakarta.embedded.store.EtcdStatus;
import org.etcdjakarta.embedded.store.KeyRange;
import org.etcdjakarta.embedded.store.Store;
import org.jspecify.annotations.Nullable;

/** What range, put, delete and Txn do to a draft of the next revision. */
final class Operations {

    private final Store store;
    private final Draft draft;

    Operations(Store store, Draft draft) {
        this.store = store;
        this.draft = draft;
    }

    RangeResponse range(RangeRequest request) {
        // A range at a revision reads history, also in a Txn that has written already.
        var keys = request.getRevision() > 0
                ? draft.before().at(request.getRevision()).keys()
                : draft.keys();
        List<KeyValue> found = List.copyOf(
                new KeyRange(request.getKey(), request.getRangeEnd()).of(keys).values());
        return RangeAnswer.of(request, found).setHeader(header()).build();
    }

    PutResponse put(PutRequest request) {
        checkPut(request, draft.get(request.getKey()));
        return apply(request);
    }

    private void checkPut(PutRequest request, @Nullable KeyValue before) {
        if (request.getLease() != 0 && !store.hasLease(request.getLease())) {
            throw EtcdStatus.leaseNotFound();
        }
        if (before == null && (request.getIgnoreValue() || request.getIgnoreLease())) {
            throw EtcdStatus.keyNotFound();
        }
    }

    private PutResponse apply(PutRequest request) {
        KeyValue before = draft.get(request.getKey());
        ByteString value = request.getIgnoreValue() && before != null ? before.getValue() : request.getValue();
        long lease = request.getIgnoreLease() && before != null ? before.getLease() : request.getLease();
        draft.put(request.getKey(), value, lease);
        PutResponse.Builder answer = PutResponse.newBuilder().setHeader(header());
        return (request.getPrevKv() && before != null ? answer.setPrevKv(before) : answer).build();
    }

    DeleteRangeResponse deleteRange(DeleteRangeRequest request) {
        List<KeyValue> deleted = draft.delete(new KeyRange(request.getKey(), request.getRangeEnd()));
        DeleteRangeResponse.Builder answer =
                DeleteRangeResponse.newBuilder().setHeader(header()).setDeleted(deleted.size());
        return (request.getPrevKv() ? answer.addAllPrevKvs(deleted) : answer).build();
    }

    /** As etcd: all compares first, also the nested ones, then all checks, then the operations. */
    TxnResponse txn(TxnRequest request) {
        IdentityHashMap<TxnRequest, Boolean> succeeded = new IdentityHashMap<>();
        compare(request, succeeded);
        check(request, succeeded);
        return apply(request, succeeded);
    }

    private void compare(TxnRequest request, IdentityHashMap<TxnRequest, Boolean> succeeded) {
        boolean all = true;
        for (Compare compare : request.getCompareList()) {
            var found = new KeyRange(compare.getKey(), compare.getRangeEnd())
                    .of(draft.keys())
                    .values();
            if (!Compares.hold(compare, found)) {
                all = false;
                break;
            }
        }
        succeeded.put(request, all);
        for (RequestOp operation : branch(request, all)) {
            if (operation.hasRequestTxn()) {
                compare(operation.getRequestTxn(), succeeded);
            }
        }
    }

    private void check(TxnRequest request, IdentityHashMap<TxnRequest, Boolean> succeeded) {
        for (RequestOp operation : branch(request, succeeded)) {
            switch (operation.getRequestCase()) {
                case REQUEST_RANGE ->
                    draft.before().at(operation.getRequestRange().getRevision());
                case REQUEST_PUT ->
                    checkPut(
                            operation.getRequestPut(),
                            draft.get(operation.getRequestPut().getKey()));
                case REQUEST_TXN -> check(operation.getRequestTxn(), succeeded);
                case REQUEST_DELETE_RANGE, REQUEST_NOT_SET -> {
                    // Nothing about these can be wrong.
                }
            }
        }
    }

    private TxnResponse apply(TxnRequest request, IdentityHashMap<TxnRequest, Boolean> succeeded) {
        List<ResponseOp> answers = new ArrayList<>();
        for (RequestOp operation : branch(request, succeeded)) {
            ResponseOp.Builder answer = ResponseOp.newBuilder();
            switch (operation.getRequestCase()) {
                case REQUEST_RANGE -> answer.setResponseRange(range(operation.getRequestRange()));
                case REQUEST_PUT -> answer.setResponsePut(apply(operation.getRequestPut()));
                case REQUEST_DELETE_RANGE ->
                    answer.setResponseDeleteRange(deleteRange(operation.getRequestDeleteRange()));
                case REQUEST_TXN -> answer.setResponseTxn(apply(operation.getRequestTxn(), succeeded));
                case REQUEST_NOT_SET -> throw EtcdStatus.keyNotFound();
            }
            answers.add(answer.build());
        }
        return TxnResponse.newBuilder()
                .setHeader(header())
                .setSucceeded(Boolean.TRUE.equals(succeeded.get(request)))
                .addAllResponses(answers)
                .build();
    }

    private static List<RequestOp> branch(TxnRequest request, IdentityHashMap<TxnRequest, Boolean> succeeded) {
        return branch(request, Boolean.TRUE.equals(succeeded.get(request)));
    }

    private static List<RequestOp> branch(TxnRequest request, boolean succeeded) {
        return succeeded ? request.getSuccessList() : request.getFailureList();
    }

    /** An operation's own header names the revision only; the service completes that of the answer. */
    private ResponseHeader header() {
        return ResponseHeader.newBuilder().setRevision(draft.revision()).build();
    }
}
