package org.etcdjakarta.core.link;

import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.api.ResponseOp;
import io.etcd.jetcd.api.TxnResponse;
import io.etcd.jetcd.kv.DeleteResponse;
import io.etcd.jetcd.kv.GetResponse;
import io.etcd.jetcd.kv.PutResponse;
import org.etcdjakarta.EtcdResult;
import org.etcdjakarta.EtcdTxnResult;

/** etcd's answer to a Txn into results, in the order of its operations. */
final class KvResults {

    private KvResults() {}

    static EtcdTxnResult txn(TxnResponse answer, ByteSequence namespace) {
        return new EtcdTxnResult(
                new io.etcd.jetcd.kv.TxnResponse(answer, namespace),
                answer.getResponsesList().stream()
                        .map(response -> result(response, namespace))
                        .toList());
    }

    private static EtcdResult result(ResponseOp answer, ByteSequence namespace) {
        return switch (answer.getResponseCase()) {
            case RESPONSE_RANGE -> new EtcdResult.Get(new GetResponse(answer.getResponseRange(), namespace));
            case RESPONSE_PUT -> new EtcdResult.Put(new PutResponse(answer.getResponsePut(), namespace));
            case RESPONSE_DELETE_RANGE ->
                new EtcdResult.Delete(new DeleteResponse(answer.getResponseDeleteRange(), namespace));
            case RESPONSE_TXN -> new EtcdResult.Txn(txn(answer.getResponseTxn(), namespace));
            case RESPONSE_NOT_SET ->
                throw new IllegalStateException("etcd's answer to an operation of a Txn is of an unknown kind");
        };
    }
}
