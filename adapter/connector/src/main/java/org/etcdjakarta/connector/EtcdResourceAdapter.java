package org.etcdjakarta.connector;

import jakarta.resource.NotSupportedException;
import jakarta.resource.ResourceException;
import jakarta.resource.spi.ActivationSpec;
import jakarta.resource.spi.AuthenticationMechanism;
import jakarta.resource.spi.AuthenticationMechanism.CredentialInterface;
import jakarta.resource.spi.BootstrapContext;
import jakarta.resource.spi.ConfigProperty;
import jakarta.resource.spi.Connector;
import jakarta.resource.spi.ResourceAdapter;
import jakarta.resource.spi.TransactionSupport.TransactionSupportLevel;
import jakarta.resource.spi.endpoint.MessageEndpointFactory;
import jakarta.transaction.Status;
import jakarta.transaction.TransactionSynchronizationRegistry;
import java.io.Serial;
import javax.transaction.xa.XAResource;
import org.jspecify.annotations.Nullable;

/**
 * The adapter as the server sees it: defaults for its factories, what the server lends it, and the sessions of its factories, which
 * end at {@link #stop()}. All other links live as long as managed connections use them. Holds no static state,
 * because WildFly starts one adapter for each {@code @ConnectionFactoryDefinition}.
 */
@Connector(
        description = "etcd as a transactional resource",
        displayName = "etcd-jakarta",
        vendorName = "etcd-jakarta",
        eisType = "etcd",
        version = "0.1.0-SNAPSHOT",
        licenseDescription = "Apache License, Version 2.0",
        transactionSupport = TransactionSupportLevel.XATransaction,
        authMechanisms =
                @AuthenticationMechanism(
                        authMechanism = "BasicPassword",
                        credentialInterface = CredentialInterface.PasswordCredential),
        reauthenticationSupport = false)
public final class EtcdResourceAdapter extends EtcdProperties implements ResourceAdapter {

    @Serial
    private static final long serialVersionUID = 1L;

    private transient volatile @Nullable BootstrapContext context;
    private transient @Nullable SharedSessions sessions;
    private transient @Nullable ManagementBeans management;
    private transient @Nullable ShownTransactions transactions;

    /** For the server, which sets the properties afterwards. */
    public EtcdResourceAdapter() {}

    /** {@return what is set, or null} */
    public @Nullable String getTransactionSupport() {
        return get(Property.TRANSACTION_SUPPORT);
    }

    /**
     * Sets the level of transactions of those factories that set none.
     *
     * @param level {@code XATransaction} (default), {@code LocalTransaction} or {@code NoTransaction}
     */
    @ConfigProperty(description = "XATransaction, LocalTransaction or NoTransaction. Default XATransaction")
    public void setTransactionSupport(@Nullable String level) {
        set(Property.TRANSACTION_SUPPORT, level);
    }

    @Override
    public void start(BootstrapContext bootstrapContext) {
        context = bootstrapContext;
        ManagementBeans beans = new ManagementBeans();
        synchronized (this) {
            sessions = null;
            management = beans;
            transactions = new ShownTransactions(beans);
        }
    }

    /** Ends the sessions: their leases are revoked, each within its request timeout. */
    @Override
    public void stop() {
        context = null;
        sessions().close();
        managementBeans().close();
    }

    /** What this adapter shows to JMX; nothing before its start and after its stop. */
    public synchronized ManagementBeans managementBeans() {
        ManagementBeans current = management;
        if (current == null) {
            current = new ManagementBeans();
            current.close();
            management = current;
        }
        return current;
    }

    /** That connections of this configuration are in use. */
    void show(Operations operations) {
        ShownTransactions shown;
        synchronized (this) {
            shown = transactions;
        }
        if (shown != null) {
            shown.show(operations);
        }
    }

    /** Closed from {@link #stop()} to the next start. */
    synchronized SharedSessions sessions() {
        SharedSessions current = sessions;
        if (current == null) {
            current = new SharedSessions();
            sessions = current;
        }
        return current;
    }

    /**
     * Always fails: message-driven beans come with a later version.
     *
     * @throws NotSupportedException always
     */
    @Override
    public void endpointActivation(@Nullable MessageEndpointFactory endpointFactory, @Nullable ActivationSpec spec)
            throws NotSupportedException {
        throw ConnectorMessages.inbound();
    }

    /** Nothing was activated, so nothing is to be done; servers call it also after a refused activation. */
    @Override
    public void endpointDeactivation(@Nullable MessageEndpointFactory endpointFactory, @Nullable ActivationSpec spec) {}

    /** Empty, never null: recovery goes through the factories, and no endpoint takes part in transactions. */
    @Override
    public XAResource[] getXAResources(ActivationSpec @Nullable [] specs) throws ResourceException {
        return new XAResource[0];
    }

    /**
     * Whether the calling thread is in a JTA transaction that work can still join. False while one completes, so that code
     * run after completion is not refused, and where the server lends no registry.
     */
    boolean inActiveTransaction() {
        BootstrapContext current = context;
        TransactionSynchronizationRegistry registry =
                current == null ? null : current.getTransactionSynchronizationRegistry();
        if (registry == null) {
            return false;
        }
        int status = registry.getTransactionStatus();
        return status == Status.STATUS_ACTIVE || status == Status.STATUS_MARKED_ROLLBACK;
    }

    /** By class and configuration, as Connectors demands; what the server lends does not count. */
    @Override
    public boolean equals(@Nullable Object other) {
        return sameConfiguration(other);
    }

    @Override
    public int hashCode() {
        return configurationHash();
    }
}
