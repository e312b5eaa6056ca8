package org.etcdjakarta.connector;

import io.etcd.jetcd.Auth;
import io.etcd.jetcd.Client;
import io.etcd.jetcd.Cluster;
import io.etcd.jetcd.Election;
import io.etcd.jetcd.KV;
import io.etcd.jetcd.Lease;
import io.etcd.jetcd.Lock;
import io.etcd.jetcd.Maintenance;
import io.etcd.jetcd.Watch;
import jakarta.resource.cci.LocalTransaction;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import org.etcdjakarta.EtcdConnection;
import org.etcdjakarta.core.link.EtcdLink;
import org.etcdjakarta.core.link.ProtocolKv;
import org.jspecify.annotations.Nullable;

/** The handle. Closed when it has no managed connection any more. */
public final class EtcdConnectionImpl implements EtcdConnection {

    private final AtomicReference<@Nullable EtcdManagedConnection> managed;
    private final HandleScope scope = new HandleScope(this::connection);
    private final KV kv;

    EtcdConnectionImpl(EtcdManagedConnection connection) {
        managed = new AtomicReference<>(connection);
        kv = new ProtocolKv(
                new HandleProtocol(() -> connection().kv()), connection.link().namespace());
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

    /** By the server, which knows. */
    void invalidate() {
        managed.set(null);
        scope.end();
    }

    @Override
    public void close() {
        EtcdManagedConnection connection = managed.getAndSet(null);
        scope.end();
        if (connection != null) {
            connection.closed(this);
        }
    }

    @Override
    public KV kv() {
        connection();
        return kv;
    }

    @Override
    public Lease lease() {
        return bind(Lease.class, Client::getLeaseClient);
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
    public Cluster cluster() {
        return bind(Cluster.class, Client::getClusterClient);
    }

    @Override
    public Auth auth() {
        return bind(Auth.class, Client::getAuthClient);
    }

    @Override
    public Maintenance maintenance() {
        return bind(Maintenance.class, Client::getMaintenanceClient);
    }

    private <T> T bind(Class<T> type, Function<Client, T> service) {
        connection();
        return scope.bind(type, () -> service.apply(connection().link().client()));
    }

    @Override
    public <T> T unwrap(Class<T> type) {
        EtcdManagedConnection connection = connection();
        if (type == EtcdLink.class) {
            return type.cast(connection.link());
        }
        if (type == Client.class) {
            return type.cast(connection.link().client());
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
