package org.etcdjakarta.core.tx;

import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import javax.transaction.xa.XAException;
import javax.transaction.xa.XAResource;
import javax.transaction.xa.Xid;
import org.etcdjakarta.EtcdException;
import org.jspecify.annotations.Nullable;

/**
 * The XA verbs: the specification's state table, and the error codes that Narayana and Payara understand. A session works in
 * at most one branch at a time; it may have suspended others. The branches themselves belong to the engine, so prepare, commit
 * and rollback may come on the resource of any session, also of one that is closed.
 *
 * <p>Every method throws XAException and nothing else: at anything else out of {@code recover}, Payara gives up the recovery of
 * all resources.
 */
final class EtcdXaResource implements XAResource {

    private static final System.Logger LOG = System.getLogger(EtcdXaResource.class.getName());

    /** The resource of this thread that waits for what a stranger says. */
    private static final ThreadLocal<EtcdXaResource> ASKING = new ThreadLocal<>();

    private final SharedEngine engine;
    private final TxSession session;
    private final BranchCompletion completion;
    private final Map<BranchXid, Branch> suspended = new HashMap<>();
    /** Left by a reset; the transaction manager does not know and will end them. */
    private final Set<BranchXid> abandoned = new HashSet<>();

    private @Nullable Branch active;

    /**
     * The branch that it has joined last. Narayana ends whoever has joined once more before it completes the branch, also when the
     * server has ended it already, and logs the XAER_PROTO that is due: so it is not, with every message-driven bean that uses a pool.
     */
    private @Nullable BranchXid joined;

    private int timeoutSeconds;

    EtcdXaResource(SharedEngine engine, TxSession session) {
        this.engine = engine;
        this.session = session;
        this.completion = new BranchCompletion(engine);
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
        joined = null;
        engine.workFor(id);
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
            requireKnown(branch);
            BranchCompletion.requireOpen(branch, "joined");
            requireCommittable(branch);
            enter(branch);
            branch.joined();
            joined = id;
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
        } else if (flags == TMSUSPEND || !branch.xid.equals(joined)) {
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
                requireKnown(branch);
                return completion.prepare(branch);
            } finally {
                branch.lock.unlock();
            }
        });
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
                completion.commitRecovered(id);
                return id;
            }
            branch.lock.lock();
            try {
                requireKnown(branch);
                if (onePhase) {
                    completion.commitOnePhase(branch);
                } else {
                    completion.commitPrepared(branch);
                }
            } finally {
                branch.lock.unlock();
            }
            return id;
        });
    }

    @Override
    public void rollback(Xid xid) throws XAException {
        verb("rollback", XAException.XAER_RMFAIL, () -> {
            BranchXid id = id(xid);
            Branch branch = engine.branches().get(id);
            if (branch == null) {
                completion.rollbackRecovered(id);
                return id;
            }
            branch.lock.lock();
            try {
                completion.rollback(branch);
            } finally {
                branch.lock.unlock();
            }
            return id;
        });
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
            return engine.withKv(
                    kv -> RecoveryScan.of(kv, engine).toRecover(engine).toArray(new Xid[0]));
        });
    }

    /** What is in doubt after a one-phase commit is kept for it, and what an operator has ended. */
    @Override
    public void forget(Xid xid) throws XAException {
        verb("forget", XAException.XAER_RMFAIL, () -> {
            BranchXid id = id(xid);
            Branch branch = engine.branches().get(id);
            if (branch != null && branch.state() == Branch.State.COMMIT_IN_DOUBT) {
                // what it has come to is still found out
                engine.branches().remove(id, branch);
            } else if (branch != null || !completion.forget(id)) {
                throw XaErrors.unknown(id);
            }
            return id;
        });
    }

    /**
     * Servers wrap the resources of their pools, and only the wrapper knows what is inside: so a stranger is asked back, and hands
     * over what it wraps. One that asks back in its turn, for want of knowing either, is told no; one that fails is none of ours.
     */
    @Override
    public boolean isSameRM(@Nullable XAResource other) {
        if (other instanceof EtcdXaResource same) {
            return engine.isSameResourceManager(same.engine);
        }
        if (other == null || ASKING.get() != null) {
            return false;
        }
        ASKING.set(this);
        try {
            return other.isSameRM(this);
        } catch (XAException | RuntimeException e) {
            return false;
        } finally {
            ASKING.remove();
        }
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

    /** Ends the session's work in all branches, as if the transaction manager had; nothing of it is left to the next user. */
    synchronized void leave() {
        Branch left = active;
        active = null;
        if (left != null) {
            abandon(left, left::left);
        }
        suspended.values().forEach(branch -> abandon(branch, branch::leftSuspended));
        suspended.clear();
        timeoutSeconds = 0;
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

    private static void requireCommittable(Branch branch) throws XAException {
        EtcdException reason = branch.workspace.rollbackReason();
        if (reason != null) {
            throw XaErrors.of(BranchCompletion.rollbackCode(reason), reason);
        }
    }

    /** With its lock held: it may have ended while that was waited for. */
    private static void requireKnown(Branch branch) throws XAException {
        if (branch.state() == Branch.State.ENDED) {
            throw XaErrors.unknown(branch.xid);
        }
    }

    private Branch known(BranchXid id) throws XAException {
        Branch branch = engine.branches().get(id);
        if (branch == null) {
            throw XaErrors.unknown(id);
        }
        return branch;
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
