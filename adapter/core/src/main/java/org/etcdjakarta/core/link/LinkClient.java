package org.etcdjakarta.core.link;

import io.etcd.jetcd.Auth;
import io.etcd.jetcd.Client;
import io.etcd.jetcd.Cluster;
import io.etcd.jetcd.Election;
import io.etcd.jetcd.KV;
import io.etcd.jetcd.Lease;
import io.etcd.jetcd.Lock;
import io.etcd.jetcd.Maintenance;
import io.etcd.jetcd.Watch;

/** jetcd's {@link Client} over the link. */
final class LinkClient implements Client {

    private final KV kv;

    LinkClient(SharedLink link) {
        kv = new ProtocolKv(link.kv(), link.namespace());
    }

    @Override
    public Auth getAuthClient() {
        throw new UnsupportedOperationException("skeleton");
    }

    @Override
    public KV getKVClient() {
        return kv;
    }

    @Override
    public Cluster getClusterClient() {
        throw new UnsupportedOperationException("skeleton");
    }

    @Override
    public Maintenance getMaintenanceClient() {
        throw new UnsupportedOperationException("skeleton");
    }

    @Override
    public Lease getLeaseClient() {
        throw new UnsupportedOperationException("skeleton");
    }

    @Override
    public Watch getWatchClient() {
        throw new UnsupportedOperationException("skeleton");
    }

    @Override
    public Lock getLockClient() {
        throw new UnsupportedOperationException("skeleton");
    }

    @Override
    public Election getElectionClient() {
        throw new UnsupportedOperationException("skeleton");
    }

    /** Nothing: the link is closed by those who opened it. */
    @Override
    public void close() {}
}
