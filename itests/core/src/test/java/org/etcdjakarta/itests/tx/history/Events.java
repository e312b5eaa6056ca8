package org.etcdjakarta.itests.tx.history;

import io.etcd.jetcd.ByteSequence;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.etcdjakarta.EtcdException;
import org.etcdjakarta.EtcdGap;
import org.etcdjakarta.core.link.EtcdLink;
import org.etcdjakarta.core.watch.RevisionBatch;
import org.etcdjakarta.core.watch.WatchConsumer;
import org.etcdjakarta.core.watch.WatchSpec;
import org.jspecify.annotations.Nullable;

/** What has happened below a prefix, as etcd tells it: for each revision the keys and their new values, null for a deletion. */
record Events(NavigableMap<Long, Map<String, @Nullable String>> byRevision) {

    private static final Duration GENEROUS = Duration.ofSeconds(60);

    /** From this revision up to now. */
    static Events read(EtcdLink link, String prefix, long from) {
        String end = prefix + "end";
        long last = link.client()
                .getKVClient()
                .put(bytes(end), bytes("end"))
                .join()
                .getHeader()
                .getRevision();
        Reader reader = new Reader(last);
        var subscription =
                link.watches().subscribe(WatchSpec.prefix(bytes(prefix)).from(from), reader, Runnable::run);
        try {
            reader.read.orTimeout(GENEROUS.toSeconds(), TimeUnit.SECONDS).join();
        } finally {
            subscription.close();
        }
        reader.events.remove(last);
        return new Events(reader.events);
    }

    static ByteSequence bytes(String text) {
        return ByteSequence.from(text, StandardCharsets.UTF_8);
    }

    private static final class Reader implements WatchConsumer {

        private final long last;
        private final NavigableMap<Long, Map<String, @Nullable String>> events = new TreeMap<>();
        private final CompletableFuture<Boolean> read = new CompletableFuture<>();

        Reader(long last) {
            this.last = last;
        }

        @Override
        public void onBatch(RevisionBatch batch) {
            Map<String, @Nullable String> changes = new LinkedHashMap<>();
            batch.events()
                    .forEach(event -> changes.put(
                            event.getKeyValue().getKey().toString(StandardCharsets.UTF_8),
                            event.getEventType() == io.etcd.jetcd.watch.WatchEvent.EventType.DELETE
                                    ? null
                                    : event.getKeyValue().getValue().toString(StandardCharsets.UTF_8)));
            events.put(batch.revision(), changes);
            if (batch.revision() >= last) {
                read.complete(true);
            }
        }

        @Override
        public void onGap(EtcdGap gap) {
            read.completeExceptionally(new IllegalStateException("history is gone: " + gap));
        }

        @Override
        public void onFailure(EtcdException failure) {
            read.completeExceptionally(failure);
        }
    }
}
