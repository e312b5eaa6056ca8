package org.etcdjakarta.core.tx;

/**
 * What others may do to a transaction's keys between its snapshot and its commit without the commit failing. The levels differ
 * in nothing else: at each of them every read comes from the one snapshot of the first read with the own writes laid over it,
 * nothing is written before commit, all writes are applied at one revision, and a lock or leadership that the thread held while
 * it worked must be held still. A conflict is found at commit, or at prepare, and nothing is written then.
 *
 * <p>From each level to the next there is less to conflict with, so fewer transactions have to be run again, and the commit's
 * Txn is smaller. What becomes possible instead is not found out by anybody.
 *
 * @see <a href="https://www.microsoft.com/en-us/research/publication/a-critique-of-ansi-sql-isolation-levels/">A Critique of
 *     ANSI SQL Isolation Levels</a>, for the names of the anomalies
 */
public enum Isolation {

    /**
     * The default. Everything that was read must be the same still: each key, the absence of a key, each range with the keys that
     * came into it and those that went, and what the compares of a {@code txn()} looked at. The transaction could have done all
     * of its work at the revision of its commit; one that has written nothing could have at its snapshot's.
     *
     * <p>A write without a read depends on nothing and is not compared: it comes after whatever others have done to the key.
     */
    SERIALIZABLE,

    /**
     * Nobody else may have written, or deleted, a key that the transaction writes: the first to commit wins. A key that is put
     * without having been read is looked up when it is put, because a key that is deleted afterwards leaves no revision to
     * compare with; that costs one round trip unless the snapshot knows the key. Of a deleted range the keys count that were
     * there, and a write that was taken back (a new key, deleted again) counts no more.
     *
     * <p>Possible: two transactions each of which reads what the other one writes (write skew), also by ranges. A compare of a
     * {@code txn()} is a read like any other: it decides by the snapshot and is not looked at again, unless the transaction
     * writes that key.
     */
    SNAPSHOT,

    /**
     * Nothing is compared at commit: the last to commit wins, and only locks protect what was read. The name is the least that it
     * promises; as reads come from one snapshot, a key that is read twice is the same, and two keys belong together.
     *
     * <p>Possible: all of the above, and lost updates: what was computed from a value that has been replaced meanwhile is
     * written over the new one. For single values that nobody computes from what was there.
     */
    READ_COMMITTED
}
