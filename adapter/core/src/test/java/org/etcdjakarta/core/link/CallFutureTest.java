package org.etcdjakarta.core.link;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Who runs the callbacks of a call; {@code executor.execute} stands for gRPC. */
class CallFutureTest {

    private static final Duration GENEROUS = Duration.ofSeconds(60);

    private final ExecutorService pool = Executors.newCachedThreadPool(task -> new Thread(task, "pool"));
    private final AtomicInteger pooled = new AtomicInteger();
    private final CallExecutor executor = new CallExecutor(task -> {
        pooled.incrementAndGet();
        pool.execute(task);
    });
    private final AtomicInteger cancellations = new AtomicInteger();
    private final CallFuture<String> future = new CallFuture<>(executor, cancellations::incrementAndGet);

    @AfterEach
    void stop() {
        pool.shutdownNow();
    }

    /** Begins to wait on a thread of its own and returns when that thread is parked, or needs to wait no more. */
    private Waiter waiter(Waiter.Way way) {
        Waiter waiter = new Waiter(way);
        waiter.start();
        await().atMost(GENEROUS).until(waiter::isParked);
        return waiter;
    }

    private static final class Waiter extends Thread {

        interface Way {
            Object run() throws Exception;
        }

        private final Way way;
        final CompletableFuture<Object> outcome = new CompletableFuture<>();

        Waiter(Way way) {
            this.way = way;
        }

        boolean isParked() {
            return getState() == State.WAITING || getState() == State.TIMED_WAITING || outcome.isDone();
        }

        @Override
        public void run() {
            try {
                outcome.complete(String.valueOf(way.run()));
            } catch (Exception e) {
                outcome.completeExceptionally(e);
            }
        }

        Object outcome() throws Exception {
            try {
                return outcome.get(GENEROUS.toSeconds(), TimeUnit.SECONDS);
            } catch (ExecutionException e) {
                throw (Exception) e.getCause();
            }
        }
    }

    private Runnable completing(AtomicReference<Thread> where) {
        return () -> {
            where.set(Thread.currentThread());
            future.complete("done");
        };
    }

    @Test
    void callbackRunsOnTheThreadThatWaits() throws Exception {
        AtomicReference<Thread> where = new AtomicReference<>();
        Waiter waiter = waiter(future::get);
        executor.execute(completing(where));

        assertThat(waiter.outcome()).isEqualTo("done");
        assertThat(where).hasValue(waiter);
        assertThat(pooled).hasValue(0);
    }

    @Test
    void callbackRunsOnTheExecutorWhenNobodyWaits() throws Exception {
        AtomicReference<Thread> where = new AtomicReference<>();
        executor.execute(completing(where));
        await().atMost(GENEROUS).until(future::isDone);

        assertThat(future.get(60, TimeUnit.SECONDS)).isEqualTo("done");
        assertThat(where.get()).isNotNull().extracting(Thread::getName).isEqualTo("pool");
    }

    @Test
    void whoeverWaitsForADerivedFutureDrivesTheCall() throws Exception {
        List<Function<CompletableFuture<?>, Waiter.Way>> ways =
                List.of(one -> one::get, one -> one::join, one -> () -> one.get(60, TimeUnit.SECONDS));
        for (var way : ways) {
            CallFuture<String> call = new CallFuture<>(executor, null);
            Waiter waiter = waiter(way.apply(call.thenApply(String::length)
                    .thenApply(length -> Thread.currentThread().getId())
                    .whenComplete((value, failure) -> {})));
            executor.execute(() -> call.complete("done"));

            assertThat(waiter.outcome()).isEqualTo(String.valueOf(waiter.getId()));
        }
        assertThat(pooled).hasValue(0);
    }

    @Test
    void severalCallbacksRunOneAfterTheOtherOnTheWaitingThread() throws Exception {
        AtomicInteger there = new AtomicInteger();
        Waiter waiter = waiter(future::get);
        for (int i = 0; i < 3; i++) {
            int before = i;
            executor.execute(() -> there.addAndGet(Thread.currentThread() == waiter ? 1 : 100));
            await().atMost(GENEROUS).until(() -> there.get() > before);
        }
        future.complete("by another thread");

        assertThat(waiter.outcome()).isEqualTo("by another thread");
        assertThat(there).hasValue(3);
    }

    @Test
    void callbackThatScheduledTheNextOneOnItsThreadIsFollowedByIt() throws Exception {
        Waiter waiter = waiter(future::get);
        executor.execute(() -> executor.execute(() -> future.complete(Thread.currentThread() == waiter ? "same" : "")));

        assertThat(waiter.outcome()).isEqualTo("same");
    }

    @Test
    void onlyThreadOfTheExecutorMayWaitForWhatWasAlreadyGivenToIt() throws Exception {
        ExecutorService single = Executors.newSingleThreadExecutor();
        try {
            CallExecutor narrow = new CallExecutor(single);
            CallFuture<String> call = new CallFuture<>(narrow, null);
            var waiting = single.submit(() -> {
                narrow.execute(() -> {});
                narrow.execute(() -> narrow.execute(() -> call.complete("done")));
                return call.get(60, TimeUnit.SECONDS);
            });

            assertThat(waiting.get(60, TimeUnit.SECONDS)).isEqualTo("done");
        } finally {
            single.shutdownNow();
        }
    }

    @Test
    void failingCallbackDoesNotEndTheWaiting() throws Exception {
        Waiter waiter = waiter(future::get);
        executor.execute(() -> {
            throw new IllegalStateException("expected in the log");
        });
        executor.execute(() -> future.complete("done"));

        assertThat(waiter.outcome()).isEqualTo("done");
    }

    @Test
    void waiterIsWokenByWhateverCompletesItsFuture() throws Exception {
        CompletableFuture<String> other = new CompletableFuture<>();
        CompletableFuture<String> either = future.applyToEither(other, value -> value);
        Waiter waiter = waiter(either::get);
        other.complete("the other");
        assertThat(waiter.outcome()).isEqualTo("the other");

        CompletableFuture<Object> never = new CompletableFuture<>();
        CompletableFuture<Object> composed = future.thenCompose(value -> never);
        Waiter failing = waiter(composed::get);
        composed.completeExceptionally(new IllegalStateException("x"));
        assertThatExceptionOfType(ExecutionException.class)
                .isThrownBy(failing::outcome)
                .withCauseInstanceOf(IllegalStateException.class);

        Waiter timed =
                waiter(() -> future.copy().orTimeout(10, TimeUnit.MILLISECONDS).get());
        assertThatExceptionOfType(ExecutionException.class)
                .isThrownBy(timed::outcome)
                .withCauseInstanceOf(TimeoutException.class);

        Waiter cancelled = waiter(future::join);
        future.cancel(false);
        assertThatExceptionOfType(CancellationException.class).isThrownBy(cancelled::outcome);
        assertThat(cancellations).hasValue(1);
    }

    @Test
    void cancellationOfADerivedFutureLeavesTheCallAlone() {
        assertThat(future.thenApply(value -> value).cancel(false)).isTrue();

        assertThat(cancellations).hasValue(0);
        assertThat(future).isNotDone();
    }

    @Test
    void waiterThatHasGivenUpLeavesTheCallToTheExecutor() throws Exception {
        assertThatExceptionOfType(TimeoutException.class).isThrownBy(() -> future.get(1, TimeUnit.MILLISECONDS));
        AtomicReference<Thread> where = new AtomicReference<>();
        executor.execute(completing(where));
        await().atMost(GENEROUS).until(future::isDone);

        assertThat(future.get(60, TimeUnit.SECONDS)).isEqualTo("done");
        assertThat(where.get()).isNotNull().extracting(Thread::getName).isEqualTo("pool");
    }

    @Test
    void nothingIsRunForOneWhoDoesNotWait() {
        assertThatExceptionOfType(TimeoutException.class).isThrownBy(() -> future.get(0, TimeUnit.SECONDS));
        assertThatExceptionOfType(TimeoutException.class).isThrownBy(() -> future.get(-1, TimeUnit.SECONDS));
        assertThat(future.getNow("not yet")).isEqualTo("not yet");
    }

    @Test
    void repeatedWaitingHangsNothingMoreOnTheFuture() {
        for (int i = 0; i < 100; i++) {
            assertThatExceptionOfType(TimeoutException.class).isThrownBy(() -> future.get(1, TimeUnit.MICROSECONDS));
        }

        assertThat(future.getNumberOfDependents()).isLessThanOrEqualTo(1);
    }

    @Test
    void interruptEndsGetAndTheCallGoesOn() throws Exception {
        Waiter waiter = waiter(future::get);
        waiter.interrupt();
        assertThatExceptionOfType(InterruptedException.class).isThrownBy(waiter::outcome);
        executor.execute(() -> future.complete("later"));

        assertThat(future.get(60, TimeUnit.SECONDS)).isEqualTo("later");
    }

    @Test
    void interruptIsPutOffByJoin() throws Exception {
        Waiter waiter = waiter(() -> future.join() + Thread.currentThread().isInterrupted());
        waiter.interrupt();
        await().atMost(GENEROUS).until(() -> !waiter.isInterrupted() && waiter.isParked());
        executor.execute(() -> future.complete("done "));

        assertThat(waiter.outcome()).isEqualTo("done true");
    }

    @Test
    void twoWaitersGetTheAnswerWhicheverDrives() throws Exception {
        Waiter first = waiter(future::get);
        Waiter second = waiter(future::get);
        executor.execute(() -> future.complete("done"));

        assertThat(first.outcome()).isEqualTo("done");
        assertThat(second.outcome()).isEqualTo("done");
    }

    @Test
    void otherWaitersGoOnWhenTheDriverGivesUp() throws Exception {
        Waiter first = waiter(future::get);
        Waiter second = waiter(future::get);
        first.interrupt();
        assertThatExceptionOfType(InterruptedException.class).isThrownBy(first::outcome);
        executor.execute(() -> future.complete("done"));

        assertThat(second.outcome()).isEqualTo("done");
    }

    @Test
    void waitingWithinACallbackOfTheSameCallDrivesOn() throws Exception {
        CompletableFuture<String> inner = future.newIncompleteFuture();
        Waiter waiter = waiter(future::get);
        executor.execute(() -> future.complete("outer, " + inner.join()));
        await().atMost(GENEROUS).until(() -> inner.getNumberOfDependents() > 0 && waiter.isParked());
        executor.execute(() -> inner.complete(Thread.currentThread() == waiter ? "inner on its thread" : "inner"));

        assertThat(waiter.outcome()).isEqualTo("outer, inner on its thread");
    }

    @Test
    void forkJoinThreadsWaitInTheirOwnWay() throws Exception {
        ForkJoinPool narrow = new ForkJoinPool(1);
        try {
            var waiting = narrow.submit(() -> future.get());
            AtomicReference<Thread> where = new AtomicReference<>();
            // the pool replaces a thread that it knows to be blocked
            narrow.submit(() -> {}).get(60, TimeUnit.SECONDS);
            executor.execute(completing(where));

            assertThat(waiting.get(60, TimeUnit.SECONDS)).isEqualTo("done");
            assertThat(where.get()).isNotNull().extracting(Thread::getName).isEqualTo("pool");
        } finally {
            narrow.shutdownNow();
        }
    }

    @Test
    void asynchronousContinuationsRunOnTheExecutor() throws Exception {
        future.complete("done");

        assertThat(future.thenApply(value -> value)
                        .thenApplyAsync(value -> Thread.currentThread().getName())
                        .get(60, TimeUnit.SECONDS))
                .isEqualTo("pool");
    }
}
