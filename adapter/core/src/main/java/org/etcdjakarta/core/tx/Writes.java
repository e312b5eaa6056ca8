package org.etcdjakarta.core.tx;

/** What a Txn does with the writes of a transaction. */
enum Writes {
    APPLIED,
    /**
     * Only named, without values and leases, in a branch that is never taken: etcd checks the permissions of every branch, so
     * prepare learns whether commit will be allowed.
     */
    NAMED
}
