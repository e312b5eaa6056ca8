package org.etcdjakarta.core.link;

import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.Txn;
import io.etcd.jetcd.api.CompactionRequest;
import io.etcd.jetcd.api.RangeRequest;
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
import java.util.concurrent.CompletableFuture;
import org.etcdjakarta.EtcdKv;
import org.etcdjakarta.EtcdOp;
import org.etcdjakarta.EtcdPages;
import org.etcdjakarta.EtcdResult;
import org.etcdjakarta.core.range.KvPages;
import org.etcdjakarta.core.range.PageErrors;
import org.etcdjakarta.core.range.PageSource;
import org.jspecify.annotations.Nullable;

/**
 * {@link EtcdKv} over any {@link KvProtocol}: translates options and namespace, and nothing else. jetcd's {@code autoRetry}
 * changes nothing here: what certainly was not applied is repeated anyway, and what is in doubt never is.
 */
public final class ProtocolKv implements EtcdKv, PageSource {

    private final KvProtocol protocol;
    private final ByteSequence namespace;
    private final KvRequests requests;

    public ProtocolKv(KvProtocol protocol, ByteSequence namespace) {
        this.protocol = protocol;
        this.namespace = namespace;
        this.requests = new KvRequests(namespace);
    }

    @Override
    public CompletableFuture<PutResponse> put(ByteSequence key, ByteSequence value) {
        return put(EtcdOp.put(key, value));
    }

    @Override
    public CompletableFuture<PutResponse> put(ByteSequence key, ByteSequence value, PutOption option) {
        return put(EtcdOp.put(key, value, option));
    }

    @Override
    public CompletableFuture<GetResponse> get(ByteSequence key) {
        return get(EtcdOp.get(key));
    }

    @Override
    public CompletableFuture<GetResponse> get(ByteSequence key, GetOption option) {
        return get(EtcdOp.get(key, option));
    }

    @Override
    public CompletableFuture<DeleteResponse> delete(ByteSequence key) {
        return delete(EtcdOp.delete(key));
    }

    @Override
    public CompletableFuture<DeleteResponse> delete(ByteSequence key, DeleteOption option) {
        return delete(EtcdOp.delete(key, option));
    }

    @Override
    public CompletableFuture<EtcdResult> execute(EtcdOp op) {
        if (op instanceof EtcdOp.Get get) {
            return get(get).thenApply(EtcdResult.Get::new);
        } else if (op instanceof EtcdOp.Put put) {
            return put(put).thenApply(EtcdResult.Put::new);
        } else if (op instanceof EtcdOp.Delete delete) {
            return delete(delete).thenApply(EtcdResult.Delete::new);
        }
        return protocol.txn(requests.txn((EtcdOp.Txn) op))
                .thenApply(response -> new EtcdResult.Txn(KvResults.txn(response, namespace)));
    }

    private CompletableFuture<PutResponse> put(EtcdOp.Put put) {
        return protocol.put(requests.put(put)).thenApply(response -> new PutResponse(response, namespace));
    }

    private CompletableFuture<GetResponse> get(EtcdOp.Get get) {
        return protocol.range(requests.range(get)).thenApply(response -> new GetResponse(response, namespace));
    }

    private CompletableFuture<DeleteResponse> delete(EtcdOp.Delete delete) {
        return protocol.deleteRange(requests.delete(delete))
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

    @Override
    public EtcdPages pages(ByteSequence key, GetOption option) {
        return new KvPages(this, key, option);
    }

    /**
     * In a transaction reads without a revision come from its one snapshot, with its own writes, and are guarded, while those at
     * an explicit revision are of history: so what began in one must go on without, and in the same.
     */
    @Override
    public CompletableFuture<Page> page(ByteSequence key, GetOption option, @Nullable Origin origin) {
        RangeRequest request = requests.range(EtcdOp.get(key, option));
        Object transaction = request.getRevision() > 0 ? null : protocol.transaction();
        if (origin != null && request.getRevision() == 0) {
            if (origin.transaction() == null) {
                // linearizable: another member may not have that revision yet
                request = request.toBuilder()
                        .setRevision(origin.revision())
                        .setSerializable(false)
                        .build();
            } else if (origin.transaction() != transaction) {
                return CompletableFuture.failedFuture(PageErrors.transactionEnded(origin.revision()));
            }
        }
        long asked = request.getRevision();
        return protocol.range(request)
                .thenApply(response -> new Page(
                        new GetResponse(response, namespace),
                        response.getSerializedSize(),
                        origin != null
                                ? origin
                                : new Origin(
                                        asked > 0 ? asked : response.getHeader().getRevision(), transaction)));
    }
}
