package org.etcdjakarta.itests.benchmark;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Base64;
import java.util.concurrent.TimeUnit;
import java.util.zip.DataFormatException;
import org.HdrHistogram.Histogram;

/**
 * What one turn of one client came to.
 *
 * @param operations that were answered
 * @param nanos from the first call to the last answer
 * @param cpuNanos of the whole JVM meanwhile: callers, network threads, compiler, collector
 * @param allocatedBytes of all its threads meanwhile
 * @param latencies in microseconds
 */
record Sample(long operations, long nanos, long cpuNanos, long allocatedBytes, Histogram latencies) {

    double operationsPerSecond() {
        return operations * (double) TimeUnit.SECONDS.toNanos(1) / nanos;
    }

    double cpuMicrosPerOperation() {
        return cpuNanos / 1_000.0 / operations;
    }

    double bytesPerOperation() {
        return (double) allocatedBytes / operations;
    }

    /** One line that {@link #parse} reads. */
    String toLine() {
        ByteBuffer buffer = ByteBuffer.allocate(latencies.getNeededByteBufferCapacity());
        int length = latencies.encodeIntoCompressedByteBuffer(buffer);
        String histogram = Base64.getEncoder().encodeToString(Arrays.copyOf(buffer.array(), length));
        return operations + " " + nanos + " " + cpuNanos + " " + allocatedBytes + " " + histogram;
    }

    static Sample parse(String line) {
        String[] words = line.split(" ", -1);
        if (words.length != 5) {
            throw new IllegalArgumentException("not the line of a turn: \"" + line + "\"");
        }
        try {
            ByteBuffer buffer = ByteBuffer.wrap(Base64.getDecoder().decode(words[4]));
            return new Sample(
                    Long.parseLong(words[0]),
                    Long.parseLong(words[1]),
                    Long.parseLong(words[2]),
                    Long.parseLong(words[3]),
                    Histogram.decodeFromCompressedByteBuffer(buffer, 0));
        } catch (DataFormatException e) {
            throw new IllegalArgumentException("not the histogram of a turn: \"" + line + "\"", e);
        }
    }
}
