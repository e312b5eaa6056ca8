package org.etcdjakarta.embedded.service;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.etcdjakarta.embedded.protocol.DowngradeRequest;
import org.etcdjakarta.embedded.store.ClusterState;
import org.etcdjakarta.embedded.store.ClusterStatus;

/** etcd's rules for the announcement of a downgrade. It is never carried out: there is no older one to run. */
final class Downgrade {

    static final String CLUSTER_VERSION = "3.5.0";

    /** The only one that etcd allows: its own minor version less one. */
    private static final String TARGET = "3.4";

    private static final Pattern VERSION = Pattern.compile("(\\d+\\.\\d+)(\\.\\d+([-+].*)?)?");

    private Downgrade() {}

    static ClusterState of(DowngradeRequest request, ClusterState cluster) {
        return switch (request.getAction()) {
            case VALIDATE -> validated(request, cluster);
            case ENABLE -> validated(request, cluster).downgrading(true);
            case CANCEL -> cancelled(cluster);
            case UNRECOGNIZED -> throw ClusterStatus.unknownMethod();
        };
    }

    private static ClusterState validated(DowngradeRequest request, ClusterState cluster) {
        Matcher version = VERSION.matcher(request.getVersion());
        if (!version.matches()) {
            throw ClusterStatus.wrongVersionFormat();
        }
        if (!TARGET.equals(version.group(1))) {
            throw ClusterStatus.invalidVersion();
        }
        if (cluster.downgrading()) {
            throw ClusterStatus.downgradeInProcess();
        }
        return cluster;
    }

    private static ClusterState cancelled(ClusterState cluster) {
        if (!cluster.downgrading()) {
            throw ClusterStatus.noDowngrade();
        }
        return cluster.downgrading(false);
    }
}
