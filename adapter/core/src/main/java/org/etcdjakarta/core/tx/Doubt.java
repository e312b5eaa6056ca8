package org.etcdjakarta.core.tx;

import io.etcd.jetcd.api.KeyValue;
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
 * <p>Any number of threads may ask at once: all of them find out the same.
 */
final class Doubt {

    /** @param slot as it is now, to be used again */
    record Settled(boolean applied, Slot slot) {
        /** Mod revision of all that it has put. */
        long revision() {
            return slot.seen();
        }
    }

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
        return hopeless;
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
        while (true) {
            Settled now = settled.getNow(null);
            if (now != null || hopeless) {
                return now;
            }
            try {
                return ask(kv);
            } catch (EtcdException e) {
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
    private @Nullable Settled ask(KvProtocol kv) {
        Slot.Value fence = new Slot.Value(Slot.State.FENCED, id, Instant.ofEpochMilli(pace.millis()));
        TxnResponse answer = Await.answer(kv.txn(TxnRequest.newBuilder()
                .addCompare(slot.unchanged())
                .addSuccess(slot.put(fence))
                .addFailure(slot.get())
                .build()));
        if (answer.getSucceeded()) {
            return settled(false, answer.getHeader().getRevision());
        }
        List<KeyValue> found = answer.getResponses(0).getResponseRange().getKvsList();
        Slot.Value there =
                found.isEmpty() ? null : Slot.Value.decode(found.get(0).getValue());
        if (there != null && there.is(Slot.State.DONE, id)) {
            return settled(true, found.get(0).getModRevision());
        }
        if (there != null && there.is(Slot.State.FENCED, id)) {
            return settled(false, found.get(0).getModRevision());
        }
        // Another thread has settled it, and the slot is in use again; else nobody will ever know.
        hopeless = !settled.isDone();
        return settled.getNow(null);
    }

    private Settled settled(boolean applied, long revision) {
        settled.complete(new Settled(applied, slot.seenAt(revision)));
        return settled.join();
    }
}
