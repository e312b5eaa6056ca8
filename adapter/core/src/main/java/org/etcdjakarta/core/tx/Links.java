package org.etcdjakarta.core.tx;

import io.etcd.jetcd.ByteSequence;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.etcdjakarta.core.link.EtcdLink;
import org.etcdjakarta.core.link.EtcdLinkConfig;
import org.etcdjakarta.core.link.KvProtocol;
import org.etcdjakarta.core.watch.WatchConsumer;
import org.etcdjakarta.core.watch.WatchSpec;
import org.jspecify.annotations.Nullable;

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

    default Pace pace() {
        return Pace.REAL;
    }

    /** What goes on while the reference is open, and nobody waits for. */
    interface Background {
        /** In a thread that may block; not at all when the link is closed by then. */
        void later(Duration pause, Runnable task);

        /**
         * Tells of the keys below a physical prefix, in a thread that must not block. Nothing where that can't be watched: a
         * link's watches see only what is in its namespace.
         */
        default void watch(String prefix, long fromRevision, WatchConsumer consumer) {}

        /** The sign that this link lives; null where nobody else looks for it. */
        default @Nullable Presence presence(String reservedPrefix, String linkId, String node) {
            return null;
        }
    }

    /** Works until the reference is closed. */
    record Borrowed(KvProtocol kv, Background background, Runnable release) implements AutoCloseable {

        Borrowed with(KvProtocol other) {
            return new Borrowed(other, background, release);
        }

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
                return new Borrowed(link.kvProtocol(), new OfLink(link), link::close);
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

    /** The link's own timer and watches. */
    record OfLink(EtcdLink link) implements Background {

        @Override
        public void later(Duration pause, Runnable task) {
            link.later(pause, task);
        }

        @Override
        public Presence presence(String reservedPrefix, String linkId, String node) {
            return Presence.of(
                    link,
                    reservedPrefix,
                    linkId,
                    Alive.here(node),
                    link.config().sessionTtl());
        }

        @Override
        public void watch(String prefix, long fromRevision, WatchConsumer consumer) {
            if (link.namespace().isEmpty()) {
                // ends with the reference
                var unused = link.watches()
                        .subscribe(
                                WatchSpec.prefix(ByteSequence.from(prefix, StandardCharsets.UTF_8))
                                        .from(fromRevision),
                                consumer,
                                Runnable::run);
            }
        }
    }
}
