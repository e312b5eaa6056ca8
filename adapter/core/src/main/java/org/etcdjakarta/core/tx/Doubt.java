package org.etcdjakarta.core.tx;

import io.etcd.jetcd.api.KeyValue;
import io.etcd.jetcd.api.RequestOp;
import io.etcd.jetcd.api.TxnRequest;
import io.etcd.jetcd.api.TxnResponse;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import org.etcdjakarta.EtcdException;
import org.etcdjakarta.core.link.KvProtocol;
import org.jspecify.annotations.Nullable;

/**
 * A commit or prepare whose answer was lost. It may have been applied, may still arrive, or may never. Reading would not settle
 * it, since what is not there may come after the read. So the slot is put in its place: <em>if</em> it is as it was before
 * <em>then</em> overwrite it with FENCED <em>else</em> get it. The original demands the same unchanged slot, so once the fence
 * is in, it fails whenever it arrives, also after the slot has been deleted; and if the original was first, the else branch
 * shows its id.
 *
 * <p>An etcd without space takes no put. It does take a delete, and a slot that is gone keeps the original out as well; it can't
 * be used again then.
 *
 * <p>Any number of threads may ask at once: all of them find out the same.
 */
final class Doubt {

    /**
     * @param revision of the Txn, when it was applied
     * @param slot as it is now, to be used again; null when it is gone
     */
    record Settled(boolean applied, long revision, @Nullable Slot slot) {}

    private static final Duration FIRST_PAUSE = Duration.ofMillis(20);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(1);

    private final Slot slot;
    private final String id;
    private final Pace pace;
    private final CompletableFuture<Settled> settled = new CompletableFuture<>();
    private final AtomicBoolean slotReturned = new AtomicBoolean();
    private volatile boolean hopeless;

    Doubt(Slot slot, String id, Pace pace) {
        this.slot = slot;
        this.id = id;
        this.pace = pace;
    }

    Slot slot() {
        return slot;
    }

    String id() {
        return id;
    }

    /** Completes when somebody has found it out. */
    CompletableFuture<Settled> settled() {
        return settled.copy();
    }

    /** True when the slot tells nothing, and never will: somebody has deleted it, or etcd was restored from a backup. */
    boolean isHopeless() {
        return hopeless && !settled.isDone();
    }

    /** True for the first who asks, who gives the slot back. */
    boolean returnsSlot() {
        return slotReturned.compareAndSet(false, true);
    }

    /** Asks until there is an answer or the time is over; then null. At least once, and in this thread. */
    @Nullable
    Settled settle(KvProtocol kv, Duration atMost) {
        long began = pace.nanos();
        Duration pause = FIRST_PAUSE;
        boolean full = false;
        while (true) {
            Settled now = settled.getNow(null);
            if (now != null || hopeless) {
                return now;
            }
            try {
                return full ? delete(kv) : overwrite(kv);
            } catch (EtcdException e) {
                if (!full && TxErrors.isNoSpace(e)) {
                    full = true;
                    continue;
                }
                // Whatever it is, also "no space" or "permission denied", may pass; the original is not kept out yet.
                Duration left = atMost.minusNanos(pace.nanos() - began);
                if (left.isNegative() || left.isZero() || !pace.pause(shorter(jittered(pause), left))) {
                    return settled.getNow(null);
                }
                pause = shorter(pause.multipliedBy(2), LONGEST_PAUSE);
            }
        }
    }

    private static Duration shorter(Duration one, Duration other) {
        return one.compareTo(other) < 0 ? one : other;
    }

    private Duration jittered(Duration pause) {
        return pause.dividedBy(2).plusNanos(pace.random().nextLong(pause.toNanos() / 2 + 1));
    }

    /** Null when the slot tells nothing. */
    private @Nullable Settled overwrite(KvProtocol kv) {
        Slot.Value fence = new Slot.Value(Slot.State.FENCED, id, Instant.ofEpochMilli(pace.millis()));
        TxnResponse answer = ask(kv, slot.put(fence));
        long revision = answer.getHeader().getRevision();
        return answer.getSucceeded() ? settled(new Settled(false, 0, slot.seenAt(revision))) : told(answer);
    }

    private @Nullable Settled delete(KvProtocol kv) {
        TxnResponse answer = ask(kv, slot.delete());
        return answer.getSucceeded() ? settled(new Settled(false, 0, null)) : told(answer);
    }

    private TxnResponse ask(KvProtocol kv, RequestOp fence) {
        return Await.answer(kv.txn(TxnRequest.newBuilder()
                .addCompare(slot.unchanged())
                .addSuccess(fence)
                .addFailure(slot.get())
                .build()));
    }

    private @Nullable Settled told(TxnResponse answer) {
        List<KeyValue> found = answer.getResponses(0).getResponseRange().getKvsList();
        Slot.Value there =
                found.isEmpty() ? null : Slot.Value.decode(found.get(0).getValue());
        if (there != null && there.is(Slot.State.DONE, id)) {
            long revision = found.get(0).getModRevision();
            return settled(new Settled(true, revision, slot.seenAt(revision)));
        }
        if (there != null && there.is(Slot.State.FENCED, id)) {
            return settled(new Settled(false, 0, slot.seenAt(found.get(0).getModRevision())));
        }
        // Another thread has settled it, and the slot is in use again; else nobody will ever know.
        hopeless = !settled.isDone();
        return settled.getNow(null);
    }

    private Settled settled(Settled found) {
        settled.complete(found);
        return settled.join();
    }
}
