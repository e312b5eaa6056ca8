package org.etcdjakarta.connector;

import jakarta.resource.ResourceException;
import jakarta.resource.spi.ConnectionEventListener;
import jakarta.resource.spi.ConnectionRequestInfo;
import jakarta.resource.spi.LocalTransaction;
import jakarta.resource.spi.ManagedConnection;
import jakarta.resource.spi.ManagedConnectionMetaData;
import java.io.PrintWriter;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReference;
import javax.security.auth.Subject;
import javax.transaction.xa.XAResource;
import org.etcdjakarta.EtcdSession;
import org.etcdjakarta.core.link.EtcdLink;
import org.etcdjakarta.core.link.KvProtocol;
import org.etcdjakarta.core.tx.TxLeases;
import org.etcdjakarta.core.tx.TxSession;
import org.jspecify.annotations.Nullable;

/**
 * What the server pools: a session of a user over the shared link, with any number of handles. Its use of link and
 * engine ends with {@link #destroy()}; its XA resource holds one of its own, because servers complete recovered branches on
 * the resource of a connection that they have destroyed.
 *
 * <p>Keeps identity for {@code equals}, as Connectors demands: a pool holds many of the same configuration.
 */
public final class EtcdManagedConnection implements ManagedConnection {

    private final EtcdManagedConnectionFactory factory;
    private final UserLink shared;
    private final TxSession session;
    private final ConnectionEvents events = new ConnectionEvents(this);
    private final Set<EtcdConnectionImpl> handles = ConcurrentHashMap.newKeySet();
    private final AtomicReference<State> state = new AtomicReference<>(State.USABLE);
    private @Nullable EtcdMetaData metaData;
    private @Nullable ManagedLocalTransaction localTransaction;
    private volatile @Nullable PrintWriter logWriter;

    private enum State {
        USABLE,
        /** etcd refuses its user; the server has been told and is to destroy it. */
        WORTHLESS,
        DESTROYED
    }

    /** Takes over the use of what is shared. */
    EtcdManagedConnection(EtcdManagedConnectionFactory factory, UserLink shared) {
        this.factory = factory;
        this.shared = shared;
        this.session = shared.engine().newSession();
    }

    boolean isOf(EtcdManagedConnectionFactory other) {
        return factory.equals(other);
    }

    boolean serves(Credential wanted, LinkSettings settings) {
        return isUsable(settings) && shared.credential().equals(wanted);
    }

    /** Asked for each connection that a pool hands out; mostly the settings are the very same object. */
    boolean isUsable(LinkSettings settings) {
        return state.get() == State.USABLE && Objects.equals(shared.settings(), settings);
    }

    @Override
    public EtcdConnectionImpl getConnection(@Nullable Subject subject, @Nullable ConnectionRequestInfo info)
            throws ResourceException {
        checkAlive();
        Credential wanted = factory.credential(subject, info);
        if (!shared.credential().equals(wanted)) {
            throw ConnectorMessages.otherUser(wanted.user(), shared.credential().user());
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
        // first of all, so that one that is closed meanwhile is found here
        handles.add(handle);
        EtcdManagedConnection before;
        try {
            before = handle.moveTo(this);
        } catch (IllegalStateException closed) {
            handles.remove(handle);
            throw closed;
        }
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
        if (state.get() != State.DESTROYED) {
            session.reset();
        }
    }

    @Override
    public void destroy() {
        cleanup();
        if (state.getAndSet(State.DESTROYED) != State.DESTROYED) {
            events.clear();
            factory.release(shared);
        }
    }

    /**
     * A call of one of its handles has failed, and the application is about to hear of it. Only one failure makes the connection
     * worthless: that etcd does not accept its own user with its password any more. Everything else is about the call, or about the
     * link, which is shared by all connections and reconnects by itself: another connection could do no more.
     */
    void failed(Throwable failure) {
        if (EtcdLink.isSignOnRefused(failure) && state.compareAndSet(State.USABLE, State.WORTHLESS)) {
            events.connectionErrorOccurred(failure);
        }
    }

    /** Without a user nothing can be refused, and nobody has to look. */
    boolean signsOn() {
        return shared.credential().user() != null;
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
        return localTransaction();
    }

    private synchronized ManagedLocalTransaction localTransaction() {
        ManagedLocalTransaction transaction = localTransaction;
        if (transaction == null) {
            transaction = new ManagedLocalTransaction(session, this::failed);
            localTransaction = transaction;
        }
        return transaction;
    }

    boolean inTransaction() {
        return session.inTransaction();
    }

    @Override
    public ManagedConnectionMetaData getMetaData() throws ResourceException {
        checkAlive();
        return metaData();
    }

    private synchronized EtcdMetaData metaData() {
        EtcdMetaData data = metaData;
        if (data == null) {
            data = new EtcdMetaData(shared.link());
            metaData = data;
        }
        return data;
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
        return shared.link();
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
        if (shared.settings().transactional() && !session.inTransaction() && factory.inActiveTransaction()) {
            throw ConnectorMessages.notEnlisted(String.join(",", link().config().endpoints()));
        }
        return session.kv();
    }

    /** Of the transaction that leases belong to which are granted now; null in none. */
    @Nullable
    TxLeases leases() {
        return session.leases();
    }

    private void checkAlive() throws jakarta.resource.spi.IllegalStateException {
        if (state.get() == State.DESTROYED) {
            throw ConnectorMessages.destroyed();
        }
    }

    @Override
    public String toString() {
        return "EtcdManagedConnection[" + shared.credential() + ", handles=" + handles.size() + ']';
    }
}
