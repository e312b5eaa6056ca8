package org.etcdjakarta.sample;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.Test;

class SubscriberTest {

    private final Browser browser = new Browser();
    private final Queue<Runnable> jobs = new ArrayDeque<>();
    private final Subscriber subscriber = new Subscriber(browser, jobs::add);

    @Test
    void messagesAreSentInOrderOneAfterTheOther() {
        subscriber.offer(message("a"));
        subscriber.offer(message("b"));
        subscriber.offer(message("c"));
        runJobs();
        assertThat(browser.sent).containsExactly("a");

        browser.answerOldest();
        runJobs();
        browser.answerOldest();
        runJobs();
        assertThat(browser.sent).containsExactly("a", "b", "c");
    }

    @Test
    void nothingIsSentOnTheThreadThatOffers() {
        subscriber.offer(message("a"));
        assertThat(browser.sent).isEmpty();
    }

    @Test
    void sendingGoesOnAfterThePause() {
        subscriber.offer(message("a"));
        runJobs();
        browser.answerOldest();
        runJobs();
        subscriber.offer(message("b"));
        runJobs();
        assertThat(browser.sent).containsExactly("a", "b");
    }

    @Test
    void aBrowserThatFallsTooFarBehindIsDropped() {
        for (int i = 0; i < Subscriber.MOST_WAITING; i++) {
            assertThat(subscriber.offer(message("m" + i))).isTrue();
        }
        assertThat(subscriber.offer(message("one too many"))).isFalse();
        runJobs();
        assertThat(browser.closed).isTrue();
        assertThat(browser.sent).isEmpty();
        assertThat(subscriber.offer(message("later"))).isFalse();
    }

    @Test
    void aBrowserWhoseSendFailsIsDropped() {
        subscriber.offer(message("a"));
        subscriber.offer(message("b"));
        runJobs();
        browser.failOldest();
        runJobs();
        assertThat(browser.closed).isTrue();
        assertThat(browser.sent).containsExactly("a");
        assertThat(subscriber.offer(message("later"))).isFalse();
    }

    @Test
    void aConnectionThatRefusesToSendIsDropped() {
        browser.refuses = true;
        subscriber.offer(message("a"));
        runJobs();
        assertThat(browser.closed).isTrue();
        assertThat(subscriber.offer(message("later"))).isFalse();
    }

    @Test
    void aConnectionThatAnswersAtOnceDoesNotDeepenTheStack() {
        browser.answersAtOnce = true;
        for (int i = 0; i < Subscriber.MOST_WAITING; i++) {
            subscriber.offer(message("m" + i));
        }
        int jobsRun = runJobs();
        assertThat(browser.sent).hasSize(Subscriber.MOST_WAITING);
        assertThat(jobsRun).isGreaterThanOrEqualTo(Subscriber.MOST_WAITING);
    }

    private int runJobs() {
        int count = 0;
        for (Runnable job = jobs.poll(); job != null; job = jobs.poll()) {
            job.run();
            count++;
        }
        return count;
    }

    private static Subscriber.Message message(String name) {
        return new Subscriber.Message(name, "");
    }

    private static final class Browser implements Subscriber.Connection {
        final List<String> sent = new ArrayList<>();
        final Queue<CompletableFuture<Object>> open = new ArrayDeque<>();
        boolean answersAtOnce;
        boolean refuses;
        boolean closed;

        @Override
        public CompletionStage<?> send(Subscriber.Message message) {
            if (refuses) {
                throw new IllegalStateException("closed");
            }
            sent.add(message.name());
            CompletableFuture<Object> answer = new CompletableFuture<>();
            if (answersAtOnce) {
                answer.complete("");
            } else {
                open.add(answer);
            }
            return answer;
        }

        @Override
        public void close() {
            closed = true;
        }

        void answerOldest() {
            open.remove().complete("");
        }

        void failOldest() {
            open.remove().completeExceptionally(new java.io.IOException("broken pipe"));
        }
    }
}
