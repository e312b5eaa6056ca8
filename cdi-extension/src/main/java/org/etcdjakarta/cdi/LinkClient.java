package org.etcdjakarta.cdi;

import io.etcd.jetcd.Client;
import io.etcd.jetcd.KV;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import org.etcdjakarta.EtcdLease;
import org.etcdjakarta.EtcdSession;
import org.etcdjakarta.config.ClientSettings;
import org.etcdjakarta.core.link.EtcdLink;
import org.etcdjakarta.core.link.EtcdLinkConfig;
import org.etcdjakarta.core.session.Session;
import org.etcdjakarta.core.watch.WatchHub;
import org.jspecify.annotations.Nullable;

/** A client with a link of its own: no server, or no connection factory. Each call is its own. */
final class LinkClient implements EtcdClient {

    private final EtcdLink link;
    private @Nullable Session session;
    private final ClientSettings settings;
    private final List<String> tried;

    /** The names are those at which there was no connection factory, for messages. */
    LinkClient(EtcdLinkConfig config, ClientSettings settings, List<String> tried) {
        this.settings = settings;
        this.tried = tried;
        link = EtcdLink.open(config);
    }

    @Override
    public <T> CompletableFuture<T> withKv(Function<KV, CompletableFuture<T>> call) {
        return call.apply(link.client().getKVClient());
    }

    @Override
    public <T> CompletableFuture<T> withLease(Function<EtcdLease, CompletableFuture<T>> call) {
        return call.apply(EtcdLease.of(link.client().getLeaseClient()));
    }

    @Override
    public boolean joinsTransactions() {
        return false;
    }

    @Override
    public void checkWrite() {
        if (CallersTransaction.isActive()) {
            throw CdiMessages.writeOutsideTransaction(
                    settings, tried, link.config().endpoints());
        }
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
    public synchronized EtcdSession session() {
        Session known = session;
        if (known == null) {
            known = link.newSession();
            session = known;
        }
        return known;
    }

    @Override
    public synchronized void close() {
        if (session != null) {
            session.close();
        }
        link.close();
    }
}
