package org.etcdjakarta.core.link;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import org.etcdjakarta.core.session.LeaseTransport;

/** What sessions need of the link. */
final class LinkLeaseTransport implements LeaseTransport {

    private final Calls calls;

    LinkLeaseTransport(Calls calls) {
        this.calls = calls;
    }

    @Override
    public CompletableFuture<Long> grant(long leaseId, long ttlSeconds) {
        return new CompletableFuture<>();
    }

    @Override
    public CompletableFuture<Boolean> revoke(long leaseId) {
        return new CompletableFuture<>();
    }

    @Override
    public CompletableFuture<Long> keepAlive(long leaseId, Runnable onSend) {
        return new CompletableFuture<>();
    }

    @Override
    public Runnable later(Duration pause, Runnable task) {
        return () -> {};
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
