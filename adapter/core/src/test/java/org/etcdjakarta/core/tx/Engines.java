package org.etcdjakarta.core.tx;

import org.etcdjakarta.core.link.KvProtocol;

/** The engine for the simulation, which is in a package of its own. */
public final class Engines {

    public static final String RESERVED = "/_etcd-jakarta/";

    private Engines() {}

    /** A process's own: shares nothing with other engines but what is behind the KV. */
    public static TxEngine over(KvProtocol kv, String node) {
        return TxEngine.over(new FakeLinks(kv), new TxSettings(RESERVED, TxSettings.DEFAULT_MAX_TXN_OPS, node));
    }
}
