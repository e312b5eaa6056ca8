package org.etcdjakarta.connector;

import jakarta.resource.ResourceException;
import jakarta.resource.spi.ConfigProperty;
import jakarta.resource.spi.ConnectionDefinition;
import jakarta.resource.spi.ConnectionManager;
import jakarta.resource.spi.ConnectionRequestInfo;
import jakarta.resource.spi.InvalidPropertyException;
import jakarta.resource.spi.ManagedConnection;
import jakarta.resource.spi.ManagedConnectionFactory;
import jakarta.resource.spi.ResourceAdapter;
import jakarta.resource.spi.ResourceAdapterAssociation;
import jakarta.resource.spi.TransactionSupport;
import jakarta.resource.spi.ValidatingManagedConnectionFactory;
import java.io.PrintWriter;
import java.io.Serial;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import javax.security.auth.Subject;
import org.etcdjakarta.EtcdConnection;
import org.etcdjakarta.EtcdConnectionFactory;
import org.etcdjakarta.EtcdSession;
import org.etcdjakarta.core.link.EtcdLink;
import org.etcdjakarta.core.link.EtcdLinkConfig;
import org.etcdjakarta.core.tx.TxEngine;
import org.etcdjakarta.core.tx.TxSettings;
import org.jspecify.annotations.Nullable;

/**
 * Makes managed connections and connection factories of one configuration. Works without a server too:
 *
 * <pre>{@code
 * EtcdManagedConnectionFactory managed = new EtcdManagedConnectionFactory();
 * managed.setEndpoints("127.0.0.1:2379");
 * EtcdConnectionFactory factory = managed.createConnectionFactory();
 * }</pre>
 */
@ConnectionDefinition(
        connectionFactory = EtcdConnectionFactory.class,
        connectionFactoryImpl = EtcdConnectionFactoryImpl.class,
        connection = EtcdConnection.class,
        connectionImpl = EtcdConnectionImpl.class)
public final class EtcdManagedConnectionFactory extends EtcdProperties
        implements ManagedConnectionFactory,
                ResourceAdapterAssociation,
                ValidatingManagedConnectionFactory,
                TransactionSupport {

    @Serial
    private static final long serialVersionUID = 1L;

    private @Nullable EtcdResourceAdapter adapter;
    private transient @Nullable PrintWriter logWriter;

    /** Without an adapter, which would have them: they live as long as there are managed connections. */
    private transient @Nullable SharedSessions ownSessions;

    private transient int managedConnections;

    /** For the server, which sets the properties afterwards. */
    public EtcdManagedConnectionFactory() {}

    /** {@return what is set, or null} */
    public @Nullable String getTransactionSupportLevel() {
        return get(Property.TRANSACTION_SUPPORT);
    }

    /**
     * Sets the level of transactions. The property cannot be called {@code transactionSupport} here as it is at the adapter: the
     * getter of that name belongs to {@link TransactionSupport} and has another type, and WildFly refuses to deploy such a
     * property.
     *
     * @param level {@code XATransaction} (default), {@code LocalTransaction} or {@code NoTransaction}
     */
    @ConfigProperty(description = "XATransaction, LocalTransaction or NoTransaction. Default XATransaction")
    public void setTransactionSupportLevel(@Nullable String level) {
        set(Property.TRANSACTION_SUPPORT, level);
    }

    /**
     * Sets the same as {@link #setTransactionSupportLevel}, for plain Java, under the name that the adapter has for it.
     *
     * @param level {@code XATransaction} (default), {@code LocalTransaction} or {@code NoTransaction}
     */
    public void setTransactionSupport(@Nullable String level) {
        setTransactionSupportLevel(level);
    }

    @Override
    public EtcdConnectionFactoryImpl createConnectionFactory(ConnectionManager connectionManager) {
        return new EtcdConnectionFactoryImpl(this, connectionManager);
    }

    /** For plain Java: every connection has a managed connection of its own, which ends with it. */
    @Override
    public EtcdConnectionFactoryImpl createConnectionFactory() {
        return new EtcdConnectionFactoryImpl(this, new DefaultConnectionManager());
    }

    /** Opens no channel that is not open yet and does not wait for etcd. */
    @Override
    public EtcdManagedConnection createManagedConnection(
            @Nullable Subject subject, @Nullable ConnectionRequestInfo info) throws ResourceException {
        Settings settings = settings();
        Credential credential = credential(settings, subject, info);
        EtcdLinkConfig link = settings.link(credential);
        TxSettings tx = settings.tx();
        boolean transactional = settings.transactionSupport() != TransactionSupportLevel.NoTransaction;
        return open(link, tx, credential, transactional);
    }

    private EtcdManagedConnection open(
            EtcdLinkConfig config, TxSettings settings, Credential credential, boolean transactional)
            throws ResourceException {
        EtcdLink link = null;
        try {
            link = EtcdLink.open(config);
            EtcdManagedConnection opened =
                    new EtcdManagedConnection(this, credential, link, TxEngine.open(config, settings), transactional);
            synchronized (this) {
                managedConnections++;
            }
            return opened;
        } catch (RuntimeException failure) {
            if (link != null) {
                link.close();
            }
            throw ConnectorMessages.notOpened(failure);
        }
    }

    /** The first of the same user; all else is equal, because the pool belongs to this factory. */
    @Override
    @SuppressWarnings("rawtypes")
    public @Nullable ManagedConnection matchManagedConnections(
            Set candidates, @Nullable Subject subject, @Nullable ConnectionRequestInfo info) throws ResourceException {
        Credential wanted = credential(settings(), subject, info);
        return own(candidates).stream()
                .filter(connection -> connection.serves(wanted))
                .findFirst()
                .orElse(null);
    }

    /**
     * Those that are destroyed; never waits. An etcd that does not answer makes no connection invalid: the link is shared and
     * reconnects by itself, so what the pool would open instead could do no more, and servers validate on every request, which
     * would add the wait for this question to the wait for the application's own.
     */
    @Override
    @SuppressWarnings("rawtypes")
    public Set<ManagedConnection> getInvalidConnections(Set candidates) {
        return own(candidates).stream()
                .filter(EtcdManagedConnection::isDestroyed)
                .collect(Collectors.toUnmodifiableSet());
    }

    /** The set is raw in the interface, and pools hand over whatever they hold. */
    private List<EtcdManagedConnection> own(Collection<?> candidates) {
        return candidates.stream()
                .filter(EtcdManagedConnection.class::isInstance)
                .map(EtcdManagedConnection.class::cast)
                .filter(connection -> connection.isOf(this))
                .toList();
    }

    /**
     * The level that the property {@code transactionSupport} names. The server asks when it deploys.
     *
     * @throws IllegalArgumentException when the property has another value; the signature allows no checked exception
     */
    @Override
    public TransactionSupportLevel getTransactionSupport() {
        try {
            return settings().transactionSupport();
        } catch (InvalidPropertyException invalid) {
            throw new IllegalArgumentException(invalid.getMessage(), invalid);
        }
    }

    @Override
    public @Nullable ResourceAdapter getResourceAdapter() {
        return adapter;
    }

    @Override
    public void setResourceAdapter(@Nullable ResourceAdapter resourceAdapter) throws ResourceException {
        if (!(resourceAdapter instanceof EtcdResourceAdapter own)) {
            throw ConnectorMessages.foreign("resource adapter", resourceAdapter);
        }
        if (adapter != null) {
            throw ConnectorMessages.associatedAlready();
        }
        adapter = own;
    }

    @Override
    public void setLogWriter(@Nullable PrintWriter writer) {
        logWriter = writer;
    }

    @Override
    public @Nullable PrintWriter getLogWriter() {
        return logWriter;
    }

    Credential credential(@Nullable Subject subject, @Nullable ConnectionRequestInfo info) {
        return credential(settings(), subject, info);
    }

    private Credential credential(Settings settings, @Nullable Subject subject, @Nullable ConnectionRequestInfo info) {
        return Credential.requested(this, subject, info).orElseGet(settings::credential);
    }

    boolean inActiveTransaction() {
        EtcdResourceAdapter current = adapter;
        return current != null && current.inActiveTransaction();
    }

    /** Of the connection's user; the same for all connections of this factory. */
    EtcdSession session(EtcdManagedConnection connection) {
        EtcdResourceAdapter current = adapter;
        SharedSessions sessions = current != null ? current.sessions() : ownSessions();
        return sessions.of(connection.link());
    }

    private synchronized SharedSessions ownSessions() {
        SharedSessions own = ownSessions;
        if (own == null) {
            own = new SharedSessions();
            ownSessions = own;
        }
        return own;
    }

    /** One of its connections, once for each. */
    void destroyed() {
        SharedSessions last = null;
        synchronized (this) {
            managedConnections--;
            if (managedConnections == 0) {
                last = ownSessions;
                ownSessions = null;
            }
        }
        if (last != null) {
            last.close();
        }
    }

    private Settings settings() {
        return new Settings(this, adapter);
    }

    /**
     * By class and configuration, and the adapter's belongs to it: two factories without endpoints of their own lead to
     * different clusters when their adapters do.
     */
    @Override
    public boolean equals(@Nullable Object other) {
        return sameConfiguration(other)
                && other instanceof EtcdManagedConnectionFactory factory
                && Objects.equals(adapter, factory.adapter);
    }

    /** Of the factory's own properties only, so that a server may put it into a map before it associates the adapter. */
    @Override
    public int hashCode() {
        return configurationHash();
    }
}
