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

/** jetcd's {@link Client} over one reference on a link; what goes on by itself ends with that reference. */
final class LinkClient implements Client {

    private final Waiting waiting;
    private final KV kv;
    private final LeaseClient lease;
    private final Watch watch;
    private final Lock lock;
    private final Election election;
    private final Cluster cluster;
    private final Auth auth;
    private final Maintenance maintenance;

    LinkClient(SharedLink link, Watch watch) {
        Calls calls = link.calls();
        waiting = new Waiting(calls);
        kv = new ProtocolKv(link.kv(), link.namespace());
        lease = new LeaseClient(calls, link.keepAlives());
        this.watch = watch;
        lock = new LockClient(calls, waiting, link.namespace());
        election = new ElectionClient(calls, waiting, link.namespace());
        cluster = new ClusterClient(calls);
        auth = new AuthClient(calls);
        maintenance = new MaintenanceClient(link, waiting);
    }

    @Override
    public KV getKVClient() {
        return kv;
    }

    @Override
    public Lease getLeaseClient() {
        return lease;
    }

    @Override
    public Watch getWatchClient() {
        return watch;
    }

    @Override
    public Lock getLockClient() {
        return lock;
    }

    @Override
    public Election getElectionClient() {
        return election;
    }

    @Override
    public Cluster getClusterClient() {
        return cluster;
    }

    @Override
    public Auth getAuthClient() {
        return auth;
    }

    @Override
    public Maintenance getMaintenanceClient() {
        return maintenance;
    }

    /** Nothing: the link is closed by those who opened it. */
    @Override
    public void close() {}

    /** The reference on the link is closed. */
    void end() {
        waiting.close();
        lease.end();
        election.close();
    }
}
