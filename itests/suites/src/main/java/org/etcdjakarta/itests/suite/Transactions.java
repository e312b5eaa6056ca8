package org.etcdjakarta.itests.suite;

import jakarta.transaction.Status;
import jakarta.transaction.UserTransaction;

/** Transactions begun and ended by hand, on every server's {@code java:comp/UserTransaction}. */
final class Transactions {

    /** What is done inside. */
    @FunctionalInterface
    interface Work {
        void run() throws Exception;
    }

    private Transactions() {}

    /** Runs the work in a transaction of its own and commits; a failure of either comes out as it is. */
    static void commit(Work work) throws Exception {
        UserTransaction transaction = begin();
        try {
            work.run();
            transaction.commit();
        } finally {
            end(transaction);
        }
    }

    /** Runs the work in a transaction of its own and rolls it back. */
    static void rollback(Work work) throws Exception {
        UserTransaction transaction = begin();
        try {
            work.run();
        } finally {
            end(transaction);
        }
    }

    private static UserTransaction begin() throws Exception {
        UserTransaction transaction = Names.transaction();
        transaction.begin();
        return transaction;
    }

    /** After a commit there is none any more; after anything else one is left on the thread and must go. */
    private static void end(UserTransaction transaction) throws Exception {
        if (transaction.getStatus() != Status.STATUS_NO_TRANSACTION) {
            transaction.rollback();
        }
    }
}
