package org.etcdjakarta.core.tx;

import java.util.concurrent.atomic.LongAdder;

/** What an engine has met since it was opened. */
final class TxMetrics {

    private final LongAdder conflicts = new LongAdder();
    private final LongAdder fences = new LongAdder();
    private final LongAdder retries = new LongAdder();

    /** A transaction or a write was refused because of what others have done or hold. */
    void conflicted() {
        conflicts.increment();
    }

    /** A lost answer was found out to be of a Txn that never will be applied. */
    void fenced() {
        fences.increment();
    }

    /** A Txn was sent again because of intents that were not known. */
    void retried() {
        retries.increment();
    }

    long conflicts() {
        return conflicts.sum();
    }

    long fences() {
        return fences.sum();
    }

    long retries() {
        return retries.sum();
    }
}
