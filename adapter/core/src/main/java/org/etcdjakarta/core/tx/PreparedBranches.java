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
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.etcdjakarta.EtcdException;
import org.etcdjakarta.EtcdUnavailableException;
import org.etcdjakarta.core.link.KvProtocol;
import org.jspecify.annotations.Nullable;

/**
 * Two-phase commit over prepare records, {@code <reserved>p/<xid>}. A branch is prepared if and only if its record is there,
 * and the Txn that completes it deletes the record: whatever is repeated after that finds nothing to do.
 *
 * <p><b>A lost answer to prepare.</b> The record may be there, may still arrive, or may never. Reading would not settle it,
 * since an absent record may arrive after the read. So a <em>fence</em> is put in its place: one Txn, <em>if</em> there is no
 * record <em>then</em> put one that says FENCED, <em>else</em> get it. The original's own Txn demands that there is no record,
 * so once the fence is in, it fails whenever it arrives; and if the original was first, the fence's else branch finds it and
 * the branch is prepared after all. The fence must outlast every copy of the original that is under way, so completing this
 * branch leaves it where it is. It looks like a prepared branch to recovery, whose transaction manager knows nothing of a
 * commit and rolls it back, a recovery interval later at the earliest: that removes the fence. A crash between the two leaves
 * a fence or a prepared branch, and recovery rolls back either.
 */
final class PreparedBranches {

    /**
     * @param revision mod revision of the record, which the completing Txn demands: a record of the same xid that somebody has
     *     put anew is another branch
     */
    record Prepared(long revision, List<RequestOp> operations) {}

    /** The first try, and two more: a repeated completion does no harm, a missing one leaves the branch to recovery. */
    private static final int ATTEMPTS = 3;

    private final KvProtocol kv;
    private final SharedEngine engine;

    PreparedBranches(KvProtocol kv, SharedEngine engine) {
        this.kv = kv;
        this.engine = engine;
    }

    /**
     * Puts the record if all that was read is still so.
     *
     * @throws org.etcdjakarta.EtcdConflictException not prepared
     * @throws EtcdException not prepared, unless its effect is in doubt: then {@link #settle} decides
     */
    Prepared prepare(BranchXid xid, Changes changes) {
        List<RequestOp> operations = changes.operations();
        TxnRequest.Builder txn = changes.guarded();
        txn.addCompare(absent(xid))
                .addSuccess(put(xid, record(PrepareRecord.Kind.PREPARED, operations)))
                .addFailure(get(xid));
        TxnResponse answer;
        try {
            answer = Await.answer(kv.txn(txn.build()));
        } catch (EtcdException e) {
            if (e.effect() != EtcdException.Effect.IN_DOUBT) {
                throw e;
            }
            Optional<Prepared> settled;
            try {
                settled = settle(xid);
            } catch (EtcdException unsettled) {
                // also when the fence was certainly not put: the original is what is in doubt
                throw TxErrors.prepareInDoubt(xid, engine.endpoint(), unsettled);
            }
            return settled.orElseThrow(() -> TxErrors.prepareFenced(xid, engine.endpoint(), e));
        }
        if (answer.getSucceeded()) {
            return new Prepared(answer.getHeader().getRevision(), operations);
        }
        if (found(answer.getResponses(answer.getResponsesCount() - 1)) != null) {
            throw TxErrors.alreadyPrepared(xid, engine.endpoint());
        }
        throw TxErrors.conflict(changes, changes.guards().broken(answer.getResponsesList()), engine.endpoint());
    }

    /** After a lost answer to prepare: the prepared branch, or nothing when it is fenced and never will be. */
    Optional<Prepared> settle(BranchXid xid) {
        TxnRequest fence = TxnRequest.newBuilder()
                .addCompare(absent(xid))
                .addSuccess(put(xid, record(PrepareRecord.Kind.FENCED, List.of())))
                .addFailure(get(xid))
                .build();
        return persistently(lost -> {
            TxnResponse answer = Await.answer(kv.txn(fence));
            if (answer.getSucceeded()) {
                return Optional.empty();
            }
            KeyValue there = found(answer.getResponses(0));
            if (there == null) {
                throw new IllegalStateException("etcd says that the record is there, and does not show it: " + xid);
            }
            PrepareRecord record = PrepareRecord.decode(there.getValue());
            // FENCED: by an earlier try of ours whose answer was lost too
            return record.kind() == PrepareRecord.Kind.FENCED
                    ? Optional.empty()
                    : Optional.of(new Prepared(there.getModRevision(), record.operations()));
        });
    }

    /**
     * Applies the writes and deletes the record. No compares on application keys: a prepared branch has promised to commit.
     *
     * @param mine true in the process that prepared it: for it a record that is gone means that its own earlier try, whose
     *     answer was lost, has succeeded
     * @return false when there is no such branch
     */
    boolean commit(BranchXid xid, Prepared prepared, boolean mine) {
        return complete(xid, prepared, prepared.operations(), mine);
    }

    /** Deletes the record and nothing else, so that it works when etcd has no space left. */
    boolean rollback(BranchXid xid, Prepared prepared, boolean mine) {
        return complete(xid, prepared, List.of(), mine);
    }

    private boolean complete(BranchXid xid, Prepared prepared, List<RequestOp> operations, boolean mine) {
        TxnRequest txn = TxnRequest.newBuilder()
                .addCompare(Compare.newBuilder()
                        .setKey(key(xid))
                        .setTarget(CompareTarget.MOD)
                        .setResult(CompareResult.EQUAL)
                        .setModRevision(prepared.revision()))
                .addAllSuccess(operations)
                .addSuccess(RequestOp.newBuilder()
                        .setRequestDeleteRange(DeleteRangeRequest.newBuilder().setKey(key(xid))))
                .addFailure(get(xid))
                .build();
        return persistently(lost -> {
            TxnResponse answer = Await.answer(kv.txn(txn));
            if (answer.getSucceeded()) {
                return true;
            }
            if (found(answer.getResponses(0)) != null) {
                throw TxErrors.recordReplaced(xid, engine.endpoint());
            }
            return mine || lost;
        });
    }

    /** The record of a branch that this process has not prepared; null when there is none. */
    @Nullable
    KeyValue find(BranchXid xid) {
        return Await.answer(kv.range(RangeRequest.newBuilder().setKey(key(xid)).build())).getKvsList().stream()
                .findFirst()
                .orElse(null);
    }

    /** All branches that have a record, fenced ones and those of newer versions included. */
    List<BranchXid> list() {
        String prefix = prefix();
        KeyRange all = KeyRange.prefix(ByteString.copyFromUtf8(prefix));
        List<BranchXid> xids = new ArrayList<>();
        for (KeyValue record : Await.answer(kv.range(RangeRequest.newBuilder()
                        .setKey(all.from())
                        .setRangeEnd(all.rangeEnd())
                        .setKeysOnly(true)
                        .build()))
                .getKvsList()) {
            BranchXid xid = BranchXid.parse(record.getKey().toStringUtf8().substring(prefix.length()));
            if (xid != null) {
                xids.add(xid);
            }
        }
        return xids;
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

    private ByteString record(PrepareRecord.Kind kind, List<RequestOp> operations) {
        return new PrepareRecord(
                        kind, System.currentTimeMillis(), engine.settings().node(), engine.linkId(), operations)
                .encode();
    }

    private Compare absent(BranchXid xid) {
        return Compare.newBuilder()
                .setKey(key(xid))
                .setTarget(CompareTarget.CREATE)
                .setResult(CompareResult.EQUAL)
                .setCreateRevision(0)
                .build();
    }

    private RequestOp put(BranchXid xid, ByteString value) {
        return RequestOp.newBuilder()
                .setRequestPut(PutRequest.newBuilder().setKey(key(xid)).setValue(value))
                .build();
    }

    private RequestOp get(BranchXid xid) {
        return RequestOp.newBuilder()
                .setRequestRange(RangeRequest.newBuilder().setKey(key(xid)))
                .build();
    }

    private static @Nullable KeyValue found(ResponseOp answer) {
        return answer.getResponseRange().getKvsList().stream().findFirst().orElse(null);
    }

    private ByteString key(BranchXid xid) {
        return ByteString.copyFromUtf8(prefix() + xid.text());
    }

    private String prefix() {
        return engine.settings().reservedPrefix() + "p/";
    }
}
