package org.etcdjakarta.connector;

import jakarta.resource.ResourceException;
import java.util.List;
import org.etcdjakarta.EtcdException;
import org.etcdjakarta.core.tx.TransactionAdmin.InDoubtBranch;
import org.etcdjakarta.core.tx.TransactionAdmin.Metrics;

/**
 * For operators: the transaction branches of a cluster that are prepared and not completed, of all nodes, and whether etcd is there.
 * An administered object of the adapter; on WildFly the archive binds {@code java:/eis/etcd-admin}.
 *
 * <p>All methods block, each for at most the request timeout a call to etcd, and join no transaction. All throw
 * {@code ResourceException} when a property of the object is wrong, and {@link EtcdException} when etcd does not answer or refuses.
 *
 * @see org.etcdjakarta.core.tx.TransactionAdmin
 */
public interface EtcdAdmin {

    /** {@return all branches in doubt, as of one revision, the oldest first} */
    List<InDoubtBranch> list() throws ResourceException;

    /**
     * Applies what the branch has prepared. Its transaction manager hears of it when it comes back ({@code XA_HEURCOM}).
     *
     * @param xid as listed
     */
    void commit(String xid) throws ResourceException;

    /**
     * Drops what the branch has prepared. Its transaction manager hears of it when it comes back ({@code XA_HEURRB}).
     *
     * @param xid as listed
     */
    void rollback(String xid) throws ResourceException;

    /**
     * Deletes the record of what an operator has done, when the transaction manager will not come back.
     *
     * @param xid as listed
     */
    void forget(String xid) throws ResourceException;

    /** {@return what is in doubt now, and what has happened in this process since its first connection was opened} */
    Metrics metrics() throws ResourceException;

    /** {@return what etcd answers} */
    Status status() throws ResourceException;

    /**
     * Where etcd is, and that it answers.
     *
     * @param version of the member that has answered
     * @param endpoints in use
     */
    record Status(String version, List<String> endpoints) {}
}
