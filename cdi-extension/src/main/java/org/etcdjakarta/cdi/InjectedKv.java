package org.etcdjakarta.cdi;

import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.KV;
import io.etcd.jetcd.Txn;
import io.etcd.jetcd.kv.CompactResponse;
import io.etcd.jetcd.kv.DeleteResponse;
import io.etcd.jetcd.kv.GetResponse;
import io.etcd.jetcd.kv.PutResponse;
import io.etcd.jetcd.kv.TxnResponse;
import io.etcd.jetcd.op.Cmp;
import io.etcd.jetcd.op.Op;
import io.etcd.jetcd.options.CompactOption;
import io.etcd.jetcd.options.DeleteOption;
import io.etcd.jetcd.options.GetOption;
import io.etcd.jetcd.options.PutOption;
import io.etcd.jetcd.options.TxnOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.function.Supplier;
import org.etcdjakarta.EtcdKv;
import org.etcdjakarta.EtcdOp;
import org.etcdjakarta.EtcdPages;
import org.etcdjakarta.EtcdResult;
import org.etcdjakarta.core.range.KvPages;
import org.etcdjakarta.core.range.PageSource;
import org.jspecify.annotations.Nullable;

/**
 * The injected KV: finds its client when it is called, and is in the transaction of whoever calls. A call that finds no client
 * or no connection throws instead of returning a failed future: nobody looks at the future of a write that is expected to be
 * buffered until commit.
 */
final class InjectedKv implements EtcdKv, PageSource {

    private final Supplier<EtcdClient> client;

    InjectedKv(Supplier<EtcdClient> client) {
        this.client = client;
    }

    private <T> CompletableFuture<T> call(Function<KV, CompletableFuture<T>> call) {
        return client.get().withKv(call);
    }

    private <T> CompletableFuture<T> write(Function<KV, CompletableFuture<T>> call) {
        EtcdClient target = client.get();
        target.checkWrite();
        return target.withKv(call);
    }

    @Override
    public CompletableFuture<PutResponse> put(ByteSequence key, ByteSequence value) {
        return write(kv -> kv.put(key, value));
    }

    @Override
    public CompletableFuture<PutResponse> put(ByteSequence key, ByteSequence value, PutOption option) {
        return write(kv -> kv.put(key, value, option));
    }

    @Override
    public CompletableFuture<GetResponse> get(ByteSequence key) {
        return call(kv -> kv.get(key));
    }

    @Override
    public CompletableFuture<GetResponse> get(ByteSequence key, GetOption option) {
        return call(kv -> kv.get(key, option));
    }

    @Override
    public CompletableFuture<DeleteResponse> delete(ByteSequence key) {
        return write(kv -> kv.delete(key));
    }

    @Override
    public CompletableFuture<DeleteResponse> delete(ByteSequence key, DeleteOption option) {
        return write(kv -> kv.delete(key, option));
    }

    @Override
    public CompletableFuture<CompactResponse> compact(long revision) {
        return call(kv -> kv.compact(revision));
    }

    @Override
    public CompletableFuture<CompactResponse> compact(long revision, CompactOption option) {
        return call(kv -> kv.compact(revision, option));
    }

    @Override
    public CompletableFuture<EtcdResult> execute(EtcdOp op) {
        Function<KV, CompletableFuture<EtcdResult>> whole = kv -> EtcdKv.of(kv).execute(op);
        return op.isWrite() ? write(whole) : call(whole);
    }

    @Override
    public EtcdPages pages(ByteSequence key, GetOption option) {
        return new KvPages(this, key, option);
    }

    /** One page one call, and one connection: pages are read on after it is closed. */
    @Override
    public CompletableFuture<Page> page(ByteSequence key, GetOption option, @Nullable Origin origin) {
        return call(kv -> ((PageSource) kv).page(key, option, origin));
    }

    @Override
    public Txn txn() {
        return txn(TxnOption.DEFAULT);
    }

    @Override
    public Txn txn(TxnOption option) {
        return new DeferredTxn(option);
    }

    /** Does nothing: the client is shared by the application, and closed with it. */
    @Override
    public void close() {}

    /** Remembers what it is told and becomes a real Txn at commit, in the transaction that is there then. */
    private final class DeferredTxn implements Txn {

        private final TxnOption option;
        private final List<Cmp> compares = new ArrayList<>();
        private final List<Op> success = new ArrayList<>();
        private final List<Op> failure = new ArrayList<>();

        private DeferredTxn(TxnOption option) {
            this.option = option;
        }

        @Override
        public Txn If(Cmp... cmps) {
            require(success.isEmpty() && failure.isEmpty(), "cannot call If after Then or Else");
            compares.addAll(List.of(cmps));
            return this;
        }

        @Override
        public Txn Then(Op... ops) {
            require(failure.isEmpty(), "cannot call Then after Else");
            success.addAll(List.of(ops));
            return this;
        }

        @Override
        public Txn Else(Op... ops) {
            failure.addAll(List.of(ops));
            return this;
        }

        @Override
        public CompletableFuture<TxnResponse> commit() {
            Function<KV, CompletableFuture<TxnResponse>> whole = kv -> kv.txn(option)
                    .If(compares.toArray(Cmp[]::new))
                    .Then(success.toArray(Op[]::new))
                    .Else(failure.toArray(Op[]::new))
                    .commit();
            return onlyReads(success) && onlyReads(failure) ? call(whole) : write(whole);
        }

        private static boolean onlyReads(List<Op> operations) {
            return operations.stream().map(EtcdOp::of).noneMatch(EtcdOp::isWrite);
        }

        private void require(boolean allowed, String otherwise) {
            if (!allowed) {
                throw new IllegalArgumentException(otherwise);
            }
        }
    }
}
