package org.etcdjakarta.core.recipe;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * How long somebody waits for a turn. A call that was begun within that time may take its request timeout in addition, and nothing
 * may take longer.
 */
final class Limit {

    /** So that a call whose own deadline is the same moment can say what happened to it. */
    private static final long SLACK_NANOS = 100_000_000L;

    private static final long FOREVER_NANOS = Long.MAX_VALUE / 4;

    private final long begin = System.nanoTime();
    private final long waitNanos;
    private final long graceNanos;
    private boolean ended;
    private @Nullable CompletableFuture<Void> waiting;

    private Limit(long waitNanos, Duration grace) {
        this.waitNanos = waitNanos;
        this.graceNanos = grace.toNanos() + SLACK_NANOS;
    }

    /** @throws IllegalArgumentException when the wait is negative */
    static Limit of(Duration wait, Duration grace) {
        if (wait.isNegative()) {
            throw new IllegalArgumentException("wait: " + wait + "; allowed: zero or more");
        }
        boolean forever = wait.compareTo(Duration.ofNanos(FOREVER_NANOS)) >= 0;
        return new Limit(forever ? FOREVER_NANOS : wait.toNanos(), grace);
    }

    /** Until {@link #end()}. */
    static Limit untilEnded(Duration grace) {
        return new Limit(FOREVER_NANOS, grace);
    }

    /** Nobody waits any more. */
    synchronized void end() {
        ended = true;
        if (waiting != null) {
            waiting.complete(null);
        }
    }

    synchronized boolean isEnded() {
        return ended;
    }

    boolean isOver() {
        return isEnded() || waitLeft() <= 0;
    }

    /** In nanoseconds; zero or less when the time is over. */
    long waitLeft() {
        return waitNanos - (System.nanoTime() - begin);
    }

    /** Waits for what wakes the waiter, for the end of the time or for {@link #end()}. */
    void await(CompletableFuture<?> wake) throws InterruptedException {
        await(wake, Math.max(0, waitLeft()));
    }

    /** As {@link #await(CompletableFuture)}, no longer than the pause. */
    void await(CompletableFuture<?> wake, Duration pause) throws InterruptedException {
        await(wake, Math.max(0, Math.min(pause.toNanos(), waitLeft())));
    }

    /** As {@link #await(CompletableFuture)}, and longer by what a call may take. */
    void awaitWithGrace(CompletableFuture<?> wake) throws InterruptedException {
        await(wake, graceLeft());
    }

    private void await(CompletableFuture<?> wake, long nanos) throws InterruptedException {
        CompletableFuture<Void> onEnd = new CompletableFuture<>();
        synchronized (this) {
            if (ended) {
                return;
            }
            waiting = onEnd;
        }
        try {
            CompletableFuture.anyOf(wake, onEnd).get(nanos, TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            // The waiter looks for himself.
        } catch (ExecutionException e) {
            throw Answers.unchecked(e.getCause());
        } finally {
            synchronized (this) {
                waiting = null;
            }
        }
    }

    /** What is left of the time and the request timeout after it, in nanoseconds. */
    long graceLeft() {
        return Math.max(0, waitLeft() + graceNanos);
    }
}
