package org.etcdjakarta.connector;

import jakarta.resource.ResourceException;
import jakarta.resource.spi.ConnectionEvent;
import jakarta.resource.spi.ConnectionEventListener;
import jakarta.resource.spi.ConnectionManager;
import jakarta.resource.spi.ConnectionRequestInfo;
import jakarta.resource.spi.ManagedConnection;
import jakarta.resource.spi.ManagedConnectionFactory;
import java.io.Serial;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;

/** The pool of a server, as Connectors describes it: matches, makes, takes back at the close event, destroys at the error event. */
final class TestPool implements ConnectionManager {

    @Serial
    private static final long serialVersionUID = 1L;

    private final transient Set<ManagedConnection> idle = new HashSet<>();
    private final transient List<ManagedConnection> all = new ArrayList<>();
    private final transient Semaphore places;
    private transient int errors;

    TestPool(int size) {
        places = new Semaphore(size);
    }

    @Override
    public Object allocateConnection(ManagedConnectionFactory factory, @Nullable ConnectionRequestInfo info)
            throws ResourceException {
        places.acquireUninterruptibly();
        ManagedConnection connection = take(factory, info);
        return connection.getConnection(null, info);
    }

    private synchronized ManagedConnection take(ManagedConnectionFactory factory, @Nullable ConnectionRequestInfo info)
            throws ResourceException {
        ManagedConnection match = factory.matchManagedConnections(Set.copyOf(idle), null, info);
        if (match != null) {
            idle.remove(match);
            return match;
        }
        ManagedConnection made = factory.createManagedConnection(null, info);
        all.add(made);
        made.addConnectionEventListener(new Listener(made));
        return made;
    }

    synchronized int made() {
        return all.size();
    }

    synchronized int idle() {
        return idle.size();
    }

    synchronized int errors() {
        return errors;
    }

    synchronized void destroyAll() throws ResourceException {
        for (ManagedConnection connection : all) {
            connection.destroy();
        }
        all.clear();
        idle.clear();
    }

    private final class Listener implements ConnectionEventListener {

        private final ManagedConnection connection;

        Listener(ManagedConnection connection) {
            this.connection = connection;
        }

        @Override
        public void connectionClosed(ConnectionEvent event) {
            end(false);
        }

        @Override
        public void connectionErrorOccurred(ConnectionEvent event) {
            end(true);
        }

        private void end(boolean worthless) {
            try {
                synchronized (TestPool.this) {
                    connection.cleanup();
                    if (worthless) {
                        errors++;
                        all.remove(connection);
                        connection.destroy();
                    } else {
                        idle.add(connection);
                    }
                }
            } catch (ResourceException e) {
                throw new AssertionError(e);
            }
            places.release();
        }

        @Override
        public void localTransactionStarted(ConnectionEvent event) {}

        @Override
        public void localTransactionCommitted(ConnectionEvent event) {}

        @Override
        public void localTransactionRolledback(ConnectionEvent event) {}
    }
}
