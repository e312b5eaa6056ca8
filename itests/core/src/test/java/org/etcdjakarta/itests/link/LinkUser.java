package org.etcdjakarta.itests.link;

import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.KV;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import org.etcdjakarta.core.link.EtcdLink;
import org.etcdjakarta.core.link.EtcdLinkConfig;
import org.etcdjakarta.core.watch.WatchSpec;

/** Opens a link to the endpoint given, uses much of it on the calling thread, closes it, and returns what it read. */
public class LinkUser implements Function<String, String> {

    @Override
    public String apply(String endpoint) {
        EtcdLinkConfig config = EtcdLinkConfig.builder()
                .endpoints(endpoint)
                .namespace("/redeploy/")
                .requestTimeout(Duration.ofSeconds(30))
                .build();
        try (EtcdLink link = EtcdLink.open(config)) {
            KV kv = link.client().getKVClient();
            ByteSequence key = bytes("k");
            Collector seen = new Collector();
            var unused = link.watches().subscribe(WatchSpec.prefix(bytes("")), seen, Runnable::run);
            for (int i = 0; i < 50; i++) {
                kv.put(key, bytes("v")).join();
                kv.put(bytes("large"), bytes("x".repeat(100_000))).join();
            }
            long lease = link.client().getLeaseClient().grant(60).join().getID();
            link.client().getLeaseClient().keepAliveOnce(lease).join();
            link.client().getLeaseClient().revoke(lease).join();
            CompletableFuture<String> asynchronous = new CompletableFuture<>();
            var unusedAnswer = kv.get(key).thenAccept(answer -> asynchronous.complete("answered"));
            // not orTimeout(): the JDK's one thread for that keeps the context class loader of whoever is the first to
            // use it
            asynchronous.join();
            return kv.get(key).join().getKvs().get(0).getValue().toString(StandardCharsets.UTF_8);
        }
    }

    static ByteSequence bytes(String text) {
        return ByteSequence.from(text, StandardCharsets.UTF_8);
    }
}
