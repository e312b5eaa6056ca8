package org.etcdjakarta.core.tx;

import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;

/** Time and chance, which the protocol takes from nowhere else, so that a simulation can have both. */
interface Pace {

    Pace REAL = new Pace() {};

    /** Of no meaning but in differences. */
    default long nanos() {
        return System.nanoTime();
    }

    /** For people; no decision about a branch depends on it. */
    default long millis() {
        return System.currentTimeMillis();
    }

    default RandomGenerator random() {
        return ThreadLocalRandom.current();
    }

    /** Of a process, and never used again. */
    default String newId() {
        return UUID.randomUUID().toString();
    }

    /** False when the thread was interrupted, which it stays: whoever waits gives up. */
    default boolean pause(Duration time) {
        try {
            TimeUnit.NANOSECONDS.sleep(time.toNanos());
            return true;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }
}
