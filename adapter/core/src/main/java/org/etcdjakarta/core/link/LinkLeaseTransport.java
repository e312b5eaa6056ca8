package org.etcdjakarta.core.link;

import io.etcd.jetcd.api.LeaseGrantRequest;
import io.etcd.jetcd.api.LeaseGrantResponse;
import io.etcd.jetcd.api.LeaseGrpc;
import io.etcd.jetcd.api.LeaseRevokeRequest;
import io.etcd.jetcd.lease.LeaseKeepAliveResponse;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import org.etcdjakarta.EtcdException;
import org.etcdjakarta.EtcdInDoubtException;
import org.etcdjakarta.EtcdUnavailableException;
import org.etcdjakarta.core.session.LeaseTransport;

/** What sessions need of the link. */
final class LinkLeaseTransport implements LeaseTransport {

    private final Calls calls;
    private final KeepAlives keepAlives;
    private final CoarseTimer timer;

    /** Apart from the deliveries to observers, which are an application's and may stand still. */
    private final Deliveries steps;

    LinkLeaseTransport(Calls calls, KeepAlives keepAlives) {
        this.calls = calls;
        this.keepAlives = keepAlives;
        steps = new Deliveries(calls);
        timer = new CoarseTimer(calls, steps);
    }

    @Override
    public CompletableFuture<Long> grant(long leaseId, long ttlSeconds) {
        LeaseGrantRequest request =
                LeaseGrantRequest.newBuilder().setID(leaseId).setTTL(ttlSeconds).build();
        return calls.writePart(LeaseGrpc.getLeaseGrantMethod(), request, calls.deadline())
                .thenApply(LeaseGrantResponse::getTTL)
                .exceptionallyCompose(failure -> has(LinkErrors.LEASE_EXISTS, failure)
                        ? CompletableFuture.completedFuture(TAKEN)
                        : CompletableFuture.failedFuture(LinkErrors.unwrapped(failure)));
    }

    @Override
    public CompletableFuture<Boolean> revoke(long leaseId) {
        LeaseRevokeRequest request =
                LeaseRevokeRequest.newBuilder().setID(leaseId).build();
        return calls.writePart(LeaseGrpc.getLeaseRevokeMethod(), request, calls.deadline())
                .thenApply(answer -> true)
                .exceptionallyCompose(failure -> {
                    Throwable cause = LinkErrors.unwrapped(failure);
                    return cause instanceof EtcdUnavailableException || cause instanceof EtcdInDoubtException
                            ? CompletableFuture.failedFuture(cause)
                            : CompletableFuture.completedFuture(has(LinkErrors.LEASE_GONE, cause));
                });
    }

    @Override
    public CompletableFuture<Long> keepAlive(long leaseId, Runnable onSend) {
        CompletableFuture<LeaseKeepAliveResponse> answer = new CompletableFuture<>();
        CompletableFuture<Long> ttl = new CompletableFuture<>();
        var unused = answer.whenComplete((told, failure) -> {
            if (failure == null) {
                ttl.complete(told.getTTL());
            } else if (has(LinkErrors.LEASE_GONE, failure)) {
                ttl.complete(0L);
            } else {
                ttl.completeExceptionally(failure);
            }
        });
        var unusedToo = ttl.whenComplete((told, failure) -> answer.cancel(false));
        keepAlives.ask(leaseId, answer, null, onSend);
        return ttl;
    }

    private static boolean has(String code, Throwable failure) {
        return LinkErrors.unwrapped(failure) instanceof EtcdException known
                && known.code().equals(code);
    }

    @Override
    public Runnable later(Duration pause, Runnable task) {
        return timer.later(pause, task);
    }

    @Override
    public Executor steps() {
        return steps;
    }

    @Override
    public Executor executor() {
        return calls.pool;
    }

    @Override
    public Duration requestTimeout() {
        return calls.config().requestTimeout();
    }
}
