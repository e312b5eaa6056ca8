package org.etcdjakarta.core.tx;

import com.google.protobuf.ByteString;
import io.etcd.jetcd.api.CompactionRequest;
import io.etcd.jetcd.api.CompactionResponse;
import io.etcd.jetcd.api.Compare;
import io.etcd.jetcd.api.DeleteRangeRequest;
import io.etcd.jetcd.api.DeleteRangeResponse;
import io.etcd.jetcd.api.PutRequest;
import io.etcd.jetcd.api.PutResponse;
import io.etcd.jetcd.api.RangeRequest;
import io.etcd.jetcd.api.RangeResponse;
import io.etcd.jetcd.api.TxnRequest;
import io.etcd.jetcd.api.TxnResponse;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.etcdjakarta.EtcdException;
import org.etcdjakarta.EtcdLimitException;
import org.etcdjakarta.core.link.KvProtocol;
import org.jspecify.annotations.Nullable;

/**
 * The read set, write set and snapshot of one transaction, as a {@link KvProtocol}: reads come from R0 with the own writes
 * laid over them, writes are buffered, and every call is complete when it returns. An operation that fails leaves no trace in
 * it, also if it is a Txn of many.
 *
 * <p>One lock lets operations in one after the other, and is held while etcd answers. The state is apart from it: the
 * transaction manager's reaper ends the workspace at once, and the operation under way finds out when etcd has answered.
 *
 * <table>
 *   <caption>What each call does in a transaction. "Read" means: noted, and compared at commit if the {@link Isolation} has it
 *     so</caption>
 *   <tr><th>call and option<th>
 *   <tr><td>{@code get} of a key<td>what it was at R0, or what the transaction has put or deleted; the key is read, its absence too.
 *     An own put has mod revision R0 + 1, and the create revision and version that follow from what it replaces
 *   <tr><td>… {@code range_end}: range, prefix, from a key on<td>the same for each key in it; the range is read, so what comes into
 *     it or goes is a change. The adapter's own keys are left out; one that is named is refused
 *   <tr><td>… {@code limit}<td>as etcd cuts and sets {@code more} and {@code count}. The range is read only up to the last key that
 *     etcd would look at, from there on when descending; all of it where it is sorted by anything but the key, or filtered
 *   <tr><td>… {@code sort_order}, {@code sort_target}<td>sorted here, as etcd does
 *   <tr><td>… {@code min/max_mod_revision}, {@code min/max_create_revision}<td>filtered here, own writes included; the whole range
 *     is read
 *   <tr><td>… {@code keys_only}<td>without values; read all the same
 *   <tr><td>… {@code count_only}<td>the keys are fetched, without values, and read as by {@code keys_only}
 *   <tr><td>… {@code serializable}<td>changes nothing: as linearizable as all others
 *   <tr><td>… {@code revision}<td>history, which nobody can change: straight from etcd, without own writes, and not read
 *   <tr><td>{@code put}<td>kept; the last one of a key counts. Reads nothing, but at {@link Isolation#SNAPSHOT} looks what was there
 *   <tr><td>… {@code lease}<td>kept with it. That the lease exists is found out at commit; prepare refuses leases
 *   <tr><td>… {@code prev_kv}<td>the key is read
 *   <tr><td>… {@code ignore_value}, {@code ignore_lease}<td>the key is read, and what was read is put; refused if it is absent
 *   <tr><td>{@code delete} of a key<td>the key is read, for the number of keys deleted. One that the transaction itself has made
 *     is forgotten, one that is absent is nothing to delete
 *   <tr><td>… {@code range_end}<td>the range is read, and the keys that are in it are deleted, one by one
 *   <tr><td>… {@code prev_kv}<td>what was read
 *   <tr><td>{@code txn}: compares<td>all of them, those of nested Txns too, are evaluated before the first operation, and are read
 *     up to the first that does not hold
 *   <tr><td>… operations<td>those of the branch taken, as above, each on what the ones before it have left. All of them or, if one
 *     fails, none; a key that is put twice, or put and deleted, is refused as in etcd
 *   <tr><td>{@code compact}<td>takes no part: at once and straight to etcd
 *   <tr><td>every answer's header<td>that of the read that pinned R0; empty before it
 * </table>
 */
final class Workspace implements KvProtocol {

    private enum State {
        ACTIVE,
        ROLLBACK_ONLY,
        /** Commit or prepare has taken what there is. */
        SEALED,
        ENDED
    }

    private record Status(State state, @Nullable EtcdException reason) {}

    private final KvProtocol kv;
    private final Limits limits;
    private final Deadline deadline;
    private final ReentrantLock lock = new ReentrantLock();
    private final Object statusMonitor = new Object();
    private volatile Status status = new Status(State.ACTIVE, null);
    private volatile long committedRevision;

    private final Snapshot snapshot;
    private final Guards guards = new Guards();
    private final WriteSet pending = new WriteSet();
    private final Validation validation;
    private final Operations operations;
    private final TxLeases leases;

    /** At the default level; leases that are granted in it are not revoked. */
    Workspace(KvProtocol kv, ReservedKeys reserved, Limits limits, Deadline deadline) {
        this(kv, reserved, limits, deadline, Isolation.SERIALIZABLE);
    }

    /** Leases that are granted in it are not revoked. */
    Workspace(KvProtocol kv, ReservedKeys reserved, Limits limits, Deadline deadline, Isolation isolation) {
        this(kv, reserved, limits, deadline, isolation, new TxLeases(CompletableFuture::completedFuture));
    }

    Workspace(
            KvProtocol kv,
            ReservedKeys reserved,
            Limits limits,
            Deadline deadline,
            Isolation isolation,
            TxLeases leases) {
        this.kv = kv;
        this.limits = limits;
        this.deadline = deadline;
        this.leases = leases;
        this.snapshot = new Snapshot(kv);
        this.validation = new Validation(isolation, snapshot, guards);
        this.operations = new Operations(new FilteredKv(kv, reserved), snapshot, reserved, pending, validation);
    }

    @Override
    public CompletableFuture<RangeResponse> range(RangeRequest request) {
        return perform(() -> operations.range(request));
    }

    @Override
    public CompletableFuture<PutResponse> put(PutRequest request) {
        return perform(() -> operations.put(request));
    }

    @Override
    public CompletableFuture<DeleteRangeResponse> deleteRange(DeleteRangeRequest request) {
        return perform(() -> operations.deleteRange(request));
    }

    @Override
    public CompletableFuture<TxnResponse> txn(TxnRequest request) {
        return perform(() -> operations.txn(request));
    }

    @Override
    public CompletableFuture<CompactionResponse> compact(CompactionRequest request) {
        return complete(() -> Await.answer(kv.compact(request)));
    }

    /**
     * What the caller's thread holds: the transaction commits only if it holds it still. What would commit without saying so
     * must not commit, so when there is no room for it there is nothing left but to roll back.
     */
    void fence(List<Compare> ownerships) {
        lock.lock();
        try {
            ownerships.forEach(ownership -> guards.fence(ownership.getKey(), ownership.getCreateRevision()));
            keep();
        } catch (EtcdLimitException e) {
            undo();
            rollbackOnly(e);
        } finally {
            lock.unlock();
        }
    }

    /** From now on all calls fail with the reason, and there is nothing to do but to roll back. */
    void rollbackOnly(EtcdException reason) {
        leaveActive(new Status(State.ROLLBACK_ONLY, reason));
    }

    /** Why the transaction can't commit, or null. */
    @Nullable
    EtcdException rollbackReason() {
        expire();
        return status.reason();
    }

    /** Those granted in it, which share its outcome. */
    TxLeases leases() {
        return leases;
    }

    /**
     * Ends the workspace at once, also in the middle of a call of another thread. Nothing of it is committed: unless it has ended
     * before, the leases granted in it are revoked.
     */
    void end() {
        leave();
        leases.revoke();
    }

    /**
     * @param seen what the record must be at commit, whatever the isolation level
     * @param value null to delete it
     */
    void replaceOwn(ByteString key, OwnRecord seen, @Nullable ByteString value) {
        lock.lock();
        try {
            requireActive();
            guards.key(key, seen.modRevision());
            pending.put(key, value == null ? new Write.Delete() : new Write.Put(value, 0));
            keep();
        } catch (EtcdException e) {
            undo();
            rollbackOnly(e);
            throw e;
        } finally {
            lock.unlock();
        }
    }

    /** At which its writes were applied; 0 when they were not, or it is not known. */
    long committedRevision() {
        return committedRevision;
    }

    /** As {@link #endCommitted()}, at a known revision. */
    void endCommitted(long revision) {
        committedRevision = revision;
        endCommitted();
    }

    /** As {@link #end()}, of what is committed, or may be: its leases stay. */
    void endCommitted() {
        leave();
        leases.keep();
    }

    private void leave() {
        synchronized (statusMonitor) {
            status = new Status(State.ENDED, null);
        }
    }

    /** Ends the workspace; its leases are decided upon when it is known what became of it. */
    void endInDoubt(Doubt doubt) {
        leave();
        var unused = doubt.settled().thenAccept(settled -> {
            if (settled.applied()) {
                leases.keep();
            } else {
                leases.revoke();
            }
        });
    }

    /** Takes what is to be committed; no call changes it after that. Waits for the call under way. */
    Changes seal() {
        lock.lock();
        try {
            expire();
            Status before = leaveActive(new Status(State.SEALED, null));
            if (before.state() != State.ACTIVE) {
                throw refusal(before);
            }
            return new Changes(snapshot.revision(), guards, pending.all());
        } finally {
            lock.unlock();
        }
    }

    private <T> CompletableFuture<T> perform(Supplier<T> operation) {
        return complete(() -> {
            try {
                T answer = attempt(operation);
                // the reaper may have ended the workspace while etcd answered
                requireActive();
                keep();
                return answer;
            } finally {
                undo();
            }
        });
    }

    private <T> T attempt(Supplier<T> operation) {
        try {
            return operation.get();
        } catch (EtcdException e) {
            if (snapshot.isLost()) {
                EtcdException lost = TxErrors.snapshotLost(snapshot.revision(), e);
                rollbackOnly(lost);
                throw lost;
            }
            // the failure itself may have told what is in etcd: "key not found"
            pending.undo();
            validation.failed();
            keep();
            throw e;
        }
    }

    private void keep() {
        if (pending.size() > 0) {
            limits.check(guards, pending);
        }
        guards.keep();
        pending.keep();
    }

    /** Of what was not kept. */
    private void undo() {
        guards.undo();
        pending.undo();
    }

    private <T> CompletableFuture<T> complete(Supplier<T> call) {
        lock.lock();
        try {
            requireActive();
            T answer = call.get();
            requireActive();
            return CompletableFuture.completedFuture(answer);
        } catch (EtcdException e) {
            return CompletableFuture.failedFuture(e);
        } finally {
            lock.unlock();
        }
    }

    private void requireActive() {
        expire();
        Status now = status;
        if (now.state() != State.ACTIVE) {
            throw refusal(now);
        }
    }

    private void expire() {
        if (status.state() == State.ACTIVE && deadline.isOver()) {
            leaveActive(new Status(State.ROLLBACK_ONLY, TxErrors.timedOut(deadline)));
        }
    }

    /** Whoever comes first decides: commit, the reaper, or the timeout. Returns the status before. */
    private Status leaveActive(Status next) {
        synchronized (statusMonitor) {
            Status before = status;
            if (before.state() == State.ACTIVE) {
                status = next;
            }
            return before;
        }
    }

    private static EtcdException refusal(Status now) {
        EtcdException reason = now.reason();
        return reason == null ? TxErrors.ended() : TxErrors.rollbackOnly(reason);
    }
}
