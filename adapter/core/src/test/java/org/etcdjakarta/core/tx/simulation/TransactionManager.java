package org.etcdjakarta.core.tx.simulation;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import javax.transaction.xa.XAException;
import javax.transaction.xa.XAResource;
import javax.transaction.xa.Xid;
import org.etcdjakarta.core.tx.simulation.Deal.Outcome;

/**
 * Two-phase commit with presumed abort, as Narayana and Payara do it: the decision is logged between the phases, a branch that
 * cannot be completed is left to recovery, and recovery rolls back what has no decision and is not under way.
 */
final class TransactionManager {

    /** A branch in one resource manager. */
    record Branch(XAResource resource, Xid xid) {}

    interface XaCall {
        void run() throws XAException;
    }

    private final String node;
    private final TransactionLog log;
    private final Consumer<String> violated;
    private final Runnable pause;
    private final Set<String> underWay = new HashSet<>();
    /** Of which their resource manager has said that nothing is left. */
    private final Set<String> refused = new HashSet<>();

    /** @param pause takes some time, in which the process may die */
    TransactionManager(String node, TransactionLog log, Consumer<String> violated, Runnable pause) {
        this.node = node;
        this.log = log;
        this.violated = violated;
        this.pause = pause;
    }

    void begin(String transaction) {
        underWay.add(transaction);
    }

    Outcome commit(String transaction, List<Branch> branches) {
        try {
            return branches.size() == 1 ? commitOnePhase(branches.get(0)) : commitTwoPhases(transaction, branches);
        } finally {
            underWay.remove(transaction);
        }
    }

    Outcome rollback(String transaction, List<Branch> branches) {
        branches.forEach(this::rollback);
        underWay.remove(transaction);
        return Outcome.ROLLED_BACK;
    }

    private Outcome commitOnePhase(Branch branch) {
        int code = code(() -> branch.resource.commit(branch.xid, true));
        if (code == 0) {
            return Outcome.COMMITTED;
        }
        if (isRollback(code)) {
            return Outcome.ROLLED_BACK;
        }
        if (code != XAException.XAER_RMFAIL) {
            violated.accept("commit in one phase of " + SimulatedXid.transaction(branch.xid) + " ended with " + code);
        }
        return Outcome.UNKNOWN;
    }

    private Outcome commitTwoPhases(String transaction, List<Branch> branches) {
        List<Branch> prepared = new ArrayList<>();
        for (Branch branch : branches) {
            int[] vote = {XAResource.XA_RDONLY};
            int code = code(() -> vote[0] = branch.resource.prepare(branch.xid));
            if (code != 0) {
                if (!isRollback(code) && code != XAException.XAER_RMFAIL) {
                    violated.accept("prepare of " + transaction + " ended with " + code);
                }
                List<Branch> left = new ArrayList<>(branches);
                if (isRollback(code)) {
                    left.remove(branch);
                    refused.add(name(branch.xid));
                }
                left.forEach(this::rollback);
                return Outcome.ROLLED_BACK;
            }
            if (vote[0] == XAResource.XA_OK) {
                prepared.add(branch);
            }
        }
        pause.run();
        log.commit(
                transaction,
                prepared.stream().map(branch -> SimulatedXid.branch(branch.xid)).toList());
        pause.run();
        for (Branch branch : prepared) {
            int code = code(() -> branch.resource.commit(branch.xid, false));
            if (code == 0) {
                log.completed(transaction, SimulatedXid.branch(branch.xid));
            } else if (code != XAException.XA_RETRY && code != XAException.XAER_RMFAIL) {
                violated.accept("commit of prepared " + transaction + " ended with " + code);
            }
        }
        return Outcome.COMMITTED;
    }

    private void rollback(Branch branch) {
        int code = code(() -> branch.resource.rollback(branch.xid));
        if (code != 0 && code != XAException.XAER_RMFAIL && code != XAException.XAER_NOTA && !isRollback(code)) {
            violated.accept("rollback of " + SimulatedXid.transaction(branch.xid) + " ended with " + code);
        }
    }

    /** One pass over one resource manager. Returns how many branches of this node it has found. */
    int recover(XAResource resource) {
        List<Xid> found = new ArrayList<>();
        code(() -> {
            found.addAll(List.of(resource.recover(XAResource.TMSTARTRSCAN)));
            if (resource.recover(XAResource.TMENDRSCAN).length != 0) {
                violated.accept("the end of the scan lists branches");
            }
        });
        int mine = 0;
        for (Xid xid : found) {
            String transaction = SimulatedXid.transaction(xid);
            if (!transaction.startsWith(node + ":") || underWay.contains(transaction)) {
                continue;
            }
            mine++;
            if (refused.contains(name(xid))) {
                violated.accept("listed, though its prepare was told to be rolled back: " + name(xid));
            }
            int code = log.hasCommitted(transaction)
                    ? code(() -> resource.commit(xid, false))
                    : code(() -> resource.rollback(xid));
            if (code == 0 || code == XAException.XAER_NOTA) {
                log.completed(transaction, SimulatedXid.branch(xid));
            } else if (code != XAException.XA_RETRY && code != XAException.XAER_RMFAIL) {
                violated.accept("recovery of " + transaction + " ended with " + code);
            }
        }
        return mine;
    }

    private static String name(Xid xid) {
        return SimulatedXid.transaction(xid) + " " + SimulatedXid.branch(xid);
    }

    /** The code of the call's XAException, or 0. */
    static int code(XaCall call) {
        try {
            call.run();
            return 0;
        } catch (XAException e) {
            return e.errorCode;
        } finally {
            Fiber.current().requireAlive();
        }
    }

    private static boolean isRollback(int code) {
        return code >= XAException.XA_RBBASE && code <= XAException.XA_RBEND;
    }
}
