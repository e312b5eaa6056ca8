package org.etcdjakarta.cdi;

import javax.naming.NamingException;

/** Whether the calling thread is in a JTA transaction; also asked where there are none. */
final class CallersTransaction {

    private static final String TRANSACTIONS = "java:comp/TransactionSynchronizationRegistry";

    private CallersTransaction() {}

    static boolean isActive() {
        try {
            Object registry = Jndi.lookup(TRANSACTIONS);
            return registry != null && ActiveTransaction.in(registry);
        } catch (NamingException e) {
            // plain Java SE, or a thread on which no transaction is managed
            return false;
        }
    }
}
