package org.etcdjakarta.cdi;

import io.etcd.jetcd.Client;
import io.etcd.jetcd.KV;
import jakarta.resource.ResourceException;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import org.etcdjakarta.EtcdConnection;
import org.etcdjakarta.EtcdConnectionFactory;
import org.etcdjakarta.EtcdLease;
import org.etcdjakarta.EtcdSession;
import org.etcdjakarta.core.link.EtcdLink;
import org.etcdjakarta.core.session.Session;
import org.etcdjakarta.core.watch.WatchHub;
import org.jspecify.annotations.Nullable;

/**
 * A client over the server's connection factory. A KV call opens a connection and closes it again: opened inside the
 * transaction, it is enlisted on every server, which a connection held from before is not. The future of a call belongs to the
 * link, not to the connection, so it goes on after the close. Everything else stands on the link behind the factory, which is
 * kept for the life of the application.
 */
final class FactoryClient implements EtcdClient {

    private final EtcdConnectionFactory factory;
    private final String jndiName;
    private @Nullable EtcdLink link;
    private @Nullable Session session;
    private boolean closed;

    private FactoryClient(EtcdConnectionFactory factory, String jndiName) {
        this.factory = factory;
        this.jndiName = jndiName;
    }

    /** Throws when what was found is not our factory, which happens when the application brings the API along. */
    static FactoryClient of(Object found, String jndiName) {
        if (found instanceof EtcdConnectionFactory factory) {
            return new FactoryClient(factory, jndiName);
        }
        throw CdiMessages.foreignFactory(jndiName, found);
    }

    @Override
    public <T> CompletableFuture<T> withKv(Function<KV, CompletableFuture<T>> call) {
        try (EtcdConnection connection = factory.getConnection()) {
            return call.apply(connection.kv());
        } catch (ResourceException e) {
            throw CdiMessages.noConnection(jndiName, e);
        }
    }

    @Override
    public <T> CompletableFuture<T> withLease(Function<EtcdLease, CompletableFuture<T>> call) {
        if (!CallersTransaction.isActive()) {
            return call.apply(EtcdLease.of(raw().getLeaseClient()));
        }
        try (EtcdConnection connection = factory.getConnection()) {
            return call.apply(connection.lease());
        } catch (ResourceException e) {
            throw CdiMessages.noConnection(jndiName, e);
        }
    }

    @Override
    public boolean joinsTransactions() {
        return true;
    }

    @Override
    public void checkWrite() {}

    @Override
    public Client raw() {
        return link().client();
    }

    @Override
    public WatchHub watches() {
        return link().watches();
    }

    /** The application's own, not the factory's: it ends with the application, and with it what it has locked. */
    @Override
    public synchronized EtcdSession session() {
        Session known = session;
        if (known == null) {
            known = link().newSession();
            session = known;
        }
        return known;
    }

    private synchronized EtcdLink link() {
        if (closed) {
            throw CdiMessages.closed("");
        }
        EtcdLink known = link;
        if (known == null) {
            try (EtcdConnection connection = factory.getConnection()) {
                known = connection.unwrap(EtcdLink.class).retain();
            } catch (ResourceException e) {
                throw CdiMessages.noConnection(jndiName, e);
            }
            link = known;
        }
        return known;
    }

    @Override
    public synchronized void close() {
        closed = true;
        if (session != null) {
            session.close();
        }
        if (link != null) {
            link.close();
        }
    }
}
