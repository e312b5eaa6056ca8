package org.etcdjakarta.cdi;

import jakarta.annotation.Priority;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.event.Shutdown;
import jakarta.enterprise.event.Startup;
import jakarta.enterprise.inject.spi.AfterBeanDiscovery;
import jakarta.enterprise.inject.spi.AfterDeploymentValidation;
import jakarta.enterprise.inject.spi.BeanManager;
import jakarta.enterprise.inject.spi.BeforeBeanDiscovery;
import jakarta.enterprise.inject.spi.BeforeShutdown;
import jakarta.enterprise.inject.spi.Extension;
import jakarta.enterprise.inject.spi.ProcessInjectionPoint;
import jakarta.enterprise.inject.spi.ProcessObserverMethod;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.eclipse.microprofile.config.ConfigProvider;
import org.etcdjakarta.config.ClientSettings;
import org.etcdjakarta.config.ConfigFeeds;
import org.etcdjakarta.config.EtcdConfigChanged;
import org.etcdjakarta.config.KnownProperties;
import org.etcdjakarta.config.Utf8;
import org.etcdjakarta.core.watch.WatchHub.Subscription;
import org.etcdjakarta.core.watch.WatchSpec;

/**
 * The portable extension. Collects what the application injects and observes, checks its settings when it is deployed, connects
 * at first use, starts the watches when the application is up, and ends everything with it: watches, then config sources,
 * then clients. A container in which nothing of ours is used sees no socket and no thread.
 */
public final class EtcdExtension implements Extension {

    private static final System.Logger LOG = System.getLogger(EtcdExtension.class.getName());

    // behind the application's own observers of the same events, and in front of them
    private static final int LAST = 5000;
    private static final int FIRST = 0;

    private final Delivery delivery = new Delivery();
    private final Mailbox configChanges = new Mailbox(delivery);
    private final WatchObservers observers = new WatchObservers(delivery);
    private final ClientBeans beans = new ClientBeans();
    private final ClientLocator locator;
    private final ApplicationClients clients;
    private final List<Subscription> subscriptions = new ArrayList<>();
    private ClassLoader application = EtcdExtension.class.getClassLoader();

    /** For the container. */
    public EtcdExtension() {
        this(new ClientLocator());
    }

    EtcdExtension(ClientLocator locator) {
        this.locator = locator;
        clients = new ApplicationClients(locator, this::settings);
    }

    void begin(@Observes BeforeBeanDiscovery event) {
        ClassLoader context = Thread.currentThread().getContextClassLoader();
        if (context != null) {
            application = context;
        }
    }

    <T, X> void injectionPoint(@Observes ProcessInjectionPoint<T, X> found) {
        beans.process(found.getInjectionPoint());
    }

    <T, X> void observer(@Observes ProcessObserverMethod<T, X> found) {
        observers.process(found);
    }

    void addBeans(@Observes AfterBeanDiscovery discovery) {
        beans.addTo(discovery, clients);
    }

    /** A warning only: another program may have properties of such names. */
    private void nameUnknownProperties() {
        try {
            KnownProperties.unknown(
                            ConfigProvider.getConfig(application).getPropertyNames(),
                            System.getenv().keySet())
                    .forEach((property, nearest) ->
                            LOG.log(Level.WARNING, CdiMessages.unknownProperty(property, nearest)));
        } catch (RuntimeException e) {
            // a source that cannot list its names is not for us to judge
            LOG.log(Level.DEBUG, "the names of the properties cannot be read", e);
        }
    }

    /** No network: a wrong setting fails the deployment, an etcd that is down does not. */
    void validate(@Observes AfterDeploymentValidation validation) {
        nameUnknownProperties();
        Map<String, String> used = new TreeMap<>(beans.used());
        observers.watches().keySet().forEach(watched -> used.putIfAbsent(watched.client(), "@EtcdWatch of " + watched));
        used.forEach((name, usedBy) -> {
            ClientSettings settings = settings(name);
            boolean mayFindFactory = name.isEmpty() && locator.hasNaming();
            if (settings.hasEndpoints()) {
                try {
                    settings.link();
                } catch (IllegalArgumentException e) {
                    validation.addDeploymentProblem(CdiMessages.badClient(settings, usedBy, e));
                }
            } else if (settings.jndiName() == null && !mayFindFactory) {
                validation.addDeploymentProblem(CdiMessages.unknownClient(settings, usedBy));
            }
        });
    }

    void started(@Observes @Priority(LAST) Startup event, BeanManager manager) {
        delivery.start(manager, application);
        beans.used().keySet().forEach(clients::findFactory);
        observers.watches().forEach((watched, demand) -> {
            var key = Utf8.encode(watched.keyOrPrefix());
            WatchSpec spec = (watched.isPrefix() ? WatchSpec.prefix(key) : WatchSpec.key(key))
                    .withPrevKv()
                    .only(demand.puts(), demand.deletes());
            var dispatcher = new WatchDispatcher(watched, demand, manager.getEvent());
            subscriptions.add(clients.watches(watched.client()).subscribe(spec, dispatcher, delivery));
            LOG.log(Level.INFO, CdiMessages.watching(watched.toString()));
        });
        ConfigFeeds.started(application, () -> ConfigProvider.getConfig(application), change -> fire(manager, change));
    }

    void stopping(@Observes @Priority(FIRST) Shutdown event) {
        stopWatches();
    }

    /** Also after a deployment that has failed half-way, where no Shutdown comes. */
    void stopped(@Observes BeforeShutdown event) {
        stopWatches();
        ConfigFeeds.stopped(application);
        clients.close();
        delivery.close();
    }

    private void stopWatches() {
        delivery.stopping();
        subscriptions.forEach(Subscription::close);
        subscriptions.clear();
    }

    /** One change at a time, and not on the thread that keeps the configuration current: observers may be slow. */
    private void fire(BeanManager manager, EtcdConfigChanged change) {
        configChanges.execute(() -> {
            try {
                delivery.inRequestContext(() -> manager.getEvent().fire(change));
            } catch (RuntimeException e) {
                LOG.log(Level.ERROR, CdiMessages.eventFailed("the configuration"), e);
            }
        });
    }

    private ClientSettings settings(String name) {
        return ClientSettings.of(ConfigProvider.getConfig(application), name);
    }
}
