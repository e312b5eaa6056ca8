package org.etcdjakarta.connector;

import io.etcd.jetcd.Client;
import io.etcd.jetcd.Election;
import io.etcd.jetcd.Lock;
import io.etcd.jetcd.Watch;
import jakarta.resource.cci.LocalTransaction;
import java.lang.reflect.Method;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import org.etcdjakarta.EtcdAuth;
import org.etcdjakarta.EtcdCluster;
import org.etcdjakarta.EtcdConnection;
import org.etcdjakarta.EtcdKv;
import org.etcdjakarta.EtcdLease;
import org.etcdjakarta.EtcdMaintenance;
import org.etcdjakarta.EtcdSession;
import org.etcdjakarta.core.link.EtcdLink;
import org.etcdjakarta.core.link.ProtocolKv;
import org.jspecify.annotations.Nullable;

/**
 * The handle. Closed when it has no managed connection any more. What is begun through it (watches, keep-alives, observations,
 * waiting locks) stands on a reference on the link of its own and ends with that: the managed connection's stays with the pool,
 * and would keep all of it, and the application's class loader, alive.
 */
public final class EtcdConnectionImpl implements EtcdConnection {

    private final AtomicReference<@Nullable EtcdManagedConnection> managed;
    private final HandleScope scope = new HandleScope(this::connection, this::told);
    private final EtcdKv kv;
    private @Nullable EtcdLink own;

    EtcdConnectionImpl(EtcdManagedConnection connection) {
        managed = new AtomicReference<>(connection);
        kv = new ProtocolKv(
                new HandleProtocol(this::connection), connection.link().namespace());
    }

    /** That somebody else's password is wrong says nothing of this connection. */
    private Object told(Method method, Object result) {
        EtcdManagedConnection connection = managed.get();
        return connection != null
                        && connection.signsOn()
                        && result instanceof CompletableFuture<?> answer
                        && !method.getName().equals("authenticate")
                ? ToldFailures.first(answer, connection::failed)
                : result;
    }

    /** IllegalStateException after the end. */
    EtcdManagedConnection connection() {
        EtcdManagedConnection connection = managed.get();
        if (connection == null) {
            throw ConnectorMessages.closedHandle();
        }
        return connection;
    }

    /** Returns where it was before. */
    EtcdManagedConnection moveTo(EtcdManagedConnection connection) {
        EtcdManagedConnection before = connection();
        if (!managed.compareAndSet(before, connection)) {
            throw ConnectorMessages.closedHandle();
        }
        return before;
    }

    /** Taken when first needed, so that a handle that only reads and writes costs nothing. */
    private synchronized EtcdLink own() {
        EtcdManagedConnection connection = connection();
        EtcdLink taken = own;
        if (taken == null) {
            taken = connection.link().retain();
            own = taken;
        }
        return taken;
    }

    private synchronized @Nullable EtcdLink giveUpOwn() {
        EtcdLink given = own;
        own = null;
        return given;
    }

    /** When there is no managed connection any more, so that own() cannot take another. Listeners hear it from here. */
    private void end() {
        scope.end();
        EtcdLink link = giveUpOwn();
        if (link != null) {
            link.close();
        }
    }

    /** By the server, which knows. */
    void invalidate() {
        managed.set(null);
        end();
    }

    @Override
    public void close() {
        EtcdManagedConnection connection = managed.getAndSet(null);
        end();
        if (connection != null) {
            connection.closed(this);
        }
    }

    @Override
    public EtcdKv kv() {
        connection();
        return kv;
    }

    @Override
    public EtcdLease lease() {
        return bind(
                EtcdLease.class,
                client -> new HandleLease(EtcdLease.of(client.getLeaseClient()), () -> connection()
                        .leases()));
    }

    @Override
    public Watch watch() {
        return bind(Watch.class, Client::getWatchClient);
    }

    @Override
    public Lock lock() {
        return bind(Lock.class, Client::getLockClient);
    }

    @Override
    public Election election() {
        return bind(Election.class, Client::getElectionClient);
    }

    @Override
    public EtcdCluster cluster() {
        return bind(EtcdCluster.class, client -> EtcdCluster.of(client.getClusterClient()));
    }

    @Override
    public EtcdAuth auth() {
        return bind(EtcdAuth.class, client -> EtcdAuth.of(client.getAuthClient()));
    }

    @Override
    public EtcdMaintenance maintenance() {
        return bind(EtcdMaintenance.class, client -> EtcdMaintenance.of(client.getMaintenanceClient()));
    }

    @Override
    public EtcdSession session() {
        connection();
        return scope.bind(EtcdSession.class, () -> connection().etcdSession());
    }

    private <T> T bind(Class<T> type, Function<Client, T> service) {
        connection();
        return scope.bind(type, () -> service.apply(own().client()));
    }

    @Override
    public <T> T unwrap(Class<T> type) {
        connection();
        if (type == EtcdLink.class) {
            return type.cast(own());
        }
        if (type == Client.class) {
            return type.cast(own().client());
        }
        if (type == LocalTransaction.class) {
            return type.cast(new ApplicationLocalTransaction(this));
        }
        throw ConnectorMessages.nothingBehind(type);
    }

    @Override
    public String toString() {
        EtcdManagedConnection connection = managed.get();
        return connection == null ? "EtcdConnection[closed]" : "EtcdConnection[" + connection + ']';
    }
}
