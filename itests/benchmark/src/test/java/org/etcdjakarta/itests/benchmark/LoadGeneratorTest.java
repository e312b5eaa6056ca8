package org.etcdjakarta.itests.benchmark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class LoadGeneratorTest {

    private static final Duration SHORT = Duration.ofMillis(50);

    private final Calls calls = new Calls();

    @Test
    void everyCallIsCountedOnceAndTimed() throws InterruptedException {
        Sample sample = new LoadGenerator(calls).run(new Cell(Operation.PUT, 4, ThreadKind.PLATFORM), SHORT);
        assertThat(sample.operations()).isEqualTo(calls.puts.get()).isGreaterThanOrEqualTo(4);
        assertThat(sample.latencies().getTotalCount()).isEqualTo(sample.operations());
        assertThat(sample.nanos()).isGreaterThanOrEqualTo(SHORT.toNanos());
        assertThat(calls.threads).hasSize(4);
    }

    @Test
    void cellChoosesTheOperation() throws InterruptedException {
        new LoadGenerator(calls).run(new Cell(Operation.GET, 1, ThreadKind.PLATFORM), SHORT);
        assertThat(calls.gets).hasPositiveValue();
        new LoadGenerator(calls).run(new Cell(Operation.TXN, 1, ThreadKind.PLATFORM), SHORT);
        assertThat(calls.txns).hasPositiveValue();
        assertThat(calls.puts).hasValue(0);
    }

    @Test
    void allocationOfTheCallersIsSeen() throws InterruptedException {
        int bytes = 100_000;
        calls.allocate = bytes;
        Sample sample = new LoadGenerator(calls).run(new Cell(Operation.PUT, 2, ThreadKind.PLATFORM), SHORT);
        assertThat(sample.bytesPerOperation()).isGreaterThan(bytes);
        assertThat(sample.cpuNanos()).isPositive();
    }

    @Test
    void turnDoesNotCountTheTurnBefore() throws InterruptedException {
        LoadGenerator load = new LoadGenerator(calls);
        Cell cell = new Cell(Operation.PUT, 2, ThreadKind.PLATFORM);
        Sample first = load.run(cell, SHORT);
        Sample second = load.run(cell, SHORT);
        assertThat(first.operations() + second.operations()).isEqualTo(calls.puts.get());
    }

    @Test
    void failureOfACallerFailsTheTurn() {
        calls.failure = new IllegalStateException("etcd is away");
        assertThatThrownBy(() -> new LoadGenerator(calls).run(new Cell(Operation.PUT, 3, ThreadKind.PLATFORM), SHORT))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("put 3 platform")
                .hasMessageContaining("etcd is away");
    }

    @Test
    void histogramsAreMergedByTheirCounts() {
        Histogram fast = LoadGenerator.merged(List.of());
        fast.recordValueWithCount(100, 99);
        Histogram slow = LoadGenerator.merged(List.of());
        slow.recordValueWithCount(5_000, 1);
        Histogram both = LoadGenerator.merged(List.of(fast, slow));
        assertThat(both.getTotalCount()).isEqualTo(100);
        assertThat(both.getValueAtPercentile(99)).isEqualTo(100);
        assertThat(both.valuesAreEquivalent(both.getMaxValue(), 5_000)).isTrue();
    }

    /** A client without a server. */
    private static final class Calls implements KvCalls {

        private final AtomicLong gets = new AtomicLong();
        private final AtomicLong puts = new AtomicLong();
        private final AtomicLong txns = new AtomicLong();
        private final Set<Thread> threads = ConcurrentHashMap.newKeySet();
        private volatile int allocate;
        private final AtomicReference<byte[]> allocated = new AtomicReference<>(new byte[0]);
        private volatile @Nullable IllegalStateException failure;

        @Override
        public void get(int key) {
            gets.incrementAndGet();
        }

        @Override
        public void put(int key) {
            IllegalStateException toThrow = failure;
            if (toThrow != null) {
                throw toThrow;
            }
            assertThat(key).isBetween(0, KEYS - 1);
            threads.add(Thread.currentThread());
            puts.incrementAndGet();
            allocated.set(new byte[allocate]);
        }

        @Override
        public void txn(int key) {
            txns.incrementAndGet();
        }

        @Override
        public void close() {}
    }
}
