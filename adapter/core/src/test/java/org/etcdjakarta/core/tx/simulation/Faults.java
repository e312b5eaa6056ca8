package org.etcdjakarta.core.tx.simulation;

import java.time.Duration;
import java.util.Random;

/**
 * How bad a schedule is, and how long things take in it.
 *
 * @param rate how many of a hundred calls fail
 * @param crashes of each process, at most
 * @param outages of the connection of a process and an etcd, at most
 */
record Faults(int rate, int crashes, int outages) {

    static final Faults NONE = new Faults(0, 0, 0);

    /** What becomes of a call that fails. */
    enum Fate {
        /** Certainly not applied, and the caller is told. */
        REFUSED,
        LOST_BEFORE,
        LOST_AFTER,
        /** Applied after the caller has given up, perhaps long after. */
        LATE
    }

    private static final Duration REQUEST_TIMEOUT = Duration.ofSeconds(5);

    static Faults draw(Random random) {
        int[] rates = {0, 3, 10, 25, 40};
        return new Faults(rates[random.nextInt(rates.length)], random.nextInt(3), random.nextInt(3));
    }

    Fate fate(Random random) {
        Fate[] all = Fate.values();
        return all[random.nextInt(all.length)];
    }

    /** Mostly about a millisecond, sometimes long enough for others to do a lot. */
    static Duration latency(Random random) {
        double micros = -Math.log(1 - random.nextDouble()) * 500;
        if (random.nextInt(10) == 0) {
            micros *= 20;
        }
        return Duration.ofNanos((long) (micros * 1_000));
    }

    /** When a caller whose answer is lost finds out: at once when the connection breaks, or at its deadline. */
    static Duration noticed(Random random) {
        return random.nextInt(3) == 0 ? REQUEST_TIMEOUT : latency(random);
    }

    /** A request may sit in a queue for as long as a connection lives. */
    static Duration late(Random random) {
        return random.nextBoolean() ? latency(random).multipliedBy(3) : Duration.ofMillis(random.nextInt(60_000));
    }

    static Duration within(Random random, Duration longest) {
        return Duration.ofNanos((long) (random.nextDouble() * longest.toNanos()));
    }
}
