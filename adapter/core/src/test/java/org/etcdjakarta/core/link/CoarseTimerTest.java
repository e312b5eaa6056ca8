package org.etcdjakarta.core.link;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class CoarseTimerTest {

    private static final Duration GENEROUS = Duration.ofSeconds(60);

    private final SharedLink link =
            SharedLink.acquire(EtcdLinkConfig.builder().endpoints("localhost:1").build());
    private final CoarseTimer timer = new CoarseTimer(link.calls(), Runnable::run);
    private final List<Integer> fired = new CopyOnWriteArrayList<>();

    @AfterEach
    void close() {
        link.release();
    }

    @Test
    void firesInOrderAndNeverEarly() {
        long start = System.nanoTime();
        List<Long> early = new CopyOnWriteArrayList<>();
        for (int millis : new int[] {300, 0, 120, 121, 500, 200}) {
            var unused = timer.later(Duration.ofMillis(millis), () -> {
                long after = System.nanoTime() - start;
                if (after < Duration.ofMillis(millis).toNanos()) {
                    early.add(after);
                }
                fired.add(millis);
            });
        }
        await().atMost(GENEROUS).until(() -> fired.size() == 6);

        assertThat(fired).containsExactly(0, 120, 121, 200, 300, 500);
        assertThat(early).isEmpty();
    }

    @Test
    void whatIsTakenBackDoesNotFire() {
        Runnable cancel = timer.later(Duration.ofMillis(300), () -> fired.add(1));
        var unused = timer.later(Duration.ofMillis(600), () -> fired.add(2));
        cancel.run();
        await().atMost(GENEROUS).until(() -> !fired.isEmpty());

        assertThat(fired).containsExactly(2);
    }

    @Test
    void tenThousandFire() {
        for (int i = 0; i < 10_000; i++) {
            int number = i;
            var unused = timer.later(Duration.ofMillis(i % 500), () -> fired.add(number));
        }
        await().atMost(GENEROUS).until(() -> fired.size() == 10_000);

        assertThat(fired).doesNotHaveDuplicates();
    }
}
