package org.etcdjakarta.core.session;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class LeaseClockTest {

    private long monotonic = Long.MAX_VALUE - 1_000;
    private long wall = 1_700_000_000_000L;
    private final LeaseClock clock = new LeaseClock(() -> monotonic, () -> wall);
    private final long start = clock.now();

    private Duration passed() {
        return Duration.ofNanos(clock.now() - start);
    }

    private void both(Duration time) {
        monotonic += time.toNanos();
        wall += time.toMillis();
    }

    @Test
    void goesOnWithTheMonotonicClock() {
        both(Duration.ofSeconds(7));

        assertThat(passed()).isEqualTo(Duration.ofSeconds(7));
        assertThat(clock.jumps()).isZero();
    }

    @Test
    void countsTheTimeOfASuspension() {
        both(Duration.ofSeconds(1));
        wall += 3_600_000;

        assertThat(passed()).isEqualTo(Duration.ofSeconds(3_601));
        assertThat(clock.jumps()).isEqualTo(1);
        both(Duration.ofSeconds(1));
        assertThat(passed()).isEqualTo(Duration.ofSeconds(3_602));
    }

    @Test
    void wallClockThatIsPutBackProlongsNothing() {
        wall -= 3_600_000;
        both(Duration.ofSeconds(5));

        assertThat(passed()).isEqualTo(Duration.ofSeconds(5));
    }

    @Test
    void wallClockThatWasPutBackHidesNoSuspension() {
        wall -= 3_600_000;
        assertThat(passed()).isZero();
        wall += 60_000;

        assertThat(passed()).isEqualTo(Duration.ofSeconds(60));
    }

    @Test
    void manyShortSuspensionsAddUp() {
        for (int i = 0; i < 1_000; i++) {
            both(Duration.ofMillis(5));
            wall += 3;
            clock.now();
        }

        assertThat(passed()).isBetween(Duration.ofMillis(7_900), Duration.ofMillis(8_000));
    }

    @Test
    void roundingOfTheWallClockDoesNotAddUp() {
        for (int i = 0; i < 100_000; i++) {
            monotonic += 500_000;
            wall += i % 2;
            clock.now();
        }

        assertThat(passed()).isEqualTo(Duration.ofSeconds(50));
    }

    /** Between its two looks the process stands still for a second. */
    @Test
    void lookThatTakesLongIsNoJump() {
        int[] looks = {0};
        long[] now = {0};
        LeaseClock slow = new LeaseClock(() -> now[0], () -> {
            if (++looks[0] == 2) {
                now[0] += Duration.ofSeconds(1).toNanos();
            }
            return 1_700_000_000_000L + now[0] / 1_000_000;
        });

        assertThat(slow.now()).isEqualTo(Duration.ofSeconds(1).toNanos());
        assertThat(slow.jumps()).isZero();
    }
}
