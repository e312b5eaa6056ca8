package org.etcdjakarta.itests.benchmark;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/**
 * A closed loop: every caller makes its next call when the last one is answered, until the time is up. What starts and ends a
 * turn (threads, histograms) stays out of what is measured.
 */
final class LoadGenerator {

    private static final long LONGEST = TimeUnit.SECONDS.toMicros(60);

    /** One percent. */
    private static final int DIGITS = 2;

    private final KvCalls kv;
    private final List<Histogram> histograms = new ArrayList<>();

    LoadGenerator(KvCalls kv) {
        this.kv = kv;
    }

    /** Fails with the first caller's failure. */
    Sample run(Cell cell, Duration duration) throws InterruptedException {
        Turn turn = new Turn(cell, duration.toNanos());
        ExecutorService threads = cell.threads().executor(cell.callers());
        try {
            for (int caller = 0; caller < cell.callers(); caller++) {
                int number = caller;
                Histogram latencies = histogram(caller);
                threads.execute(() -> turn.caller(number, latencies));
            }
            return turn.measure(histograms.subList(0, cell.callers()));
        } finally {
            threads.shutdown();
        }
    }

    private Histogram histogram(int caller) {
        while (histograms.size() <= caller) {
            histograms.add(new Histogram(LONGEST, DIGITS));
        }
        Histogram histogram = histograms.get(caller);
        histogram.reset();
        return histogram;
    }

    static Histogram merged(List<Histogram> parts) {
        Histogram all = new Histogram(LONGEST, DIGITS);
        parts.forEach(all::add);
        return all;
    }

    /** The callers' and the measuring thread's agreement. */
    private final class Turn {

        private final Cell cell;
        private final long nanos;
        private final CountDownLatch ready;
        private final CountDownLatch go = new CountDownLatch(1);
        private final CountDownLatch done;
        private final CountDownLatch counted = new CountDownLatch(1);
        private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
        private volatile long end;

        Turn(Cell cell, long nanos) {
            this.cell = cell;
            this.nanos = nanos;
            ready = new CountDownLatch(cell.callers());
            done = new CountDownLatch(cell.callers());
        }

        Sample measure(List<Histogram> latencies) throws InterruptedException {
            ready.await();
            ProcessCost before = ProcessCost.now();
            long start = System.nanoTime();
            end = start + nanos;
            go.countDown();
            done.await();
            long time = System.nanoTime() - start;
            ProcessCost after = ProcessCost.now();
            counted.countDown();
            Throwable failed = failure.get();
            if (failed != null) {
                throw new IllegalStateException(cell + ": " + failed, failed);
            }
            Histogram all = merged(latencies);
            return new Sample(
                    all.getTotalCount(), time, after.cpuNanosSince(before), after.allocatedSince(before), all);
        }

        void caller(int number, Histogram latencies) {
            ready.countDown();
            try {
                go.await();
                loop(number, latencies);
            } catch (Throwable e) {
                failure.compareAndSet(null, e);
            } finally {
                done.countDown();
            }
            stayUntilCounted();
        }

        private void loop(int number, Histogram latencies) throws Exception {
            Operation operation = cell.operation();
            // Each caller walks all keys from a place of its own.
            int key = number * 31 % KvCalls.KEYS;
            long start = System.nanoTime();
            do {
                operation.call(kv, key);
                key = (key + 1) % KvCalls.KEYS;
                long now = System.nanoTime();
                latencies.recordValue(Math.min(LONGEST, TimeUnit.NANOSECONDS.toMicros(now - start)));
                start = now;
            } while (start - end < 0);
        }

        /** A thread that has ended takes its count of allocated bytes with it. */
        private void stayUntilCounted() {
            try {
                counted.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
