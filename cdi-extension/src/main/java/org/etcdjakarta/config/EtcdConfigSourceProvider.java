package org.etcdjakarta.config;

import java.util.List;
import org.eclipse.microprofile.config.Config;
import org.eclipse.microprofile.config.spi.ConfigProviderResolver;
import org.eclipse.microprofile.config.spi.ConfigSource;
import org.eclipse.microprofile.config.spi.ConfigSourceProvider;

/**
 * Found by MicroProfile Config. Gives one source when {@code etcd.endpoints} is configured and {@code etcd.config.enabled} is
 * not false; otherwise none, and no socket is opened.
 */
public final class EtcdConfigSourceProvider implements ConfigSourceProvider {

    @Override
    public Iterable<ConfigSource> getConfigSources(ClassLoader forClassLoader) {
        ClassLoader application =
                forClassLoader == null ? Thread.currentThread().getContextClassLoader() : forClassLoader;
        // a Config of the default sources alone: discovering others would call this provider again
        Config defaults = ConfigProviderResolver.instance()
                .getBuilder()
                .forClassLoader(application)
                .addDefaultSources()
                .build();
        ConfigSettings settings = ConfigSettings.read(defaults);
        if (settings == null) {
            return List.of();
        }
        return List.of(new EtcdConfigSource(ConfigFeeds.all().acquire(application, settings, ConfigCluster::open)));
    }
}
