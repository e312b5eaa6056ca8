package org.etcdjakarta.core.link;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The windows between a task that arrives and a waiter that comes or goes, tried many times. Each round has to end. */
class CallFutureRaceTest {

    private final ExecutorService pool = Executors.newCachedThreadPool();

    @AfterEach
    void stop() {
        pool.shutdownNow();
    }

    /** Two threads reach the same point as closely as the machine lets them; the second is held up by a few loops. */
    private void race(int rounds, int seed, Round round) throws Exception {
        Random random = new Random(seed);
        int[] holds = random.ints(rounds, -200, 200).toArray();
        CyclicBarrier barrier = new CyclicBarrier(2);
        List<Case> cases = new ArrayList<>();
        for (int i = 0; i < rounds; i++) {
            cases.add(new Case(pool));
        }
        Future<?> grpc = pool.submit(() -> {
            for (int i = 0; i < rounds; i++) {
                barrier.await(60, TimeUnit.SECONDS);
                spin(holds[i]);
                Case one = cases.get(i);
                one.executor.execute(one::answer);
            }
            return null;
        });
        for (int i = 0; i < rounds; i++) {
            barrier.await(60, TimeUnit.SECONDS);
            spin(-holds[i]);
            round.run(cases.get(i));
        }
        grpc.get(60, TimeUnit.SECONDS);
        for (Case one : cases) {
            assertThat(one.future.get(60, TimeUnit.SECONDS)).isEqualTo("done");
            assertThat(one.answers).hasValue(1);
        }
    }

    private interface Round {
        void run(Case one) throws Exception;
    }

    private static final class Case {
        final CallExecutor executor;
        final CallFuture<String> future;
        final AtomicInteger answers = new AtomicInteger();

        Case(ExecutorService pool) {
            executor = new CallExecutor(pool);
            future = new CallFuture<>(executor, null);
        }

        void answer() {
            answers.incrementAndGet();
            future.complete("done");
        }
    }

    private static void spin(int times) {
        for (int i = 0; i < times; i++) {
            Thread.onSpinWait();
        }
    }

    @Test
    void taskComesAsTheWaiterComes() throws Exception {
        race(20_000, 1, one -> assertThat(one.future.get(60, TimeUnit.SECONDS)).isEqualTo("done"));
    }

    @Test
    void taskComesAsTheWaiterGoes() throws Exception {
        race(20_000, 2, one -> {
            try {
                one.future.get(5, TimeUnit.MICROSECONDS);
            } catch (TimeoutException e) {
                // that is the race
                assertThat(e).isNotNull();
            }
        });
    }

    @Test
    void taskComesAsTheWaiterIsInterrupted() throws Exception {
        race(20_000, 3, one -> {
            Thread.currentThread().interrupt();
            try {
                one.future.get();
            } catch (InterruptedException e) {
                assertThat(Thread.currentThread().isInterrupted()).isFalse();
            }
            var unused = Thread.interrupted();
        });
    }

    @Test
    void anotherCompletesAsTheWaiterParks() throws Exception {
        race(20_000, 4, one -> {
            CompletableFuture<String> other = new CompletableFuture<>();
            CompletableFuture<String> either = one.future.applyToEither(other, value -> value);
            pool.execute(() -> other.complete("done"));
            assertThat(either.get(60, TimeUnit.SECONDS)).isEqualTo("done");
        });
    }

    /**
     * A call of several callbacks, each following from the one before on whatever thread, one or two at a time, under waiters
     * on the call and on futures derived from it that come, give up, are interrupted, and wait again.
     */
    @ParameterizedTest
    @ValueSource(longs = {11, 12, 13, 14})
    void everyTaskRunsOnceAndEveryWaiterEnds(long seed) throws Exception {
        Random random = new Random(seed);
        for (int call = 0; call < 300; call++) {
            CallExecutor executor = new CallExecutor(pool);
            CallFuture<Integer> future = new CallFuture<>(executor, null);
            int steps = 1 + random.nextInt(6);
            AtomicInteger run = new AtomicInteger();
            List<Future<Integer>> waiters = new ArrayList<>();
            CompletableFuture<Integer> derived = future.thenApply(value -> value);
            for (int i = random.nextInt(5); i >= 0; i--) {
                waiters.add(waiter(random.nextBoolean() ? future : derived, random.nextLong()));
            }
            step(executor, future, run, steps, random.nextLong());
            for (Future<Integer> waiter : waiters) {
                assertThat(waiter.get(60, TimeUnit.SECONDS)).isEqualTo(steps);
            }
            assertThat(run).hasValue(steps);
        }
    }

    private void step(CallExecutor executor, CallFuture<Integer> future, AtomicInteger run, int left, long seed) {
        Random random = new Random(seed);
        Runnable task = () -> {
            int sum = run.incrementAndGet();
            if (left == 1) {
                future.complete(sum);
            } else if (random.nextBoolean()) {
                step(executor, future, run, left - 1, random.nextLong());
            } else {
                long next = random.nextLong();
                pool.execute(() -> step(executor, future, run, left - 1, next));
            }
        };
        if (random.nextInt(4) == 0) {
            LockSupport.parkNanos(random.nextInt(50_000));
        }
        executor.execute(task);
        if (random.nextInt(4) == 0) {
            // as an attempt before this one may still have something to say
            executor.execute(() -> {});
        }
    }

    private Future<Integer> waiter(CompletableFuture<Integer> future, long seed) {
        return pool.submit(() -> {
            Random random = new Random(seed);
            while (true) {
                try {
                    switch (random.nextInt(4)) {
                        case 0 -> {
                            return future.join();
                        }
                        case 1 -> {
                            return future.get(60, TimeUnit.SECONDS);
                        }
                        case 2 -> Thread.currentThread().interrupt();
                        default -> {
                            return future.get(random.nextInt(100_000), TimeUnit.NANOSECONDS);
                        }
                    }
                    return future.get(60, TimeUnit.SECONDS);
                } catch (InterruptedException | TimeoutException e) {
                    // gives up and comes again
                    assertThat(Thread.currentThread().isInterrupted()).isFalse();
                }
            }
        });
    }
}
