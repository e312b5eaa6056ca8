package org.etcdjakarta.itests.benchmark;

import java.util.List;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;

/** Samples of one second. */
final class Samples {

    static final Cell CELL = new Cell(Operation.PUT, 8, ThreadKind.PLATFORM);

    private Samples() {}

    static Sample sample(long operations, long cpuMicrosPerOperation, long bytesPerOperation, long latencyMicros) {
        Histogram latencies = LoadGenerator.merged(List.of());
        latencies.recordValueWithCount(latencyMicros, operations);
        return new Sample(
                operations,
                TimeUnit.SECONDS.toNanos(1),
                operations * TimeUnit.MICROSECONDS.toNanos(cpuMicrosPerOperation),
                operations * bytesPerOperation,
                latencies);
    }
}
