package org.etcdjakarta.itests.cdi;

import io.smallrye.config.inject.ConfigExtension;
import java.util.Map;
import org.eclipse.microprofile.config.ConfigProvider;
import org.eclipse.microprofile.config.spi.ConfigProviderResolver;
import org.etcdjakarta.cdi.EtcdExtension;
import org.jboss.weld.environment.se.Weld;
import org.jboss.weld.environment.se.WeldContainer;

/** A container and its Config, from start to end, as a server would have them. */
final class Application implements AutoCloseable {

    private final Map<String, String> settings;
    private final WeldContainer container;

    Application(Map<String, String> settings) {
        this.settings = settings;
        settings.forEach(System::setProperty);
        try {
            container = new Weld()
                    .disableDiscovery()
                    .property("org.jboss.weld.bootstrap.concurrentDeployment", false)
                    .property("org.jboss.weld.bootstrap.preloaderThreadPoolSize", 0)
                    .addBeanClasses(Desk.class)
                    .addExtensions(new EtcdExtension(), new ConfigExtension())
                    .initialize();
        } catch (RuntimeException e) {
            forget();
            throw e;
        }
    }

    Desk desk() {
        return container.select(Desk.class).get();
    }

    @Override
    public void close() {
        container.close();
        forget();
    }

    private void forget() {
        settings.keySet().forEach(System::clearProperty);
        // without the settings it can be built, should none have come into being
        ConfigProviderResolver.instance().releaseConfig(ConfigProvider.getConfig());
    }
}
