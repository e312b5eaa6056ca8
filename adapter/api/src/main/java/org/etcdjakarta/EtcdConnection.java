package org.etcdjakarta;

import io.etcd.jetcd.Election;
import io.etcd.jetcd.Lock;
import io.etcd.jetcd.Watch;

/**
 * A handle on a pooled connection to etcd. Opening and closing one costs no network traffic: all connections of equal
 * configuration share one gRPC channel.
 *
 * <p>Every call ends within the request timeout of the factory (default 5 s); its future then completes with an
 * {@link EtcdException} that says what it means for the data. After {@link #close()} every method but {@code close} throws
 * {@link IllegalStateException}. The handle may be used by several threads outside transactions.
 */
public interface EtcdConnection extends AutoCloseable {

    /**
     * The key-value operations. Inside a JTA transaction writes are buffered until commit, reads come from one snapshot with
     * the transaction's own writes laid over it, and every call is complete when it returns; commit is one etcd
     * {@code Txn} that applies only if nothing that was read has changed. Outside a transaction each call is its own.
     *
     * @return jetcd's {@code KV} and what Go's client has beyond it, valid as long as this handle
     * @see <a href="https://etcd.io/docs/v3.5/learning/api/#key-value-api">etcd, key-value API</a>
     */
    EtcdKv kv();

    /**
     * Leases: grant, revoke, time to live, keep alive, list. Lease calls take effect at once, inside a transaction too; but a
     * lease that was granted in one that rolls back is revoked. Otherwise what is granted here outlives this handle; closing
     * the returned object does nothing.
     *
     * @return jetcd's interface with our additions, valid as long as this handle
     * @see <a href="https://etcd.io/docs/v3.5/learning/api/#lease-api">etcd, lease API</a>
     */
    EtcdLease lease();

    /**
     * Watches. A watcher resumes by itself after every break of the link, behind the last revision it has delivered; when
     * that revision has been compacted it ends with jetcd's {@code CompactedException}. Watches opened here are closed with
     * this handle and do not take part in transactions.
     *
     * @return jetcd's interface, valid as long as this handle
     * @see <a href="https://etcd.io/docs/v3.5/learning/api/#watch-api">etcd, watch API</a>
     */
    Watch watch();

    /**
     * The server's lock service. Calls take effect at once, inside a transaction too. A {@code lock} that still waits for its
     * turn is cancelled with this handle.
     *
     * @return jetcd's interface, valid as long as this handle
     */
    Lock lock();

    /**
     * The server's election service. Calls take effect at once, inside a transaction too. Observers end with this handle, and a
     * {@code campaign} that still waits is cancelled with it.
     *
     * @return jetcd's interface, valid as long as this handle
     */
    Election election();

    /**
     * Cluster membership.
     *
     * @return jetcd's interface with our additions, valid as long as this handle
     */
    EtcdCluster cluster();

    /**
     * Users, roles and permissions.
     *
     * @return jetcd's interface with our additions, valid as long as this handle
     */
    EtcdAuth auth();

    /**
     * Status, alarms, defragmentation, snapshots, the leader. A snapshot that is being written ends with this handle.
     *
     * @return jetcd's interface with our additions, valid as long as this handle
     */
    EtcdMaintenance maintenance();

    /**
     * The session of the connection factory: one lease that is kept alive, for locks, leadership and presence of this process. All
     * handles of the factory (and of one user) share it. It begins with the first call here, which does not wait for etcd, lives
     * until the resource adapter is stopped, whatever becomes of pooled connections, and is then revoked; without a server, until
     * the last connection of the factory is closed. Its time to live is the factory's property {@code sessionTtl}, 10 seconds.
     *
     * @return the session, valid as long as this handle; listeners are closed with the handle, and closing what is returned does
     *     nothing
     */
    EtcdSession session();

    /**
     * What stands behind this handle, for libraries that outlive it, such as the CDI extension. The adapter's {@code EtcdLink}
     * and jetcd's {@code Client} belong to this handle: they, and what is begun through them, end with it. Who outlives it
     * takes {@code EtcdLink.retain()} before it is closed, and closes what that returns.
     *
     * @param type the class wanted
     * @param <T> the type wanted
     * @return the object behind this handle
     * @throws IllegalArgumentException when nothing of this type stands behind it
     */
    <T> T unwrap(Class<T> type);

    /** Gives the connection back to the pool. Further calls do nothing. What a transaction has buffered stays in it. */
    @Override
    void close();
}
