package org.etcdjakarta.cdi;

import java.util.HashMap;
import java.util.Map;
import java.util.function.Function;
import org.etcdjakarta.config.ClientSettings;

/** The clients of one application, opened at first use and closed with it. */
final class ApplicationClients implements AutoCloseable {

    private final ClientLocator locator;
    private final Function<String, ClientSettings> settings;
    private final Map<String, EtcdClient> clients = new HashMap<>();
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
     * Looks the connection factory up now, on a thread of the application, where java:comp is seen. A factory that is not there
     * yet is not missed before the first use: another link would be kept for good.
     */
    synchronized void findFactory(String name) {
        if (!closed && !clients.containsKey(name)) {
            EtcdClient client = locator.factory(settings.apply(name));
            if (client != null) {
                clients.put(name, client);
            }
        }
    }

    /** Idempotent. */
    @Override
    public synchronized void close() {
        closed = true;
        clients.values().forEach(EtcdClient::close);
        clients.clear();
    }
}
