package org.etcdjakarta.core.tx;

import com.google.protobuf.ByteString;
import org.etcdjakarta.EtcdConflictException;
import org.etcdjakarta.EtcdException;
import org.etcdjakarta.EtcdException.Effect;
import org.etcdjakarta.EtcdInDoubtException;
import org.etcdjakarta.EtcdUnavailableException;
import org.etcdjakarta.core.tx.IntentGuard.Held;
import org.etcdjakarta.core.tx.PreparedBranches.Completion;
import org.jspecify.annotations.Nullable;

/** The messages of branches that are prepared, and of those who meet them: of {@code ETCD-002xx} those from prepare on. */
final class BranchErrors {

    private BranchErrors() {}

    static EtcdException prepareFenced(BranchXid xid, String endpoint, EtcdException cause) {
        return new EtcdException(
                TxErrors.code(215),
                "the answer to the prepare of branch " + xid + " was lost (" + endpoint + "); it has been fenced off:"
                        + " nothing of it has been written or will be. Run the transaction again",
                Effect.NOT_APPLIED,
                endpoint,
                cause);
    }

    static EtcdInDoubtException prepareInDoubt(BranchXid xid, Doubt doubt, String endpoint, EtcdException cause) {
        return new EtcdInDoubtException(
                TxErrors.code(221),
                "the answer to the prepare of branch " + xid + " was lost (" + endpoint
                        + "), and it could not be found out whether it is prepared. Nothing of it is visible, and rollback,"
                        + " or recovery, will settle it. " + TxErrors.told(doubt),
                Effect.IN_DOUBT,
                endpoint,
                cause);
    }

    static EtcdUnavailableException prepareStillInDoubt(BranchXid xid, Doubt doubt, String endpoint) {
        return new EtcdUnavailableException(
                TxErrors.code(223),
                "it could not be found out whether the branch " + xid + " is prepared (" + endpoint
                        + "), so it is not rolled back yet; recovery tries again. " + TxErrors.told(doubt),
                Effect.IN_DOUBT,
                endpoint,
                null);
    }

    static EtcdConflictException held(Held held, long nowMillis, String endpoint) {
        return new EtcdConflictException(
                TxErrors.code(226),
                "the key " + TxErrors.text(held.key()) + " is held by the prepared branch "
                        + held.by().xid() + " of node '"
                        + held.by().node() + "', for "
                        + Math.max(0, nowMillis - held.by().createdMillis()) / 1000
                        + " s; nothing has been written (" + endpoint
                        + "). Run it again; if the branch stays, its transaction manager, or an operator, has to complete it",
                Effect.NOT_APPLIED,
                endpoint,
                null);
    }

    static EtcdConflictException sameTransaction(Held held, String endpoint) {
        return new EtcdConflictException(
                TxErrors.code(227),
                "two branches of one global transaction write the key " + TxErrors.text(held.key())
                        + "; the other one is "
                        + held.by().xid() + ". Nothing of this one has been prepared (" + endpoint
                        + "). Use one connection factory for the key in a transaction, and leave is-same-rm-override unset",
                Effect.NOT_APPLIED,
                endpoint,
                null);
    }

    static EtcdException notPrepared(String xid, Completion completion, String endpoint) {
        return new EtcdException(
                TxErrors.code(245),
                completion == Completion.UNKNOWN
                        ? "there is no prepared branch " + xid + " (" + endpoint
                                + "); nothing has been done. Its transaction manager may have completed it meanwhile"
                        : "the branch " + xid + " has been ended already, the other way: " + completion + " ("
                                + endpoint + "); nothing has been done",
                Effect.NOT_APPLIED,
                endpoint,
                null);
    }

    static EtcdException nothingToForget(String xid, String endpoint) {
        return new EtcdException(
                TxErrors.code(246),
                "there is no heuristic outcome of a branch " + xid + " (" + endpoint
                        + "); nothing has been done. One that is prepared has to be committed or rolled back first",
                Effect.NOT_APPLIED,
                endpoint,
                null);
    }

    static EtcdException alreadyPrepared(BranchXid xid, String endpoint) {
        return new EtcdException(
                TxErrors.code(216),
                "there is a prepared branch " + xid + " in etcd already (" + endpoint
                        + "), so this one can't be prepared;"
                        + " nothing of it has been written. Two servers with the same node identifier? Give each its own",
                Effect.NOT_APPLIED,
                endpoint,
                null);
    }

    static EtcdException recordReplaced(BranchXid xid, String endpoint) {
        return new EtcdException(
                TxErrors.code(217),
                "the prepare record of branch " + xid + " is not the one that was prepared (" + endpoint
                        + "): somebody has"
                        + " put it anew, or etcd was restored from a backup. Nothing of this call has been written; look at"
                        + " the record before you resolve the branch by hand",
                Effect.NOT_APPLIED,
                endpoint,
                null);
    }

    static EtcdException unknownRecordVersion(int version) {
        return TxErrors.error(
                218,
                "the prepare record was written by a newer version of the protocol (" + version
                        + ") and has not been touched. Let a server with that version complete the branch",
                null);
    }

    static EtcdException unreadableRecord(Throwable cause) {
        return TxErrors.error(
                219,
                "the prepare record can't be read and has not been touched; look at its key in etcd before you resolve the"
                        + " branch by hand",
                cause);
    }

    /** True when a record is not for this version to complete: trying again does not help. */
    static boolean isForeignRecord(EtcdException failure) {
        return failure.code().equals(TxErrors.code(217))
                || failure.code().equals(TxErrors.code(218))
                || failure.code().equals(TxErrors.code(219));
    }

    static EtcdException leasedPut(ByteString key) {
        return TxErrors.error(
                220,
                "the key " + TxErrors.text(key)
                        + " was put with a lease, which a transaction with several resources can't do: the"
                        + " lease could expire between prepare and commit and block the commit. Nothing has been written."
                        + " Put it without a lease, or in a transaction of its own",
                null);
    }

    /** Not an exception: nothing has failed yet. */
    static String leftToItsServer(BranchXid xid, Intents intents, String endpoint) {
        return TxErrors.code(260) + ": the branch " + xid + " at " + endpoint
                + " was prepared by a server that has gone and that had the"
                + " default node identifier '" + intents.node() + "', as this one; its transaction log ("
                + intents.home()
                + ") is not here, so it is left to that server, and holds its keys until that is started again. If it never will"
                + " be, end the branch through EtcdAdmin or JMX. Give each server an identifier of its own"
                + " (WildFly: -Djboss.tx.node.id=UNIQUE)";
    }

    static String sameNode(Alive self, Alive other, String otherLink, String endpoint) {
        return TxErrors.code(240) + ": two live servers have the node name '" + self.node() + "' at " + endpoint
                + ": this one ("
                + self + ") and another one (" + other + ", link " + otherLink
                + "). Recovery tells the prepared branches of servers apart by this name, and theirs it cannot. As long as both"
                + " are up, each leaves alone what the other has prepared; but when one goes down in the middle of a"
                + " transaction that its transaction manager has decided to commit, the other may roll back the part of it"
                + " that is in etcd. Give each server a name of its own and restart it. WildFly: start it with"
                + " -Djboss.tx.node.id=UNIQUE, and if its configuration does not take the identifier from there, also"
                + " /subsystem=transactions:write-attribute(name=node-identifier,value=UNIQUE). Payara: run it as an"
                + " instance with a name of its own, asadmin create-local-instance UNIQUE (that of a domain is always"
                + " 'server'). Open Liberty: server create UNIQUE";
    }

    /** @param reason of the last attempt, as far as there was one */
    static EtcdUnavailableException notPresent(String key, String endpoint, @Nullable EtcdException reason) {
        return new EtcdUnavailableException(
                TxErrors.code(241),
                "etcd has not taken the key " + key + " in time, by which others see that this server is alive ("
                        + endpoint
                        + "). Without it recovery elsewhere could take its prepared branches for those of a dead"
                        + " server, so nothing is prepared; nothing has been written. "
                        + (reason == null ? "Check that etcd is there" : "The reason: " + reason.getMessage()),
                Effect.NOT_APPLIED,
                endpoint,
                reason);
    }
}
