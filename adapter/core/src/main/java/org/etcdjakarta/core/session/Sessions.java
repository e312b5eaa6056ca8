package org.etcdjakarta.core.session;

import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.LongSupplier;

/** The sessions opened through one reference on a link; they end with it. */
public final class Sessions implements AutoCloseable {

    /** etcd's own limit. */
    private static final long LONGEST_TTL_SECONDS = 9_000_000_000L;

    /** How long a session may go without noticing that the machine was suspended: its timers were, too. */
    private static final Duration PULSE = Duration.ofMillis(500);

    private final LeaseTransport transport;
    private final LeaseClock clock;
    private final LongSupplier newIds;
    private final Set<Session> open = ConcurrentHashMap.newKeySet();
    private int jumps;
    private boolean pulsing;
    private boolean closed;

    /** Over a link. */
    public Sessions(LeaseTransport transport) {
        this(
                transport,
                new LeaseClock(System::nanoTime, System::currentTimeMillis),
                // Ours and random, so that an attempt to grant can be repeated: etcd would choose another one each
                // time.
                () -> ThreadLocalRandom.current().nextLong(1, Long.MAX_VALUE));
    }

    Sessions(LeaseTransport transport, LeaseClock clock, LongSupplier newIds) {
        this.transport = transport;
        this.clock = clock;
        this.newIds = newIds;
    }

    /**
     * Begins at once and does not wait for etcd.
     *
     * @param ttl 1 second to 9,000,000,000; fractions are rounded up
     * @param executor where listeners are called
     * @throws IllegalArgumentException when the TTL is out of range
     * @throws IllegalStateException when the link is closed
     */
    public Session open(Duration ttl, Executor executor) {
        long seconds = ttl.getSeconds() + (ttl.getNano() > 0 ? 1 : 0);
        if (seconds < 1 || seconds > LONGEST_TTL_SECONDS) {
            throw new IllegalArgumentException(
                    "ttl: " + ttl + "; allowed: 1 second to " + LONGEST_TTL_SECONDS + " seconds");
        }
        Session session = new Session(transport, clock, newIds, Duration.ofSeconds(seconds), executor, open::remove);
        synchronized (this) {
            if (closed) {
                throw new IllegalStateException("the link that this session was to be on is closed");
            }
            open.add(session);
            if (!pulsing) {
                pulsing = true;
                pulseLater();
            }
        }
        session.start();
        return session;
    }

    private void pulseLater() {
        var unused = transport.later(PULSE, this::pulse);
    }

    private void pulse() {
        clock.now();
        boolean jumped;
        synchronized (this) {
            pulsing = !open.isEmpty();
            if (pulsing) {
                pulseLater();
            }
            jumped = clock.jumps() != jumps;
            jumps = clock.jumps();
        }
        if (jumped) {
            open.forEach(Session::look);
        }
    }

    /** Ends all sessions; their leases are not revoked. */
    @Override
    public void close() {
        synchronized (this) {
            closed = true;
        }
        open.forEach(Session::end);
    }
}
