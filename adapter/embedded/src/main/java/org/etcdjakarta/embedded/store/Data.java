package org.etcdjakarta.embedded.store;

import org.pcollections.TreePMap;

/** Everything that survives a restart that keeps its data. */
record Data(Keyspace keyspace, TreePMap<Long, LeaseRecord> leases, ClusterState cluster) {

    static final Data EMPTY = new Data(Keyspace.EMPTY, TreePMap.empty(), ClusterState.NEW);

    Data with(Keyspace next) {
        return new Data(next, leases, cluster);
    }

    Data with(TreePMap<Long, LeaseRecord> next) {
        return new Data(keyspace, next, cluster);
    }

    Data with(ClusterState next) {
        return new Data(keyspace, leases, next);
    }
}
