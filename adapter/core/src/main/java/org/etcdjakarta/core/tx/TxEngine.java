package org.etcdjakarta.core.tx;

import java.util.concurrent.atomic.AtomicBoolean;
import org.etcdjakarta.core.link.EtcdLinkConfig;

/**
 * All branches of one cluster as this process knows them. Engines of equal link configuration and settings share their
 * branches, so that a branch can be joined from another managed connection.
 *
 * <p><b>What a transaction promises.</b> Its writes are applied at one revision or not at all, and at
 * {@link Isolation#SERIALIZABLE} only if everything it has read is still so at that revision. From prepare to commit of a two-phase branch, nobody who writes
 * through an engine, in a transaction or outside, changes what the branch has read or will write: it would have to wait, and is
 * refused after two seconds. So all transactions take effect one after the other, each at the revision of its commit, one that has
 * written nothing at the revision that it has read: strict serializability, of etcd alone. A transaction of several resources that
 * only reads here holds nothing until the others have committed. Writers that do not use an engine are not held off.
 *
 * <p><b>Who commits knows what became of it.</b> An answer that is lost is found out; only when etcd stays away for the settling
 * time is a caller told that it is in doubt.
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

    /** Of all branches of the cluster; works as long as the engine is open. */
    public TransactionAdmin admin() {
        return new TransactionAdmin(shared);
    }

    /** Idempotent. Branches that are prepared stay in etcd; XA resources of its sessions can still complete them. */
    @Override
    public void close() {
        if (closed.compareAndSet(false, true)) {
            shared.release();
        }
    }
}
