package org.etcdjakarta.core.session;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;

/** What sessions need of the link. The link implements it, so that this package knows nothing of channels and tokens. */
public interface LeaseTransport {

    /** No lease has this number: what {@link #grant} answers when the id is taken already. */
    long TAKEN = 0;

    /**
     * One attempt to grant a lease with a chosen id, within the request timeout.
     *
     * @return the granted TTL in seconds, or {@link #TAKEN}: a lease with this id exists, perhaps by an earlier attempt. Any other
     *     failure is an EtcdException
     */
    CompletableFuture<Long> grant(long leaseId, long ttlSeconds);

    /**
     * Ends a lease, within the request timeout.
     *
     * @return true when there is no such lease any more, false when etcd refuses to end it; all else fails with an EtcdException
     *     and may be asked again
     */
    CompletableFuture<Boolean> revoke(long leaseId);

    /**
     * One keep-alive on the link's stream. While there is no connection it is not queued there but kept here, once; when the
     * stream breaks it is asked again on the next one. Waits as long as that takes; who does not want it any more cancels it.
     *
     * @param onSend runs just before the question is sent, each time that it is. Must be short
     * @return the TTL in seconds, counted by etcd from a moment after the last {@code onSend}; 0 when there is no such lease. Fails
     *     with an EtcdException when etcd refuses to answer
     */
    CompletableFuture<Long> keepAlive(long leaseId, Runnable onSend);

    /**
     * Runs the task on {@link #steps()} after the pause, or a little later: up to a tenth of a second. Does nothing when the link is
     * closed.
     *
     * @return takes it back
     */
    Runnable later(Duration pause, Runnable task);

    /** For our own short steps, which call nobody who may stand still; never at once, never a network thread. */
    Executor steps();

    /** The link's pool, for all else. Never at once. */
    Executor executor();

    /** Within which every grant and revoke ends. */
    Duration requestTimeout();
}
