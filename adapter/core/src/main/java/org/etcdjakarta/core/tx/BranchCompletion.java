package org.etcdjakarta.core.tx;

import io.etcd.jetcd.api.KeyValue;
import java.lang.System.Logger.Level;
import javax.transaction.xa.XAException;
import javax.transaction.xa.XAResource;
import org.etcdjakarta.EtcdConflictException;
import org.etcdjakarta.EtcdException;
import org.etcdjakarta.EtcdUnavailableException;
import org.etcdjakarta.core.link.KvProtocol;
import org.etcdjakarta.core.tx.PreparedBranches.Completion;
import org.jspecify.annotations.Nullable;

/**
 * Brings branches to their end, and says how it went in the codes that Narayana and Payara understand. Methods that take a
 * {@link Branch} are called with its lock held. What the wrong code would do:
 *
 * <ul>
 *   <li>commit of a prepared branch, no answer or refused: XA_RETRY. XAER_RMERR or XA_RB* would be a heuristic rollback.
 *   <li>commit of a prepared branch that somebody else has ended, and nobody knows how: XAER_NOTA, a heuristic hazard, which it is.
 *       To say that it has committed could be a lie: recovery of another server with this one's node identifier may have rolled
 *       it back while this one was away for longer than its sign of life lasts.
 *   <li>commit in one phase, no answer: XAER_RMFAIL, a heuristic hazard, which it is. XA_RETRY, XA_RBTRANSIENT or
 *       XA_RBCOMMFAIL would be retried on a branch that is gone.
 *   <li>rollback, no answer: XAER_RMFAIL, recovery tries again.
 * </ul>
 */
final class BranchCompletion {

    private static final System.Logger LOG = System.getLogger(BranchCompletion.class.getName());

    private final SharedEngine engine;

    BranchCompletion(SharedEngine engine) {
        this.engine = engine;
    }

    int prepare(Branch branch) throws XAException {
        requireOpen(branch, "prepared");
        requireIdle(branch, "prepared");
        Changes changes = seal(branch);
        if (changes.isReadOnly()) {
            finishCommitted(branch);
            return XAResource.XA_RDONLY;
        }
        if (changes.leased() != null) {
            finish(branch);
            throw XaErrors.of(XAException.XA_RBOTHER, BranchErrors.leasedPut(changes.leased()));
        }
        // whatever comes out of the Txn by another way than the ones below, the record may be there
        branch.state(Branch.State.PREPARE_IN_DOUBT);
        try {
            branch.prepared(engine.withKv(kv -> new PreparedBranches(kv, engine).prepare(branch.xid, changes)));
            return XAResource.XA_OK;
        } catch (InDoubt e) {
            branch.doubt(e.doubt());
            LOG.log(Level.WARNING, "prepare of branch " + branch.xid + " is in doubt; rollback settles it", e.reason());
            throw XaErrors.of(XAException.XAER_RMFAIL, e.reason());
        } catch (NotUndone e) {
            LOG.log(Level.WARNING, "branch " + branch.xid + " is refused; its record waits for rollback", e.reason());
            throw XaErrors.of(XAException.XAER_RMFAIL, e.reason());
        } catch (EtcdConflictException e) {
            finish(branch);
            throw XaErrors.of(XAException.XA_RBINTEGRITY, e);
        } catch (EtcdException e) {
            if (e instanceof EtcdUnavailableException) {
                // the transaction manager will roll back, and must find the branch
                branch.state(Branch.State.REFUSED);
                throw XaErrors.of(XAException.XAER_RMFAIL, e);
            }
            finish(branch);
            throw XaErrors.of(XAException.XA_RBOTHER, e);
        }
    }

    void commitOnePhase(Branch branch) throws XAException {
        requireOpen(branch, "committed in one phase");
        requireIdle(branch, "committed in one phase");
        Changes changes = seal(branch);
        branch.state(Branch.State.COMMIT_IN_DOUBT);
        try {
            long revision = engine.withKv(kv -> CommitProtocol.commit(engine, kv, changes, branch.xid));
            branch.workspace.endCommitted(revision);
            finishCommitted(branch);
        } catch (InDoubt e) {
            LOG.log(Level.ERROR, "one-phase commit of branch " + branch.xid + " is in doubt", e.reason());
            branch.doubt(e.doubt());
            branch.workspace.endInDoubt(e.doubt());
            // nobody may ever ask for it again
            var unused = e.doubt().settled().thenRun(() -> engine.branches().remove(branch.xid, branch));
            throw XaErrors.of(XAException.XAER_RMFAIL, e.reason());
        } catch (EtcdConflictException e) {
            finish(branch);
            throw XaErrors.of(XAException.XA_RBINTEGRITY, e);
        } catch (EtcdException e) {
            finish(branch);
            throw XaErrors.of(XAException.XA_RBROLLBACK, e);
        } catch (RuntimeException unexpected) {
            branch.workspace.endCommitted();
            throw unexpected;
        }
    }

    void commitPrepared(Branch branch) throws XAException {
        if (branch.state() != Branch.State.PREPARED) {
            throw XaErrors.protocol(branch.xid, "committed in two phases without having been prepared");
        }
        Completion completion;
        try {
            completion = engine.withKv(kv -> {
                PreparedBranches records = new PreparedBranches(kv, engine);
                Completion now = records.commit(branch.xid, branch.prepared(), branch.isCommitTried());
                // what somebody else has committed is committed; what he has rolled back is not, and nobody may take it
                // for it
                return now == Completion.UNKNOWN ? records.ended(branch.xid, branch.prepared()) : now;
            });
        } catch (EtcdException e) {
            if (BranchErrors.isForeignRecord(e)) {
                throw XaErrors.of(XAException.XAER_RMFAIL, e);
            }
            branch.commitTried();
            LOG.log(Level.WARNING, "commit of prepared branch " + branch.xid + " has to be tried again", e);
            throw XaErrors.of(XAException.XA_RETRY, e);
        }
        finishCommitted(branch);
        known(branch.xid, completion);
    }

    void commitRecovered(BranchXid id) throws XAException {
        try {
            known(id, engine.withKv(kv -> {
                PreparedBranches records = new PreparedBranches(kv, engine);
                PreparedBranches.Found found = records.find(id);
                KeyValue there = found.record();
                if (there == null) {
                    return ended(found);
                }
                return records.commit(id, PreparedBranches.prepared(there), false);
            }));
        } catch (EtcdException e) {
            throw XaErrors.of(BranchErrors.isForeignRecord(e) ? XAException.XAER_RMFAIL : XAException.XA_RETRY, e);
        }
    }

    void rollback(Branch branch) throws XAException {
        Completion completion = Completion.DONE;
        switch (branch.state()) {
            case OPEN -> requireIdle(branch, "rolled back");
            case REFUSED -> {}
            case PREPARED ->
                completion = engine.withKv(
                        kv -> new PreparedBranches(kv, engine).rollback(branch.xid, branch.prepared(), true));
            case PREPARE_IN_DOUBT -> completion = engine.withKv(kv -> rollbackInDoubt(branch, kv));
            case ENDED -> throw XaErrors.unknown(branch.xid);
            case COMMIT_IN_DOUBT ->
                throw XaErrors.of(
                        XAException.XAER_RMFAIL,
                        "ETCD-00234: the answer to the commit of branch " + branch.xid
                                + " was lost: it may have been applied, and can't be rolled back",
                        null);
        }
        if (completion == Completion.HEURISTICALLY_COMMITTED) {
            finishCommitted(branch);
        } else {
            finish(branch);
        }
        known(branch.xid, completion);
    }

    /** The slot tells whether it is prepared; if it does not yet, the transaction manager asks again. */
    private Completion rollbackInDoubt(Branch branch, KvProtocol kv) {
        Doubt doubt = branch.doubt();
        PreparedBranches records = new PreparedBranches(kv, engine);
        if (doubt == null || doubt.isHopeless()) {
            // an unexpected failure: what there is is all there will be, but for what etcd has not been asked yet
            return rollBackWhatIsThere(records, branch.xid, true);
        }
        Doubt.Settled settled = doubt.settle(kv, engine.settlingTime());
        if (settled == null) {
            // it is asked on, and if there is nothing in etcd then recovery never asks for the branch again
            var unused = doubt.settled().thenAccept(late -> {
                if (!late.applied()) {
                    finish(branch);
                }
            });
            throw BranchErrors.prepareStillInDoubt(branch.xid, doubt, engine.endpoint());
        }
        engine.settled(doubt, settled, kv);
        if (!settled.applied()) {
            return Completion.DONE;
        }
        return rollBackWhatIsThere(records, branch.xid, true);
    }

    /** @param mine true in the process that prepared it: what is gone was rolled back by an earlier try, whose answer was lost */
    private static Completion rollBackWhatIsThere(PreparedBranches records, BranchXid id, boolean mine) {
        PreparedBranches.Found found = records.find(id);
        KeyValue there = found.record();
        if (there != null) {
            return records.rollback(id, PreparedBranches.prepared(there), mine);
        }
        Completion ended = ended(found);
        return mine && ended == Completion.UNKNOWN ? Completion.DONE : ended;
    }

    void rollbackRecovered(BranchXid id) throws XAException {
        known(id, engine.withKv(kv -> rollBackWhatIsThere(new PreparedBranches(kv, engine), id, false)));
    }

    /** Of what an operator has ended. False when there is nothing. */
    boolean forget(BranchXid id) {
        return engine.withKv(kv -> new PreparedBranches(kv, engine).forget(id));
    }

    private static Completion ended(PreparedBranches.Found found) {
        return found.heuristic() == null ? Completion.UNKNOWN : found.heuristic();
    }

    /** What the transaction manager is told of a branch that may have been ended without it. */
    private static void known(BranchXid id, Completion completion) throws XAException {
        switch (completion) {
            case DONE -> {}
            case UNKNOWN -> throw XaErrors.unknown(id);
            case HEURISTICALLY_COMMITTED -> throw XaErrors.heuristic(XAException.XA_HEURCOM, id, "committed");
            case HEURISTICALLY_ROLLED_BACK -> throw XaErrors.heuristic(XAException.XA_HEURRB, id, "rolled back");
        }
    }

    static void requireOpen(Branch branch, String what) throws XAException {
        if (branch.state() != Branch.State.OPEN) {
            throw XaErrors.protocol(branch.xid, what + " in the state " + branch.state());
        }
    }

    private static void requireIdle(Branch branch, String what) throws XAException {
        if (!branch.isIdle()) {
            throw XaErrors.protocol(
                    branch.xid,
                    what + " before all work in it has ended" + (branch.hasSuspended() ? " (it is suspended)" : ""));
        }
    }

    /** What the branch brings to etcd; a branch that can't commit ends here. */
    private Changes seal(Branch branch) throws XAException {
        try {
            return branch.workspace.seal();
        } catch (EtcdException e) {
            EtcdException reason = branch.workspace.rollbackReason();
            finish(branch);
            throw XaErrors.of(rollbackCode(reason), e);
        }
    }

    static int rollbackCode(@Nullable EtcdException reason) {
        return reason != null && TxErrors.isTimeout(reason) ? XAException.XA_RBTIMEOUT : XAException.XA_RBROLLBACK;
    }

    void finish(Branch branch) {
        branch.workspace.end();
        branch.state(Branch.State.ENDED);
        engine.branches().remove(branch.xid, branch);
    }

    /** Of one that has committed, or may have: the leases granted in it stay. */
    private void finishCommitted(Branch branch) {
        branch.workspace.endCommitted();
        finish(branch);
    }
}
