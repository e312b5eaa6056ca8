package org.etcdjakarta.core.session;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.etcdjakarta.EtcdSession;

/** A lease on a link that heals itself; see {@link EtcdSession}. */
public final class Session implements EtcdSession {

    /** For those who do not choose. */
    public static final Duration DEFAULT_TTL = Duration.ofSeconds(10);

    private final Duration ttl;

    Session(Duration ttl) {
        this.ttl = ttl;
    }

    @Override
    public State state() {
        return State.SUSPENDED;
    }

    @Override
    public long leaseId() {
        return 0;
    }

    @Override
    public Duration ttl() {
        return ttl;
    }

    /**
     * How long the lease may still be relied on if nothing more is heard of etcd; does not block.
     *
     * @return time until the session is {@code LOST}; zero when there is no lease that can be relied on
     */
    public Duration remaining() {
        return Duration.ZERO;
    }

    /**
     * How long this very lease may still be relied on; does not block. What was created under a lease asks with its id: the session
     * may have another one by now.
     *
     * @param leaseId as {@link #leaseId()} has told it
     * @return as {@link #remaining()}; zero when the session does not hold this lease any more
     */
    public Duration remaining(long leaseId) {
        return Duration.ZERO;
    }

    /**
     * The lease, as soon as the session is {@code CONNECTED}, now or later. By the time that one looks it may be lost again.
     *
     * @return its id; completed by the link's pool, or with IllegalStateException when the session is closed. Cancelling it does
     *     nothing to the session
     */
    public CompletableFuture<Long> connected() {
        return new CompletableFuture<>();
    }

    @Override
    public AutoCloseable onChange(Consumer<State> listener) {
        return () -> {};
    }

    @Override
    public void close() {}
}
