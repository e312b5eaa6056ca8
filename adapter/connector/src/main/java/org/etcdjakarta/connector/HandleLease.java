package org.etcdjakarta.connector;

import io.etcd.jetcd.lease.LeaseGrantResponse;
import io.etcd.jetcd.lease.LeaseKeepAliveResponse;
import io.etcd.jetcd.lease.LeaseRevokeResponse;
import io.etcd.jetcd.lease.LeaseTimeToLiveResponse;
import io.etcd.jetcd.options.LeaseOption;
import io.etcd.jetcd.support.CloseableClient;
import io.grpc.stub.StreamObserver;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.etcdjakarta.EtcdLease;
import org.etcdjakarta.core.tx.TxLeases;
import org.jspecify.annotations.Nullable;

/**
 * The leases of a handle: tells the transaction that it is in what is granted, and what is revoked again. All calls take effect
 * at once.
 */
final class HandleLease implements EtcdLease {

    private final EtcdLease link;
    private final Supplier<@Nullable TxLeases> transaction;

    /** @param transaction of the moment, null in none */
    HandleLease(EtcdLease link, Supplier<@Nullable TxLeases> transaction) {
        this.link = link;
        this.transaction = transaction;
    }

    @Override
    public CompletableFuture<LeaseGrantResponse> grant(long ttl) {
        return granted(() -> link.grant(ttl));
    }

    @Override
    public CompletableFuture<LeaseGrantResponse> grant(long ttl, long timeout, TimeUnit unit) {
        return granted(() -> link.grant(ttl, timeout, unit));
    }

    @Override
    public CompletableFuture<LeaseGrantResponse> grantWithId(long ttl, long leaseId) {
        return granted(() -> link.grantWithId(ttl, leaseId));
    }

    /** The transaction is that of the call: by the time of the answer it may have ended, and another one begun. */
    private CompletableFuture<LeaseGrantResponse> granted(Supplier<CompletableFuture<LeaseGrantResponse>> grant) {
        TxLeases leases = transaction.get();
        if (leases == null) {
            return grant.get();
        }
        return grant.get()
                .thenApply(answer -> {
                    leases.add(answer.getID());
                    return answer;
                    // A stage of its own: the caller may end the last one by himself, and the lease belongs to the
                    // transaction all the same.
                })
                .thenApply(answer -> answer);
    }

    @Override
    public CompletableFuture<LeaseRevokeResponse> revoke(long leaseId) {
        TxLeases leases = transaction.get();
        if (leases == null) {
            return link.revoke(leaseId);
        }
        return link.revoke(leaseId)
                .thenApply(answer -> {
                    leases.remove(leaseId);
                    return answer;
                })
                .thenApply(answer -> answer);
    }

    @Override
    public CompletableFuture<List<Long>> leases() {
        return link.leases();
    }

    @Override
    public CompletableFuture<LeaseKeepAliveResponse> keepAliveOnce(long leaseId) {
        return link.keepAliveOnce(leaseId);
    }

    @Override
    public CompletableFuture<LeaseTimeToLiveResponse> timeToLive(long leaseId, LeaseOption option) {
        return link.timeToLive(leaseId, option);
    }

    @Override
    public CloseableClient keepAlive(long leaseId, StreamObserver<LeaseKeepAliveResponse> observer) {
        return link.keepAlive(leaseId, observer);
    }

    /** Nothing: others use the same link. */
    @Override
    public void close() {}
}
