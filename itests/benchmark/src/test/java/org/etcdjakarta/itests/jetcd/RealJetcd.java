package org.etcdjakarta.itests.jetcd;

import static org.etcdjakarta.itests.jetcd.Text.b;

import io.etcd.jetcd.Client;
import io.etcd.jetcd.ClientBuilder;
import io.etcd.jetcd.options.WatchOption;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;

/** Runs a program on jetcd's own client. Loaded by {@link JetcdLoader}: nothing of ours is on its class path. */
public final class RealJetcd {

    private RealJetcd() {}

    /** Only the JDK's types cross the border between the class loaders. */
    public static List<String> run(String program, String endpoint, String namespace, String user, String password)
            throws Exception {
        try (Client client = client(new Access(endpoint, namespace, user, password))) {
            return Transcript.of(Programs.named(program), client);
        }
    }

    /** A get that has been asked for, and what closes its client. */
    public static Map.Entry<CompletableFuture<?>, AutoCloseable> startGet(String endpoint) {
        Client client = client(Access.to(endpoint));
        return Map.entry(client.getKVClient().get(b("/any")), client);
    }

    /** A watch from a revision that puts the revision of each event into the queue, and what closes its client. */
    public static Map.Entry<Queue<Long>, AutoCloseable> startWatch(String endpoint, String prefix, String revision) {
        Client client = client(Access.to(endpoint));
        Queue<Long> seen = new ConcurrentLinkedQueue<>();
        WatchOption option = WatchOption.builder()
                .isPrefix(true)
                .withRevision(Long.parseLong(revision))
                .build();
        client.getWatchClient().watch(b(prefix), option, response -> response.getEvents()
                .forEach(event -> seen.add(event.getKeyValue().getModRevision())));
        return Map.entry(seen, client);
    }

    /** So many watches of keys of their own, and what closes their client. */
    public static AutoCloseable startWatches(String endpoint, String count) {
        Client client = client(Access.to(endpoint));
        for (int i = 0; i < Integer.parseInt(count); i++) {
            client.getWatchClient().watch(b("/many/" + i), response -> {});
        }
        return client;
    }

    private static Client client(Access access) {
        ClientBuilder builder = Client.builder().endpoints(access.endpoint());
        if (!access.namespace().isEmpty()) {
            builder.namespace(b(access.namespace()));
        }
        if (!access.user().isEmpty()) {
            builder.user(b(access.user())).password(b(access.password()));
        }
        return builder.build();
    }
}
