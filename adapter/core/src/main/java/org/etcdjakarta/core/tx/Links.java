package org.etcdjakarta.core.tx;

import java.util.concurrent.CompletableFuture;
import org.etcdjakarta.core.link.EtcdLink;
import org.etcdjakarta.core.link.EtcdLinkConfig;
import org.etcdjakarta.core.link.KvProtocol;

/** Where references on the link come from. */
interface Links {

    /** A reference that its taker closes. */
    Borrowed borrow();

    /** The endpoints, for messages. */
    String endpoint();

    /** Ends a lease, on a reference of its own and within the request timeout; does not wait for it. */
    default CompletableFuture<?> revoke(long leaseId) {
        return CompletableFuture.completedFuture(leaseId);
    }

    /** A KV that works until the reference is closed. */
    record Borrowed(KvProtocol kv, Runnable release) implements AutoCloseable {
        @Override
        public void close() {
            release.run();
        }
    }

    /** References on one link, whose watches show nothing of what is below the reserved prefix. */
    static Links of(EtcdLinkConfig config, String reservedPrefix) {
        return new Links() {
            @Override
            public Borrowed borrow() {
                EtcdLink link = EtcdLink.open(config);
                link.hideFromWatches(reservedPrefix);
                return new Borrowed(link.kvProtocol(), link::close);
            }

            @Override
            public CompletableFuture<?> revoke(long leaseId) {
                EtcdLink link = EtcdLink.open(config);
                return link.client()
                        .getLeaseClient()
                        .revoke(leaseId)
                        .whenCompleteAsync((answer, failure) -> link.close(), link.executor());
            }

            @Override
            public String endpoint() {
                return String.join(",", config.endpoints());
            }
        };
    }
}
