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
import java.util.HashSet;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import javax.security.auth.Subject;
import org.etcdjakarta.EtcdConnection;
import org.etcdjakarta.EtcdConnectionFactory;
import org.etcdjakarta.EtcdSession;
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

    private volatile @Nullable EtcdResourceAdapter adapter;
    private transient @Nullable PrintWriter logWriter;

    /** Without an adapter, which would have them: they live as long as there are managed connections. */
    private transient @Nullable SharedSessions ownSessions;

    private transient volatile @Nullable FoundSettings found;
    private transient UserLink.@Nullable Counted links;

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
    String name(Property property) {
        return property == Property.TRANSACTION_SUPPORT ? "transactionSupportLevel" : super.name(property);
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
        FoundSettings settings = found(true);
        Credential credential = Credential.requested(this, subject, info).orElse(settings.credential());
        try {
            UserLink link = links().acquire(settings.link(), credential);
            if (credential.equals(settings.credential())) {
                // not for everybody who signs on: there may be thousands
                show(link);
            }
            return new EtcdManagedConnection(this, link);
        } catch (IllegalArgumentException invalid) {
            throw ConnectorMessages.invalidSetting(invalid);
        } catch (RuntimeException failure) {
            throw ConnectorMessages.notOpened(failure);
        }
    }

    /**
     * The first of the same user that was made with the settings of now. When a property has been changed since, the pool finds
     * no match, destroys what it has and asks for new ones.
     */
    @Override
    @SuppressWarnings("rawtypes")
    public @Nullable ManagedConnection matchManagedConnections(
            Set candidates, @Nullable Subject subject, @Nullable ConnectionRequestInfo info) throws ResourceException {
        FoundSettings settings = found(false);
        Credential wanted = Credential.requested(this, subject, info).orElse(settings.credential());
        for (Object candidate : candidates) {
            if (candidate instanceof EtcdManagedConnection connection
                    && connection.isOf(this)
                    && connection.serves(wanted, settings.link())) {
                return connection;
            }
        }
        return null;
    }

    /**
     * Those that are destroyed, or of no use any more because etcd refuses their user or the factory has other settings by now;
     * never waits. An etcd that does not answer makes no connection invalid: the link is shared and
     * reconnects by itself, so what the pool would open instead could do no more, and servers validate on every request, which
     * would add the wait for this question to the wait for the application's own.
     */
    @Override
    @SuppressWarnings("rawtypes")
    public Set<ManagedConnection> getInvalidConnections(Set candidates) throws ResourceException {
        LinkSettings settings = found(false).link();
        Set<ManagedConnection> invalid = new HashSet<>();
        for (Object candidate : candidates) {
            if (candidate instanceof EtcdManagedConnection connection
                    && connection.isOf(this)
                    && !connection.isUsable(settings)) {
                invalid.add(connection);
            }
        }
        return invalid;
    }

    /**
     * The level that the property {@code transactionSupport} names. The server asks when it deploys.
     *
     * @throws IllegalArgumentException when the property has another value; the signature allows no checked exception
     */
    @Override
    public TransactionSupportLevel getTransactionSupport() {
        try {
            return new Settings(this, adapter).transactionSupport();
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
        adapter = EtcdResourceAdapter.associated(adapter, resourceAdapter);
    }

    @Override
    public void setLogWriter(@Nullable PrintWriter writer) {
        logWriter = writer;
    }

    @Override
    public @Nullable PrintWriter getLogWriter() {
        return logWriter;
    }

    Credential credential(@Nullable Subject subject, @Nullable ConnectionRequestInfo info)
            throws InvalidPropertyException {
        Optional<Credential> requested = Credential.requested(this, subject, info);
        return requested.isPresent() ? requested.get() : found(false).credential();
    }

    /** @param anew looks at system properties and the environment, too */
    private FoundSettings found(boolean anew) throws InvalidPropertyException {
        FoundSettings known = found;
        EtcdResourceAdapter current = adapter;
        if (!anew && known != null && known.holdFor(this, current)) {
            return known;
        }
        FoundSettings now = FoundSettings.of(this, current).sharing(known);
        found = now;
        return now;
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

    private void show(UserLink link) {
        EtcdResourceAdapter current = adapter;
        if (current != null) {
            current.show(new Operations(link.link().config(), link.settings().tx()));
        }
    }

    private synchronized UserLink.Counted links() {
        UserLink.Counted current = links;
        if (current == null) {
            current = new UserLink.Counted();
            links = current;
        }
        return current;
    }

    /** By one of its connections, once for each. */
    void release(UserLink link) {
        if (!links().release(link)) {
            return;
        }
        SharedSessions last;
        synchronized (this) {
            last = ownSessions;
            ownSessions = null;
        }
        if (last != null) {
            last.close();
        }
    }

    /**
     * By class and configuration, and the adapter's belongs to it: two factories without endpoints of their own lead to
     * different clusters when their adapters do.
     */
    @Override
    public boolean equals(@Nullable Object other) {
        return this == other
                || (sameConfiguration(other)
                        && other instanceof EtcdManagedConnectionFactory factory
                        && Objects.equals(adapter, factory.adapter));
    }

    /** Of the factory's own properties only, so that a server may put it into a map before it associates the adapter. */
    @Override
    public int hashCode() {
        return configurationHash();
    }
}
