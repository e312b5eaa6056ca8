package org.etcdjakarta.config;

import java.util.Map;
import java.util.Set;
import org.eclipse.microprofile.config.spi.ConfigSource;
import org.jspecify.annotations.Nullable;

/** The view of one Config on a feed. Every method is a look-up in the snapshot in force; none calls etcd. */
final class EtcdConfigSource implements ConfigSource, AutoCloseable {

    private final ConfigFeeds.Lease lease;

    EtcdConfigSource(ConfigFeeds.Lease lease) {
        this.lease = lease;
    }

    /** Where etcd is must not be told by etcd, and reading our own settings must not come back to us. */
    static boolean isOwnSetting(String property) {
        return property.startsWith("etcd.");
    }

    @Override
    public Map<String, String> getProperties() {
        return lease.feed().current().values();
    }

    @Override
    public Set<String> getPropertyNames() {
        return getProperties().keySet();
    }

    // MicroProfile Config: null is "no such property"; the empty text is a value that hides weaker sources
    @Override
    @SuppressWarnings("NullAway")
    public @Nullable String getValue(String propertyName) {
        return isOwnSetting(propertyName) ? null : getProperties().get(propertyName);
    }

    @Override
    public String getName() {
        return lease.feed().name();
    }

    /** Not from config_ordinal: remote data must not put itself above system properties. */
    @Override
    public int getOrdinal() {
        return lease.feed().ordinal();
    }

    /** Idempotent. Servers do not call it; the CDI extension closes the feed. */
    @Override
    public void close() {
        lease.close();
    }
}
