package org.etcdjakarta.config;

import io.smallrye.config.PropertiesConfigSource;
import io.smallrye.config.SmallRyeConfigBuilder;
import java.util.Map;
import org.eclipse.microprofile.config.Config;
import org.eclipse.microprofile.config.spi.ConfigSource;

/** A Config of nothing but what a test says. */
final class Defaults {

    private Defaults() {}

    static Config of(Map<String, String> settings, ConfigSource... more) {
        return new SmallRyeConfigBuilder()
                .withSources(new PropertiesConfigSource(settings, "test", 400))
                .withSources(more)
                .build();
    }
}
