package org.etcdjakarta.core.link;

import io.etcd.jetcd.api.CompactionRequest;
import io.etcd.jetcd.api.CompactionResponse;
import io.etcd.jetcd.api.DeleteRangeRequest;
import io.etcd.jetcd.api.DeleteRangeResponse;
import io.etcd.jetcd.api.KVGrpc;
import io.etcd.jetcd.api.PutRequest;
import io.etcd.jetcd.api.PutResponse;
import io.etcd.jetcd.api.RangeRequest;
import io.etcd.jetcd.api.RangeResponse;
import io.etcd.jetcd.api.RequestOp;
import io.etcd.jetcd.api.TxnRequest;
import io.etcd.jetcd.api.TxnResponse;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** etcd's own KV service. */
final class StubKv implements KvProtocol {

    private final Calls calls;

    StubKv(Calls calls) {
        this.calls = calls;
    }

    @Override
    public CompletableFuture<RangeResponse> range(RangeRequest request) {
        return calls.read(KVGrpc.getRangeMethod(), request);
    }

    @Override
    public CompletableFuture<PutResponse> put(PutRequest request) {
        return calls.write(KVGrpc.getPutMethod(), request);
    }

    @Override
    public CompletableFuture<DeleteRangeResponse> deleteRange(DeleteRangeRequest request) {
        return calls.write(KVGrpc.getDeleteRangeMethod(), request);
    }

    @Override
    public CompletableFuture<TxnResponse> txn(TxnRequest request) {
        boolean reads = readsOnly(request.getSuccessList()) && readsOnly(request.getFailureList());
        return reads ? calls.read(KVGrpc.getTxnMethod(), request) : calls.write(KVGrpc.getTxnMethod(), request);
    }

    private static boolean readsOnly(List<RequestOp> operations) {
        for (RequestOp operation : operations) {
            boolean read =
                    switch (operation.getRequestCase()) {
                        case REQUEST_RANGE -> true;
                        case REQUEST_TXN ->
                            readsOnly(operation.getRequestTxn().getSuccessList())
                                    && readsOnly(operation.getRequestTxn().getFailureList());
                        default -> false;
                    };
            if (!read) {
                return false;
            }
        }
        return true;
    }

    @Override
    public CompletableFuture<CompactionResponse> compact(CompactionRequest request) {
        return calls.write(KVGrpc.getCompactMethod(), request);
    }
}
