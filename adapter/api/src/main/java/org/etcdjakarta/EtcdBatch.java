package org.etcdjakarta;

import java.util.List;

/**
 * All changes of one revision that a watch sees, in the order of etcd. A transaction's writes arrive in one batch.
 *
 * @param revision etcd's revision, 1 or more
 * @param events the changes, at least one; unmodifiable
 * @param <V> type of the values
 */
public record EtcdBatch<V>(long revision, List<EtcdEvent<V>> events) {

    /**
     * Takes a copy of the events.
     *
     * @param revision etcd's revision
     * @param events the changes
     */
    public EtcdBatch {
        events = List.copyOf(events);
    }
}
