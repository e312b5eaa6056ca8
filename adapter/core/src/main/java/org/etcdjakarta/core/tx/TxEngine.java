package org.etcdjakarta.core.tx;

import org.etcdjakarta.core.link.EtcdLinkConfig;

/**
 * All branches of one cluster as this process knows them. Engines are shared by equal link configuration and settings, so that
 * a branch can be joined from another managed connection.
 */
public final class TxEngine implements AutoCloseable {

    /** Takes a reference on the engine (and on its link); does not wait for etcd. Each open() has its own close(). */
    public static TxEngine open(EtcdLinkConfig link, TxSettings settings) {
        throw new UnsupportedOperationException("skeleton " + link + settings);
    }

    /** One for each managed connection; no thread, no network. */
    public TxSession newSession() {
        throw new UnsupportedOperationException("skeleton");
    }

    @Override
    public void close() {
        throw new UnsupportedOperationException("skeleton");
    }
}
