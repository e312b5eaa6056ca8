package org.etcdjakarta.core.tx;

import java.time.Duration;
import org.etcdjakarta.core.link.EtcdLink;
import org.etcdjakarta.core.link.EtcdLinkConfig;
import org.etcdjakarta.core.link.KvProtocol;

/** Where references on the link come from. */
interface Links {

    /** A reference that its taker closes. */
    Borrowed borrow();

    /** The endpoints, for messages. */
    String endpoint();

    default Pace pace() {
        return Pace.REAL;
    }

    /** Work that nobody waits for. */
    interface Background {
        /** In a thread that may block; not at all when the link is closed by then. */
        void later(Duration pause, Runnable task);
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
                return new Borrowed(link.kvProtocol(), link::later, link::close);
            }

            @Override
            public String endpoint() {
                return String.join(",", config.endpoints());
            }
        };
    }
}
