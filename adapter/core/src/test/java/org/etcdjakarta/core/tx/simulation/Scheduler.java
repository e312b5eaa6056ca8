package org.etcdjakarta.core.tx.simulation;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.PriorityQueue;
import java.util.Random;
import java.util.function.Supplier;

/**
 * Virtual time: what is to happen, in the order of its time. One thing happens at once, on the thread that called {@link #run()}
 * or on that of the one fiber that it has resumed; so everything follows from the seed.
 */
final class Scheduler {

    /** @param tie random, so that what is due at the same moment comes in any order */
    private record Event(long due, int tie, long number, Runnable action) implements Comparable<Event> {
        @Override
        public int compareTo(Event other) {
            int order = Long.compare(due, other.due);
            order = order == 0 ? Integer.compare(tie, other.tie) : order;
            return order == 0 ? Long.compare(number, other.number) : order;
        }
    }

    /** More than any schedule needs: a protocol that tries again for ever is found out. */
    private static final int MOST_EVENTS = 100_000;

    private static final int KEPT = 4_000;

    private final Random random;
    private final boolean tracing;
    private final PriorityQueue<Event> events = new PriorityQueue<>();
    private final Deque<String> trace = new ArrayDeque<>();
    private long now;
    private long number;

    Scheduler(Random random, boolean tracing) {
        this.random = random;
        this.tracing = tracing;
    }

    Random random() {
        return random;
    }

    Duration now() {
        return Duration.ofNanos(now);
    }

    void after(Duration delay, Runnable action) {
        events.add(new Event(now + delay.toNanos(), random.nextInt(), number++, action));
    }

    /** Until nothing is left to happen. */
    void run() {
        for (int i = 0; i < MOST_EVENTS; i++) {
            Event next = events.poll();
            if (next == null) {
                return;
            }
            now = next.due();
            next.action().run();
        }
        throw new AssertionError("no end after " + MOST_EVENTS + " events");
    }

    /** For whoever replays a seed; costs nothing otherwise. */
    void trace(Supplier<String> what) {
        if (tracing) {
            trace.add("%10.3f ms  %s".formatted(now / 1e6, what.get()));
            if (trace.size() > KEPT) {
                trace.remove();
            }
        }
    }

    String traced() {
        return String.join("\n", trace);
    }
}
