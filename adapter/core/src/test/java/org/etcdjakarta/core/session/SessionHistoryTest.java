package org.etcdjakarta.core.session;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.etcdjakarta.EtcdSession.State;
import org.junit.jupiter.api.Test;

/**
 * The promise itself, over random histories of delays, cuts, stopped processes, suspended machines and wall clocks that are put: as
 * long as a session says that it has a lease, etcd has not expired it.
 */
class SessionHistoryTest {

    private static final int HISTORIES = 60;
    private static final int STEPS = 150;

    /** Holds its lease for the TTL from when an answer comes, by the monotonic clock, as clients do. */
    private static final class Believer {

        long leaseId;
        Duration until = Duration.ZERO;

        void hears(Session session, Duration now, int answers) {
            if (answers > 0 && session.leaseId() != 0) {
                leaseId = session.leaseId();
                until = now.plus(session.ttl());
            }
        }

        boolean holds(Duration now) {
            return now.compareTo(until) < 0;
        }
    }

    private static int wrongBeliefs(int seed) {
        Random random = new Random(seed);
        Believer believer = new Believer();
        List<State> told = new ArrayList<>();
        int wrong = 0;
        try (SteppedLeases link = new SteppedLeases();
                Sessions sessions = link.sessions()) {
            Session session = sessions.open(Duration.ofSeconds(2 + random.nextInt(20)), Runnable::run);
            var unused = session.onChange(told::add);
            for (int step = 0; step < STEPS; step++) {
                Duration time = Duration.ofMillis(random.nextInt(random.nextInt(5) == 0 ? 20_000 : 2_000));
                int answers = 0;
                switch (random.nextInt(12)) {
                    case 0 -> link.slowThere = random.nextBoolean();
                    case 1 -> link.slowBack = random.nextBoolean();
                    case 2 -> link.reach();
                    case 3 -> answers = link.arrive();
                    case 4 -> link.disconnect();
                    case 5 -> link.connect();
                    case 6 -> link.stopped(time);
                    case 7 -> link.suspended(time);
                    case 8 -> link.putWallClock(time.multipliedBy(random.nextInt(3) - 2L));
                    case 9 -> link.losesGrants = random.nextBoolean();
                    default -> link.advance(time);
                }
                long leaseId = session.leaseId();
                assertThat(leaseId == 0 || link.livesAtEtcd(leaseId))
                        .as("seed %d, step %d: %s", seed, step, session)
                        .isTrue();
                believer.hears(session, link.now(), answers);
                if (believer.holds(link.now()) && !link.livesAtEtcd(believer.leaseId)) {
                    wrong++;
                }
            }
            // All is well again: so is the session, and it has left nothing behind that does not end by itself.
            link.losesGrants = false;
            link.slowThere = false;
            link.slowBack = false;
            link.connect();
            link.reach();
            link.arrive();
            link.advance(Duration.ofSeconds(60));
            assertThat(session.state()).as("seed %d", seed).isEqualTo(State.CONNECTED);
            assertThat(link.livingAtEtcd()).as("seed %d", seed).containsExactly(session.leaseId());
            session.close();
            link.settle();
            assertThat(link.livingAtEtcd()).as("seed %d", seed).isEmpty();
        }
        assertThat(told).as("seed %d", seed).endsWith(State.CLOSED);
        for (int i = 1; i < told.size(); i++) {
            assertThat(told.get(i)).as("seed %d: only changes", seed).isNotEqualTo(told.get(i - 1));
        }
        return wrong;
    }

    @Test
    void sessionThatSaysSoHasItsLeaseAndWhoCountsFromAnswersHasNot() {
        int wrong = IntStream.range(0, HISTORIES)
                .map(SessionHistoryTest::wrongBeliefs)
                .sum();

        // The histories are hard enough: others are wrong in them.
        assertThat(wrong).isPositive();
    }
}
