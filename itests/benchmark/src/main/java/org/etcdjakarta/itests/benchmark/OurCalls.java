package org.etcdjakarta.itests.benchmark;

import org.etcdjakarta.core.link.EtcdLink;
import org.etcdjakarta.core.link.EtcdLinkConfig;
import org.etcdjakarta.core.link.ProtocolKv;
import org.etcdjakarta.core.tx.TxEngine;
import org.etcdjakarta.core.tx.TxSettings;

/** Our link, raw and as a connection hands it out. */
final class OurCalls {

    private OurCalls() {}

    /** The link's own KV: joins nothing. */
    static KvCalls raw(String endpoint) {
        EtcdLink link = EtcdLink.open(config(endpoint));
        return new JetcdKvCalls(link.client().getKVClient(), link::close);
    }

    /** The KV of a connection that is in no transaction. */
    static KvCalls guarded(String endpoint) {
        EtcdLinkConfig config = config(endpoint);
        EtcdLink link = EtcdLink.open(config);
        TxEngine engine = TxEngine.open(
                config,
                new TxSettings(TxSettings.DEFAULT_RESERVED_PREFIX, TxSettings.DEFAULT_MAX_TXN_OPS, "benchmark"));
        ProtocolKv kv = new ProtocolKv(engine.newSession().kv(), link.namespace());
        return new JetcdKvCalls(kv, () -> {
            engine.close();
            link.close();
        });
    }

    private static EtcdLinkConfig config(String endpoint) {
        return EtcdLinkConfig.builder().endpoints(endpoint).build();
    }
}
