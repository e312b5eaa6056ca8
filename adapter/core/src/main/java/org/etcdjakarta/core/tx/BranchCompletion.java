package org.etcdjakarta.core.tx;

import io.etcd.jetcd.api.KeyValue;
import java.lang.System.Logger.Level;
import java.util.List;
import javax.transaction.xa.XAException;
import javax.transaction.xa.XAResource;
import org.etcdjakarta.EtcdConflictException;
import org.etcdjakarta.EtcdException;
import org.etcdjakarta.EtcdException.Effect;
import org.etcdjakarta.EtcdUnavailableException;
import org.etcdjakarta.core.tx.PreparedBranches.Prepared;
import org.jspecify.annotations.Nullable;

/**
 * Brings branches to their end, and says how it went in the codes that Narayana and Payara understand. Methods that take a
 * {@link Branch} are called with its lock held. What the wrong code would do:
 *
 * <ul>
 *   <li>commit of a prepared branch, no answer or refused: XA_RETRY. XAER_RMERR or XA_RB* would be a heuristic rollback.
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
            throw XaErrors.of(XAException.XA_RBOTHER, TxErrors.leasedPut(changes.leased()));
        }
        // whatever comes out of the Txn by another way than the ones below, the record may be there
        branch.state(Branch.State.PREPARE_IN_DOUBT);
        try {
            branch.prepared(engine.withKv(kv -> new PreparedBranches(kv, engine).prepare(branch.xid, changes)));
            return XAResource.XA_OK;
        } catch (EtcdConflictException e) {
            finish(branch);
            throw XaErrors.of(XAException.XA_RBINTEGRITY, e);
        } catch (EtcdException e) {
            if (e.effect() == Effect.IN_DOUBT) {
                LOG.log(Level.WARNING, "prepare of branch " + branch.xid + " is in doubt; rollback settles it", e);
                throw XaErrors.of(XAException.XAER_RMFAIL, e);
            }
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
            engine.withKv(kv -> {
                CommitProtocol.commit(kv, engine.endpoint(), changes);
                return changes;
            });
            finishCommitted(branch);
        } catch (EtcdConflictException e) {
            finish(branch);
            throw XaErrors.of(XAException.XA_RBINTEGRITY, e);
        } catch (EtcdException e) {
            if (e.effect() == Effect.IN_DOUBT) {
                LOG.log(Level.ERROR, "one-phase commit of branch " + branch.xid + " is in doubt", e);
                branch.workspace.endCommitted();
                throw XaErrors.of(XAException.XAER_RMFAIL, e);
            }
            finish(branch);
            throw XaErrors.of(XAException.XA_RBROLLBACK, e);
        }
    }

    void commitPrepared(Branch branch) throws XAException {
        if (branch.state() != Branch.State.PREPARED) {
            throw XaErrors.protocol(branch.xid, "committed in two phases without having been prepared");
        }
        try {
            engine.withKv(kv -> new PreparedBranches(kv, engine).commit(branch.xid, branch.prepared(), true));
        } catch (EtcdException e) {
            LOG.log(Level.WARNING, "commit of prepared branch " + branch.xid + " has to be tried again", e);
            throw XaErrors.of(XAException.XA_RETRY, e);
        }
        finishCommitted(branch);
    }

    void commitRecovered(BranchXid id) throws XAException {
        try {
            boolean done = engine.withKv(kv -> {
                PreparedBranches records = new PreparedBranches(kv, engine);
                KeyValue there = records.find(id);
                if (there == null) {
                    return false;
                }
                PrepareRecord record = PrepareRecord.decode(there.getValue());
                // a fenced branch was never prepared, so nobody can have decided to commit it
                return record.kind() == PrepareRecord.Kind.PREPARED
                        && records.commit(id, new Prepared(there.getModRevision(), record.operations()), false);
            });
            if (!done) {
                throw XaErrors.unknown(id);
            }
        } catch (EtcdException e) {
            throw XaErrors.of(TxErrors.isForeignRecord(e) ? XAException.XAER_RMFAIL : XAException.XA_RETRY, e);
        }
    }

    void rollback(Branch branch) throws XAException {
        switch (branch.state()) {
            case OPEN -> requireIdle(branch, "rolled back");
            case REFUSED -> {}
            case PREPARED ->
                engine.withKv(kv -> new PreparedBranches(kv, engine).rollback(branch.xid, branch.prepared(), true));
            case PREPARE_IN_DOUBT ->
                engine.withKv(kv -> {
                    PreparedBranches records = new PreparedBranches(kv, engine);
                    records.settle(branch.xid).ifPresent(prepared -> records.rollback(branch.xid, prepared, true));
                    return records;
                });
            case COMMIT_IN_DOUBT ->
                throw XaErrors.of(
                        XAException.XAER_RMFAIL,
                        "ETCD-00234: the answer to the commit of branch " + branch.xid
                                + " was lost: it may have been applied, and can't be rolled back",
                        null);
        }
        finish(branch);
    }

    void rollbackRecovered(BranchXid id) throws XAException {
        boolean done = engine.withKv(kv -> {
            PreparedBranches records = new PreparedBranches(kv, engine);
            KeyValue there = records.find(id);
            if (there == null) {
                return false;
            }
            PrepareRecord.decode(there.getValue());
            return records.rollback(id, new Prepared(there.getModRevision(), List.of()), false);
        });
        if (!done) {
            throw XaErrors.unknown(id);
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
        engine.branches().remove(branch.xid, branch);
    }

    /** Of one that has committed, or may have: the leases granted in it stay. */
    private void finishCommitted(Branch branch) {
        branch.workspace.endCommitted();
        finish(branch);
    }
}
