package org.etcdjakarta.connector;

import java.util.List;

/**
 * The transactions of one cluster, in JMX: {@code org.etcdjakarta:type=Transactions,name="<endpoints>"}. There is one for each link
 * configuration that a running adapter has used with its own user. Attributes ask etcd, at most once a second.
 *
 * @see EtcdAdmin
 */
public interface TransactionsMXBean {

    /** {@return branches in etcd that are prepared, of all nodes} */
    long getInDoubt();

    /** {@return age of the oldest one of them in seconds; -1 when there is none} */
    long getOldestSeconds();

    /** {@return transactions and writes refused because of what others had done or held} */
    long getConflicts();

    /** {@return lost answers that were found out to be of commits and prepares which never will be applied} */
    long getFences();

    /** {@return commits and writes that were sent again since branches had been prepared meanwhile} */
    long getRetries();

    /** {@return all branches in doubt, the oldest first} */
    List<BranchView> list();

    /**
     * Applies what the branch has prepared.
     *
     * @param xid as listed
     */
    void commit(String xid);

    /**
     * Drops what the branch has prepared.
     *
     * @param xid as listed
     */
    void rollback(String xid);

    /**
     * Deletes the record of what an operator has done.
     *
     * @param xid as listed
     */
    void forget(String xid);
}
