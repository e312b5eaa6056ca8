package org.etcdjakarta.core.tx;

import com.google.protobuf.ByteString;
import io.etcd.jetcd.api.DeleteRangeRequest;
import io.etcd.jetcd.api.DeleteRangeResponse;
import io.etcd.jetcd.api.KeyValue;
import io.etcd.jetcd.api.PutRequest;
import io.etcd.jetcd.api.PutResponse;
import io.etcd.jetcd.api.RangeRequest;
import io.etcd.jetcd.api.RangeResponse;
import io.etcd.jetcd.api.RequestOp;
import io.etcd.jetcd.api.ResponseOp;
import io.etcd.jetcd.api.TxnRequest;
import io.etcd.jetcd.api.TxnResponse;
import java.util.TreeMap;
import org.etcdjakarta.core.link.KvProtocol;

/**
 * What a transaction should see: before each question its writes are applied for real, in one Txn, to a copy of the store at
 * R0, and the copy answers.
 */
final class Model {

    private final DirectEtcd base;
    private final TreeMap<ByteString, RequestOp> writes = new TreeMap<>(ByteString.unsignedLexicographicalComparator());

    /** @param base the store at R0, without what transactions do not see */
    Model(DirectEtcd base) {
        this.base = base;
    }

    DirectEtcd applied() {
        DirectEtcd fork = base.fork();
        if (!writes.isEmpty()) {
            Requests.done(fork.txn(
                    TxnRequest.newBuilder().addAllSuccess(writes.values()).build()));
        }
        return fork;
    }

    RangeResponse range(RangeRequest asked) {
        return Requests.done(applied().range(asked));
    }

    PutResponse put(PutRequest asked) {
        KeyValue before = applied().store().get(asked.getKey());
        PutRequest.Builder put = PutRequest.newBuilder()
                .setKey(asked.getKey())
                .setValue(asked.getValue())
                .setLease(asked.getLease());
        if (asked.getIgnoreValue() || asked.getIgnoreLease()) {
            if (before == null) {
                throw new IllegalStateException("key not found");
            }
            put.setValue(asked.getIgnoreValue() ? before.getValue() : put.getValue());
            put.setLease(asked.getIgnoreLease() ? before.getLease() : put.getLease());
        }
        writes.put(asked.getKey(), RequestOp.newBuilder().setRequestPut(put).build());
        PutResponse.Builder answer = PutResponse.newBuilder();
        if (asked.getPrevKv() && before != null) {
            answer.setPrevKv(before);
        }
        return answer.build();
    }

    DeleteRangeResponse delete(DeleteRangeRequest asked) {
        DeleteRangeResponse answer = Requests.done(
                applied().deleteRange(asked.toBuilder().setPrevKv(true).build()));
        for (KeyValue kv : answer.getPrevKvsList()) {
            if (base.store().containsKey(kv.getKey())) {
                writes.put(
                        kv.getKey(),
                        RequestOp.newBuilder()
                                .setRequestDeleteRange(
                                        DeleteRangeRequest.newBuilder().setKey(kv.getKey()))
                                .build());
            } else {
                writes.remove(kv.getKey());
            }
        }
        return asked.getPrevKv() ? answer : answer.toBuilder().clearPrevKvs().build();
    }

    /** All compares on the state before, then the operations one by one. */
    TxnResponse txn(TxnRequest asked) {
        return txn(asked, applied());
    }

    private TxnResponse txn(TxnRequest asked, KvProtocol before) {
        boolean succeeded = Requests.done(before.txn(TxnRequest.newBuilder()
                        .addAllCompare(asked.getCompareList())
                        .build()))
                .getSucceeded();
        TxnResponse.Builder answer = TxnResponse.newBuilder().setSucceeded(succeeded);
        for (RequestOp operation : succeeded ? asked.getSuccessList() : asked.getFailureList()) {
            ResponseOp.Builder response = ResponseOp.newBuilder();
            switch (operation.getRequestCase()) {
                case REQUEST_RANGE -> response.setResponseRange(range(operation.getRequestRange()));
                case REQUEST_PUT -> response.setResponsePut(put(operation.getRequestPut()));
                case REQUEST_DELETE_RANGE -> response.setResponseDeleteRange(delete(operation.getRequestDeleteRange()));
                default -> response.setResponseTxn(txn(operation.getRequestTxn(), before));
            }
            answer.addResponses(response);
        }
        return answer.build();
    }
}
