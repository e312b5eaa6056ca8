package org.etcdjakarta.core.tx;

import com.google.protobuf.ByteString;
import io.etcd.jetcd.api.Compare;
import io.etcd.jetcd.api.Compare.CompareResult;
import io.etcd.jetcd.api.Compare.CompareTarget;
import io.etcd.jetcd.api.DeleteRangeRequest;
import io.etcd.jetcd.api.KeyValue;
import io.etcd.jetcd.api.PutRequest;
import io.etcd.jetcd.api.RangeRequest;
import io.etcd.jetcd.api.RequestOp;
import io.etcd.jetcd.api.ResponseOp;
import io.etcd.jetcd.api.TxnRequest;
import io.etcd.jetcd.api.TxnResponse;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.etcdjakarta.EtcdException;
import org.etcdjakarta.EtcdUnavailableException;
import org.etcdjakarta.core.link.KvProtocol;
import org.etcdjakarta.core.tx.HeuristicRecord.Outcome;
import org.etcdjakarta.core.tx.IntentGuard.Need;
import org.jspecify.annotations.Nullable;

/**
 * Two-phase commit over prepare records, {@code <reserved>p/<xid>}, with what the branch holds beside them, {@code
 * <reserved>i/<link>/<place>}. A branch is prepared only while its record is there, and the Txn that completes it deletes the record:
 * whatever is repeated after that finds nothing to do. A record that turns out to hold what another branch held before is taken
 * back at once; if its process dies before that, recovery rolls it back as anything that was never decided.
 */
final class PreparedBranches {

    /**
     * @param revision mod revision of the record, which the completing Txn demands: a record of the same xid that somebody has
     *     put anew is another branch
     * @param intents key of what the branch holds
     */
    record Prepared(long revision, ByteString intents, List<RequestOp> operations) {}

    /** How a completion has gone. */
    enum Completion {
        DONE,
        /** The record is gone, and it was not by this call. */
        UNKNOWN,
        HEURISTICALLY_COMMITTED,
        HEURISTICALLY_ROLLED_BACK
    }

    /** The first try, and two more: a repeated completion does no harm, a missing one leaves the branch to recovery. */
    private static final int ATTEMPTS = 3;

    private final KvProtocol kv;
    private final SharedEngine engine;
    private final BranchKeys keys;

    PreparedBranches(KvProtocol kv, SharedEngine engine) {
        this.kv = kv;
        this.engine = engine;
        this.keys = engine.keys();
    }

    /**
     * Puts the record if all that was read is still so, and nobody else holds any of it.
     *
     * @throws org.etcdjakarta.EtcdConflictException not prepared
     * @throws InDoubt whether it is prepared is to be found out
     * @throws EtcdException not prepared
     */
    Prepared prepare(BranchXid xid, Changes changes) {
        engine.awaitPresence();
        List<RequestOp> operations = changes.operations();
        ByteString place = engine.places().take();
        try {
            long revision = new Submission(engine, kv).submit(new Prepare(xid, changes, operations, place));
            return new Prepared(revision, place, operations);
        } catch (EtcdException e) {
            // not so when in doubt: then the intents may be there
            engine.places().giveBack(place);
            throw e;
        }
    }

    /** As its record says, which may be another process's. */
    static Prepared prepared(KeyValue record) {
        PrepareRecord decoded = PrepareRecord.decode(record.getValue());
        return new Prepared(record.getModRevision(), decoded.intents(), decoded.operations());
    }

    private final class Prepare implements Submission.Content {

        private final BranchXid xid;
        private final Changes changes;
        private final ByteString place;
        private final Intents intents;
        private final ByteString record;

        Prepare(BranchXid xid, Changes changes, List<RequestOp> operations, ByteString place) {
            this.xid = xid;
            this.changes = changes;
            this.place = place;
            long now = engine.pace().millis();
            String node = engine.node();
            this.intents = new Intents(
                    xid,
                    engine.linkId(),
                    node,
                    now,
                    changes.written(),
                    changes.readOnly(),
                    engine.settings().home());
            this.record = new PrepareRecord(now, node, engine.linkId(), place, operations).encode();
        }

        @Override
        public Changes changes() {
            return changes;
        }

        @Override
        public Need need() {
            return new Need(intents.written(), intents.read(), xid);
        }

        @Override
        public List<Compare> compares() {
            return List.of(Compare.newBuilder()
                    .setKey(keys.prepared(xid))
                    .setTarget(CompareTarget.CREATE)
                    .setResult(CompareResult.EQUAL)
                    .setCreateRevision(0)
                    .build());
        }

        @Override
        public List<RequestOp> operations() {
            return List.of(put(keys.prepared(xid), record), put(place, intents.encode()));
        }

        @Override
        public List<RequestOp> otherwise() {
            return List.of(get(keys.prepared(xid)));
        }

        @Override
        public void refused(List<ResponseOp> otherwise) {
            if (found(otherwise.get(0)) != null) {
                throw BranchErrors.alreadyPrepared(xid, engine.endpoint());
            }
        }

        /** So that a commit which etcd would refuse is found out now. */
        @Override
        public Writes writes() {
            return Writes.NAMED;
        }

        @Override
        public Map<ByteString, Intents> intents() {
            return Map.of(place, intents);
        }

        @Override
        public void undo(long revision) {
            try {
                Completion undone = complete(xid, new Prepared(revision, place, List.of()), List.of(), List.of(), true);
                if (undone != Completion.DONE) {
                    throw new NotUndone(BranchErrors.notPrepared(xid.text(), undone, engine.endpoint()));
                }
            } catch (EtcdException e) {
                throw new NotUndone(e);
            }
        }

        @Override
        public EtcdException fenced(EtcdException lost) {
            return BranchErrors.prepareFenced(xid, engine.endpoint(), lost);
        }

        @Override
        public EtcdException inDoubt(Doubt doubt, EtcdException lost) {
            return BranchErrors.prepareInDoubt(xid, doubt, engine.endpoint(), lost);
        }
    }

    /**
     * Applies the writes and deletes the record. No compares on application keys: a prepared branch has promised to commit, and
     * its intents have kept what it read and wrote as it was.
     *
     * @param tried that this process has tried before, and does not know whether it was applied: then a record that is gone means
     *     that it was
     */
    Completion commit(BranchXid xid, Prepared prepared, boolean tried) {
        return given(prepared, complete(xid, prepared, prepared.operations(), List.of(), tried));
    }

    /** How somebody else has ended a branch whose record is gone. */
    Completion ended(BranchXid xid, Prepared prepared) {
        return new PostMortem(kv).of(keys.prepared(xid), prepared.revision(), prepared.operations());
    }

    /**
     * Deletes the record and nothing else, so that it works when etcd has no space left.
     *
     * @param mine true in the process that prepared it, where a record that is gone is as good as rolled back: it would not
     *     hear of a difference
     */
    Completion rollback(BranchXid xid, Prepared prepared, boolean mine) {
        return given(prepared, complete(xid, prepared, List.of(), List.of(), mine));
    }

    /** Of one record only one call is told that it is done. */
    private Completion given(Prepared prepared, Completion completion) {
        if (completion == Completion.DONE) {
            engine.places().giveBack(prepared.intents());
        }
        return completion;
    }

    /**
     * By an operator: recorded for the transaction manager in the same Txn.
     *
     * @param node that has prepared it, which need not be the one that the operator works at
     */
    Completion resolve(BranchXid xid, Prepared prepared, Outcome outcome, String node) {
        KeyValue held = read(prepared.intents());
        String home = held == null
                ? TxSettings.UNKNOWN_HOME
                : Intents.decode(held.getValue()).home();
        ByteString record =
                new HeuristicRecord(outcome, Instant.ofEpochMilli(engine.pace().millis()), node, home).encode();
        List<RequestOp> operations = outcome == Outcome.COMMITTED ? prepared.operations() : List.of();
        return given(prepared, complete(xid, prepared, operations, List.of(put(keys.heuristic(xid), record)), false));
    }

    private Completion complete(
            BranchXid xid, Prepared prepared, List<RequestOp> operations, List<RequestOp> noted, boolean mine) {
        Compare there = Compare.newBuilder()
                .setKey(keys.prepared(xid))
                .setTarget(CompareTarget.MOD)
                .setResult(CompareResult.EQUAL)
                .setModRevision(prepared.revision())
                .build();
        List<RequestOp> records = new ArrayList<>(noted);
        records.add(delete(keys.prepared(xid)));
        records.add(delete(prepared.intents()));
        Frame frame = new Frame(List.of(there), records, List.of(get(keys.prepared(xid)), get(keys.heuristic(xid))));
        TxnRequest txn = engine.composer().compose(frame, new Guards(), 0, operations, Writes.APPLIED);
        return persistently(lost -> {
            TxnResponse answer = Await.answer(kv.txn(txn));
            Completion completion = answer.getSucceeded() ? Completion.DONE : gone(xid, answer, mine || lost);
            engine.intents().completed(xid);
            return completion;
        });
    }

    private Completion gone(BranchXid xid, TxnResponse answer, boolean byThis) {
        if (found(answer.getResponses(0)) != null) {
            throw BranchErrors.recordReplaced(xid, engine.endpoint());
        }
        Completion heuristic = heuristic(found(answer.getResponses(1)));
        return heuristic != null ? heuristic : byThis ? Completion.DONE : Completion.UNKNOWN;
    }

    private static @Nullable Completion heuristic(@Nullable KeyValue record) {
        HeuristicRecord noted = record == null ? null : HeuristicRecord.decode(record.getValue());
        if (noted == null) {
            return null;
        }
        return noted.outcome() == Outcome.COMMITTED
                ? Completion.HEURISTICALLY_COMMITTED
                : Completion.HEURISTICALLY_ROLLED_BACK;
    }

    /**
     * What is there of a branch that this process may not have prepared.
     *
     * @param record null when it is not prepared
     * @param heuristic null when no operator has ended it
     */
    record Found(@Nullable KeyValue record, @Nullable Completion heuristic) {}

    /** By plain reads, the record first: who ends a branch by hand notes it in the Txn that deletes the record. */
    Found find(BranchXid xid) {
        KeyValue record = read(keys.prepared(xid));
        return new Found(record, record == null ? heuristic(read(keys.heuristic(xid))) : null);
    }

    private @Nullable KeyValue read(ByteString key) {
        return Await.answer(kv.range(RangeRequest.newBuilder().setKey(key).build())).getKvsList().stream()
                .findFirst()
                .orElse(null);
    }

    /** Deletes what an operator has noted. False when there is nothing. */
    boolean forget(BranchXid xid) {
        return persistently(lost -> Await.answer(kv.deleteRange(DeleteRangeRequest.newBuilder()
                                        .setKey(keys.heuristic(xid))
                                        .build()))
                                .getDeleted()
                        > 0
                || lost);
    }

    private interface Attempt<T> {
        /** @param lost true when an earlier attempt may have succeeded */
        T run(boolean lost);
    }

    private static <T> T persistently(Attempt<T> attempt) {
        boolean lost = false;
        for (int i = 1; ; i++) {
            try {
                return attempt.run(lost);
            } catch (EtcdException e) {
                boolean inDoubt = e.effect() == EtcdException.Effect.IN_DOUBT;
                lost |= inDoubt;
                if (i == ATTEMPTS || !(inDoubt || e instanceof EtcdUnavailableException)) {
                    throw e;
                }
            }
        }
    }

    private static RequestOp put(ByteString key, ByteString value) {
        return RequestOp.newBuilder()
                .setRequestPut(PutRequest.newBuilder().setKey(key).setValue(value))
                .build();
    }

    private static RequestOp delete(ByteString key) {
        return RequestOp.newBuilder()
                .setRequestDeleteRange(DeleteRangeRequest.newBuilder().setKey(key))
                .build();
    }

    private static RequestOp get(ByteString key) {
        return RequestOp.newBuilder()
                .setRequestRange(RangeRequest.newBuilder().setKey(key))
                .build();
    }

    private static @Nullable KeyValue found(ResponseOp answer) {
        return answer.getResponseRange().getKvsList().stream().findFirst().orElse(null);
    }
}
