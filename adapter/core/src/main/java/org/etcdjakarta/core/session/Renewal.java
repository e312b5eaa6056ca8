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

    private static final Duration LEAST_MARGIN = Duration.ofMillis(500);

    /** When to ask again. */
    long askAt() {
        return sentAt + ttl.dividedBy(4).toNanos();
    }

    /** When to begin nothing any more. */
    long suspendAt() {
        return sentAt + ttl.dividedBy(2).toNanos();
    }

    /** When the lease has to be taken for lost: so much before etcd may expire it as clocks may differ and telling may take. */
    long lostAt() {
        Duration tenth = ttl.dividedBy(10);
        return sentAt
                + ttl.minus(tenth.compareTo(LEAST_MARGIN) > 0 ? tenth : LEAST_MARGIN)
                        .toNanos();
    }
}
