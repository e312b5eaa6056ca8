package org.etcdjakarta.core.session;

import java.time.Duration;
import java.util.concurrent.Executor;

/** The sessions opened through one reference on a link; they end with it. */
public final class Sessions implements AutoCloseable {

    private final LeaseTransport transport;

    /** Over a link. */
    public Sessions(LeaseTransport transport) {
        this.transport = transport;
    }

    /** Begins at once and does not wait for etcd. */
    public Session open(Duration ttl, Executor executor) {
        return new Session(ttl);
    }

    /** Ends all sessions; their leases are not revoked. */
    @Override
    public void close() {}

    @Override
    public String toString() {
        return "sessions over " + transport;
    }
}
