package org.etcdjakarta.connector.inbound;

import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.KeyValue;
import io.etcd.jetcd.watch.WatchEvent;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BiPredicate;
import org.etcdjakarta.EtcdBatch;
import org.etcdjakarta.EtcdEvent;
import org.etcdjakarta.core.watch.RevisionBatch;
import org.jspecify.annotations.Nullable;

/**
 * What a watch delivers, as beans see it, and which lane it belongs to. That depends on the bytes of the key alone, for ever: checkpoints
 * of earlier versions tell by it what has been delivered.
 */
final class Batches {

    private Batches() {}

    static int lane(int hash, int lanes) {
        return Math.floorMod(hash, lanes);
    }

    /** The changes of each lane that has any. */
    static Map<Integer, EtcdBatch<byte[]>> byLane(
            RevisionBatch batch, int lanes, BiPredicate<Integer, Integer> wanted) {
        Map<Integer, List<EtcdEvent<byte[]>>> events = new TreeMap<>();
        for (WatchEvent event : batch.events()) {
            int hash = Arrays.hashCode(event.getKeyValue().getKey().getBytes());
            int lane = lane(hash, lanes);
            if (wanted.test(lane, hash)) {
                events.computeIfAbsent(lane, key -> new ArrayList<>()).add(event(event, batch.revision()));
            }
        }
        Map<Integer, EtcdBatch<byte[]>> batches = new TreeMap<>();
        events.forEach((lane, changes) -> batches.put(lane, new EtcdBatch<>(batch.revision(), changes)));
        return batches;
    }

    private static EtcdEvent<byte[]> event(WatchEvent event, long revision) {
        KeyValue now = event.getKeyValue();
        boolean put = event.getEventType() == WatchEvent.EventType.PUT;
        return new EtcdEvent<>(
                put ? EtcdEvent.Type.PUT : EtcdEvent.Type.DELETE,
                text(now.getKey()),
                put ? now.getValue().getBytes() : null,
                previous(event.getPrevKV()),
                revision,
                now.getVersion(),
                now.getCreateRevision(),
                now.getLease());
    }

    private static byte @Nullable [] previous(@Nullable KeyValue before) {
        return before == null || before.getModRevision() == 0
                ? null
                : before.getValue().getBytes();
    }

    private static String text(ByteSequence key) {
        return key.toString(StandardCharsets.UTF_8);
    }
}
