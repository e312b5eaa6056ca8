package org.etcdjakarta.core.tx;

import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * One transaction branch as this process knows it: its workspace, who works in it, and how far its commit has come. Its lock
 * is held while a step of the commit protocol is under way; operations of the workspace do not take it.
 */
final class Branch {

    enum State {
        /** Work is done in it, or can be. */
        OPEN,
        PREPARED,
        /** The answer to prepare was lost, and etcd was away for the settling time: the record may be there. */
        PREPARE_IN_DOUBT,
        /** The answer to a one-phase commit was lost. */
        COMMIT_IN_DOUBT,
        /** Prepare has been refused for want of an answer; etcd has nothing of it. */
        REFUSED
    }

    final ReentrantLock lock = new ReentrantLock();
    final BranchXid xid;
    final Workspace workspace;
    private State state = State.OPEN;
    private int working;
    private int suspended;
    private PreparedBranches.@Nullable Prepared prepared;
    private @Nullable Doubt doubt;
    private boolean commitTried;

    Branch(BranchXid xid, Workspace workspace) {
        this.xid = xid;
        this.workspace = workspace;
    }

    State state() {
        return state;
    }

    void state(State next) {
        state = next;
    }

    void joined() {
        working++;
    }

    void left() {
        working--;
    }

    void suspended() {
        working--;
        suspended++;
    }

    void resumed() {
        suspended--;
        working++;
    }

    void leftSuspended() {
        suspended--;
    }

    boolean hasSuspended() {
        return suspended > 0;
    }

    /** Nobody works in it, and nobody has suspended work in it. */
    boolean isIdle() {
        return working == 0 && suspended == 0;
    }

    void prepared(PreparedBranches.Prepared record) {
        state = State.PREPARED;
        prepared = record;
    }

    /** What has to be found out before anything else can be done; null when nothing. */
    @Nullable
    Doubt doubt() {
        return doubt;
    }

    void doubt(Doubt lost) {
        doubt = lost;
    }

    /** An earlier commit has failed, and may have been applied all the same. */
    boolean isCommitTried() {
        return commitTried;
    }

    void commitTried() {
        commitTried = true;
    }

    PreparedBranches.Prepared prepared() {
        if (prepared == null) {
            throw new IllegalStateException("not prepared: " + xid);
        }
        return prepared;
    }
}
