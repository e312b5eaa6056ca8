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
import java.util.function.Function;
import java.util.function.Supplier;
import org.etcdjakarta.core.link.KvProtocol;
import org.jspecify.annotations.Nullable;

/**
 * Decides at each call where it goes, because transactions begin and end while the application keeps its {@code KV}. A refused
 * call throws instead of returning a failed future: nobody looks at the future of a write that is expected to be
 * buffered.
 */
final class HandleProtocol implements KvProtocol {

    private final Supplier<EtcdManagedConnection> current;

    /** @param current throws when the handle is closed */
    HandleProtocol(Supplier<EtcdManagedConnection> current) {
        this.current = current;
    }

    private <T> CompletableFuture<T> call(Function<KvProtocol, CompletableFuture<T>> request) {
        EtcdManagedConnection connection = current.get();
        CompletableFuture<T> answer = request.apply(connection.kv());
        return connection.signsOn() ? ToldFailures.first(answer, connection::failed) : answer;
    }

    @Override
    public CompletableFuture<RangeResponse> range(RangeRequest request) {
        return call(kv -> kv.range(request));
    }

    @Override
    public CompletableFuture<PutResponse> put(PutRequest request) {
        return call(kv -> kv.put(request));
    }

    @Override
    public CompletableFuture<DeleteRangeResponse> deleteRange(DeleteRangeRequest request) {
        return call(kv -> kv.deleteRange(request));
    }

    @Override
    public CompletableFuture<TxnResponse> txn(TxnRequest request) {
        return call(kv -> kv.txn(request));
    }

    @Override
    public CompletableFuture<CompactionResponse> compact(CompactionRequest request) {
        return call(kv -> kv.compact(request));
    }

    @Override
    public @Nullable Object transaction() {
        return current.get().kv().transaction();
    }
}
