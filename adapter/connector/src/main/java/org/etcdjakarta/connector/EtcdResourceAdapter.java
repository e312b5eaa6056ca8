package org.etcdjakarta.connector;

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
import java.util.ArrayList;
import java.util.List;
import javax.transaction.xa.XAException;
import javax.transaction.xa.XAResource;
import org.etcdjakarta.connector.inbound.Activations;
import org.etcdjakarta.core.tx.TxEngine;
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
    private transient boolean started;
    private transient @Nullable SharedSessions sessions;
    private transient @Nullable Activations activations;
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
        synchronized (this) {
            // a second start without a stop between goes on with what there is
            if (!started) {
                started = true;
                sessions = null;
                management = new ManagementBeans();
                transactions = new ShownTransactions(management);
            }
        }
        activations().start(bootstrapContext);
    }

    /** Ends deliveries, as {@link #endpointDeactivation} does, then the sessions: their leases are revoked, each within its request timeout. */
    @Override
    public void stop() {
        activations().stop();
        context = null;
        synchronized (this) {
            started = false;
        }
        sessions().close();
        managementBeans().close();
    }

    /**
     * For what belongs to one adapter, once and for all.
     *
     * @param present what it belongs to already
     * @param given by the server
     */
    static EtcdResourceAdapter associated(@Nullable EtcdResourceAdapter present, @Nullable ResourceAdapter given)
            throws ResourceException {
        if (!(given instanceof EtcdResourceAdapter own)) {
            throw ConnectorMessages.foreign("resource adapter", given);
        }
        if (present != null) {
            throw ConnectorMessages.associatedAlready();
        }
        return own;
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
     * Begins to deliver what the specification asks for; does not wait for etcd.
     *
     * @throws ResourceException the specification is wrong, and then its text names each property, or the adapter is stopped
     */
    @Override
    public void endpointActivation(@Nullable MessageEndpointFactory endpointFactory, @Nullable ActivationSpec spec)
            throws ResourceException {
        EtcdActivationSpec own = own(spec);
        if (endpointFactory == null) {
            throw ConnectorMessages.foreign("message endpoint factory", null);
        }
        activations().activate(endpointFactory, own, new ActivationCheck(own, this).settings());
    }

    /** Servers activate endpoints also before they have started the adapter. */
    private synchronized Activations activations() {
        Activations current = activations;
        if (current == null) {
            current = new Activations((name, bean) -> managementBeans().register("Activation", name, bean));
            activations = current;
        }
        return current;
    }

    private static EtcdActivationSpec own(@Nullable ActivationSpec spec) throws ResourceException {
        if (spec instanceof EtcdActivationSpec own) {
            return own;
        }
        throw ConnectorMessages.foreign("activation specification", spec);
    }

    /**
     * Delivers nothing more, waits for deliveries under way, and interrupts them after 30 seconds. Nothing when it is not active; servers call
     * it also after a refused activation.
     */
    @Override
    public void endpointDeactivation(@Nullable MessageEndpointFactory endpointFactory, @Nullable ActivationSpec spec) {
        if (endpointFactory != null && spec != null) {
            activations().deactivate(endpointFactory, spec);
        }
    }

    /**
     * One for each resource manager that the specifications lead to, whether they are active or not; a wrong one has none. For
     * recovery: works without a connection of its own, and opens one for the time of a call.
     */
    @Override
    public XAResource[] getXAResources(ActivationSpec @Nullable [] specs) throws ResourceException {
        List<XAResource> resources = new ArrayList<>();
        for (ActivationSpec spec : specs == null ? new ActivationSpec[0] : specs) {
            try {
                XAResource resource = resource(own(spec));
                if (resources.stream().noneMatch(same -> isSame(same, resource))) {
                    resources.add(resource);
                }
            } catch (ResourceException | RuntimeException wrong) {
                // recovery of all others goes on; files of TLS are read only here
                System.getLogger(EtcdResourceAdapter.class.getName())
                        .log(System.Logger.Level.WARNING, wrong.getMessage(), wrong);
            }
        }
        return resources.toArray(new XAResource[0]);
    }

    private XAResource resource(EtcdActivationSpec spec) throws ResourceException {
        Settings settings = new Settings(spec, this);
        try (TxEngine engine = TxEngine.open(settings.link(settings.credential()), settings.tx())) {
            return engine.newSession().xaResource();
        }
    }

    private static boolean isSame(XAResource one, XAResource other) {
        try {
            return one.isSameRM(other);
        } catch (XAException e) {
            return false;
        }
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
