package org.etcdjakarta.core.tx;

import javax.transaction.xa.XAResource;
import org.etcdjakarta.core.link.KvProtocol;

/** What a managed connection needs of transactions: it is in at most one branch at a time. */
public final class TxSession {

    private TxSession() {}

    /**
     * In a branch (between XA start and end, or begin and commit) its workspace: every call is complete when it returns.
     * Otherwise the link's own KV. Calls after the end of the branch that the call was begun in fail.
     */
    public KvProtocol kv() {
        throw new UnsupportedOperationException("skeleton");
    }

    /** True between XA start and end (or suspend), and between begin and commit or rollback. */
    public boolean inTransaction() {
        throw new UnsupportedOperationException("skeleton");
    }

    /** Always the same object. Works on after the session is closed and after the engine is closed; throws only XAException. */
    public XAResource xaResource() {
        throw new UnsupportedOperationException("skeleton");
    }

    /** Starts a local transaction. IllegalStateException when in a transaction already. */
    public void begin() {
        throw new UnsupportedOperationException("skeleton");
    }

    /** One etcd Txn. EtcdConflictException: nothing applied. EtcdInDoubtException: answer lost. */
    public void commit() {
        throw new UnsupportedOperationException("skeleton");
    }

    public void rollback() {
        throw new UnsupportedOperationException("skeleton");
    }

    /** Forgets an unfinished local transaction and leaves any branch; the session is as new. */
    public void reset() {
        throw new UnsupportedOperationException("skeleton");
    }
}
