package org.etcdjakarta.connector;

import jakarta.resource.ResourceException;
import jakarta.resource.cci.LocalTransaction;

/**
 * A local transaction that the application demarcates, from {@code EtcdConnection.unwrap(LocalTransaction.class)}. The server is
 * told of each step: it must not enlist the connection meanwhile.
 */
final class ApplicationLocalTransaction implements LocalTransaction {

    private final EtcdConnectionImpl handle;

    ApplicationLocalTransaction(EtcdConnectionImpl handle) {
        this.handle = handle;
    }

    @Override
    public void begin() throws ResourceException {
        EtcdManagedConnection connection = handle.connection();
        connection.getLocalTransaction().begin();
        connection.events().localTransactionStarted(handle);
    }

    /** A commit that fails ends the transaction as well, and as a rollback for the server. */
    @Override
    public void commit() throws ResourceException {
        EtcdManagedConnection connection = handle.connection();
        try {
            connection.getLocalTransaction().commit();
        } catch (ResourceException failure) {
            if (!connection.inTransaction()) {
                connection.events().localTransactionRolledBack(handle);
            }
            throw failure;
        }
        connection.events().localTransactionCommitted(handle);
    }

    @Override
    public void rollback() throws ResourceException {
        EtcdManagedConnection connection = handle.connection();
        connection.getLocalTransaction().rollback();
        connection.events().localTransactionRolledBack(handle);
    }
}
