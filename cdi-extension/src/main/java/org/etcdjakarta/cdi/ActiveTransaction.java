package org.etcdjakarta.cdi;

import jakarta.transaction.Status;
import jakarta.transaction.TransactionSynchronizationRegistry;

/** Apart from {@link CallersTransaction}, because plain Java SE has no such class. */
final class ActiveTransaction {

    private ActiveTransaction() {}

    /** True when the calling thread is in a transaction that can still take writes, or would have to roll them back. */
    static boolean in(Object registry) {
        if (registry instanceof TransactionSynchronizationRegistry transactions) {
            int status = transactions.getTransactionStatus();
            return status == Status.STATUS_ACTIVE || status == Status.STATUS_MARKED_ROLLBACK;
        }
        return false;
    }
}
