package org.etcdjakarta.embedded.service;

import io.etcd.jetcd.api.CompactionRequest;
import io.etcd.jetcd.api.CompactionResponse;
import io.etcd.jetcd.api.DeleteRangeRequest;
import io.etcd.jetcd.api.DeleteRangeResponse;
import io.etcd.jetcd.api.KVGrpc;
import io.etcd.jetcd.api.PutRequest;
import io.etcd.jetcd.api.PutResponse;
import io.etcd.jetcd.api.RangeRequest;
import io.etcd.jetcd.api.RangeResponse;
import io.etcd.jetcd.api.TxnRequest;
import io.etcd.jetcd.api.TxnResponse;
import io.grpc.BindableService;
import io.grpc.ServerServiceDefinition;
import io.grpc.stub.StreamObserver;
import org.etcdjakarta.embedded.store.Store;

/** etcd's KV service: checks a request, then applies it as one transaction of the store. */
public final class KvService implements KVGrpc.AsyncService, BindableService {

    private final Store store;
    private final Headers headers;
    private final Admission admission;

    public KvService(Store store, Headers headers, Admission admission) {
        this.store = store;
        this.headers = headers;
        this.admission = admission;
    }

    @Override
    public ServerServiceDefinition bindService() {
        return EtcdMethods.add(KVGrpc.bindService(this), EtcdMethods.TXN, this::txn);
    }

    @Override
    public void range(RangeRequest request, StreamObserver<RangeResponse> caller) {
        Answer.to(caller, () -> {
            RequestChecks.range(request);

            RangeResponse answer = store.write(draft -> {
                admission.range(request);
                return new Operations(store, draft).range(request);
            });
            return answer.toBuilder()
                    .setHeader(headers.complete(answer.getHeader()))
                    .build();
        });
    }

    @Override
    public void put(PutRequest request, StreamObserver<PutResponse> caller) {
        Answer.to(caller, () -> {
            RequestChecks.put(request);
            RequestChecks.size(request);
            PutResponse answer = store.write(draft -> {
                admission.put(request);
                return new Operations(store, draft).put(request);
            });
            return answer.toBuilder()
                    .setHeader(headers.complete(answer.getHeader()))
                    .build();
        });
    }

    @Override
    public void deleteRange(DeleteRangeRequest request, StreamObserver<DeleteRangeResponse> caller) {
        Answer.to(caller, () -> {
            RequestChecks.deleteRange(request);
            RequestChecks.size(request);
            DeleteRangeResponse answer = store.write(draft -> {
                admission.deleteRange(request);
                return new Operations(store, draft).deleteRange(request);
            });
            return answer.toBuilder()
                    .setHeader(headers.complete(answer.getHeader()))
                    .build();
        });
    }

    @Override
    public void txn(TxnRequest request, StreamObserver<TxnResponse> caller) {
        Answer.to(caller, () -> {
            RequestChecks.txn(request);
            RequestChecks.size(request);
            TxnResponse answer = store.write(draft -> {
                admission.txn(request);
                return new Operations(store, draft).txn(request);
            });
            return answer.toBuilder()
                    .setHeader(headers.complete(answer.getHeader()))
                    .build();
        });
    }

    @Override
    public void compact(CompactionRequest request, StreamObserver<CompactionResponse> caller) {
        Answer.exclusively(store, caller, () -> {
            admission.compact();
            store.compact(request.getRevision());
            return CompactionResponse.newBuilder().setHeader(headers.now()).build();
        });
    }
}
