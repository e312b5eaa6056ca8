package org.etcdjakarta.connector;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.etcdjakarta.EtcdSession;
import org.etcdjakarta.core.link.EtcdLink;
import org.etcdjakarta.core.link.EtcdLinkConfig;
import org.etcdjakarta.core.session.Session;

/**
 * The sessions behind the handles of an adapter: one for each configuration, user included, opened when first asked for. Each holds a
 * reference on its link, because pools open and destroy connections as they like, and locks must not go with them.
 */
final class SharedSessions {

    private record Open(EtcdLink link, Session session) {

        void close() {
            session.close();
            link.close();
        }
    }

    private final Map<EtcdLinkConfig, Open> open = new HashMap<>();
    private boolean closed;

    /** The same for all links of equal configuration. IllegalStateException when all is closed. */
    synchronized EtcdSession of(EtcdLink link) {
        if (closed) {
            throw ConnectorMessages.stopped();
        }
        return open.computeIfAbsent(link.config(), config -> {
                    EtcdLink own = link.retain();
                    return new Open(own, own.newSession());
                })
                .session();
    }

    /** Revokes the leases, each within its request timeout. Idempotent. */
    void close() {
        List<Open> all;
        synchronized (this) {
            closed = true;
            all = new ArrayList<>(open.values());
            open.clear();
        }
        all.forEach(Open::close);
    }
}
