package org.etcdjakarta.embedded.store;

import org.pcollections.TreePMap;

/** Everything that survives a restart that keeps its data. */
record Data(Keyspace keyspace, TreePMap<Long, LeaseRecord> leases) {

    static final Data EMPTY = new Data(Keyspace.EMPTY, TreePMap.empty());

    Data with(Keyspace next) {
        return new Data(next, leases);
    }

    Data with(TreePMap<Long, LeaseRecord> next) {
        return new Data(keyspace, next);
    }
}
