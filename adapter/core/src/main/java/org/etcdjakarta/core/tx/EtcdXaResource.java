package org.etcdjakarta.core.tx;

import io.etcd.jetcd.api.KeyValue;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import javax.transaction.xa.XAException;
import javax.transaction.xa.XAResource;
import javax.transaction.xa.Xid;
import org.etcdjakarta.EtcdConflictException;
import org.etcdjakarta.EtcdException;
import org.etcdjakarta.EtcdException.Effect;
import org.etcdjakarta.EtcdUnavailableException;
import org.etcdjakarta.core.tx.PreparedBranches.Prepared;
import org.jspecify.annotations.Nullable;

/**
 * The XA verbs: the specification's state table, and the error codes that Narayana and Payara understand. A session works in
 * at most one branch at a time; it may have suspended others. The branches themselves belong to the engine, so prepare, commit
 * and rollback may come on the resource of any session, also of one that is closed.
 *
 * <p>The codes, and what the wrong one would do:
 *
 * <ul>
 *   <li>commit of a prepared branch, no answer or refused: XA_RETRY. XAER_RMERR or XA_RB* would be a heuristic rollback.
 *   <li>commit in one phase, no answer: XAER_RMFAIL, a heuristic hazard, which it is. XA_RETRY, XA_RBTRANSIENT or
 *       XA_RBCOMMFAIL would be retried on a branch that is gone.
 *   <li>rollback, no answer: XAER_RMFAIL, recovery tries again.
 *   <li>recover must not throw anything but XAException: Payara gives up recovery of all resources otherwise.
 * </ul>
 */
final class EtcdXaResource implements XAResource {

    private static final System.Logger LOG = System.getLogger(EtcdXaResource.class.getName());

    private final SharedEngine engine;
    private final TxSession session;
    private final Map<BranchXid, Branch> suspended = new HashMap<>();
    /** Left by a reset; the transaction manager does not know and will end them. */
    private final Set<BranchXid> abandoned = new HashSet<>();

    private @Nullable Branch active;
    private int timeoutSeconds;

    EtcdXaResource(SharedEngine engine, TxSession session) {
        this.engine = engine;
        this.session = session;
    }

    @Override
    public synchronized void start(Xid xid, int flags) throws XAException {
        verb("start", XAException.XAER_RMERR, () -> {
            BranchXid id = id(xid);
            switch (flags) {
                case TMNOFLAGS -> begin(id);
                case TMJOIN -> join(id);
                case TMRESUME -> resume(id);
                default -> throw XaErrors.flags("start", flags);
            }
            return id;
        });
    }

    private void begin(BranchXid id) throws XAException {
        requireFree(id);
        Deadline deadline = timeoutSeconds == 0 ? Deadline.NEVER : Deadline.in(Duration.ofSeconds(timeoutSeconds));
        Limits limits = Limits.branch(engine.settings().maxTxnOps());
        Branch branch = new Branch(id, engine.newWorkspace(limits, deadline));
        branch.joined();
        if (engine.branches().putIfAbsent(id, branch) != null) {
            throw XaErrors.of(
                    XAException.XAER_DUPID, "ETCD-00233: the branch " + id + " has been started already", null);
        }
        try {
            enter(branch);
        } catch (XAException e) {
            engine.branches().remove(id);
            throw e;
        }
    }

    private void join(BranchXid id) throws XAException {
        requireFree(id);
        Branch branch = known(id);
        branch.lock.lock();
        try {
            requireOpen(branch, "joined");
            requireCommittable(branch);
            enter(branch);
            branch.joined();
        } finally {
            branch.lock.unlock();
        }
    }

    private void resume(BranchXid id) throws XAException {
        requireFree(id);
        Branch branch = known(id);
        if (!suspended.containsKey(id)) {
            throw XaErrors.protocol(id, "resumed without having been suspended on this resource");
        }
        branch.lock.lock();
        try {
            requireCommittable(branch);
            enter(branch);
            suspended.remove(id);
            branch.resumed();
        } finally {
            branch.lock.unlock();
        }
    }

    @Override
    public synchronized void end(Xid xid, int flags) throws XAException {
        verb("end", XAException.XAER_RMERR, () -> {
            if (flags != TMSUCCESS && flags != TMFAIL && flags != TMSUSPEND) {
                throw XaErrors.flags("end", flags);
            }
            BranchXid id = id(xid);
            Branch branch = engine.branches().get(id);
            if (abandoned.remove(id)) {
                if (branch != null && flags == TMFAIL) {
                    branch.workspace.rollbackOnly(TxErrors.markedForRollback());
                }
                return id;
            }
            if (branch == null) {
                throw XaErrors.unknown(id);
            }
            branch.lock.lock();
            try {
                end(branch, flags);
            } finally {
                branch.lock.unlock();
            }
            return id;
        });
    }

    private void end(Branch branch, int flags) throws XAException {
        if (active == branch) {
            active = null;
            session.leave(branch.workspace);
            if (flags == TMSUSPEND) {
                branch.suspended();
                suspended.put(branch.xid, branch);
            } else {
                branch.left();
            }
        } else if (flags != TMSUSPEND && suspended.remove(branch.xid) != null) {
            branch.leftSuspended();
        } else {
            throw XaErrors.protocol(branch.xid, "ended on a resource that does not work in it");
        }
        if (flags == TMFAIL) {
            branch.workspace.rollbackOnly(TxErrors.markedForRollback());
        }
    }

    @Override
    public int prepare(Xid xid) throws XAException {
        return verb("prepare", XAException.XAER_RMFAIL, () -> {
            Branch branch = known(id(xid));
            branch.lock.lock();
            try {
                return prepare(branch);
            } finally {
                branch.lock.unlock();
            }
        });
    }

    private int prepare(Branch branch) throws XAException {
        requireOpen(branch, "prepared");
        requireIdle(branch, "prepared");
        Changes changes = seal(branch);
        if (changes.isReadOnly()) {
            finish(branch);
            return XA_RDONLY;
        }
        if (changes.leased() != null) {
            finish(branch);
            throw XaErrors.of(XAException.XA_RBOTHER, TxErrors.leasedPut(changes.leased()));
        }
        // whatever comes out of the Txn by another way than the ones below, the record may be there
        branch.state(Branch.State.PREPARE_IN_DOUBT);
        try {
            branch.prepared(engine.withKv(kv -> new PreparedBranches(kv, engine).prepare(branch.xid, changes)));
            return XA_OK;
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

    @Override
    public void commit(Xid xid, boolean onePhase) throws XAException {
        verb("commit", onePhase ? XAException.XAER_RMFAIL : XAException.XA_RETRY, () -> {
            BranchXid id = id(xid);
            Branch branch = engine.branches().get(id);
            if (branch == null) {
                if (onePhase) {
                    throw XaErrors.unknown(id);
                }
                commitRecovered(id);
                return id;
            }
            branch.lock.lock();
            try {
                if (onePhase) {
                    commitOnePhase(branch);
                } else {
                    commitPrepared(branch);
                }
            } finally {
                branch.lock.unlock();
            }
            return id;
        });
    }

    private void commitOnePhase(Branch branch) throws XAException {
        requireOpen(branch, "committed in one phase");
        requireIdle(branch, "committed in one phase");
        Changes changes = seal(branch);
        branch.state(Branch.State.COMMIT_IN_DOUBT);
        try {
            engine.withKv(kv -> {
                CommitProtocol.commit(kv, engine.endpoint(), changes);
                return changes;
            });
            finish(branch);
        } catch (EtcdConflictException e) {
            finish(branch);
            throw XaErrors.of(XAException.XA_RBINTEGRITY, e);
        } catch (EtcdException e) {
            if (e.effect() == Effect.IN_DOUBT) {
                LOG.log(Level.ERROR, "one-phase commit of branch " + branch.xid + " is in doubt", e);
                branch.workspace.end();
                throw XaErrors.of(XAException.XAER_RMFAIL, e);
            }
            finish(branch);
            throw XaErrors.of(XAException.XA_RBROLLBACK, e);
        }
    }

    private void commitPrepared(Branch branch) throws XAException {
        if (branch.state() != Branch.State.PREPARED) {
            throw XaErrors.protocol(branch.xid, "committed in two phases without having been prepared");
        }
        try {
            engine.withKv(kv -> new PreparedBranches(kv, engine).commit(branch.xid, branch.prepared(), true));
        } catch (EtcdException e) {
            LOG.log(Level.WARNING, "commit of prepared branch " + branch.xid + " has to be tried again", e);
            throw XaErrors.of(XAException.XA_RETRY, e);
        }
        finish(branch);
    }

    private void commitRecovered(BranchXid id) throws XAException {
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

    @Override
    public void rollback(Xid xid) throws XAException {
        verb("rollback", XAException.XAER_RMFAIL, () -> {
            BranchXid id = id(xid);
            Branch branch = engine.branches().get(id);
            if (branch == null) {
                rollbackRecovered(id);
                return id;
            }
            branch.lock.lock();
            try {
                rollback(branch);
            } finally {
                branch.lock.unlock();
            }
            return id;
        });
    }

    private void rollback(Branch branch) throws XAException {
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

    private void rollbackRecovered(BranchXid id) throws XAException {
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

    /** All at the start of a scan, nothing after it: Narayana asks START then END, Payara both at once or until empty. */
    @Override
    public Xid[] recover(int flags) throws XAException {
        return verb("recover", XAException.XAER_RMFAIL, () -> {
            if ((flags & ~(TMSTARTRSCAN | TMENDRSCAN)) != 0) {
                throw XaErrors.flags("recover", flags);
            }
            if ((flags & TMSTARTRSCAN) == 0) {
                return new Xid[0];
            }
            return engine.withKv(kv -> new PreparedBranches(kv, engine).list().toArray(new Xid[0]));
        });
    }

    /** Only what is in doubt after a one-phase commit is kept for it. */
    @Override
    public void forget(Xid xid) throws XAException {
        verb("forget", XAException.XAER_RMFAIL, () -> {
            BranchXid id = id(xid);
            Branch branch = engine.branches().get(id);
            if (branch == null || branch.state() != Branch.State.COMMIT_IN_DOUBT) {
                throw XaErrors.unknown(id);
            }
            finish(branch);
            return id;
        });
    }

    @Override
    public boolean isSameRM(XAResource other) {
        return other instanceof EtcdXaResource same && same.engine == engine;
    }

    @Override
    public synchronized int getTransactionTimeout() {
        return timeoutSeconds;
    }

    /** For branches started from now on; 0 for none. A branch that is older can only be rolled back, until it is prepared. */
    @Override
    public synchronized boolean setTransactionTimeout(int seconds) throws XAException {
        if (seconds < 0) {
            throw XaErrors.of(
                    XAException.XAER_INVAL, "ETCD-00235: a timeout of " + seconds + " s is not allowed", null);
        }
        timeoutSeconds = seconds;
        return true;
    }

    /** Ends the session's work in all branches, as if the transaction manager had. */
    synchronized void leave() {
        Branch left = active;
        active = null;
        if (left != null) {
            abandon(left, left::left);
        }
        suspended.values().forEach(branch -> abandon(branch, branch::leftSuspended));
        suspended.clear();
    }

    private void abandon(Branch branch, Runnable change) {
        branch.lock.lock();
        try {
            session.leave(branch.workspace);
            change.run();
            abandoned.add(branch.xid);
        } finally {
            branch.lock.unlock();
        }
    }

    private void enter(Branch branch) throws XAException {
        if (!session.join(branch.workspace, false)) {
            throw XaErrors.of(
                    XAException.XAER_OUTSIDE,
                    "ETCD-00236: the connection is in a local transaction; end it before a global one begins",
                    null);
        }
        abandoned.remove(branch.xid);
        active = branch;
    }

    private void requireFree(BranchXid id) throws XAException {
        if (active != null) {
            throw XaErrors.protocol(id, "started while the resource works in branch " + active.xid);
        }
    }

    private static void requireOpen(Branch branch, String what) throws XAException {
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

    private static void requireCommittable(Branch branch) throws XAException {
        EtcdException reason = branch.workspace.rollbackReason();
        if (reason != null) {
            throw XaErrors.of(rollbackCode(reason), reason);
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

    private static int rollbackCode(@Nullable EtcdException reason) {
        return reason != null && TxErrors.isTimeout(reason) ? XAException.XA_RBTIMEOUT : XAException.XA_RBROLLBACK;
    }

    private Branch known(BranchXid id) throws XAException {
        Branch branch = engine.branches().get(id);
        if (branch == null) {
            throw XaErrors.unknown(id);
        }
        return branch;
    }

    private void finish(Branch branch) {
        branch.workspace.end();
        engine.branches().remove(branch.xid, branch);
    }

    private static BranchXid id(@Nullable Xid xid) throws XAException {
        if (xid == null) {
            throw XaErrors.of(XAException.XAER_INVAL, "ETCD-00237: the xid is null", null);
        }
        return BranchXid.of(xid);
    }

    private interface Verb<T> {
        T run() throws XAException;
    }

    /** @param otherwise the code of everything that is not an XAException yet */
    private static <T> T verb(String name, int otherwise, Verb<T> verb) throws XAException {
        try {
            return verb.run();
        } catch (EtcdException e) {
            throw XaErrors.of(otherwise, e);
        } catch (RuntimeException | Error e) {
            LOG.log(Level.ERROR, "unexpected failure of XA " + name, e);
            throw XaErrors.of(otherwise, "ETCD-00238: unexpected failure of XA " + name + ": " + e, e);
        }
    }
}
