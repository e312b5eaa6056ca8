package org.etcdjakarta.connector;

import io.etcd.jetcd.api.CompactionRequest;
import io.etcd.jetcd.api.CompactionResponse;
import io.etcd.jetcd.api.DeleteRangeRequest;
import io.etcd.jetcd.api.DeleteRangeResponse;
import io.etcd.jetcd.api.PutRequest;
import io.etcd.jetcd.api.PutResponse;
import io.etcd.jetcd.api.RangeRequest;
import io.etcd.jetcd.api.RangeResponse;
import io.etcd.jetcd.api.TxnRequest;
import io.etcd.jetcd.api.TxnResponse;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.etcdjakarta.core.link.KvProtocol;
import org.jspecify.annotations.Nullable;

/**
 * Decides at each call where it goes, because transactions begin and end while the application keeps its {@code KV}. A refused
 * call throws instead of returning a failed future: nobody looks at the future of a write that is expected to be
 * buffered.
 */
final class HandleProtocol implements KvProtocol {

    private final Supplier<KvProtocol> current;

    HandleProtocol(Supplier<KvProtocol> current) {
        this.current = current;
    }

    @Override
    public CompletableFuture<RangeResponse> range(RangeRequest request) {
        return current.get().range(request);
    }

    @Override
    public CompletableFuture<PutResponse> put(PutRequest request) {
        return current.get().put(request);
    }

    @Override
    public CompletableFuture<DeleteRangeResponse> deleteRange(DeleteRangeRequest request) {
        return current.get().deleteRange(request);
    }

    @Override
    public CompletableFuture<TxnResponse> txn(TxnRequest request) {
        return current.get().txn(request);
    }

    @Override
    public CompletableFuture<CompactionResponse> compact(CompactionRequest request) {
        return current.get().compact(request);
    }

    @Override
    public @Nullable Object transaction() {
        return current.get().transaction();
    }
}
