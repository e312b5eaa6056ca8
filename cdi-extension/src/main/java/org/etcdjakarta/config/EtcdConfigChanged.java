package org.etcdjakarta.config;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The CDI event of one etcd revision that changed configuration: fired once a revision, after the values can be read, and
 * only after the application has started. What changed during start-up arrives as one event behind it.
 *
 * @param revision etcd's revision, 1 or more
 * @param changes property name to what happened to it; at least one; unmodifiable
 * @param origin where the values now in force come from
 */
public record EtcdConfigChanged(long revision, Map<String, Change> changes, Origin origin) {

    /** Takes a copy of the changes. */
    public EtcdConfigChanged {
        changes = Map.copyOf(changes);
    }

    /**
     * What happened to one property.
     *
     * @param oldValue value in etcd before, null when there was none
     * @param newValue value in etcd now, null when the key was deleted
     * @param effective false when a source of a higher ordinal (system property, environment) hides the property
     */
    public record Change(@Nullable String oldValue, @Nullable String newValue, boolean effective) {}

    /** Where the values come from. */
    public enum Origin {
        /** From etcd. */
        REMOTE,
        /** From the last-known-good file; etcd has not been reached yet. */
        SNAPSHOT,
        /** From nowhere: etcd has not been reached yet. */
        NONE
    }
}
