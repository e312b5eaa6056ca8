package org.etcdjakarta.core.tx;

import java.util.concurrent.atomic.AtomicBoolean;
import org.etcdjakarta.core.link.EtcdLinkConfig;

/**
 * All branches of one cluster as this process knows them. Engines of equal link configuration and settings share their
 * branches, so that a branch can be joined from another managed connection.
 *
 * <p><b>What a transaction promises.</b> Its writes are applied at one revision or not at all, and only if everything it has
 * read is still so at that revision (one phase), or was so at prepare (two phases). Between prepare and commit of a two-phase
 * branch other writers are not held off: what they write to the branch's keys in this interval is overwritten by its commit,
 * which comes without compares because a prepared branch has promised to commit.
 */
public final class TxEngine implements AutoCloseable {

    private final SharedEngine shared;
    private final AtomicBoolean closed = new AtomicBoolean();

    private TxEngine(SharedEngine shared) {
        this.shared = shared;
    }

    /** Takes a reference on the engine (and on its link); does not wait for etcd. Each open() has its own close(). */
    public static TxEngine open(EtcdLinkConfig link, TxSettings settings) {
        return new TxEngine(SharedEngine.acquire(link, settings));
    }

    /** Over any links, with branches of its own. */
    static TxEngine over(Links links, TxSettings settings) {
        return new TxEngine(SharedEngine.over(links, settings));
    }

    /** One for each managed connection; no thread, no network. IllegalStateException when the engine is closed. */
    public TxSession newSession() {
        if (closed.get()) {
            throw new IllegalStateException("the engine is closed");
        }
        return new TxSession(shared);
    }

    /** Idempotent. Branches that are prepared stay in etcd; XA resources of its sessions can still complete them. */
    @Override
    public void close() {
        if (closed.compareAndSet(false, true)) {
            shared.release();
        }
    }
}
