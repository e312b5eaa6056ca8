package org.etcdjakarta.connector;

import jakarta.resource.ResourceException;
import jakarta.resource.spi.ConnectionEventListener;
import jakarta.resource.spi.ConnectionRequestInfo;
import jakarta.resource.spi.LocalTransaction;
import jakarta.resource.spi.ManagedConnection;
import jakarta.resource.spi.ManagedConnectionMetaData;
import java.io.PrintWriter;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import javax.security.auth.Subject;
import javax.transaction.xa.XAResource;
import org.etcdjakarta.EtcdSession;
import org.etcdjakarta.core.link.EtcdLink;
import org.etcdjakarta.core.link.KvProtocol;
import org.etcdjakarta.core.tx.TxEngine;
import org.etcdjakarta.core.tx.TxLeases;
import org.etcdjakarta.core.tx.TxSession;
import org.jspecify.annotations.Nullable;

/**
 * What the server pools: a session of a user over the shared link, with any number of handles. Its references on link and
 * engine end with {@link #destroy()}; its XA resource holds one of its own, because servers complete recovered branches on
 * the resource of a connection that they have destroyed.
 *
 * <p>Keeps identity for {@code equals}, as Connectors demands: a pool holds many of the same configuration.
 */
public final class EtcdManagedConnection implements ManagedConnection {

    private final EtcdManagedConnectionFactory factory;
    private final Credential credential;
    private final EtcdLink link;
    private final TxEngine engine;
    private final TxSession session;
    private final boolean transactional;
    private final EtcdMetaData metaData;
    private final ManagedLocalTransaction localTransaction;
    private final ConnectionEvents events = new ConnectionEvents(this);
    private final Set<EtcdConnectionImpl> handles = ConcurrentHashMap.newKeySet();
    private final AtomicBoolean destroyed = new AtomicBoolean();
    private volatile @Nullable PrintWriter logWriter;

    /** Takes over the two references given. */
    EtcdManagedConnection(
            EtcdManagedConnectionFactory factory,
            Credential credential,
            EtcdLink link,
            TxEngine engine,
            boolean transactional) {
        this.factory = factory;
        this.credential = credential;
        this.link = link;
        this.engine = engine;
        this.session = engine.newSession();
        this.transactional = transactional;
        this.metaData = new EtcdMetaData(link);
        this.localTransaction = new ManagedLocalTransaction(session);
    }

    boolean isOf(EtcdManagedConnectionFactory other) {
        return factory.equals(other);
    }

    boolean serves(Credential wanted) {
        return !destroyed.get() && credential.equals(wanted);
    }

    @Override
    public EtcdConnectionImpl getConnection(@Nullable Subject subject, @Nullable ConnectionRequestInfo info)
            throws ResourceException {
        checkAlive();
        Credential wanted = factory.credential(subject, info);
        if (!credential.equals(wanted)) {
            throw ConnectorMessages.otherUser(wanted.user(), credential.user());
        }
        EtcdConnectionImpl handle = new EtcdConnectionImpl(this);
        handles.add(handle);
        return handle;
    }

    @Override
    public void associateConnection(Object connection) throws ResourceException {
        checkAlive();
        if (!(connection instanceof EtcdConnectionImpl handle)) {
            throw ConnectorMessages.foreign("connection handle", connection);
        }
        EtcdManagedConnection before = handle.moveTo(this);
        handles.add(handle);
        if (before != this) {
            before.handles.remove(handle);
        }
    }

    /**
     * Makes all handles invalid and the session as new; the link stays as it is. The container calls it before the connection
     * goes back into the pool, and some call it again before {@link #destroy()}.
     */
    @Override
    public void cleanup() {
        for (EtcdConnectionImpl handle : List.copyOf(handles)) {
            handles.remove(handle);
            handle.invalidate();
        }
        if (!destroyed.get()) {
            session.reset();
        }
    }

    @Override
    public void destroy() {
        cleanup();
        if (destroyed.compareAndSet(false, true)) {
            events.clear();
            engine.close();
            link.close();
            factory.destroyed();
        }
    }

    /** By the application. The event comes last: the listener may destroy this connection. */
    void closed(EtcdConnectionImpl handle) {
        if (handles.remove(handle)) {
            events.connectionClosed(handle);
        }
    }

    @Override
    public void addConnectionEventListener(ConnectionEventListener listener) {
        events.add(listener);
    }

    @Override
    public void removeConnectionEventListener(ConnectionEventListener listener) {
        events.remove(listener);
    }

    ConnectionEvents events() {
        return events;
    }

    @Override
    public XAResource getXAResource() throws ResourceException {
        checkAlive();
        return session.xaResource();
    }

    @Override
    public LocalTransaction getLocalTransaction() throws ResourceException {
        checkAlive();
        return localTransaction;
    }

    boolean inTransaction() {
        return session.inTransaction();
    }

    @Override
    public ManagedConnectionMetaData getMetaData() throws ResourceException {
        checkAlive();
        return metaData;
    }

    @Override
    public void setLogWriter(@Nullable PrintWriter writer) {
        logWriter = writer;
    }

    @Override
    public @Nullable PrintWriter getLogWriter() {
        return logWriter;
    }

    EtcdLink link() {
        return link;
    }

    EtcdSession etcdSession() {
        return factory.session(this);
    }

    /**
     * The KV service for one call of a handle: the branch's view inside a transaction, else etcd itself. A handle opened before
     * the transaction began is enlisted by Payara but not by WildFly and Liberty. There its writes would go past the
     * transaction and stay when it rolls back, so they are refused.
     */
    KvProtocol kv() {
        if (transactional && !session.inTransaction() && factory.inActiveTransaction()) {
            throw ConnectorMessages.notEnlisted(String.join(",", link.config().endpoints()));
        }
        return session.kv();
    }

    /** Of the transaction that leases belong to which are granted now; null in none. */
    @Nullable
    TxLeases leases() {
        return session.leases();
    }

    boolean isDestroyed() {
        return destroyed.get();
    }

    private void checkAlive() throws jakarta.resource.spi.IllegalStateException {
        if (destroyed.get()) {
            throw ConnectorMessages.destroyed();
        }
    }

    @Override
    public String toString() {
        return "EtcdManagedConnection[" + credential + ", handles=" + handles.size() + ']';
    }
}
