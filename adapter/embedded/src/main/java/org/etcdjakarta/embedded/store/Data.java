package org.etcdjakarta.embedded.store;

import org.etcdjakarta.embedded.auth.AuthState;
import org.pcollections.TreePMap;

/** Everything that survives a restart that keeps its data. */
record Data(Keyspace keyspace, TreePMap<Long, LeaseRecord> leases, ClusterState cluster, AuthState auth) {

    static final Data EMPTY = new Data(Keyspace.EMPTY, TreePMap.empty(), ClusterState.NEW, AuthState.NEW);

    Data with(Keyspace next) {
        return new Data(next, leases, cluster, auth);
    }

    Data with(TreePMap<Long, LeaseRecord> next) {
        return new Data(keyspace, next, cluster, auth);
    }

    Data with(ClusterState next) {
        return new Data(keyspace, leases, next, auth);
    }

    Data with(AuthState next) {
        return new Data(keyspace, leases, cluster, next);
    }
}
