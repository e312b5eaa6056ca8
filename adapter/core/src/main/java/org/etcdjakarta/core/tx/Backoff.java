package org.etcdjakarta.core.tx;

import java.time.Duration;
import java.util.random.RandomGenerator;

/** Pauses between looks at what others have prepared: most branches are completed within milliseconds. */
final class Backoff {

    /** How long a write waits for a branch that holds what it needs, before it is a conflict. */
    static final Duration LONGEST_WAIT = Duration.ofSeconds(2);

    /** How often intents that were not known may be in the way before it is a conflict. */
    static final int MOST_LOOKS = 64;

    private static final long FIRST_MILLIS = 1;
    private static final long LONGEST_MILLIS = 50;

    private Backoff() {}

    /** @param tries before this one */
    static Duration after(int tries, RandomGenerator random) {
        long millis = Math.min(LONGEST_MILLIS, FIRST_MILLIS << Math.min(tries, 10));
        return Duration.ofNanos(millis * 500_000 + random.nextLong(millis * 1_000_000));
    }
}
