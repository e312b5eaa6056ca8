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
 * <p><b>The guard of a commit</b> is a compare: its writes can't be taken back. <b>The guard of a prepare</b> is a look: in the Txn
 * that puts its intents it reads those that were there before and were not known. If they overlap, the branch is not prepared and
 * takes its record back; of two that overlap the earlier one stays, as in a queue for a lock. If not, nothing was in the
 * way, however many have prepared meanwhile: with a compare, of all who prepare at a time only the first would get through, and at
 * sixteen each would try four times. Until it is taken back such a record holds off others a moment longer than need be. Nobody
 * commits it: its transaction manager has not been told that it is prepared.
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

        /**
         * It was applied, and holds what another branch held before: takes it back.
         *
         * @throws NotUndone it may still be there
         */
        default void undo(long revision) {}

        /** Throws when one of its own compares did not hold. */
        default void refused(List<ResponseOp> otherwise) {}

        EtcdException fenced(EtcdException lost);

        /** What the caller is told when etcd has stayed away for the settling time. */
        EtcdException inDoubt(Doubt doubt, EtcdException lost);
    }

    private static final int MOST_SLOTS = 3;

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
        Slot slot = taken(slots);
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
                        throw TxnComposer.isGuardConflict(e)
                                ? conflict(content, frame, null)
                                : TxErrors.forbidden(e, engine.settings().reservedPrefix());
                    }
                    Doubt doubt = new Doubt(slot, id, pace);
                    slot = null;
                    return settled(content, doubt, e);
                }
                if (answer.getSucceeded()) {
                    long revision = answer.getHeader().getRevision();
                    slot = slot.seenAt(revision);
                    Map<ByteString, Intents> newcomers = holds(content)
                            ? IntentGuard.decode(answer.getResponses(1).getResponseRange())
                            : Map.of();
                    engine.intents().applied(known, revision, newcomers, content.intents());
                    if (!newcomers.isEmpty()) {
                        engine.followIntents();
                    }
                    Held held = new Known(revision, newcomers).held(content.need());
                    // etcd was restored from a backup: what is there may be older than what was known to be gone
                    boolean wentBack = holds(content) && revision <= known.revision();
                    if (held == null && !wentBack) {
                        return revision;
                    }
                    content.undo(revision);
                    again(look, held);
                    continue;
                }
                if (!holds(content)) {
                    // First of all: an etcd that was restored from a backup may hold what was known to be gone.
                    engine.intents()
                            .learned(
                                    known,
                                    answer.getHeader().getRevision(),
                                    answer.getResponses(1).getResponseRange());
                }
                if (!isUnchanged(slot, answer)) {
                    // Deleted by somebody, or etcd was restored from a backup: not ours to use any more.
                    slot = null;
                    if (++spoiled == MOST_SLOTS) {
                        throw TxErrors.slotsSpoiled(engine.endpoint());
                    }
                    if (holds(content)) {
                        Await.answer(engine.intents().refreshed(kv));
                    }
                    slot = taken(slots);
                    continue;
                }
                if (holds(content)) {
                    content.refused(answer.getResponsesList()
                            .subList(1, 1 + content.otherwise().size()));
                    throw conflict(content, frame, answer);
                }
                if (!newcomers(answer.getResponses(1), known)) {
                    throw conflict(content, frame, answer);
                }
                engine.followIntents();
                again(look, null);
            }
        } finally {
            if (slot != null) {
                slots.giveBack(slot, kv);
            }
        }
    }

    private Slot taken(Slots slots) {
        try {
            return slots.take(kv);
        } catch (EtcdException e) {
            throw TxErrors.forbidden(e, engine.settings().reservedPrefix());
        }
    }

    private static boolean holds(Content content) {
        return !content.intents().isEmpty();
    }

    private void again(int look, @Nullable Held held) {
        engine.metrics().retried();
        if (held != null && held.sameTransaction()) {
            throw BranchErrors.sameTransaction(held, engine.endpoint());
        }
        if (look == Backoff.MOST_LOOKS) {
            throw TxErrors.tooBusy(engine.intents().known().branches().size(), engine.endpoint());
        }
        if (look > 0 && !pace.pause(Backoff.after(look, pace.random()))) {
            throw TxErrors.interrupted();
        }
    }

    private Frame frame(Content content, Slot slot, String id, Known known) {
        List<Compare> compares = new ArrayList<>();
        compares.add(slot.unchanged());
        if (!holds(content)) {
            compares.add(engine.intents().nothingNewerThan(known));
        }
        compares.addAll(content.compares());
        List<RequestOp> success = new ArrayList<>();
        success.add(slot.put(new Slot.Value(Slot.State.DONE, id, Instant.ofEpochMilli(pace.millis()))));
        if (holds(content)) {
            // before its own are put
            success.add(engine.intents().lookForNewerThan(known));
        }
        success.addAll(content.operations());
        List<RequestOp> failure = new ArrayList<>();
        failure.add(slot.get());
        if (!holds(content)) {
            failure.add(engine.intents().look());
        }
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
        if (holds(content)) {
            requireFirst(content, settled.revision());
        }
        return settled.revision();
    }

    /** The answer would have told; now etcd's history does. */
    private void requireFirst(Content content, long revision) {
        Held held;
        try {
            held = engine.intents().asOf(kv, revision).held(content.need());
        } catch (EtcdException e) {
            // compacted, or etcd is away again
            content.undo(revision);
            throw e;
        }
        if (held != null) {
            content.undo(revision);
            engine.metrics().conflicted();
            throw held.sameTransaction()
                    ? BranchErrors.sameTransaction(held, engine.endpoint())
                    : BranchErrors.held(held, pace.millis(), engine.endpoint());
        }
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
                throw BranchErrors.sameTransaction(held, engine.endpoint());
            }
            Duration pause = Backoff.after(look, pace.random());
            if (pace.nanos() - began + pause.toNanos() > Backoff.LONGEST_WAIT.toNanos() || !pace.pause(pause)) {
                engine.metrics().conflicted();
                throw BranchErrors.held(held, pace.millis(), engine.endpoint());
            }
        }
    }
}
