package org.etcdjakarta.core.link;

import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The leases that one owner has granted and that may still live. Those that nobody revokes expire at etcd without a word, so each
 * has a time after which it is forgotten unless it was kept alive here; else an owner that lives long and lets its leases
 * expire would collect them. The time is twice the TTL: forgetting too late costs one revoke that finds nothing.
 */
final class GrantedLeases {

    private static final int FIRST_SWEEP = 1_024;

    private final Map<Long, Long> forgetAt = new HashMap<>();
    private int sweepAt = FIRST_SWEEP;
    private boolean closed;

    /** False when the owner is closed: the lease is not wanted any more. */
    synchronized boolean add(long leaseId, long ttl) {
        if (closed) {
            return false;
        }
        long now = System.nanoTime();
        if (forgetAt.size() >= sweepAt) {
            forgetAt.values().removeIf(time -> now - time > 0);
            sweepAt = Math.max(FIRST_SWEEP, 2 * forgetAt.size());
        }
        forgetAt.put(leaseId, later(now, ttl));
        return true;
    }

    synchronized void keptAlive(long leaseId, long ttl) {
        forgetAt.computeIfPresent(leaseId, (id, time) -> later(System.nanoTime(), ttl));
    }

    private static long later(long now, long ttl) {
        return now + Duration.ofSeconds(Math.min(ttl, 1_000_000_000L) * 2).toNanos();
    }

    synchronized void remove(long leaseId) {
        forgetAt.remove(leaseId);
    }

    synchronized int size() {
        return forgetAt.size();
    }

    synchronized boolean isClosed() {
        return closed;
    }

    /** All of them; from now on none can be added. */
    synchronized List<Long> close() {
        closed = true;
        long now = System.nanoTime();
        // Those have expired long ago, and somebody else may have their ids by now.
        forgetAt.values().removeIf(time -> now - time > 0);
        List<Long> all = List.copyOf(forgetAt.keySet());
        forgetAt.clear();
        return all;
    }
}
