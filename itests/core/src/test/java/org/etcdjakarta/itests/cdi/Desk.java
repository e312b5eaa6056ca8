package org.etcdjakarta.itests.cdi;

import io.etcd.jetcd.KV;
import io.etcd.jetcd.Lease;
import io.etcd.jetcd.Watch;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.event.ObservesAsync;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Supplier;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.etcdjakarta.EtcdAuth;
import org.etcdjakarta.EtcdBatch;
import org.etcdjakarta.EtcdCluster;
import org.etcdjakarta.EtcdEvent;
import org.etcdjakarta.EtcdLease;
import org.etcdjakarta.EtcdMaintenance;
import org.etcdjakarta.EtcdSession;
import org.etcdjakarta.cdi.EtcdWatch;
import org.etcdjakarta.config.EtcdConfigChanged;

/** An application as small as one that uses everything can be. */
@Singleton
public class Desk {

    @Inject
    EtcdLease extendedLease;

    @Inject
    EtcdCluster cluster;

    @Inject
    EtcdAuth auth;

    @Inject
    EtcdMaintenance maintenance;

    @Inject
    KV kv;

    @Inject
    Lease lease;

    @Inject
    Watch watch;

    @Inject
    EtcdSession session;

    @Inject
    @ConfigProperty(name = "price.limit", defaultValue = "100")
    Supplier<Integer> limit;

    final List<EtcdEvent<String>> flags = new CopyOnWriteArrayList<>();
    final List<EtcdEvent<Integer>> numbers = new CopyOnWriteArrayList<>();
    final List<EtcdBatch<String>> batches = new CopyOnWriteArrayList<>();
    final List<EtcdConfigChanged> changes = new CopyOnWriteArrayList<>();

    void flag(@Observes @EtcdWatch("/flags/") EtcdEvent<String> change) {
        flags.add(change);
    }

    void number(@Observes @EtcdWatch("/flags/") EtcdEvent<Integer> change) {
        numbers.add(change);
    }

    void orders(@ObservesAsync @EtcdWatch("/orders/") EtcdBatch<String> batch) {
        batches.add(batch);
    }

    void configuration(@Observes EtcdConfigChanged change) {
        changes.add(change);
    }
}
