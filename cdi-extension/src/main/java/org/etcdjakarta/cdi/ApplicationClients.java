package org.etcdjakarta.cdi;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.etcdjakarta.config.ClientSettings;
import org.etcdjakarta.core.watch.WatchHub;

/** The clients of one application, opened at first use and closed with it. */
final class ApplicationClients implements AutoCloseable {

    private final ClientLocator locator;
    private final Function<String, ClientSettings> settings;
    private final Map<String, EtcdClient> clients = new HashMap<>();
    private final Map<String, EtcdClient> early = new HashMap<>();
    // still in use by what was injected or is watching through them
    private final List<EtcdClient> replaced = new ArrayList<>();
    private boolean closed;

    ApplicationClients(ClientLocator locator, Function<String, ClientSettings> settings) {
        this.locator = locator;
        this.settings = settings;
    }

    /** The client of this name, empty for the default one. Does not wait for etcd; throws when none can be made. */
    synchronized EtcdClient get(String name) {
        if (closed) {
            throw CdiMessages.closed(name);
        }
        EtcdClient known = clients.get(name);
        if (known == null) {
            known = locator.open(settings.apply(name));
            clients.put(name, known);
        }
        return known;
    }

    /**
     * The client for calls that belong to the caller's transaction. What was found before, on a thread that does not see
     * java:comp or before the factory was bound, is asked for again here: a link of its own for good would write past JTA.
     */
    EtcdClient transactional(String name) {
        EtcdClient known = get(name);
        if (known.joinsTransactions() || !locator.hasNaming()) {
            return known;
        }
        // outside the lock: every call of a client without a factory comes by here
        EtcdClient factory = locator.factory(settings.apply(name));
        return factory == null ? known : replace(name, factory);
    }

    private synchronized EtcdClient replace(String name, EtcdClient factory) {
        if (closed) {
            throw CdiMessages.closed(name);
        }
        EtcdClient known = clients.get(name);
        if (known != null && known.joinsTransactions()) {
            return known;
        }
        if (known != null) {
            replaced.add(known);
        }
        clients.put(name, factory);
        return factory;
    }

    /**
     * Looks the factory up now, on a thread of the application, under the names that only such threads see. One that is not
     * there yet is not missed before the first use; global names wait for it too, since Payara binds java:comp/env only after
     * the start, and it comes first.
     */
    synchronized void findFactory(String name) {
        EtcdClient known = clients.get(name);
        if (!closed && (known == null || !known.joinsTransactions())) {
            EtcdClient client = locator.componentFactory(settings.apply(name));
            if (client != null) {
                replace(name, client);
            }
        }
    }

    /**
     * The watches of the client, needed when the application starts. What is found that early is not kept for the KV: a
     * factory that appears later must not be missed by its transactions.
     */
    synchronized WatchHub watches(String name) {
        if (closed) {
            throw CdiMessages.closed(name);
        }
        EtcdClient known = clients.getOrDefault(name, early.get(name));
        if (known == null) {
            known = locator.open(settings.apply(name));
            early.put(name, known);
        }
        return known.watches();
    }

    /** Idempotent. */
    @Override
    public synchronized void close() {
        closed = true;
        clients.values().forEach(EtcdClient::close);
        clients.clear();
        early.values().forEach(EtcdClient::close);
        early.clear();
        replaced.forEach(EtcdClient::close);
        replaced.clear();
    }
}
