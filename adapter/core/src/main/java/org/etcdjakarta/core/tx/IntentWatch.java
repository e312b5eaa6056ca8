package org.etcdjakarta.core.tx;

import com.google.protobuf.ByteString;
import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.watch.WatchEvent;
import java.lang.System.Logger.Level;
import java.util.LinkedHashMap;
import java.util.Map;
import org.etcdjakarta.EtcdException;
import org.etcdjakarta.EtcdGap;
import org.etcdjakarta.core.watch.RevisionBatch;
import org.etcdjakarta.core.watch.WatchConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Keeps what is known of intents up to date, so that a guard seldom meets others. Nothing depends on it: what it does not tell in
 * time, the guard's else branch does. Progress is not listened to: a guard gains nothing by it as long as
 * there is nothing new, and would have to rely on etcd never telling of it before all older events.
 */
final class IntentWatch implements WatchConsumer {

    private static final System.Logger LOG = System.getLogger(IntentWatch.class.getName());

    private final IntentGuard intents;
    /** All up to this revision has been told; calls come one at a time. */
    private long told;

    /** @param began revision after which the watch tells */
    IntentWatch(IntentGuard intents, long began) {
        this.intents = intents;
        this.told = began;
    }

    @Override
    public void onBatch(RevisionBatch batch) {
        Map<ByteString, @Nullable Intents> changed = new LinkedHashMap<>();
        for (WatchEvent event : batch.events()) {
            changed.put(
                    bytes(event.getKeyValue().getKey()),
                    event.getEventType() == WatchEvent.EventType.PUT
                            ? Intents.decode(bytes(event.getKeyValue().getValue()))
                            : null);
        }
        tell(batch.revision(), changed);
    }

    private void tell(long revision, Map<ByteString, @Nullable Intents> changed) {
        intents.watched(told, revision, changed);
        told = revision;
    }

    /** What was lost may have been anything; the next guard finds out what there is. */
    @Override
    public void onGap(EtcdGap gap) {
        intents.forgetAll();
        told = gap.revision();
    }

    @Override
    public void onFailure(EtcdException failure) {
        LOG.log(
                Level.DEBUG,
                "intents are not followed; each write that meets new ones takes one more round trip",
                failure);
    }

    private static ByteString bytes(ByteSequence sequence) {
        return ByteString.copyFrom(sequence.getBytes());
    }
}
