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
import java.util.function.Consumer;
import org.etcdjakarta.embedded.store.Draft;
import org.etcdjakarta.embedded.store.EtcdStatus;
import org.etcdjakarta.embedded.store.KeyRange;
import org.etcdjakarta.embedded.store.Store;

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
        checkLease(request);
        return apply(request);
    }

    private void checkLease(PutRequest request) {
        if (request.getLease() != 0 && !store.hasLease(request.getLease())) {
            throw EtcdStatus.leaseNotFound();
        }
    }

    private void checkPrevious(PutRequest request) {
        if ((request.getIgnoreValue() || request.getIgnoreLease()) && draft.get(request.getKey()) == null) {
            throw EtcdStatus.keyNotFound();
        }
    }

    private PutResponse apply(PutRequest request) {
        // In a Txn an earlier delete may have taken what the check had found. etcd 3.5 ends with a panic then.
        checkPrevious(request);
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

    /** As etcd: all compares first, also the nested ones, then the checks of all puts, then of all ranges, then the operations. */
    TxnResponse txn(TxnRequest request) {
        IdentityHashMap<TxnRequest, Boolean> succeeded = new IdentityHashMap<>();
        compare(request, succeeded);
        check(request, succeeded, this::checkPut);
        check(request, succeeded, this::checkRange);
        return apply(request, succeeded).setHeader(header()).build();
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

    private void check(TxnRequest request, IdentityHashMap<TxnRequest, Boolean> succeeded, Consumer<RequestOp> check) {
        for (RequestOp operation : branch(request, succeeded)) {
            if (operation.hasRequestTxn()) {
                check(operation.getRequestTxn(), succeeded, check);
            } else {
                check.accept(operation);
            }
        }
    }

    /** In the other order than a put alone is checked: etcd's tests of a put in a Txn are not those of a put. */
    private void checkPut(RequestOp operation) {
        if (operation.hasRequestPut()) {
            checkPrevious(operation.getRequestPut());
            checkLease(operation.getRequestPut());
        }
    }

    private void checkRange(RequestOp operation) {
        if (operation.hasRequestRange()) {
            draft.before().check(operation.getRequestRange().getRevision());
        }
    }

    /** Without header: etcd's answer to a nested Txn has an empty one. */
    private TxnResponse.Builder apply(TxnRequest request, IdentityHashMap<TxnRequest, Boolean> succeeded) {
        List<ResponseOp> answers = new ArrayList<>();
        for (RequestOp operation : branch(request, succeeded)) {
            ResponseOp.Builder answer = ResponseOp.newBuilder();
            switch (operation.getRequestCase()) {
                case REQUEST_RANGE -> answer.setResponseRange(range(operation.getRequestRange()));
                case REQUEST_PUT -> answer.setResponsePut(apply(operation.getRequestPut()));
                case REQUEST_DELETE_RANGE ->
                    answer.setResponseDeleteRange(deleteRange(operation.getRequestDeleteRange()));
                case REQUEST_TXN ->
                    answer.setResponseTxn(
                            apply(operation.getRequestTxn(), succeeded).setHeader(ResponseHeader.getDefaultInstance()));
                case REQUEST_NOT_SET -> throw EtcdStatus.keyNotFound();
            }
            answers.add(answer.build());
        }
        return TxnResponse.newBuilder()
                .setSucceeded(Boolean.TRUE.equals(succeeded.get(request)))
                .addAllResponses(answers);
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
