package org.etcdjakarta.core.tx;

import io.etcd.jetcd.api.DeleteRangeRequest;
import io.etcd.jetcd.api.KeyValue;
import io.etcd.jetcd.api.RangeResponse;
import io.etcd.jetcd.api.RequestOp;
import io.etcd.jetcd.api.TxnRequest;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.Set;
import org.etcdjakarta.core.link.KvProtocol;

/**
 * Deletes slots of links that have ended without deleting them themselves: the process was killed, or etcd was away. A link that
 * has given no sign of life and used no slot for a day will not ask any more what became of a Txn. Should it be wrong, because it
 * was cut off for that long, then its next commit finds the slot gone and takes another one; only a Txn that it has in doubt since
 * then stays so. The clocks of two processes are compared here, and nowhere else: nothing but rubbish depends on it.
 */
final class SlotSweep {

    static final Duration UNUSED_FOR = Duration.ofDays(1);

    private final KvProtocol kv;
    private final BranchKeys keys;
    private final Instant now;

    SlotSweep(KvProtocol kv, BranchKeys keys, Instant now) {
        this.kv = kv;
        this.keys = keys;
        this.now = now;
    }

    /**
     * Returns how many it has deleted.
     *
     * @throws org.etcdjakarta.EtcdException etcd does not answer
     */
    int run() {
        RangeResponse slots = Await.answer(
                kv.range(KeyRange.prefix(keys.slotsPrefix()).request().build()));
        // A link gives its sign of life before its first slot; who has none now and has used none since yesterday has
        // gone.
        Set<String> alive = new HashSet<>();
        Await.answer(kv.range(KeyRange.prefix(keys.alivePrefix())
                        .request()
                        .setKeysOnly(true)
                        .build()))
                .getKvsList()
                .forEach(link -> alive.add(name(link, keys.alivePrefix())));
        int deleted = 0;
        for (KeyValue slot : slots.getKvsList()) {
            if (!alive.contains(linkOf(slot)) && isOld(slot) && delete(slot)) {
                deleted++;
            }
        }
        return deleted;
    }

    private boolean isOld(KeyValue slot) {
        Slot.Value value = Slot.Value.decode(slot.getValue());
        return value != null && value.time().plus(UNUSED_FOR).isBefore(now);
    }

    /** Only as it was seen. */
    private boolean delete(KeyValue slot) {
        return Await.answer(kv.txn(TxnRequest.newBuilder()
                        .addCompare(new Slot(slot.getKey(), slot.getModRevision()).unchanged())
                        .addSuccess(RequestOp.newBuilder()
                                .setRequestDeleteRange(
                                        DeleteRangeRequest.newBuilder().setKey(slot.getKey())))
                        .build()))
                .getSucceeded();
    }

    private String linkOf(KeyValue slot) {
        String name = name(slot, keys.slotsPrefix());
        return name.substring(0, Math.max(0, name.lastIndexOf('/')));
    }

    private static String name(KeyValue key, String prefix) {
        return key.getKey().toStringUtf8().substring(prefix.length());
    }
}
