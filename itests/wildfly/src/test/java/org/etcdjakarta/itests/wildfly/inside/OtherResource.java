package org.etcdjakarta.itests.wildfly.inside;

import java.util.concurrent.Semaphore;
import javax.transaction.xa.XAResource;
import javax.transaction.xa.Xid;

/**
 * A resource manager beside etcd that stops in the middle of its commit: then everybody is prepared, the decision is logged, and
 * etcd has not heard of it, provided that this one was enlisted before.
 */
final class OtherResource implements XAResource {

    /** What happens at commit. */
    enum AtCommit {
        NOTHING,
        /** The JVM ends, as when it is killed. */
        HALT,
        /** Waits until {@link #goOn} is called. */
        WAIT
    }

    private static final Semaphore GO_ON = new Semaphore(0);

    private final AtCommit atCommit;

    OtherResource(AtCommit atCommit) {
        this.atCommit = atCommit;
    }

    static void goOn() {
        GO_ON.release();
    }

    @Override
    public void commit(Xid xid, boolean onePhase) {
        switch (atCommit) {
            case NOTHING -> {}
            case HALT -> Runtime.getRuntime().halt(1);
            case WAIT -> {
                try {
                    GO_ON.acquire();
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
            }
        }
    }

    @Override
    public int prepare(Xid xid) {
        return XA_OK;
    }

    @Override
    public void start(Xid xid, int flags) {}

    @Override
    public void end(Xid xid, int flags) {}

    @Override
    public void rollback(Xid xid) {}

    @Override
    public void forget(Xid xid) {}

    @Override
    public Xid[] recover(int flags) {
        return new Xid[0];
    }

    @Override
    public boolean isSameRM(XAResource other) {
        return other == this;
    }

    @Override
    public int getTransactionTimeout() {
        return 0;
    }

    @Override
    public boolean setTransactionTimeout(int seconds) {
        return false;
    }
}
