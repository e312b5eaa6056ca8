package org.etcdjakarta.core.tx;

import java.util.List;
import java.util.function.IntPredicate;
import org.etcdjakarta.EtcdException;
import org.etcdjakarta.core.tx.Frame.Extent;
import org.jspecify.annotations.Nullable;

/**
 * What fits into one Txn, checked at the operation that crosses the line, while the application still knows what it does. Of
 * every Txn that the transaction may come to need it knows how much of it is the protocol's, so what passes here is never
 * refused by etcd later, when it is prepared and has promised to commit.
 */
final class Limits {

    /** etcd refuses requests above 1.5 MiB; what lies between is for the protocol's own keys and the envelope. */
    static final int REQUEST_BYTES = (int) (1.4 * 1024 * 1024);

    /** Around a nested Txn: two tags and two lengths below 2^28. */
    private static final int GROUP_BYTES = 10;

    /** A range at a revision is longer than a look of the same key by a tag and a number. */
    private static final int REVISION_BYTES = 12;

    /**
     * A Txn of the protocol.
     *
     * @param guarded false when it applies the writes without looking
     */
    private record Txn(Extent frame, Writes how, boolean guarded) {

        @Nullable
        TxnShape shape(int maxTxnOps, int fences, int guards, int writes) {
            return TxnShape.of(maxTxnOps, frame, guarded ? fences : 0, guarded ? guards : 0, writes);
        }

        /** Without the frame. At most: by a few bytes a group and a range it may be less. */
        long bytes(TxnShape shape, Guards.Bytes guards, WriteSet.Bytes writes) {
            long bytes = (long) shape.groups() * GROUP_BYTES;
            if (guarded) {
                bytes += guards.compares() + guards.fenceLooks();
                // in a group one range stands for all looks; it is not known yet of which key
                bytes += shape.guardsOutside()
                        ? guards.looks()
                        : Math.min(guards.looks(), shape.groups() * guards.largestLook())
                                + (long) shape.groups() * REVISION_BYTES;
            }
            bytes += writes.operations();
            if (how == Writes.NAMED) {
                // the operations are in the prepare record then
                bytes += RecordSizes.HEADER + writes.names();
                bytes += RecordSizes.HEADER + writes.intents() + guards.intents();
            }
            return bytes;
        }
    }

    private static final Txn ONE_PHASE = new Txn(new Extent(2, 1, 2), Writes.APPLIED, true);
    private static final Txn PREPARE = new Txn(new Extent(2, 4, 2), Writes.NAMED, true);
    private static final Txn COMPLETION = new Txn(new Extent(1, 3, 2), Writes.APPLIED, false);

    private final int maxTxnOps;
    private final List<Txn> txns;

    private Limits(int maxTxnOps, List<Txn> txns) {
        this.maxTxnOps = maxTxnOps;
        this.txns = txns;
    }

    /** A local transaction is one Txn of its own guards and writes. */
    static Limits local(int maxTxnOps) {
        return new Limits(maxTxnOps, List.of(ONE_PHASE));
    }

    /** A branch may be asked for one phase or two. */
    static Limits branch(int maxTxnOps) {
        return new Limits(maxTxnOps, List.of(ONE_PHASE, PREPARE, COMPLETION));
    }

    /** @throws org.etcdjakarta.EtcdLimitException with the numbers */
    void check(Guards guards, WriteSet writes) {
        long bytes = bytes(guards, writes);
        if (bytes > REQUEST_BYTES) {
            throw TxErrors.tooLarge(bytes, REQUEST_BYTES);
        }
    }

    /** Of the largest Txn that may come. */
    long bytes(Guards guards, WriteSet writes) {
        long largest = 0;
        for (Txn txn : txns) {
            TxnShape shape = txn.shape(maxTxnOps, guards.fences(), guards.size(), writes.size());
            if (shape == null) {
                throw tooManyOperations(guards, writes);
            }
            largest = Math.max(largest, txn.bytes(shape, guards.bytes(), writes.bytes()));
        }
        return largest;
    }

    private EtcdException tooManyOperations(Guards guards, WriteSet writes) {
        int fences = guards.fences();
        return TxErrors.tooManyOperations(
                fences + guards.size(),
                writes.size(),
                "beside so many writes there is room for "
                        + (fences + most(count -> fits(fences, count, writes.size())))
                        + " compares, beside so many compares for "
                        + most(count -> fits(fences, guards.size(), count))
                        + " writes");
    }

    private boolean fits(int fences, int guards, int writes) {
        return txns.stream().allMatch(txn -> txn.shape(maxTxnOps, fences, guards, writes) != null);
    }

    /** The largest number that still fits; 0 when none does. */
    private int most(IntPredicate fits) {
        int fitting = 0;
        int beyond = (int) Math.min(1 << 30, (long) maxTxnOps * maxTxnOps + 1);
        while (beyond - fitting > 1) {
            int middle = (fitting + beyond) >>> 1;
            if (fits.test(middle)) {
                fitting = middle;
            } else {
                beyond = middle;
            }
        }
        return fitting;
    }
}
