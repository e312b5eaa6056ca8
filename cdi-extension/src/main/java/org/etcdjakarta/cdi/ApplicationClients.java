package org.etcdjakarta.cdi;

import java.util.HashMap;
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
     * Looks the factory up now, on a thread of the application, under the names that only such threads see. One that is not
     * there yet is not missed before the first use; global names wait for it too, since Payara binds java:comp/env only after
     * the start, and it comes first.
     */
    synchronized void findFactory(String name) {
        if (!closed && !clients.containsKey(name)) {
            EtcdClient client = locator.componentFactory(settings.apply(name));
            if (client != null) {
                clients.put(name, client);
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
    }
}
