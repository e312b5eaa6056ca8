package org.etcdjakarta.core.tx;

import io.etcd.jetcd.api.RequestOp;

/**
 * What fits into one Txn, checked at the operation that crosses the line, while the application still knows what it does.
 *
 * @param operations compares, and operations, of one Txn
 * @param bytes of one request
 */
record Limits(int operations, int bytes) {

    /** etcd refuses requests above 1.5 MiB; what lies between is for the protocol's own keys and the envelope. */
    static final int REQUEST_BYTES = (int) (1.4 * 1024 * 1024);

    /** A local transaction is one Txn of its own guards and writes. */
    static Limits local(int maxTxnOps) {
        return new Limits(maxTxnOps, REQUEST_BYTES);
    }

    /** A branch may be asked to prepare, which takes one compare, and one operation at commit, for the prepare record. */
    static Limits branch(int maxTxnOps) {
        return new Limits(maxTxnOps - 1, REQUEST_BYTES);
    }

    void check(Changes changes) {
        int guards = changes.guards().size();
        int writes = changes.writes().size();
        if (Math.max(guards, writes) > operations) {
            throw TxErrors.tooManyOperations(guards, writes, operations);
        }
        // prepare carries the same operations inside of its record, so it is no larger than a one-phase commit
        int size = changes.guarded().build().getSerializedSize();
        for (RequestOp operation : changes.operations()) {
            size += operation.getSerializedSize() + 8;
        }
        if (size > bytes) {
            throw TxErrors.tooLarge(size, bytes);
        }
    }
}
