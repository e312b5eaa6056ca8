package org.etcdjakarta.core.link;

import io.etcd.jetcd.Lease;
import io.etcd.jetcd.api.LeaseGrantRequest;
import io.etcd.jetcd.api.LeaseGrpc;
import io.etcd.jetcd.api.LeaseKeepAliveRequest;
import io.etcd.jetcd.api.LeaseRevokeRequest;
import io.etcd.jetcd.api.LeaseTimeToLiveRequest;
import io.etcd.jetcd.lease.LeaseGrantResponse;
import io.etcd.jetcd.lease.LeaseKeepAliveResponse;
import io.etcd.jetcd.lease.LeaseRevokeResponse;
import io.etcd.jetcd.lease.LeaseTimeToLiveResponse;
import io.etcd.jetcd.options.LeaseOption;
import io.etcd.jetcd.support.CloseableClient;
import io.grpc.Deadline;
import io.grpc.MethodDescriptor;
import io.grpc.stub.StreamObserver;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/**
 * jetcd's {@link Lease}. keepAlive differs where jetcd's dies silently: it goes on through any interruption and ends with
 * onError when etcd says that the lease is gone, with onCompleted when it is closed.
 */
final class LeaseClient implements Lease {

    /**
     * One question, one answer on the keep-alive method: on the wire there is no difference to a unary call, so it gets the
     * deadline and the repetition of one.
     */
    private static final MethodDescriptor<LeaseKeepAliveRequest, io.etcd.jetcd.api.LeaseKeepAliveResponse>
            KEEP_ALIVE_ONCE = LeaseGrpc.getLeaseKeepAliveMethod().toBuilder()
                    .setType(MethodDescriptor.MethodType.UNARY)
                    .build();

    private static final Duration ANSWER_TIME = Duration.ofSeconds(5);

    private final Calls calls;
    private final KeepAlives keepAlives;

    LeaseClient(Calls calls) {
        this.calls = calls;
        keepAlives = new KeepAlives(calls, ANSWER_TIME);
    }

    @Override
    public CompletableFuture<LeaseGrantResponse> grant(long ttl) {
        return calls.write(LeaseGrpc.getLeaseGrantMethod(), grantRequest(ttl)).thenApply(LeaseGrantResponse::new);
    }

    @Override
    public CompletableFuture<LeaseGrantResponse> grant(long ttl, long timeout, TimeUnit unit) {
        return calls.write(LeaseGrpc.getLeaseGrantMethod(), grantRequest(ttl), Deadline.after(timeout, unit))
                .thenApply(LeaseGrantResponse::new);
    }

    private static LeaseGrantRequest grantRequest(long ttl) {
        return LeaseGrantRequest.newBuilder().setTTL(ttl).build();
    }

    @Override
    public CompletableFuture<LeaseRevokeResponse> revoke(long leaseId) {
        LeaseRevokeRequest request =
                LeaseRevokeRequest.newBuilder().setID(leaseId).build();
        return calls.write(LeaseGrpc.getLeaseRevokeMethod(), request).thenApply(LeaseRevokeResponse::new);
    }

    @Override
    public CompletableFuture<LeaseKeepAliveResponse> keepAliveOnce(long leaseId) {
        LeaseKeepAliveRequest request =
                LeaseKeepAliveRequest.newBuilder().setID(leaseId).build();
        return calls.read(KEEP_ALIVE_ONCE, request)
                .thenCompose(answer -> answer.getTTL() > 0
                        ? CompletableFuture.completedFuture(new LeaseKeepAliveResponse(answer))
                        : CompletableFuture.failedFuture(calls.errors.leaseGone(leaseId)));
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
        return keepAlives.add(leaseId, observer);
    }

    /** Ends the keep-alives begun here; leases and link stay. */
    @Override
    public void close() {
        keepAlives.close();
    }
}
