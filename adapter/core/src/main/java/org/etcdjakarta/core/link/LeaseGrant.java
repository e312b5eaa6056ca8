package org.etcdjakarta.core.link;

import io.etcd.jetcd.api.LeaseGrantRequest;
import io.etcd.jetcd.api.LeaseGrantResponse;
import io.etcd.jetcd.api.LeaseGrpc;
import io.etcd.jetcd.api.LeaseRevokeRequest;
import io.etcd.jetcd.api.LeaseTimeToLiveRequest;
import io.grpc.Deadline;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.etcdjakarta.EtcdException;
import org.etcdjakarta.EtcdInDoubtException;
import org.jspecify.annotations.Nullable;

/**
 * A grant that may be repeated although it is a write. The id is ours and random, 63 bits: when an attempt whose answer was lost
 * is followed by "lease already exists", it was that attempt that granted it. An id that etcd chooses would be another one
 * at each attempt, and the first lease would be left behind.
 */
final class LeaseGrant {

    private static final Duration PAUSE = Duration.ofMillis(50);

    private final Calls calls;
    private final LeaseGrantRequest request;
    private final Deadline deadline;
    private final CompletableFuture<LeaseGrantResponse> result = new CompletableFuture<>();
    private @Nullable EtcdInDoubtException doubt;

    LeaseGrant(Calls calls, long ttl, Deadline deadline) {
        this.calls = calls;
        this.deadline = deadline;
        request = LeaseGrantRequest.newBuilder()
                .setTTL(ttl)
                .setID(ThreadLocalRandom.current().nextLong(1, Long.MAX_VALUE))
                .build();
    }

    CompletableFuture<LeaseGrantResponse> start() {
        attempt();
        return calls.whole(result);
    }

    private void attempt() {
        var unused = calls.writePart(LeaseGrpc.getLeaseGrantMethod(), request, deadline)
                .whenComplete(this::answered);
    }

    private void answered(@Nullable LeaseGrantResponse answer, @Nullable Throwable failure) {
        if (answer != null) {
            result.complete(answer);
        } else if (failure instanceof EtcdInDoubtException lost) {
            doubt = lost;
            if (isLate()) {
                fail(lost);
            } else {
                calls.retry(PAUSE, this::attempt);
            }
        } else if (doubt != null
                && failure instanceof EtcdException refused
                && refused.code().equals(LinkErrors.LEASE_EXISTS)) {
            ourOwn();
        } else if (failure != null) {
            fail(failure);
        }
    }

    private boolean isLate() {
        return calls.isClosed() || deadline.timeRemaining(TimeUnit.NANOSECONDS) < 2 * PAUSE.toNanos();
    }

    /** etcd may have given another TTL than was asked for. */
    private void ourOwn() {
        LeaseTimeToLiveRequest question =
                LeaseTimeToLiveRequest.newBuilder().setID(request.getID()).build();
        var unused = calls.readPart(LeaseGrpc.getLeaseTimeToLiveMethod(), question, deadline)
                .whenComplete((lives, failure) -> {
                    if (lives != null) {
                        result.complete(LeaseGrantResponse.newBuilder()
                                .setHeader(lives.getHeader())
                                .setID(request.getID())
                                .setTTL(lives.getGrantedTTL())
                                .build());
                    } else {
                        fail(failure);
                    }
                });
    }

    /** What an earlier attempt left in doubt stays so, whatever the last one met. */
    private void fail(Throwable failure) {
        if (doubt != null) {
            giveBack();
        }
        result.completeExceptionally(doubt == null ? failure : doubt);
    }

    /** Nobody will know of the lease. If this does not get through either, it expires by itself. */
    private void giveBack() {
        if (!calls.isClosed()) {
            var unused = calls.writePart(
                    LeaseGrpc.getLeaseRevokeMethod(),
                    LeaseRevokeRequest.newBuilder().setID(request.getID()).build(),
                    calls.deadline());
        }
    }
}
