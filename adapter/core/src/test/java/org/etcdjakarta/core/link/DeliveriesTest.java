package org.etcdjakarta.core.link;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class DeliveriesTest {

    private static final Duration GENEROUS = Duration.ofSeconds(60);

    private final SharedLink link =
            SharedLink.acquire(EtcdLinkConfig.builder().endpoints("localhost:1").build());
    private final Deliveries deliveries = new Deliveries(link.calls());
    private final List<Integer> run = new CopyOnWriteArrayList<>();

    @AfterEach
    void close() {
        link.release();
    }

    @Test
    void tasksRunInTheirOrderOnFewThreads() {
        Set<Thread> threads = new HashSet<>();
        for (int i = 0; i < 10_000; i++) {
            int task = i;
            deliveries.execute(() -> {
                threads.add(Thread.currentThread());
                run.add(task);
            });
        }
        await().atMost(GENEROUS).until(() -> run.size() == 10_000);

        assertThat(run)
                .containsExactlyElementsOf(IntStream.range(0, 10_000).boxed().toList());
        assertThat(threads).hasSizeLessThan(100);
    }

    @Test
    void tasksThatStandStillHoldUpOthersForAMomentOnly() {
        CountDownLatch goOn = new CountDownLatch(1);
        for (int i = 0; i < 3; i++) {
            deliveries.execute(() -> await().atMost(GENEROUS).until(() -> goOn.getCount() == 0));
        }
        deliveries.execute(() -> run.add(1));
        await().atMost(GENEROUS).until(() -> run.size() == 1);
        goOn.countDown();
        deliveries.execute(() -> run.add(2));

        await().atMost(GENEROUS).until(() -> run.size() == 2);
    }

    @Test
    void nothingIsLeftBehindAtTheEnd() {
        CountDownLatch goOn = new CountDownLatch(1);
        deliveries.execute(() -> await().atMost(GENEROUS).until(() -> goOn.getCount() == 0));
        deliveries.execute(() -> run.add(1));
        deliveries.disband();
        deliveries.execute(() -> run.add(2));

        await().atMost(GENEROUS).until(() -> run.size() == 2);
        goOn.countDown();
    }
}
