package org.etcdjakarta.connector.inbound;

import java.time.Duration;

/** When what failed is delivered again. */
record Redelivery(int most, Duration first) {

    private static final Duration LONGEST = Duration.ofMinutes(1);

    /** For what is nobody's fault: the server has no endpoint free, or etcd does not answer. */
    private static final Duration SHORTEST_WAIT = Duration.ofMillis(50);

    private static final Duration LONGEST_WAIT = Duration.ofSeconds(5);

    boolean givesUp(int failures) {
        return most >= 0 && failures > most;
    }

    /** @param failures so far, 1 or more */
    Duration afterFailure(int failures) {
        return doubled(first, failures - 1, first.compareTo(LONGEST) > 0 ? first : LONGEST);
    }

    /** @param waits so far, 1 or more */
    static Duration afterWait(int waits) {
        return doubled(SHORTEST_WAIT, waits - 1, LONGEST_WAIT);
    }

    private static Duration doubled(Duration start, int times, Duration longest) {
        Duration pause = start;
        for (int i = 0; i < times && pause.compareTo(longest) < 0; i++) {
            pause = pause.multipliedBy(2);
        }
        return pause.compareTo(longest) < 0 ? pause : longest;
    }
}
