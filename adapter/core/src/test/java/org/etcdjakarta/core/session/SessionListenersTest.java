package org.etcdjakarta.core.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.etcdjakarta.EtcdSession.State;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class SessionListenersTest {

    private static final Duration TTL = Duration.ofSeconds(10);
    private static final Duration GENEROUS = Duration.ofSeconds(60);

    private final SteppedLeases link = new SteppedLeases();
    private final Sessions sessions = link.sessions();
    private final List<State> told = new ArrayList<>();

    @AfterEach
    void close() {
        sessions.close();
        link.close();
    }

    private void loseAndFind() {
        link.disconnect();
        link.advance(Duration.ofSeconds(9));
        link.connect();
        link.advance(Duration.ofSeconds(3));
    }

    @Test
    void hearsOfChangesFromNowOn() throws Exception {
        Session session = sessions.open(TTL, Runnable::run);
        link.settle();
        try (AutoCloseable listening = session.onChange(told::add)) {
            assertThat(told).isEmpty();
            loseAndFind();
            assertThat(listening).isNotNull();
        }
        session.close();

        assertThat(told).containsExactly(State.SUSPENDED, State.LOST, State.CONNECTED);
    }

    /** What the clock says already is not "from now on". */
    @Test
    void doesNotHearOfALossThatWasBeforeIt() {
        Session session = sessions.open(TTL, Runnable::run);
        link.settle();
        link.stopped(Duration.ofSeconds(60));
        var unused = session.onChange(told::add);
        assertThat(session.state()).isEqualTo(State.LOST);

        assertThat(told).isEmpty();
    }

    @Test
    void oneThatThrowsHearsOfTheNextChange() {
        Session session = sessions.open(TTL, Runnable::run);
        var unused = session.onChange(state -> {
            told.add(state);
            throw new IllegalStateException("on purpose");
        });
        link.settle();
        loseAndFind();

        assertThat(told).containsExactly(State.CONNECTED, State.SUSPENDED, State.LOST, State.CONNECTED);
    }

    @Test
    void isToldInOrderHoweverLateItsExecutorIs() {
        Queue<Runnable> tasks = new ArrayDeque<>();
        Session session = sessions.open(TTL, tasks::add);
        var unused = session.onChange(told::add);
        link.settle();
        loseAndFind();
        assertThat(told).isEmpty();
        assertThat(tasks).as("one at a time").hasSize(1);
        tasks.remove().run();

        assertThat(told).containsExactly(State.CONNECTED, State.SUSPENDED, State.LOST, State.CONNECTED);
    }

    @Test
    void isToldByTheLinkWhenItsExecutorTakesNothing() {
        Session session = sessions.open(TTL, task -> {
            throw new RejectedExecutionException("on purpose");
        });
        var unused = session.onChange(told::add);
        link.settle();

        assertThat(told).containsExactly(State.CONNECTED);
    }

    @Test
    void oneThatStandsStillHoldsUpNoOther() {
        Queue<Runnable> tasks = new ArrayDeque<>();
        Session session = sessions.open(TTL, tasks::add);
        var unused = session.onChange(state -> {});
        var unusedToo = session.onChange(told::add);
        link.settle();
        // The first stays on its executor.
        tasks.remove();
        tasks.remove().run();

        assertThat(told).containsExactly(State.CONNECTED);
    }

    @Test
    void noCallStartsAfterTheCloseAndARunningOneIsWaitedFor() throws Exception {
        CountDownLatch running = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        Session session = sessions.open(TTL, task -> new Thread(task).start());
        AutoCloseable listening = session.onChange(state -> {
            running.countDown();
            await().atMost(GENEROUS).until(() -> goOn.getCount() == 0);
            told.add(state);
        });
        link.settle();
        assertThat(running.await(GENEROUS.toSeconds(), TimeUnit.SECONDS)).isTrue();
        loseAndFind();
        CompletableFuture<Void> closing = CompletableFuture.runAsync(() -> {
            try {
                listening.close();
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        });
        await().during(Duration.ofMillis(300)).atMost(GENEROUS).until(() -> !closing.isDone());
        goOn.countDown();

        assertThat(closing).succeedsWithin(GENEROUS);
        assertThat(told).containsExactly(State.CONNECTED);
    }

    @Test
    void mayCloseItselfAndTheSession() {
        Session session = sessions.open(TTL, Runnable::run);
        AutoCloseable[] self = new AutoCloseable[1];
        self[0] = session.onChange(state -> {
            told.add(state);
            try {
                self[0].close();
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
            session.close();
        });
        link.settle();

        assertThat(told).containsExactly(State.CONNECTED);
        assertThat(session.state()).isEqualTo(State.CLOSED);
        assertThat(link.livingAtEtcd()).isEmpty();
    }

    @Test
    void isClosedMoreThanOnceAndAfterTheSession() throws Exception {
        Session session = sessions.open(TTL, Runnable::run);
        AutoCloseable listening = session.onChange(told::add);
        session.close();
        link.settle();
        listening.close();
        listening.close();

        assertThat(told).containsExactly(State.CLOSED);
        var unused = session.onChange(told::add);
        assertThat(told).containsExactly(State.CLOSED);
    }
}
