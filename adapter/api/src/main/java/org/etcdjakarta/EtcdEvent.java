package org.etcdjakarta;

import org.jspecify.annotations.Nullable;

/**
 * One change of one key.
 *
 * @param type what happened
 * @param key the key, as UTF-8 text
 * @param value the new value; null for {@link Type#DELETE}
 * @param previous the value before; null when there was none or it is not known
 * @param revision etcd's revision of the change (mod revision), 1 or more
 * @param version number of writes since the key was created, 1 or more; 0 for {@link Type#DELETE}
 * @param createRevision revision at which the key was created; 0 for {@link Type#DELETE}
 * @param lease id of the lease that the key is attached to; 0 for none
 * @param <V> type of the values
 * @see <a href="https://etcd.io/docs/v3.5/learning/api/#events">etcd, events</a>
 */
public record EtcdEvent<V>(
        Type type,
        String key,
        @Nullable V value,
        @Nullable V previous,
        long revision,
        long version,
        long createRevision,
        long lease) {

    /** What happened to the key. */
    public enum Type {
        /** The key was created or overwritten. */
        PUT,
        /** The key was deleted, or its lease ended. */
        DELETE
    }
}
