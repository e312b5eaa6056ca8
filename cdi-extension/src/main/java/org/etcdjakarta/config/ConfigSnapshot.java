package org.etcdjakarta.config;

import io.etcd.jetcd.KeyValue;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;
import org.etcdjakarta.config.EtcdConfigChanged.Change;
import org.etcdjakarta.config.EtcdConfigChanged.Origin;
import org.jspecify.annotations.Nullable;

/**
 * The configuration as of one revision.
 *
 * @param revision etcd's revision, 0 before anything was read
 * @param values property names to values
 */
record ConfigSnapshot(long revision, Map<String, String> values, Origin origin) {

    static final ConfigSnapshot NONE = new ConfigSnapshot(0, Map.of(), Origin.NONE);

    private static final System.Logger LOG = System.getLogger(ConfigSnapshot.class.getName());

    /** {@code reported} remembers which collisions have been logged, so that a lasting one is logged once. */
    static ConfigSnapshot of(String source, long revision, Map<String, String> keys, Set<String> reported) {
        return new ConfigSnapshot(revision, properties(source, keys, reported), Origin.REMOTE);
    }

    /** Null for the prefix itself, and when the key or value is not text; that is logged, and the key left out. */
    static @Nullable Entry entry(String source, int prefixLength, KeyValue keyValue) {
        String key = Utf8.decode(keyValue.getKey());
        String value = Utf8.decode(keyValue.getValue());
        if (key == null || value == null) {
            LOG.log(
                    System.Logger.Level.WARNING,
                    ConfigMessages.notText(source, keyValue.getKey().toString()));
            return null;
        }
        return key.length() <= prefixLength ? null : new Entry(key.substring(prefixLength), value);
    }

    /** What has changed since {@code before}; {@code hidden} says whether a source of a higher ordinal has the property. */
    Map<String, Change> changesSince(ConfigSnapshot before, Predicate<String> hidden) {
        Map<String, Change> changes = new HashMap<>();
        var names = new HashSet<>(before.values.keySet());
        names.addAll(values.keySet());
        for (String name : names) {
            String old = before.values.get(name);
            String now = values.get(name);
            if (!Objects.equals(old, now)) {
                changes.put(name, new Change(old, now, !hidden.test(name)));
            }
        }
        return changes;
    }

    /** {@code price/limit} is property price.limit. A key that is already spelt with dots wins over one that is not. */
    private static Map<String, String> properties(String source, Map<String, String> keys, Set<String> reported) {
        Map<String, String> values = new HashMap<>();
        Map<String, String> takenFrom = new HashMap<>();
        new TreeMap<>(keys).forEach((key, value) -> {
            String name = key.replace('/', '.');
            if (key.endsWith("/") || EtcdConfigSource.isOwnSetting(name)) {
                return;
            }
            String other = takenFrom.get(name);
            // '.' sorts before '/': the exact spelling is seen first, and between two others the smaller key stays
            if (other != null) {
                if (reported.add(key)) {
                    LOG.log(System.Logger.Level.WARNING, ConfigMessages.collision(source, name, other, key));
                }
                return;
            }
            takenFrom.put(name, key);
            values.put(name, value);
        });
        return Map.copyOf(values);
    }

    /** One key without the prefix, and its value. */
    record Entry(String key, String value) {}
}
