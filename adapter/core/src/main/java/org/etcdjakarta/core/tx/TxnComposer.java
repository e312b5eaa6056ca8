package org.etcdjakarta.core.tx;

import com.google.protobuf.ByteString;
import io.etcd.jetcd.api.DeleteRangeRequest;
import io.etcd.jetcd.api.RangeRequest;
import io.etcd.jetcd.api.RequestOp;
import io.etcd.jetcd.api.ResponseOp;
import io.etcd.jetcd.api.TxnRequest;
import io.etcd.jetcd.api.TxnResponse;
import java.util.Iterator;
import java.util.List;
import org.etcdjakarta.EtcdException;
import org.etcdjakarta.core.tx.Guards.Guard;
import org.jspecify.annotations.Nullable;

/**
 * A transaction of any size as one Txn, in the {@link TxnShape} that fits.
 *
 * <p><b>Guards in groups.</b> A nested Txn whose compares do not hold can't undo its neighbours. So its failure branch holds a
 * range at a revision that etcd never reaches. etcd evaluates all compares first, then checks the ranges of all branches that
 * will be taken, and only then writes: one broken guard anywhere refuses the whole Txn, with {@code OUT_OF_RANGE} and nothing
 * applied, on every member alike. (A range at a revision that exists would not be safe: members compact at different times.)
 * What stands in the outer Txn is decided before: when a compare of the frame, or the fence of a lock, does not hold, the outer
 * else branch is taken and the groups are not looked at.
 *
 * <p><b>Names.</b> A write is named by what does no harm wherever it is carried out. So names need no branch that is never taken,
 * which would be nested, and stand in the outer Txn as long as they fit: there every etcd looks at their permissions.
 */
final class TxnComposer {

    /** etcd would have to count for longer than any disk lasts. */
    private static final long NEVER = 1L << 62;

    private final int maxTxnOps;

    /** @param maxTxnOps the server's {@code --max-txn-ops} */
    TxnComposer(int maxTxnOps) {
        this.maxTxnOps = maxTxnOps;
    }

    /**
     * @param r0 revision of the snapshot that the guards are of
     * @param operations puts and deletes, each key once
     * @throws org.etcdjakarta.EtcdLimitException when nothing fits: a prepared branch of a process with a larger maxTxnOps
     */
    TxnRequest compose(Frame frame, Guards guards, long r0, List<RequestOp> operations, Writes how) {
        TxnShape shape = TxnShape.of(maxTxnOps, frame.extent(), guards.fences(), guards.size(), operations.size());
        if (shape == null) {
            throw TxErrors.tooManyOperations(
                    guards.fences() + guards.size(), operations.size(), "maxTxnOps is " + maxTxnOps + " here");
        }
        TxnRequest.Builder txn = TxnRequest.newBuilder()
                .addAllCompare(frame.compares())
                .addAllSuccess(frame.success())
                .addAllFailure(frame.failure());
        guards.ofFences().forEach(fence -> addWithLook(txn, fence));
        List<Guard> nestedGuards = guards.ofReads(r0);
        if (shape.guardsOutside()) {
            nestedGuards.forEach(guard -> addWithLook(txn, guard));
            nestedGuards = List.of();
        }
        List<RequestOp> nestedWrites = how == Writes.APPLIED
                ? operations
                : operations.stream().map(TxnComposer::name).toList();
        if (shape.writesOutside()) {
            txn.addAllSuccess(nestedWrites);
            nestedWrites = List.of();
        }
        Iterator<Guard> compares = nestedGuards.iterator();
        Iterator<RequestOp> writes = nestedWrites.iterator();
        for (int i = 0; i < shape.groups(); i++) {
            txn.addSuccess(RequestOp.newBuilder().setRequestTxn(group(shape.width(), compares, writes)));
        }
        return txn.build();
    }

    private static TxnRequest.Builder group(int width, Iterator<Guard> guards, Iterator<RequestOp> writes) {
        TxnRequest.Builder group = TxnRequest.newBuilder();
        while (group.getCompareCount() < width && guards.hasNext()) {
            Guard guard = guards.next();
            if (group.getCompareCount() == 0) {
                group.addFailure(impossible(guard));
            }
            group.addCompare(guard.compare());
        }
        while (group.getSuccessCount() < width && writes.hasNext()) {
            group.addSuccess(writes.next());
        }
        return group;
    }

    private static void addWithLook(TxnRequest.Builder txn, Guard guard) {
        txn.addCompare(guard.compare()).addFailure(guard.look());
    }

    /** Of a key that is compared anyway, so that it needs no further permission. */
    private static RequestOp impossible(Guard guard) {
        return RequestOp.newBuilder()
                .setRequestRange(RangeRequest.newBuilder()
                        .setKey(guard.compare().getKey())
                        .setKeysOnly(true)
                        .setRevision(NEVER))
                .build();
    }

    /**
     * A delete of the empty range from the key to itself: it deletes nothing wherever it is carried out, and needs the
     * permission to write the key.
     */
    static RequestOp name(RequestOp write) {
        ByteString key = write.hasRequestPut()
                ? write.getRequestPut().getKey()
                : write.getRequestDeleteRange().getKey();
        return RequestOp.newBuilder()
                .setRequestDeleteRange(
                        DeleteRangeRequest.newBuilder().setKey(key).setRangeEnd(key))
                .build();
    }

    /**
     * A key whose guard did not hold, from the answers of the outer else branch; null when it was the frame that did not. The
     * guards in groups are not among them: their conflict is no answer but a failure, {@link #isGuardConflict}.
     */
    @Nullable
    ByteString broken(Frame frame, Guards guards, TxnResponse failed) {
        List<ResponseOp> answers = failed.getResponsesList();
        return guards.broken(answers.subList(frame.failure().size(), answers.size()));
    }

    /** True when a guard in a group did not hold: nothing of the Txn is applied. */
    static boolean isGuardConflict(EtcdException failure) {
        return TxErrors.says(failure, "required revision is a future revision");
    }
}
