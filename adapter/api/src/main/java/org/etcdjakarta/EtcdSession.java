package org.etcdjakarta;

import java.time.Duration;
import java.util.function.Consumer;

/**
 * A lease that is kept alive, replaced when it is lost, and tells its owner about both. Locks and leadership live as long as
 * their session's lease.
 *
 * <p>The state follows the monotonic clock of this machine, not the answers of etcd alone: {@code LOST} comes before etcd can have
 * expired the lease, also when nothing is heard of etcd. It is a promise about this process only; what guards data is the
 * fencing token ({@link EtcdLock#fencingToken()}).
 *
 * @see <a href="https://pkg.go.dev/go.etcd.io/etcd/client/v3/concurrency#Session">Session of etcd's Go client</a>
 */
public interface EtcdSession extends AutoCloseable {

    /** How far the session can be relied on. */
    enum State {
        /** etcd has renewed the lease lately. */
        CONNECTED,
        /** No lease yet, or no renewal for half its time to live: begin nothing that needs it. */
        SUSPENDED,
        /** The lease has ended or must be taken for ended, and with it its keys. A new one is granted as soon as etcd answers. */
        LOST,
        /** Closed by its owner. */
        CLOSED
    }

    /**
     * The state now, by the clock; does not block.
     *
     * @return the state
     */
    State state();

    /**
     * The lease now; does not block. It is another one after {@link State#LOST}.
     *
     * @return the id, or 0 as long as there is no lease
     */
    long leaseId();

    /**
     * The time to live of the lease, as etcd has granted it; before the first grant, as it was asked for. Does not block.
     *
     * @return in whole seconds, at least one
     */
    Duration ttl();

    /**
     * Tells a listener of every change of state from now on, one at a time and in order. After {@code LOST}, {@code CONNECTED} means a new
     * lease ({@link #leaseId()}): create the keys again that were on the old one. A listener that throws is logged and hears
     * the next change. It runs on the executor of the session, never on a network thread.
     *
     * @param listener hears of changes
     * @return ends the listening: after its {@code close()} no call starts, and a running one is waited for unless it is the caller
     */
    AutoCloseable onChange(Consumer<State> listener);

    /** Revokes the lease, and with it its keys, within the request timeout; what cannot be reached expires. Further calls do nothing. */
    @Override
    void close();
}
