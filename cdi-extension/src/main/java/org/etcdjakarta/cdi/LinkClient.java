package org.etcdjakarta.cdi;

import io.etcd.jetcd.Client;
import io.etcd.jetcd.KV;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import org.etcdjakarta.core.link.EtcdLink;
import org.etcdjakarta.core.link.EtcdLinkConfig;
import org.etcdjakarta.core.watch.WatchHub;

/** A client with a link of its own: no server, or no connection factory. Each call is its own. */
final class LinkClient implements EtcdClient {

    private final EtcdLink link;

    LinkClient(EtcdLinkConfig config) {
        link = EtcdLink.open(config);
    }

    @Override
    public <T> CompletableFuture<T> withKv(Function<KV, CompletableFuture<T>> call) {
        return call.apply(link.client().getKVClient());
    }

    @Override
    public Client raw() {
        return link.client();
    }

    @Override
    public WatchHub watches() {
        return link.watches();
    }

    @Override
    public void close() {
        link.close();
    }
}
