package org.etcdjakarta.core.tx;

/** What a Txn does with the writes of a transaction. */
enum Writes {
    APPLIED,
    /** Only named, which changes nothing: etcd checks the permissions, so prepare learns whether commit will be allowed. */
    NAMED
}
