package org.etcdjakarta.core.link;

import io.etcd.jetcd.api.LeaseGrantRequest;
import io.etcd.jetcd.api.LeaseGrpc;
import io.etcd.jetcd.api.LeaseRevokeRequest;
import io.etcd.jetcd.api.LeaseTimeToLiveRequest;
import io.etcd.jetcd.lease.LeaseGrantResponse;
import io.etcd.jetcd.lease.LeaseKeepAliveResponse;
import io.etcd.jetcd.lease.LeaseRevokeResponse;
import io.etcd.jetcd.lease.LeaseTimeToLiveResponse;
import io.etcd.jetcd.options.LeaseOption;
import io.etcd.jetcd.support.CloseableClient;
import io.grpc.Deadline;
import io.grpc.stub.StreamObserver;
import java.lang.System.Logger.Level;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.etcdjakarta.EtcdException;
import org.etcdjakarta.EtcdLease;
import org.etcdjakarta.core.link.protocol.LeaseLeasesRequest;
import org.etcdjakarta.core.link.protocol.LeaseStatus;

/** {@link EtcdLease} of one reference on a link: the owner of what is granted here. */
final class LeaseClient implements EtcdLease {

    private static final System.Logger LOG = System.getLogger(LeaseClient.class.getName());

    private final Calls calls;
    private final OwnKeepAlives keepAlives;
    private final GrantedLeases granted = new GrantedLeases();

    LeaseClient(Calls calls, KeepAlives ofLink) {
        this.calls = calls;
        keepAlives = new OwnKeepAlives(calls, ofLink);
    }

    @Override
    public CompletableFuture<LeaseGrantResponse> grant(long ttl) {
        return grant(ttl, calls.config().requestTimeout().toNanos(), TimeUnit.NANOSECONDS);
    }

    @Override
    public CompletableFuture<LeaseGrantResponse> grant(long ttl, long timeout, TimeUnit unit) {
        checkOpen();
        return own(new LeaseGrant(calls, ttl, Deadline.after(timeout, unit)).start());
    }

    @Override
    public CompletableFuture<LeaseGrantResponse> grantWithId(long ttl, long leaseId) {
        checkOpen();
        if (leaseId == 0) {
            throw new IllegalArgumentException(
                    "leaseId: 0; allowed: any other number, or grant(ttl) to have one chosen");
        }
        LeaseGrantRequest request =
                LeaseGrantRequest.newBuilder().setTTL(ttl).setID(leaseId).build();
        return own(calls.write(LeaseGrpc.getLeaseGrantMethod(), request));
    }

    private CompletableFuture<LeaseGrantResponse> own(
            CompletableFuture<io.etcd.jetcd.api.LeaseGrantResponse> granting) {
        return granting.thenApply(answer -> {
                    if (!granted.add(answer.getID(), answer.getTTL())) {
                        // Crossed the close, which has not seen it.
                        var unused = revoke(answer.getID());
                        throw calls.errors.closed(LeaseGrpc.getLeaseGrantMethod(), true, true);
                    }
                    return answer;
                    // A stage of its own: the caller may end the last one by himself, and the lease has its owner all
                    // the same.
                })
                .thenApply(LeaseGrantResponse::new);
    }

    private void checkOpen() {
        if (granted.isClosed()) {
            throw new IllegalStateException("this Lease is closed: what is granted here would not be revoked any more");
        }
    }

    @Override
    public CompletableFuture<LeaseRevokeResponse> revoke(long leaseId) {
        LeaseRevokeRequest request =
                LeaseRevokeRequest.newBuilder().setID(leaseId).build();
        return calls.write(LeaseGrpc.getLeaseRevokeMethod(), request).thenApply(answer -> {
            granted.remove(leaseId);
            return new LeaseRevokeResponse(answer);
        });
    }

    @Override
    public CompletableFuture<List<Long>> leases() {
        return calls.read(EtcdMethods.LEASE_LEASES, LeaseLeasesRequest.getDefaultInstance())
                .thenApply(answer ->
                        answer.getLeasesList().stream().map(LeaseStatus::getID).toList());
    }

    @Override
    public CompletableFuture<LeaseKeepAliveResponse> keepAliveOnce(long leaseId) {
        return calls.whole(keepAlives.once(leaseId, calls.config().requestTimeout()))
                .whenComplete((answer, failure) -> {
                    if (failure == null) {
                        granted.keptAlive(leaseId, answer.getTTL());
                    } else {
                        forgetIfGone(leaseId, failure);
                    }
                });
    }

    /** A lease that etcd has ended is nobody's: its id may be granted to somebody else, whose lease close() must not revoke. */
    private void forgetIfGone(long leaseId, Throwable failure) {
        if (LinkErrors.unwrapped(failure) instanceof EtcdException error
                && error.code().equals(LinkErrors.LEASE_GONE)) {
            granted.remove(leaseId);
        }
    }

    @Override
    public CompletableFuture<LeaseTimeToLiveResponse> timeToLive(long leaseId, LeaseOption option) {
        LeaseTimeToLiveRequest request = LeaseTimeToLiveRequest.newBuilder()
                .setID(leaseId)
                .setKeys(option.isAttachedKeys())
                .build();
        return calls.read(LeaseGrpc.getLeaseTimeToLiveMethod(), request).thenApply(LeaseTimeToLiveResponse::new);
    }

    @Override
    public CloseableClient keepAlive(long leaseId, StreamObserver<LeaseKeepAliveResponse> observer) {
        return keepAlives.add(leaseId, new StreamObserver<>() {
            @Override
            public void onNext(LeaseKeepAliveResponse answer) {
                granted.keptAlive(leaseId, answer.getTTL());
                observer.onNext(answer);
            }

            @Override
            public void onError(Throwable failure) {
                forgetIfGone(leaseId, failure);
                observer.onError(failure);
            }

            @Override
            public void onCompleted() {
                observer.onCompleted();
            }
        });
    }

    /** The reference on the link is closed: its keep-alives end, its leases stay. */
    void end() {
        keepAlives.close();
    }

    @Override
    public void close() {
        end();
        List<CompletableFuture<LeaseRevokeResponse>> revoked =
                granted.close().stream().map(this::revoke).toList();
        try {
            // Each ends within the request timeout; a callback that closes waits for no thread of its own.
            CompletableFuture.allOf(revoked.toArray(CompletableFuture<?>[]::new))
                    .get(calls.config().requestTimeout().toNanos(), TimeUnit.NANOSECONDS);
        } catch (ExecutionException | TimeoutException e) {
            LOG.log(Level.DEBUG, "leases that could not be revoked expire by themselves", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
