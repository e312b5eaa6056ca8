package org.etcdjakarta.cdi;

import io.etcd.jetcd.Client;
import io.etcd.jetcd.KV;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import org.etcdjakarta.EtcdLease;
import org.etcdjakarta.EtcdSession;
import org.etcdjakarta.core.watch.WatchHub;

/** One cluster as the application sees it, as long as the application lives. */
interface EtcdClient extends AutoCloseable {

    /** Makes one call; in a JTA transaction of the calling thread, where this client has a connection factory behind it. */
    <T> CompletableFuture<T> withKv(Function<KV, CompletableFuture<T>> call);

    /**
     * Makes one call. In a JTA transaction of the calling thread, and with a connection factory, the lease is the transaction's:
     * one that is granted is revoked when that rolls back.
     */
    <T> CompletableFuture<T> withLease(Function<EtcdLease, CompletableFuture<T>> call);

    /** True with a connection factory behind it: calls join the JTA transaction of the calling thread. */
    boolean joinsTransactions();

    /** Throws when a write would be lost to the transaction of the calling thread: done at once, and kept after a rollback. */
    void checkWrite();

    /** Takes part in no transaction. */
    Client raw();

    WatchHub watches();

    /** One for all who ask, begun by the first; ends with this client, and its lease is revoked then. */
    EtcdSession session();

    /** Idempotent. */
    @Override
    void close();
}
