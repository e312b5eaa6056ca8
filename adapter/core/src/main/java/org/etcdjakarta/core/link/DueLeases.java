package org.etcdjakarta.core.link;

import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Leases in the order in which they are due, so that a look at ten thousand costs what those cost that are due. Guarded by {@link KeepAlives}. */
final class DueLeases {

    private final TreeSet<KeptLease> waiting = new TreeSet<>(KeptLease.BY_DUE);

    /** It is due then, whatever was said before. */
    void put(KeptLease kept, long due) {
        // The order knows it by its time.
        waiting.remove(kept);
        kept.due = due;
        waiting.add(kept);
    }

    void remove(KeptLease kept) {
        waiting.remove(kept);
    }

    /** The next one that is due, and takes it out; null when there is none. */
    @Nullable
    KeptLease poll(long now) {
        if (waiting.isEmpty() || waiting.first().due - now > 0) {
            return null;
        }
        return waiting.pollFirst();
    }

    void clear() {
        waiting.clear();
    }
}
