package org.etcdjakarta.cdi;

import jakarta.enterprise.inject.se.SeContainer;
import jakarta.enterprise.inject.se.SeContainerInitializer;
import java.util.Map;
import org.eclipse.microprofile.config.ConfigProvider;
import org.eclipse.microprofile.config.spi.ConfigProviderResolver;

/** A CDI container with the extension over fake clusters. */
final class Containers {

    private Containers() {}

    static SeContainer start(FakeClients clients, Class<?>... beans) {
        return start(Map.of("etcd.endpoints", "localhost:2379", "etcd.config.enabled", "false"), clients, beans);
    }

    /** With these settings, which hold while the container starts. */
    static SeContainer start(Map<String, String> settings, ClientLocator clients, Class<?>... beans) {
        settings.forEach(System::setProperty);
        try {
            ConfigProviderResolver.instance().releaseConfig(ConfigProvider.getConfig());
            return SeContainerInitializer.newInstance()
                    .disableDiscovery()
                    .addBeanClasses(beans)
                    .addExtensions(new EtcdExtension(clients))
                    .addProperty("org.jboss.weld.bootstrap.concurrentDeployment", false)
                    .initialize();
        } finally {
            settings.keySet().forEach(System::clearProperty);
        }
    }
}
