package org.etcdjakarta.embedded.service;

import com.google.protobuf.ByteString;
import io.etcd.jetcd.api.Event;
import io.etcd.jetcd.api.KeyValue;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
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

    private final List<Entry> entries = new ArrayList<>();
    private final Keyspace keyspace;

    private History(Keyspace keyspace, long last) {
        this.keyspace = keyspace;
        long compacted = keyspace.compacted();
        keyspace.at(last).keys().values().stream()
                .filter(kv -> kv.getModRevision() <= compacted)
                .sorted(Comparator.comparingLong(KeyValue::getModRevision))
                .forEach(this::add);
        for (Revision revision : keyspace.since(compacted + 1)) {
            if (revision.number() <= last) {
                addAll(revision);
            }
        }
    }

    /** @param revision the last one to look at; 0 for the current one. Refuses what is compacted or has not come yet */
    static History upTo(Keyspace keyspace, long revision) {
        return new History(keyspace, keyspace.at(revision).number());
    }

    private void add(KeyValue kv) {
        boolean same = !entries.isEmpty() && entries.get(entries.size() - 1).main() == kv.getModRevision();
        int sub = same ? entries.get(entries.size() - 1).sub() + 1 : 0;
        entries.add(new Entry(kv.getModRevision(), sub, false, kv.toByteString()));
    }

    private void addAll(Revision revision) {
        for (int sub = 0; sub < revision.events().size(); sub++) {
            Event event = revision.events().get(sub);
            boolean tombstone = event.getType() == Event.EventType.DELETE;
            KeyValue kv = tombstone
                    ? KeyValue.newBuilder().setKey(event.getKv().getKey()).build()
                    : event.getKv();
            entries.add(new Entry(revision.number(), sub, tombstone, kv.toByteString()));
        }
    }

    long bytes() {
        return EMPTY_BYTES
                + entries.stream()
                        .mapToLong(entry -> entry.key().length + entry.value().size())
                        .sum();
    }

    /** As etcd tells it: -1 before the first compaction. */
    long compacted() {
        return keyspace.compacted() == 0 ? -1 : keyspace.compacted();
    }

    int hash() {
        CRC32C hash = new CRC32C();
        hash.update("key".getBytes(StandardCharsets.UTF_8));
        for (Entry entry : entries) {
            hash.update(entry.key());
            hash.update(entry.value().toByteArray());
        }
        return (int) hash.getValue();
    }

    private record Entry(long main, int sub, boolean tombstone, ByteString value) {

        byte[] key() {
            ByteBuffer key = ByteBuffer.allocate(tombstone ? 18 : 17);
            key.putLong(main).put((byte) '_').putLong(sub);
            return (tombstone ? key.put((byte) 't') : key).array();
        }
    }
}
