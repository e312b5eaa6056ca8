package org.etcdjakarta.core.tx;

import com.google.protobuf.ByteString;
import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.watch.WatchEvent;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.List;
import org.etcdjakarta.EtcdException;
import org.etcdjakarta.EtcdGap;
import org.etcdjakarta.core.watch.RevisionBatch;
import org.etcdjakarta.core.watch.WatchConsumer;

/**
 * Keeps what is known of intents up to date, so that a guard seldom meets others. Nothing depends on it: what it does not tell in
 * time, the guard's else branch does. Progress is not listened to: a guard gains nothing by it as long as
 * there is nothing new, and would have to rely on etcd never telling of it before all older events.
 */
final class IntentWatch implements WatchConsumer {

    private static final System.Logger LOG = System.getLogger(IntentWatch.class.getName());

    private final IntentGuard intents;
    private final BranchKeys keys;
    /** All up to this revision has been told; calls come one at a time. */
    private long told;

    /** @param began revision after which the watch tells */
    IntentWatch(IntentGuard intents, BranchKeys keys, long began) {
        this.intents = intents;
        this.keys = keys;
        this.told = began;
    }

    @Override
    public void onBatch(RevisionBatch batch) {
        List<Intents> put = new ArrayList<>();
        List<BranchXid> deleted = new ArrayList<>();
        for (WatchEvent event : batch.events()) {
            BranchXid xid = BranchKeys.xid(bytes(event.getKeyValue().getKey()), keys.intentsPrefix());
            if (xid == null) {
                continue;
            }
            if (event.getEventType() == WatchEvent.EventType.PUT) {
                put.add(Intents.decode(xid, bytes(event.getKeyValue().getValue())));
            } else {
                deleted.add(xid);
            }
        }
        tell(batch.revision(), put, deleted);
    }

    private void tell(long revision, List<Intents> put, List<BranchXid> deleted) {
        intents.watched(told, revision, put, deleted);
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
