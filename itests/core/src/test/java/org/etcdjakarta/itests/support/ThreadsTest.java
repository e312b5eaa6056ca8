package org.etcdjakarta.itests.support;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import org.awaitility.core.ConditionTimeoutException;
import org.junit.jupiter.api.Test;

class ThreadsTest {

    @Test
    void threadStartedSinceIsNamedUntilItEnds() {
        Threads before = Threads.snapshot();
        CountDownLatch end = new CountDownLatch(1);
        Thread left = new Thread(() -> awaitUninterruptibly(end), "left-behind");
        left.start();

        assertThat(before.startedSince()).contains("left-behind");
        assertThatThrownBy(() -> before.awaitBack(Duration.ofMillis(200)))
                .isInstanceOf(ConditionTimeoutException.class)
                .hasMessageContaining("left-behind")
                .hasMessageContaining("awaitUninterruptibly(ThreadsTest.java");

        end.countDown();
        before.awaitBack(Duration.ofSeconds(30));
    }

    private static void awaitUninterruptibly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
