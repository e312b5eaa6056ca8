package org.etcdjakarta.core.tx;

import javax.transaction.xa.XAException;
import org.jspecify.annotations.Nullable;

/** XAExceptions with both their error code, which transaction managers act upon, and their cause, which people read. */
final class XaErrors {

    private XaErrors() {}

    static XAException of(int code, String message, @Nullable Throwable cause) {
        // the constructor with a message leaves the code at 0, which some transaction managers take for success
        XAException e = new XAException(message);
        e.errorCode = code;
        if (cause != null) {
            e.initCause(cause);
        }
        return e;
    }

    static XAException of(int code, Throwable cause) {
        return of(code, String.valueOf(cause.getMessage()), cause);
    }

    static XAException unknown(BranchXid xid) {
        return of(XAException.XAER_NOTA, "ETCD-00230: the branch " + xid + " is not known", null);
    }

    static XAException protocol(BranchXid xid, String what) {
        return of(XAException.XAER_PROTO, "ETCD-00231: " + what + " (branch " + xid + ")", null);
    }

    /** The transaction manager compares it with what it has decided, and forgets the branch. */
    static XAException heuristic(int code, BranchXid xid, String how) {
        return of(
                code,
                "ETCD-00239: the branch " + xid + " was " + how
                        + " by an operator, or by another server that recovered it",
                null);
    }

    static XAException flags(String method, int flags) {
        return of(
                XAException.XAER_INVAL,
                "ETCD-00232: " + method + " does not know the flags 0x" + Integer.toHexString(flags),
                null);
    }
}
