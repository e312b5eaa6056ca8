package org.etcdjakarta.core.link;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.TreeSet;
import java.util.concurrent.Executor;

/**
 * Very many timers on few of the event loop's: those of a twentieth of a second fire together, never early. Whoever has to do
 * something in time allows for that.
 */
final class CoarseTimer {

    private static final long GRAIN_NANOS = Duration.ofMillis(50).toNanos();

    /** nanoTime has no beginning and no end. */
    private static final Comparator<Entry> BY_TIME = (one, other) ->
            one.at != other.at ? Long.signum(one.at - other.at) : Long.compare(one.number, other.number);

    private final Calls calls;
    private final Executor executor;
    private final TreeSet<Entry> entries = new TreeSet<>(BY_TIME);
    private long numbers;
    private boolean waking;
    private long wakeAt;

    private record Entry(long at, long number, Runnable task) {}

    /** @param executor runs what is due */
    CoarseTimer(Calls calls, Executor executor) {
        this.calls = calls;
        this.executor = executor;
    }

    /** Returns what takes it back. */
    Runnable later(Duration pause, Runnable task) {
        synchronized (this) {
            Entry entry = new Entry(System.nanoTime() + pause.toNanos(), numbers++, task);
            entries.add(entry);
            wake(entry);
            return () -> remove(entry);
        }
    }

    private synchronized void remove(Entry entry) {
        entries.remove(entry);
    }

    private void wake(Entry first) {
        long grain = Math.floorDiv(first.at + GRAIN_NANOS - 1, GRAIN_NANOS) * GRAIN_NANOS;
        if (!waking || grain - wakeAt < 0) {
            waking = true;
            wakeAt = grain;
            calls.later(Duration.ofNanos(Math.max(0, grain - System.nanoTime())), () -> fire(grain));
        }
    }

    private void fire(long grain) {
        List<Runnable> due = new ArrayList<>();
        synchronized (this) {
            if (waking && grain == wakeAt) {
                waking = false;
            }
            long now = System.nanoTime();
            while (!entries.isEmpty() && entries.first().at - now <= 0) {
                due.add(entries.pollFirst().task);
            }
            if (!entries.isEmpty()) {
                wake(entries.first());
            }
        }
        due.forEach(executor::execute);
    }
}
