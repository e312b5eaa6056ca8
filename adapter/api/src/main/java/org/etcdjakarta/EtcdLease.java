package org.etcdjakarta;

import io.etcd.jetcd.Lease;
import io.etcd.jetcd.lease.LeaseGrantResponse;
import io.etcd.jetcd.lease.LeaseKeepAliveResponse;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * Leases: jetcd's calls, and those of etcd that jetcd has no word for. No call blocks; futures complete within the request
 * timeout, and fail with an {@link EtcdException}. Lease calls take effect at once, inside a transaction too.
 *
 * <p>A lease that is granted through a connection in a transaction is revoked when that rolls back, also by a conflict at
 * commit, and stays when it commits, when its outcome is in doubt, or when nothing was written through that connection in a
 * transaction of several resources, whose outcome it is then not told. It is revoked in the background and as well as that
 * can be done: what etcd does not hear of expires by itself, as do the leases of a process that dies in the middle of a
 * transaction. A connection takes part, and an injected {@code Lease} over a connection factory; the raw client of a link does not.
 *
 * <p>{@code grant} asks for an id of its own choice, so that it can be repeated when a connection breaks: the lease is granted
 * once, and none is left behind without its owner. A {@code keepAlive} goes on through every interruption and ends with
 * {@code onError} only when etcd says that the lease is gone, however long that takes; nothing is queued while etcd is
 * away.
 *
 * @see <a href="https://etcd.io/docs/v3.5/learning/api/#lease-api">etcd, lease API</a>
 */
public interface EtcdLease extends Lease {

    /**
     * The same object, with the calls of this interface.
     *
     * @param lease from an {@link EtcdConnection}, injected, or from the link's client
     * @return the same object
     * @throws IllegalArgumentException when it is an implementation that does not have these calls, such as jetcd's own
     */
    static EtcdLease of(Lease lease) {
        return Extensions.cast(EtcdLease.class, lease);
    }

    /**
     * Grants a lease with an id of the caller's choice. Unlike {@code grant(ttl)} it is not repeated once it may have reached
     * etcd: the lease may be somebody else's.
     *
     * @param ttl time to live in seconds, 1 or more; etcd raises it to its minimum (1.5 times its election timeout)
     * @param leaseId the id, not 0 (for which etcd would choose one); negative numbers are allowed
     * @return the answer, with the time to live that etcd has given. Fails with code ETCD-00132 when a lease with this id
     *     exists, and with {@link EtcdInDoubtException} when the answer is lost
     * @throws IllegalArgumentException when the id is 0
     * @see <a href="https://pkg.go.dev/go.etcd.io/etcd/client/v3#Lease">Go's clientv3, Lease.Grant</a>
     */
    CompletableFuture<LeaseGrantResponse> grantWithId(long ttl, long leaseId);

    /**
     * All leases of the cluster, whoever granted them; only with authentication as root.
     *
     * @return their ids, in no order
     * @see <a href="https://pkg.go.dev/go.etcd.io/etcd/client/v3#Lease">Go's clientv3, Lease.Leases</a>
     */
    CompletableFuture<List<Long>> leases();

    /**
     * Renews the lease once: one message on the keep-alive stream that all leases of the link share.
     *
     * @param leaseId the lease
     * @return etcd's answer to this very request, with the new time to live in seconds. Fails with code ETCD-00116, and jetcd's
     *     {@code NoSuchLeaseException} as cause, when the lease is gone, and with {@link EtcdUnavailableException} when
     *     etcd does not answer within the request timeout
     */
    @Override
    CompletableFuture<LeaseKeepAliveResponse> keepAliveOnce(long leaseId);

    /**
     * Of the raw client of a link: ends its keep-alives and revokes all leases that were granted through that reference on the
     * link and may still live; with them go their keys. It waits for etcd, up to the request timeout; what it cannot reach
     * expires by itself. Afterwards nothing can be granted or kept alive here. (jetcd's own only ends keep-alives.)
     *
     * <p>Of a connection or injected: does nothing, because others use the same one. The end of a connection, of the
     * application or of a link revokes nothing either: leases outlive those who asked for them, and expire when nobody
     * keeps them alive.
     */
    @Override
    void close();
}
