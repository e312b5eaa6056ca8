package org.etcdjakarta.core.tx;

import java.time.Duration;

/**
 * The end of a transaction's time. It counts until prepare or commit and not after: a clock never decides what becomes of a
 * prepared branch.
 *
 * @param timeout zero for none
 */
record Deadline(long startNanos, Duration timeout) {

    static final Deadline NEVER = new Deadline(0, Duration.ZERO);

    static Deadline in(Duration timeout) {
        return new Deadline(System.nanoTime(), timeout);
    }

    boolean isOver() {
        return !timeout.isZero() && System.nanoTime() - startNanos >= timeout.toNanos();
    }
}
