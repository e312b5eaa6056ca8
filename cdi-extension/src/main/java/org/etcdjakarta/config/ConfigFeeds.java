package org.etcdjakarta.config;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import org.eclipse.microprofile.config.Config;
import org.etcdjakarta.core.link.EtcdLinkConfig;
import org.jspecify.annotations.Nullable;

/**
 * The feeds of all applications that this class serves, one for each class loader and settings, counted. Servers build a
 * Config more than once for an application (Payara without a lock) and close the sources of none, so the feeds are shared
 * here and the CDI extension closes those of its application.
 */
public final class ConfigFeeds {

    private static final ConfigFeeds ALL = new ConfigFeeds();

    private final Map<Key, Shared> feeds = new HashMap<>();

    ConfigFeeds() {}

    static ConfigFeeds all() {
        return ALL;
    }

    /** The application of this class loader is up: the caches of its Config are kept current, and the listener is told. */
    public static void started(ClassLoader application, Supplier<Config> config, Consumer<EtcdConfigChanged> listener) {
        for (Shared shared : ALL.of(application)) {
            shared.feed.attach(config.get(), shared.atStart, listener);
        }
    }

    /** The application of this class loader is gone. Its sources keep the last values, without thread or socket. Idempotent. */
    public static void stopped(ClassLoader application) {
        for (Shared shared : ALL.of(application)) {
            ALL.forget(shared);
            shared.feed.close();
        }
    }

    /** Waits for the first snapshot as the settings say. The first caller opens the feed, the others share it. */
    Lease acquire(
            @Nullable ClassLoader application,
            ConfigSettings settings,
            Function<EtcdLinkConfig, ? extends ConfigCluster> open) {
        Shared shared;
        synchronized (feeds) {
            shared = feeds.computeIfAbsent(
                    new Key(application, settings),
                    key -> new Shared(key, new ConfigFeed(settings, application, open)));
            shared.references++;
        }
        Lease lease = new Lease(shared);
        try {
            // outside the lock: it may wait for seconds, and other applications are not to wait with it
            shared.feed.awaitStart();
        } catch (RuntimeException e) {
            lease.close();
            throw e;
        }
        synchronized (feeds) {
            if (!shared.started) {
                shared.started = true;
                shared.atStart = shared.feed.current();
            }
        }
        return lease;
    }

    private List<Shared> of(ClassLoader application) {
        synchronized (feeds) {
            List<Shared> found = new ArrayList<>();
            feeds.forEach((key, shared) -> {
                // deployed inside the application this class serves no other one
                if (key.application == application || application == ConfigFeeds.class.getClassLoader()) {
                    found.add(shared);
                }
            });
            return found;
        }
    }

    private void forget(Shared shared) {
        synchronized (feeds) {
            feeds.remove(shared.key, shared);
        }
    }

    private record Key(@Nullable ClassLoader application, ConfigSettings settings) {}

    private static final class Shared {

        private final Key key;
        private final ConfigFeed feed;
        private int references;
        private boolean started;
        private ConfigSnapshot atStart = ConfigSnapshot.NONE;

        private Shared(Key key, ConfigFeed feed) {
            this.key = key;
            this.feed = feed;
        }
    }

    /** One reference on a feed. */
    final class Lease implements AutoCloseable {

        private final Shared shared;
        private boolean closed;

        private Lease(Shared shared) {
            this.shared = shared;
        }

        ConfigFeed feed() {
            return shared.feed;
        }

        /** Idempotent. */
        @Override
        public void close() {
            synchronized (feeds) {
                if (closed) {
                    return;
                }
                closed = true;
                if (--shared.references > 0) {
                    return;
                }
                feeds.remove(shared.key, shared);
            }
            shared.feed.close();
        }
    }
}
