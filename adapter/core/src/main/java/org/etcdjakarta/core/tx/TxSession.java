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
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import javax.transaction.xa.XAResource;
import org.etcdjakarta.EtcdException;
import org.etcdjakarta.core.link.KvProtocol;
import org.jspecify.annotations.Nullable;

/** What a managed connection needs of transactions: it is in at most one branch at a time. */
public final class TxSession {

    private final SharedEngine engine;
    private final KvProtocol autocommit;
    private final EtcdXaResource xaResource;
    private final AtomicReference<@Nullable Joined> joined = new AtomicReference<>();

    TxSession(SharedEngine engine) {
        this.engine = engine;
        this.autocommit = engine.autocommit();
        this.xaResource = new EtcdXaResource(engine, this);
    }

    /**
     * In a branch (between XA start and end, or begin and commit) its workspace: every call is complete when it returns.
     * Otherwise the link's own KV without the reserved keys. What is returned belongs to this branch: its calls fail after the
     * branch has ended or been suspended, so ask for it at each call rather than keep it. A write that fails leaves the branch
     * nothing but rollback. A lock or leadership that the calling thread holds at any call has to be held still at one-phase commit
     * or prepare, or there is a conflict: unlock after the transaction has ended.
     */
    public KvProtocol kv() {
        Joined now = joined.get();
        return now == null ? autocommit : now;
    }

    /** True between XA start and end (or suspend), and between begin and commit or rollback. */
    public boolean inTransaction() {
        return joined.get() != null;
    }

    /**
     * Where the leases belong that are granted from now on: those of the transaction that the session is in, null in none. To be
     * asked for before the grant, whose answer may come after the end of the transaction.
     */
    public @Nullable TxLeases leases() {
        Joined now = joined.get();
        return now == null ? null : now.workspace.leases();
    }

    /** Always the same object. Works on after the session is closed and after the engine is closed; throws only XAException. */
    public XAResource xaResource() {
        return xaResource;
    }

    /**
     * Puts a record of the adapter's own, or deletes it, in the transaction that the session is in. Whatever the isolation level is, that
     * commits only if the record is then as it was seen; and, as for all calls, if the calling thread still holds what it holds now.
     *
     * @param name below the reserved prefix, such as {@code c/orders/0}
     * @param seen as last read or written; {@link OwnRecord#ABSENT} when it is to be made
     * @param value null to delete it
     * @return tells what has become of it
     * @throws IllegalStateException when the session is in no transaction
     * @throws EtcdException when the transaction is too large with it, or can only be rolled back
     */
    public OwnWrite replaceOwn(String name, OwnRecord seen, @Nullable ByteString value) {
        Joined now = joined.get();
        if (now == null) {
            throw new IllegalStateException("the session is in no transaction");
        }
        now.fence();
        now.workspace.replaceOwn(engine.keys().own(name), seen, value);
        return new OwnWrite(now.workspace, value);
    }

    /** Starts a local transaction. IllegalStateException when in a transaction already. */
    public void begin() {
        Workspace workspace = engine.newWorkspace(Limits.local(engine.settings().maxTxnOps()), Deadline.NEVER);
        if (!join(workspace, true)) {
            throw new IllegalStateException("the session is in a transaction already");
        }
    }

    /**
     * One etcd Txn. The local transaction has ended in any case. EtcdConflictException: nothing applied.
     * EtcdInDoubtException: answer lost, and etcd stayed away for the settling time. EtcdException: nothing applied. IllegalStateException when in no local transaction.
     */
    public void commit() {
        Workspace workspace = leaveLocal();
        try {
            Changes changes = workspace.seal();
            long revision = engine.withKv(kv -> CommitProtocol.commit(engine, kv, changes, null));
            workspace.endCommitted(revision);
        } catch (InDoubt e) {
            workspace.endInDoubt(e.doubt());
            throw e.reason();
        } catch (EtcdException e) {
            workspace.end();
            throw e;
        } catch (RuntimeException unexpected) {
            workspace.endCommitted();
            throw unexpected;
        }
    }

    /** Nothing has been written. IllegalStateException when in no local transaction. */
    public void rollback() {
        leaveLocal().end();
    }

    /** Forgets an unfinished local transaction and leaves any branch; the session is as new. */
    public void reset() {
        xaResource.leave();
        Joined left = joined.getAndSet(null);
        if (left != null && left.local) {
            left.workspace.end();
        }
    }

    /** False when the session is in a transaction already. */
    boolean join(Workspace workspace, boolean local) {
        return joined.compareAndSet(null, new Joined(workspace, local));
    }

    void leave(Workspace workspace) {
        joined.updateAndGet(now -> now != null && now.workspace == workspace ? null : now);
    }

    private Workspace leaveLocal() {
        Joined now = joined.get();
        if (now == null || !now.local || !joined.compareAndSet(now, null)) {
            throw new IllegalStateException("the session is in no local transaction");
        }
        return now.workspace;
    }

    /** The workspace as long as the session is in its branch. */
    private final class Joined implements KvProtocol {

        private final Workspace workspace;
        private final boolean local;

        Joined(Workspace workspace, boolean local) {
            this.workspace = workspace;
            this.local = local;
        }

        @Override
        public CompletableFuture<RangeResponse> range(RangeRequest request) {
            return here(kv -> kv.range(request));
        }

        @Override
        public CompletableFuture<PutResponse> put(PutRequest request) {
            return write(kv -> kv.put(request));
        }

        @Override
        public CompletableFuture<DeleteRangeResponse> deleteRange(DeleteRangeRequest request) {
            return write(kv -> kv.deleteRange(request));
        }

        @Override
        public CompletableFuture<TxnResponse> txn(TxnRequest request) {
            return write(kv -> kv.txn(request));
        }

        @Override
        public CompletableFuture<CompactionResponse> compact(CompactionRequest request) {
            return here(kv -> kv.compact(request));
        }

        @Override
        public @Nullable Object transaction() {
            return joined.get() == this ? workspace : null;
        }

        /**
         * A write that fails takes the transaction with it: its future may have been thrown away unread, and the rest
         * would be committed without it.
         */
        private <T> CompletableFuture<T> write(Function<KvProtocol, CompletableFuture<T>> call) {
            return here(kv -> {
                CompletableFuture<T> answer = call.apply(kv);
                try {
                    Await.answer(answer);
                } catch (EtcdException e) {
                    workspace.rollbackOnly(e);
                }
                return answer;
            });
        }

        private <T> CompletableFuture<T> here(Function<KvProtocol, CompletableFuture<T>> call) {
            if (joined.get() != this) {
                return CompletableFuture.failedFuture(TxErrors.ended());
            }
            fence();
            return call.apply(workspace);
        }

        private void fence() {
            List<Compare> held = engine.fences();
            if (!held.isEmpty()) {
                workspace.fence(held);
            }
        }
    }
}
