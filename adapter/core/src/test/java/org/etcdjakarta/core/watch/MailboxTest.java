package org.etcdjakarta.core.watch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class MailboxTest {

    private final ExecutorService threads = Executors.newFixedThreadPool(4);
    private final Mailbox mailbox = new Mailbox(threads);

    @AfterEach
    void stop() {
        threads.shutdownNow();
    }

    @Test
    void stepsRunOneAtATimeInOrder() {
        List<Integer> order = Collections.synchronizedList(new ArrayList<>());
        AtomicInteger running = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();
        for (int i = 0; i < 1_000; i++) {
            int number = i;
            mailbox.post(() -> {
                most.accumulateAndGet(running.incrementAndGet(), Math::max);
                order.add(number);
                running.decrementAndGet();
            });
        }
        await().atMost(Duration.ofSeconds(30)).until(() -> order.size() == 1_000);

        assertThat(order).isSorted();
        assertThat(most).hasValue(1);
    }

    @Test
    void closeWaitsForTheRunningCallbackAndNoneStartsAfterwards() throws Exception {
        CountDownLatch inside = new CountDownLatch(1);
        CountDownLatch leave = new CountDownLatch(1);
        AtomicInteger calls = new AtomicInteger();
        mailbox.post(() -> mailbox.callback(() -> {
            inside.countDown();
            await().atMost(Duration.ofSeconds(30)).until(() -> leave.getCount() == 0);
            calls.incrementAndGet();
        }));
        mailbox.post(() -> mailbox.callback(calls::incrementAndGet));
        assertThat(inside.await(30, TimeUnit.SECONDS)).isTrue();

        var closing = threads.submit(() -> {
            mailbox.close();
            mailbox.awaitCallback(60_000);
            return calls.get();
        });
        await().atMost(Duration.ofSeconds(30)).until(mailbox::isClosed);
        assertThat(closing.isDone()).isFalse();
        leave.countDown();

        assertThat(closing.get(30, TimeUnit.SECONDS)).isEqualTo(1);
        assertThat(calls).hasValue(1);
    }

    @Test
    void closeDoesNotWaitForEverForACallbackThatHangs() throws Exception {
        CountDownLatch inside = new CountDownLatch(1);
        CountDownLatch never = new CountDownLatch(1);
        mailbox.post(() -> mailbox.callback(() -> {
            inside.countDown();
            try {
                never.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }));
        assertThat(inside.await(30, TimeUnit.SECONDS)).isTrue();
        mailbox.close();

        assertThat(mailbox.awaitCallback(50)).isFalse();
    }

    @Test
    void failedStepDoesNotStopTheNext() {
        AtomicInteger calls = new AtomicInteger();
        mailbox.post(() -> {
            throw new IllegalStateException("a bug");
        });
        mailbox.post(calls::incrementAndGet);

        await().atMost(Duration.ofSeconds(30)).until(() -> calls.get() == 1);
    }
}
