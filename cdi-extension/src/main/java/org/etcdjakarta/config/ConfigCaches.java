package org.etcdjakarta.config;

import java.lang.System.Logger.Level;
import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.List;
import org.eclipse.microprofile.config.Config;
import org.eclipse.microprofile.config.spi.ConfigSource;
import org.jspecify.annotations.Nullable;

/**
 * What the server's Config keeps although a source has changed. Payara keeps every value and every miss for 60 s; SmallRye
 * keeps the property names. Neither has a portable way to be told, hence the reflection on their public methods.
 */
final class ConfigCaches {

    private static final System.Logger LOG = System.getLogger(ConfigCaches.class.getName());
    private static final String PAYARA = "clearCache";
    private static final String SMALLRYE = "getLatestPropertyNames";

    private final Config config;
    private final @Nullable Method refresh;
    private final List<ConfigSource> stronger = new ArrayList<>();

    private ConfigCaches(Config config, @Nullable Method refresh) {
        this.config = config;
        this.refresh = refresh;
    }

    static ConfigCaches of(Config config, String source) {
        ConfigCaches caches = new ConfigCaches(config, find(config));
        // in descending order of ordinals, as Config promises
        for (ConfigSource other : config.getConfigSources()) {
            if (other.getName().equals(source)) {
                return caches;
            }
            caches.stronger.add(other);
        }
        // not a source of this Config: nothing of it is ever effective
        return caches;
    }

    /** Values that have been read may be kept, not only names. */
    boolean keepsValues() {
        return refresh != null && refresh.getName().equals(PAYARA);
    }

    void clear() {
        if (refresh == null) {
            return;
        }
        try {
            refresh.invoke(config);
        } catch (ReflectiveOperationException | RuntimeException e) {
            LOG.log(
                    Level.WARNING,
                    "the cache of " + config.getClass().getName() + " could not be cleared; changed values show late",
                    e);
        }
    }

    /** True when a source of a higher ordinal has the property too. */
    boolean hidden(String property) {
        for (ConfigSource source : stronger) {
            if (source.getValue(property) != null) {
                return true;
            }
        }
        return false;
    }

    private static @Nullable Method find(Config config) {
        for (String name : List.of(PAYARA, SMALLRYE)) {
            try {
                return config.getClass().getMethod(name);
            } catch (NoSuchMethodException e) {
                LOG.log(Level.TRACE, "{0} has no {1}", config.getClass().getName(), name);
            }
        }
        return null;
    }
}
