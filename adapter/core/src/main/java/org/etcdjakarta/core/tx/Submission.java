package org.etcdjakarta.core.tx;

import com.google.protobuf.ByteString;
import io.etcd.jetcd.api.Compare;
import io.etcd.jetcd.api.RequestOp;
import io.etcd.jetcd.api.ResponseOp;
import io.etcd.jetcd.api.TxnRequest;
import io.etcd.jetcd.api.TxnResponse;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.etcdjakarta.EtcdException;
import org.etcdjakarta.EtcdException.Effect;
import org.etcdjakarta.core.link.KvProtocol;
import org.etcdjakarta.core.tx.IntentGuard.Held;
import org.etcdjakarta.core.tx.IntentGuard.Known;
import org.etcdjakarta.core.tx.IntentGuard.Need;
import org.jspecify.annotations.Nullable;

/**
 * Brings a transaction's one Txn to etcd, for a commit in one phase or a prepare: behind a slot, so that it is known what became
 * of it, and behind the intent guard, so that it takes nothing that a prepared branch holds.
 *
 * <p>The Txn is sent again only after etcd has answered that it was not applied, and only because of the slot or of intents that
 * were not known.
 */
final class Submission {

    /** What is to be applied, without the slot and the guard. */
    interface Content {

        Changes changes();

        Need need();

        default List<Compare> compares() {
            return List.of();
        }

        default List<RequestOp> operations() {
            return List.of();
        }

        default List<RequestOp> otherwise() {
            return List.of();
        }

        Writes writes();

        /** What is held from now on, by its key; empty when nothing. */
        default Map<ByteString, Intents> intents() {
            return Map.of();
        }

        /** Throws when one of its own compares did not hold. */
        default void refused(List<ResponseOp> otherwise) {}

        EtcdException fenced(EtcdException lost);

        /** What the caller is told when etcd has stayed away for the settling time. */
        EtcdException inDoubt(Doubt doubt, EtcdException lost);
    }

    /** How often intents that were not known may be in the way before it is a conflict. */
    private static final int MOST_LOOKS = 64;

    private static final int MOST_SLOTS = 3;
    private static final int OWN = 2;

    private final SharedEngine engine;
    private final KvProtocol kv;
    private final Pace pace;

    Submission(SharedEngine engine, KvProtocol kv) {
        this.engine = engine;
        this.kv = kv;
        this.pace = engine.pace();
    }

    /**
     * Returns the revision at which it was applied.
     *
     * @throws org.etcdjakarta.EtcdConflictException not applied
     * @throws InDoubt the settling time is over; the engine goes on asking
     * @throws EtcdException not applied
     */
    long submit(Content content) {
        engine.beginPresence();
        Slots slots = engine.slots();
        Slot slot = slots.take(kv);
        int spoiled = 0;
        try {
            for (int look = 0; ; look++) {
                Known known = free(content.need());
                String id = slots.newId();
                Frame frame = frame(content, slot, id, known);
                TxnResponse answer;
                try {
                    answer = Await.answer(kv.txn(compose(content, frame)));
                } catch (EtcdException e) {
                    if (e.effect() != Effect.IN_DOUBT) {
                        throw TxnComposer.isGuardConflict(e) ? conflict(content, frame, null) : e;
                    }
                    Doubt doubt = new Doubt(slot, id, pace);
                    slot = null;
                    return settled(content, doubt, e);
                }
                if (answer.getSucceeded()) {
                    long revision = answer.getHeader().getRevision();
                    slot = slot.seenAt(revision);
                    engine.intents().applied(known, revision, content.intents());
                    return revision;
                }
                // First of all: an etcd that was restored from a backup may hold what was known to be gone.
                Known now = engine.intents()
                        .learned(
                                known,
                                answer.getHeader().getRevision(),
                                answer.getResponses(1).getResponseRange());
                if (!isUnchanged(slot, answer)) {
                    // Deleted by somebody, or etcd was restored from a backup: not ours to use any more.
                    slot = null;
                    if (++spoiled == MOST_SLOTS) {
                        throw TxErrors.slotsSpoiled(engine.endpoint());
                    }
                    slot = slots.take(kv);
                    continue;
                }
                if (!newcomers(answer.getResponses(1), known)) {
                    content.refused(answer.getResponsesList()
                            .subList(OWN, OWN + content.otherwise().size()));
                    throw conflict(content, frame, answer);
                }
                engine.metrics().retried();
                engine.followIntents();
                if (look == MOST_LOOKS) {
                    throw TxErrors.tooBusy(now.branches().size(), engine.endpoint());
                }
                if (look > 0 && !pace.pause(Backoff.after(look, pace.random()))) {
                    throw TxErrors.interrupted();
                }
            }
        } finally {
            if (slot != null) {
                slots.giveBack(slot, kv);
            }
        }
    }

    private Frame frame(Content content, Slot slot, String id, Known known) {
        List<Compare> compares = new ArrayList<>();
        compares.add(slot.unchanged());
        compares.add(engine.intents().nothingNewerThan(known));
        compares.addAll(content.compares());
        List<RequestOp> success = new ArrayList<>();
        success.add(slot.put(new Slot.Value(Slot.State.DONE, id, Instant.ofEpochMilli(pace.millis()))));
        success.addAll(content.operations());
        List<RequestOp> failure = new ArrayList<>();
        failure.add(slot.get());
        failure.add(engine.intents().look());
        failure.addAll(content.otherwise());
        return new Frame(compares, success, failure);
    }

    private TxnRequest compose(Content content, Frame frame) {
        Changes changes = content.changes();
        return engine.composer().compose(frame, changes.guards(), changes.r0(), changes.operations(), content.writes());
    }

    private static boolean isUnchanged(Slot slot, TxnResponse answer) {
        return answer.getResponses(0).getResponseRange().getKvsList().stream()
                .anyMatch(kv -> kv.getModRevision() == slot.seen());
    }

    private static boolean newcomers(ResponseOp look, Known known) {
        return look.getResponseRange().getKvsList().stream().anyMatch(kv -> kv.getModRevision() > known.revision());
    }

    private EtcdException conflict(Content content, Frame frame, @Nullable TxnResponse answer) {
        engine.metrics().conflicted();
        Changes changes = content.changes();
        return TxErrors.conflict(
                changes,
                answer == null ? null : engine.composer().broken(frame, changes.guards(), answer),
                engine.endpoint());
    }

    private long settled(Content content, Doubt doubt, EtcdException lost) {
        Doubt.Settled settled = doubt.settle(kv, engine.settlingTime());
        if (settled == null) {
            engine.unsettled(doubt);
            throw new InDoubt(doubt, content.inDoubt(doubt, lost));
        }
        engine.settled(doubt, settled, kv);
        if (!settled.applied()) {
            throw content.fenced(lost);
        }
        return settled.revision();
    }

    /** Waits until no branch that is known holds anything of it. */
    private Known free(Need need) {
        Known known = engine.intents().known();
        Held held = known.held(need);
        if (held == null) {
            return known;
        }
        long began = pace.nanos();
        for (int look = 0; ; look++) {
            // It may have been completed long ago.
            known = Await.answer(engine.intents().refreshed(kv));
            held = known.held(need);
            if (held == null) {
                return known;
            }
            if (held.sameTransaction()) {
                throw TxErrors.sameTransaction(held, engine.endpoint());
            }
            Duration pause = Backoff.after(look, pace.random());
            if (pace.nanos() - began + pause.toNanos() > Backoff.LONGEST_WAIT.toNanos() || !pace.pause(pause)) {
                engine.metrics().conflicted();
                throw TxErrors.held(held, pace.millis(), engine.endpoint());
            }
        }
    }
}
