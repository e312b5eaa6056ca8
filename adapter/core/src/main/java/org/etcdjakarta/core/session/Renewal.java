package org.etcdjakarta.core.session;

import java.time.Duration;

/**
 * etcd's last word on a lease. etcd counts the TTL from when it hears the question, which is not before it was sent: counted from
 * then, every time here comes before etcd's.
 *
 * @param ttl as granted
 * @param sentAt when the question was sent that etcd has answered, by {@link LeaseClock}
 */
record Renewal(Duration ttl, long sentAt) {

    private static final long LEAST_MARGIN_NANOS = Duration.ofMillis(500).toNanos();

    /** When to ask again. */
    long askAt() {
        return sentAt + ttl.toNanos() / 4;
    }

    /** When to begin nothing any more. */
    long suspendAt() {
        return sentAt + ttl.toNanos() / 2;
    }

    /** When the lease has to be taken for lost: so much before etcd may expire it as clocks may differ and telling may take. */
    long lostAt() {
        long nanos = ttl.toNanos();
        return sentAt + nanos - Math.max(nanos / 10, LEAST_MARGIN_NANOS);
    }
}
