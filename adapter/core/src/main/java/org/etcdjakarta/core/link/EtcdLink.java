package org.etcdjakarta.core.link;

import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.Client;
import org.etcdjakarta.core.watch.WatchHub;

/** One shared physical client of one cluster. Shared by equal configuration and reference-counted. */
public final class EtcdLink implements AutoCloseable {

    /** Takes a reference on the link of this configuration; does not wait for etcd. Each open() has its own close(). */
    public static EtcdLink open(EtcdLinkConfig config) {
        throw new UnsupportedOperationException("skeleton " + config);
    }

    /** Another reference on the same link; each has its own close(). IllegalStateException when this one is closed. */
    public EtcdLink retain() {
        throw new UnsupportedOperationException("skeleton");
    }

    public EtcdLinkConfig config() {
        throw new UnsupportedOperationException("skeleton");
    }

    public ByteSequence namespace() {
        throw new UnsupportedOperationException("skeleton");
    }

    /** Raw: unguarded, joins nothing. Closing the client does not close the link. */
    public Client client() {
        throw new UnsupportedOperationException("skeleton");
    }

    /** The KV service itself, physical keys, with deadlines, token and error mapping. */
    public KvProtocol kvProtocol() {
        throw new UnsupportedOperationException("skeleton");
    }

    public WatchHub watches() {
        throw new UnsupportedOperationException("skeleton");
    }

    /** Idempotent. After the last reference is closed nothing is left: no thread, no socket. */
    @Override
    public void close() {
        throw new UnsupportedOperationException("skeleton");
    }
}
