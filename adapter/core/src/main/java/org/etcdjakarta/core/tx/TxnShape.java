package org.etcdjakarta.core.tx;

import org.etcdjakarta.core.tx.Frame.Extent;
import org.jspecify.annotations.Nullable;

/**
 * How a transaction is laid out in one Txn. etcd counts a level by its longest list, and a nested Txn may be as wide as what the
 * levels above it leave of {@code --max-txn-ops}; those that stand side by side do not add up. What is too many for the outer
 * Txn goes into groups, nested Txns in its success list: the guards, the writes, or both.
 *
 * <p>Outside is better. There the else branch tells which guard is broken, and there every etcd looks at permissions: 3.4.23 and
 * 3.5.16 do not in a nested Txn, later ones do.
 *
 * @param groups nested Txns
 * @param width what each list of a group may hold
 */
record TxnShape(boolean guardsOutside, boolean writesOutside, int groups, int width) {

    /**
     * The best one, with the fewest groups; null when nothing fits.
     *
     * @param fences guards that always are outside, each with its place in the else branch
     */
    static @Nullable TxnShape of(int maxTxnOps, Extent frame, int fences, int guards, int writes) {
        int level = Math.max(frame.compares(), frame.failure()) + fences;
        int success = frame.success();
        if (Math.max(level + guards, success + writes) <= maxTxnOps) {
            return new TxnShape(true, true, 0, 0);
        }
        // when guards do not fit and writes do, or the other way round, only one of the next two is possible
        for (int groups = 1; groups <= maxTxnOps; groups++) {
            int width = maxTxnOps - Math.max(level, success + writes + groups);
            if (fit(guards, groups, width)) {
                return new TxnShape(false, true, groups, width);
            }
        }
        for (int groups = 1; groups <= maxTxnOps; groups++) {
            int width = maxTxnOps - Math.max(level + guards, success + groups);
            if (fit(writes, groups, width)) {
                return new TxnShape(true, false, groups, width);
            }
        }
        for (int groups = 1; groups <= maxTxnOps; groups++) {
            int width = maxTxnOps - Math.max(level, success + groups);
            if (fit(Math.max(guards, writes), groups, width)) {
                return new TxnShape(false, false, groups, width);
            }
        }
        return null;
    }

    private static boolean fit(int longest, int groups, int width) {
        return width > 0 && (long) groups * width >= longest;
    }
}
