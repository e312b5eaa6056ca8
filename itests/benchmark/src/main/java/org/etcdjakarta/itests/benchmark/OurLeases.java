package org.etcdjakarta.itests.benchmark;

import java.time.Duration;
import java.util.concurrent.Semaphore;
import org.etcdjakarta.core.link.EtcdLink;
import org.etcdjakarta.core.link.EtcdLinkConfig;

/** Apart from {@link LeaseChild}, which also runs where there is no link. */
final class OurLeases {

    private OurLeases() {}

    static void keep(LeaseKind kind, String endpoint, LeaseChild child) throws Exception {
        EtcdLink link =
                EtcdLink.open(EtcdLinkConfig.builder().endpoints(endpoint).build());
        if (kind == LeaseKind.OURS) {
            child.keep(link.client().getLeaseClient());
        } else {
            Semaphore opening = new Semaphore(32);
            for (int i = 0; i < child.leases(); i++) {
                opening.acquire();
                var unused = link.newSession(Duration.ofSeconds(child.ttl()))
                        .connected()
                        .thenRun(child::heard)
                        .thenRun(opening::release);
            }
        }
    }
}
