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
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import java.util.function.Supplier;
import org.etcdjakarta.EtcdException;
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
 * <p>A read at an explicit revision is of history, which nobody can change: it shows no own writes and is not guarded.
 * {@code compact} takes no part and goes straight to etcd. A {@code serializable} read is as linearizable as all others.
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
    private final FilteredKv history;
    private final ReservedKeys reserved;
    private final Limits limits;
    private final Deadline deadline;
    private final ReentrantLock lock = new ReentrantLock();
    private final Object statusMonitor = new Object();
    private volatile Status status = new Status(State.ACTIVE, null);

    private final Snapshot snapshot;
    private final Guards guards = new Guards();
    private final TxLeases leases;
    private NavigableMap<ByteString, Write> pending = new TreeMap<>(KeyRange.ORDER);

    /** Leases that are granted in it are not revoked. */
    Workspace(KvProtocol kv, ReservedKeys reserved, Limits limits, Deadline deadline) {
        this(kv, reserved, limits, deadline, new TxLeases(CompletableFuture::completedFuture));
    }

    Workspace(KvProtocol kv, ReservedKeys reserved, Limits limits, Deadline deadline, TxLeases leases) {
        this.kv = kv;
        this.history = new FilteredKv(kv, reserved);
        this.reserved = reserved;
        this.limits = limits;
        this.deadline = deadline;
        this.leases = leases;
        this.snapshot = new Snapshot(kv);
    }

    @Override
    public CompletableFuture<RangeResponse> range(RangeRequest request) {
        return perform(operations -> operations.range(request));
    }

    @Override
    public CompletableFuture<PutResponse> put(PutRequest request) {
        return perform(operations -> operations.put(request));
    }

    @Override
    public CompletableFuture<DeleteRangeResponse> deleteRange(DeleteRangeRequest request) {
        return perform(operations -> operations.deleteRange(request));
    }

    @Override
    public CompletableFuture<TxnResponse> txn(TxnRequest request) {
        return perform(operations -> operations.txn(request));
    }

    @Override
    public CompletableFuture<CompactionResponse> compact(CompactionRequest request) {
        return complete(() -> Await.answer(kv.compact(request)));
    }

    /** What the caller's thread holds: the transaction commits only if it holds it still. */
    void fence(List<Compare> ownerships) {
        lock.lock();
        try {
            ownerships.forEach(ownership -> guards.fence(ownership.getKey(), ownership.getCreateRevision()));
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

    /** Takes what is to be committed; no call changes it after that. Waits for the call under way. */
    Changes seal() {
        lock.lock();
        try {
            expire();
            Status before = leaveActive(new Status(State.SEALED, null));
            if (before.state() != State.ACTIVE) {
                throw refusal(before);
            }
            return new Changes(snapshot.revision(), guards, pending);
        } finally {
            lock.unlock();
        }
    }

    private <T> CompletableFuture<T> perform(Function<Operations, T> operation) {
        return complete(() -> {
            NavigableMap<ByteString, Write> writes = new TreeMap<>(pending);
            Guards reads = new Guards();
            T answer;
            try {
                answer = operation.apply(new Operations(history, snapshot, reserved, writes, reads));
            } catch (EtcdException e) {
                if (snapshot.isLost()) {
                    EtcdException lost = TxErrors.snapshotLost(snapshot.revision(), e);
                    rollbackOnly(lost);
                    throw lost;
                }
                // the failure itself may have told what is in etcd: "key not found"
                accept(reads, pending);
                throw e;
            }
            // the reaper may have ended the workspace while etcd answered
            requireActive();
            accept(reads, writes);
            return answer;
        });
    }

    private void accept(Guards reads, NavigableMap<ByteString, Write> writes) {
        if (!writes.isEmpty()) {
            limits.check(new Changes(snapshot.revision(), guards.with(reads), writes));
        }
        guards.addAll(reads);
        pending = writes;
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
