package org.etcdjakarta.core.link;

import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.KV;
import io.etcd.jetcd.Txn;
import io.etcd.jetcd.api.CompactionRequest;
import io.etcd.jetcd.kv.CompactResponse;
import io.etcd.jetcd.kv.DeleteResponse;
import io.etcd.jetcd.kv.GetResponse;
import io.etcd.jetcd.kv.PutResponse;
import io.etcd.jetcd.kv.TxnResponse;
import io.etcd.jetcd.op.TxnImpl;
import io.etcd.jetcd.options.CompactOption;
import io.etcd.jetcd.options.DeleteOption;
import io.etcd.jetcd.options.GetOption;
import io.etcd.jetcd.options.PutOption;
import io.etcd.jetcd.options.TxnOption;
import io.etcd.jetcd.support.Requests;
import java.util.concurrent.CompletableFuture;

/** jetcd's {@link KV} over any {@link KvProtocol}: translates options and namespace, and nothing else. */
public final class ProtocolKv implements KV {

    private final KvProtocol protocol;
    private final ByteSequence namespace;

    public ProtocolKv(KvProtocol protocol, ByteSequence namespace) {
        this.protocol = protocol;
        this.namespace = namespace;
    }

    @Override
    public CompletableFuture<PutResponse> put(ByteSequence key, ByteSequence value) {
        return put(key, value, PutOption.DEFAULT);
    }

    @Override
    public CompletableFuture<PutResponse> put(ByteSequence key, ByteSequence value, PutOption option) {
        return protocol.put(Requests.mapPutRequest(key, value, option, namespace))
                .thenApply(response -> new PutResponse(response, namespace));
    }

    @Override
    public CompletableFuture<GetResponse> get(ByteSequence key) {
        return get(key, GetOption.DEFAULT);
    }

    @Override
    public CompletableFuture<GetResponse> get(ByteSequence key, GetOption option) {
        return protocol.range(Requests.mapRangeRequest(key, option, namespace))
                .thenApply(response -> new GetResponse(response, namespace));
    }

    @Override
    public CompletableFuture<DeleteResponse> delete(ByteSequence key) {
        return delete(key, DeleteOption.DEFAULT);
    }

    @Override
    public CompletableFuture<DeleteResponse> delete(ByteSequence key, DeleteOption option) {
        return protocol.deleteRange(Requests.mapDeleteRequest(key, option, namespace))
                .thenApply(response -> new DeleteResponse(response, namespace));
    }

    @Override
    public CompletableFuture<CompactResponse> compact(long revision) {
        return compact(revision, CompactOption.DEFAULT);
    }

    @Override
    public CompletableFuture<CompactResponse> compact(long revision, CompactOption option) {
        return protocol.compact(CompactionRequest.newBuilder()
                        .setRevision(revision)
                        .setPhysical(option.isPhysical())
                        .build())
                .thenApply(CompactResponse::new);
    }

    @Override
    public Txn txn() {
        return TxnImpl.newTxn(
                request -> protocol.txn(request).thenApply(response -> new TxnResponse(response, namespace)),
                namespace);
    }

    @Override
    public Txn txn(TxnOption option) {
        return txn();
    }
}
