package org.etcdjakarta.core.session;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * Time as the owner of a lease must count it: it goes on with the monotonic clock, and with the wall clock when that goes ahead of it.
 * The monotonic clock stands still while the machine is suspended, and etcd's does not. A wall clock that is put back prolongs
 * nothing, neither then nor by hiding a later suspension: the two are compared from one look to the next.
 */
final class LeaseClock {

    /** The clocks differ by so much without a meaning: rounding, a look that takes long, and what NTP mends in passing. */
    private static final long NOISE_NANOS = Duration.ofMillis(50).toNanos();

    private static final long QUICK_LOOK_NANOS = Duration.ofMillis(5).toNanos();
    private static final int MOST_LOOKS = 3;

    private final LongSupplier monotonicNanos;
    private final LongSupplier wallMillis;

    /** Wall minus monotonic clock, the least since the wall clock was ahead last. */
    private long difference;

    private long ahead;
    private int jumps;

    LeaseClock(LongSupplier monotonicNanos, LongSupplier wallMillis) {
        this.monotonicNanos = monotonicNanos;
        this.wallMillis = wallMillis;
        difference = wallNanos() - monotonicNanos.getAsLong();
    }

    private long wallNanos() {
        return TimeUnit.MILLISECONDS.toNanos(wallMillis.getAsLong());
    }

    /** In nanoseconds from no particular moment: compare by subtraction. */
    synchronized long now() {
        long monotonic;
        long wall;
        int looks = 0;
        do {
            // Whoever is held up between the two looks would see a jump.
            monotonic = monotonicNanos.getAsLong();
            wall = wallNanos();
        } while (monotonicNanos.getAsLong() - monotonic > QUICK_LOOK_NANOS && ++looks < MOST_LOOKS);
        long grown = wall - monotonic - difference;
        if (grown > NOISE_NANOS) {
            ahead += grown;
            jumps++;
        }
        if (grown > NOISE_NANOS || grown < 0) {
            difference += grown;
        }
        return monotonic + ahead;
    }

    /** How often the wall clock was found ahead: timers know nothing of that time. */
    synchronized int jumps() {
        return jumps;
    }
}
