package org.etcdjakarta.embedded.service;

import io.etcd.jetcd.api.Event;
import io.etcd.jetcd.api.KeyValue;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import java.util.zip.CRC32C;
import org.etcdjakarta.embedded.store.Keyspace;
import org.etcdjakarta.embedded.store.Revision;

/**
 * The history as etcd's file holds it, one entry for each change: its size and its hash are made of that. The hash is etcd's
 * own, so two servers with the same history agree; after a compaction of Txns with several changes they may not, because
 * the order of what a compacted Txn changed is not remembered here.
 */
final class History {

    /** An empty etcd's file. */
    private static final long EMPTY_BYTES = 20_480;

    private final Keyspace keyspace;
    private final long last;

    private History(Keyspace keyspace, long last) {
        this.keyspace = keyspace;
        this.last = last;
    }

    /** @param revision the last one to look at; 0 for the current one. Refuses what is compacted or has not come yet */
    static History upTo(Keyspace keyspace, long revision) {
        return new History(keyspace, keyspace.at(revision).number());
    }

    /** One after the other: a long history is not to be had in memory twice. */
    private void forEach(Consumer<Entry> reader) {
        long main = -1;
        int sub = 0;
        for (KeyValue kv : compactedKeys()) {
            sub = kv.getModRevision() == main ? sub + 1 : 0;
            main = kv.getModRevision();
            reader.accept(new Entry(main, sub, false, kv));
        }
        for (Revision revision : keyspace.since(keyspace.compacted() + 1)) {
            if (revision.number() <= last) {
                forEach(revision, reader);
            }
        }
    }

    private List<KeyValue> compactedKeys() {
        return keyspace.at(last).keys().values().stream()
                .filter(kv -> kv.getModRevision() <= keyspace.compacted())
                .sorted(Comparator.comparingLong(KeyValue::getModRevision))
                .toList();
    }

    private static void forEach(Revision revision, Consumer<Entry> reader) {
        for (int sub = 0; sub < revision.events().size(); sub++) {
            Event event = revision.events().get(sub);
            boolean tombstone = event.getType() == Event.EventType.DELETE;
            KeyValue kv = tombstone
                    ? KeyValue.newBuilder().setKey(event.getKv().getKey()).build()
                    : event.getKv();
            reader.accept(new Entry(revision.number(), sub, tombstone, kv));
        }
    }

    long bytes() {
        LongAdder bytes = new LongAdder();
        bytes.add(EMPTY_BYTES);
        forEach(entry -> bytes.add(entry.keyBytes() + entry.value().getSerializedSize()));
        return bytes.sum();
    }

    /** As etcd tells it: -1 before the first compaction. */
    long compacted() {
        return keyspace.compacted() == 0 ? -1 : keyspace.compacted();
    }

    int hash() {
        CRC32C hash = new CRC32C();
        hash.update("key".getBytes(StandardCharsets.UTF_8));
        forEach(entry -> {
            hash.update(entry.key());
            hash.update(entry.value().toByteArray());
        });
        return (int) hash.getValue();
    }

    private record Entry(long main, int sub, boolean tombstone, KeyValue value) {

        int keyBytes() {
            return tombstone ? 18 : 17;
        }

        byte[] key() {
            ByteBuffer key = ByteBuffer.allocate(keyBytes());
            key.putLong(main).put((byte) '_').putLong(sub);
            return (tombstone ? key.put((byte) 't') : key).array();
        }
    }
}
