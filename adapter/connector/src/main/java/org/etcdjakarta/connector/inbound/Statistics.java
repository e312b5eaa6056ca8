package org.etcdjakarta.connector.inbound;

import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/** What has happened since an activation began; for operators. */
final class Statistics {

    final LongAdder delivered = new LongAdder();
    final LongAdder failed = new LongAdder();
    final LongAdder parked = new LongAdder();
    final LongAdder gaps = new LongAdder();
    final LongAdder waits = new LongAdder();
    private final AtomicLong lastRevision = new AtomicLong();
    private volatile @Nullable String lastFailure;

    void reached(long revision) {
        lastRevision.accumulateAndGet(revision, Math::max);
    }

    long lastRevision() {
        return lastRevision.get();
    }

    void failure(@Nullable Throwable cause) {
        if (cause != null) {
            lastFailure = cause.toString();
        }
    }

    @Nullable
    String lastFailure() {
        return lastFailure;
    }
}
