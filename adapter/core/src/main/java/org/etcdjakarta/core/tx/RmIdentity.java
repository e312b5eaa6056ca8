package org.etcdjakarta.core.tx;

import java.nio.file.Path;
import java.util.Set;
import org.etcdjakarta.core.link.EtcdLinkConfig;
import org.jspecify.annotations.Nullable;

/**
 * What makes two XA resources those of one resource manager, so that a transaction manager may have both work in one branch: the
 * same cluster, told by its endpoints, namespace, reserved keys, and user. Timeouts and isolation do not count.
 * Who the user is, may be said by a certificate alone.
 *
 * <p>Not the cluster's id: etcd makes it of names and peer addresses, and two clusters of default configuration have the same.
 * Not whoever signs on either: what is joined is done with the rights of the user who began the branch.
 */
record RmIdentity(
        Set<String> endpoints,
        String namespace,
        String reservedPrefix,
        @Nullable String user,
        @Nullable Path clientCertificate) {

    static RmIdentity of(EtcdLinkConfig link, TxSettings settings) {
        return new RmIdentity(
                Set.copyOf(link.endpoints()),
                link.namespace(),
                settings.reservedPrefix(),
                link.user(),
                link.clientCertificate());
    }
}
