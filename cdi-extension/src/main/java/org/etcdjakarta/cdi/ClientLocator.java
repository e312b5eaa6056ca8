package org.etcdjakarta.cdi;

import java.lang.System.Logger.Level;
import java.util.List;
import javax.naming.NamingException;
import javax.naming.NoInitialContextException;
import org.etcdjakarta.config.ClientSettings;
import org.etcdjakarta.core.link.EtcdLinkConfig;
import org.jspecify.annotations.Nullable;

/** Finds what stands behind a client: the server's connection factory, or else a link of its own. */
class ClientLocator {

    private static final System.Logger LOG = System.getLogger(ClientLocator.class.getName());
    private static final String COMPONENT_NAME = "java:comp/env/eis/etcd";
    private static final List<String> DEFAULT_NAMES = List.of(COMPONENT_NAME, "java:/eis/etcd", "eis/etcd");

    /**
     * The client over the connection factory, null when there is none. A JNDI name that is configured must be there: to go on
     * without it would silently leave the transaction.
     */
    @Nullable
    EtcdClient factory(ClientSettings settings) {
        String configured = settings.jndiName();
        if (configured != null) {
            try {
                return found(settings, configured, Jndi.lookup(configured));
            } catch (NamingException e) {
                throw CdiMessages.factoryMissing(settings, configured, e);
            }
        }
        if (!settings.name().isEmpty()) {
            return null;
        }
        for (String name : DEFAULT_NAMES) {
            try {
                return found(settings, name, Jndi.lookup(name));
            } catch (NamingException e) {
                LOG.log(Level.TRACE, "nothing at {0}: {1}", name, e);
            }
        }
        return null;
    }

    /** As {@link #factory}, only under the application's own name, and null when there is nothing yet. */
    @Nullable
    EtcdClient componentFactory(ClientSettings settings) {
        if (settings.jndiName() != null || !settings.name().isEmpty()) {
            return null;
        }
        try {
            return found(settings, COMPONENT_NAME, Jndi.lookup(COMPONENT_NAME));
        } catch (NamingException e) {
            LOG.log(Level.TRACE, "nothing at {0} yet: {1}", COMPONENT_NAME, e);
            return null;
        }
    }

    /** The client over the connection factory, or with a link of its own. Does not wait for etcd. */
    EtcdClient open(ClientSettings settings) {
        EtcdClient client = factory(settings);
        if (client != null) {
            return client;
        }
        List<String> tried = settings.name().isEmpty() ? DEFAULT_NAMES : List.of();
        if (!settings.hasEndpoints()) {
            throw CdiMessages.noCluster(settings, tried);
        }
        EtcdLinkConfig config = settings.link();
        // on a server with a naming service the factory has probably been forgotten
        Level level = hasNaming() && settings.name().isEmpty() ? Level.WARNING : Level.INFO;
        LOG.log(level, CdiMessages.usesOwnLink(settings, config.endpoints()));
        return new LinkClient(config, settings, tried);
    }

    /** False in plain Java SE, where no connection factory will ever be found. */
    boolean hasNaming() {
        try {
            Jndi.lookup("");
            return true;
        } catch (NoInitialContextException e) {
            return false;
        } catch (NamingException e) {
            return true;
        }
    }

    private static EtcdClient found(ClientSettings settings, String name, @Nullable Object factory) {
        if (factory == null) {
            throw CdiMessages.factoryMissing(settings, name, null);
        }
        EtcdClient client = FactoryClient.of(factory, name);
        LOG.log(Level.INFO, CdiMessages.usesFactory(settings, name));
        return client;
    }
}
