package org.etcdjakarta.config;

import org.etcdjakarta.EtcdKv;
import org.etcdjakarta.core.link.EtcdLink;
import org.etcdjakarta.core.link.EtcdLinkConfig;
import org.etcdjakarta.core.watch.WatchHub;

/** What the feed needs of a cluster. */
interface ConfigCluster extends AutoCloseable {

    EtcdKv kv();

    WatchHub watches();

    @Override
    void close();

    /** A reference on the link of this configuration; does not wait for etcd. */
    static ConfigCluster open(EtcdLinkConfig config) {
        EtcdLink link = EtcdLink.open(config);
        return new ConfigCluster() {
            @Override
            public EtcdKv kv() {
                return EtcdKv.of(link.client().getKVClient());
            }

            @Override
            public WatchHub watches() {
                return link.watches();
            }

            @Override
            public void close() {
                link.close();
            }
        };
    }
}
