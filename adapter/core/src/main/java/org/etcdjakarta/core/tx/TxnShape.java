package org.etcdjakarta.core.tx;

import org.etcdjakarta.core.tx.Frame.Extent;
import org.jspecify.annotations.Nullable;

/**
 * How a transaction is laid out in one Txn. etcd counts a level by its longest list, and a nested Txn may be as wide as what the
 * levels above it leave of {@code --max-txn-ops}; those that stand side by side do not add up. So the writes go into groups,
 * nested Txns in the outer one's success list, when they are too many for one level, and the guards go with them when they are
 * too many for the outer one, whose else branch would tell which of them is broken.
 *
 * @param guardsOutside whether guards are compares of the outer Txn
 * @param groups nested Txns; 0 when the writes are in the outer one, or there are none
 * @param width what each list of a group may hold
 */
record TxnShape(boolean guardsOutside, int groups, int width) {

    /**
     * The one with the fewest groups, with guards outside if that is possible at all; null when nothing fits.
     *
     * @param fences guards that always are outside, each with its place in the else branch
     */
    static @Nullable TxnShape of(int maxTxnOps, Extent frame, int fences, int guards, int writes, Writes how) {
        int level = Math.max(frame.compares(), frame.failure()) + fences;
        int direct = frame.success() + (how == Writes.APPLIED ? writes : 0);
        if ((how == Writes.APPLIED || writes == 0) && Math.max(level + guards, direct) <= maxTxnOps) {
            return new TxnShape(true, 0, 0);
        }
        for (int groups = 1; groups <= maxTxnOps; groups++) {
            int width = maxTxnOps - Math.max(level + guards, frame.success() + groups);
            if ((long) groups * width >= writes && width > 0) {
                return new TxnShape(true, groups, width);
            }
        }
        for (int groups = 1; groups <= maxTxnOps; groups++) {
            int width = maxTxnOps - Math.max(level, frame.success() + groups);
            long places = (long) groups * width;
            // beside names, the failure branch of a group with guards holds what makes the whole Txn fail
            long taken = how == Writes.APPLIED || width <= 0 ? 0 : (guards + width - 1) / width;
            if (places >= guards && places - taken >= writes && width > 0) {
                return new TxnShape(false, groups, width);
            }
        }
        return null;
    }
}
