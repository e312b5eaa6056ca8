package org.etcdjakarta.connector;

import jakarta.resource.spi.ConnectionEvent;
import jakarta.resource.spi.ConnectionEventListener;
import jakarta.resource.spi.ManagedConnection;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/**
 * Tells the server what happens on a managed connection. A listener may remove itself, or destroy the connection, while it is
 * told.
 */
final class ConnectionEvents {

    private final ManagedConnection source;
    private final List<ConnectionEventListener> listeners = new CopyOnWriteArrayList<>();

    ConnectionEvents(ManagedConnection source) {
        this.source = source;
    }

    void add(ConnectionEventListener listener) {
        listeners.add(listener);
    }

    void remove(ConnectionEventListener listener) {
        listeners.remove(listener);
    }

    void clear() {
        listeners.clear();
    }

    void connectionClosed(Object handle) {
        ConnectionEvent event = event(ConnectionEvent.CONNECTION_CLOSED, handle);
        listeners.forEach(listener -> listener.connectionClosed(event));
    }

    /** The server destroys the connection, perhaps before this returns. */
    void connectionErrorOccurred(Throwable failure) {
        Exception told = failure instanceof Exception exception ? exception : new IllegalStateException(failure);
        ConnectionEvent event = new ConnectionEvent(source, ConnectionEvent.CONNECTION_ERROR_OCCURRED, told);
        listeners.forEach(listener -> listener.connectionErrorOccurred(event));
    }

    void localTransactionStarted(@Nullable Object handle) {
        ConnectionEvent event = event(ConnectionEvent.LOCAL_TRANSACTION_STARTED, handle);
        listeners.forEach(listener -> listener.localTransactionStarted(event));
    }

    void localTransactionCommitted(@Nullable Object handle) {
        ConnectionEvent event = event(ConnectionEvent.LOCAL_TRANSACTION_COMMITTED, handle);
        listeners.forEach(listener -> listener.localTransactionCommitted(event));
    }

    void localTransactionRolledBack(@Nullable Object handle) {
        ConnectionEvent event = event(ConnectionEvent.LOCAL_TRANSACTION_ROLLEDBACK, handle);
        listeners.forEach(listener -> listener.localTransactionRolledback(event));
    }

    private ConnectionEvent event(int id, @Nullable Object handle) {
        ConnectionEvent event = new ConnectionEvent(source, id);
        if (handle != null) {
            event.setConnectionHandle(handle);
        }
        return event;
    }
}
