package org.etcdjakarta.core.tx;

import org.etcdjakarta.core.link.EtcdLink;
import org.etcdjakarta.core.link.EtcdLinkConfig;
import org.etcdjakarta.core.link.KvProtocol;

/** Where references on the link come from. */
interface Links {

    /** A reference that its taker closes. */
    Borrowed borrow();

    /** The endpoints, for messages. */
    String endpoint();

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
            public String endpoint() {
                return String.join(",", config.endpoints());
            }
        };
    }
}
