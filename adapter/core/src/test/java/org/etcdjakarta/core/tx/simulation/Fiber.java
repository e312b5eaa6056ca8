package org.etcdjakarta.core.tx.simulation;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A simulated thread. It runs on a real one, since the code under test blocks, but only between {@link #start} and the moment
 * at which it waits for a call: then the thread that resumed it goes on.
 */
final class Fiber {

    /** Its process has died: it does nothing any more that anybody could see. */
    static final class ProcessDied extends Error {
        private static final long serialVersionUID = 1;

        ProcessDied() {
            super("the process has died", null, false, false);
        }
    }

    /** Real time; what takes as long is blocked by something that the simulation does not know of. */
    private static final int BLOCKED_SECONDS = 60;

    private static final ExecutorService THREADS = Executors.newCachedThreadPool(task -> {
        Thread thread = new Thread(task, "fiber");
        thread.setDaemon(true);
        return thread;
    });
    private static final ThreadLocal<@Nullable Fiber> CURRENT = new ThreadLocal<>();

    private final String name;
    private final Runnable body;
    private final Semaphore running = new Semaphore(0);
    private final Semaphore waiting = new Semaphore(0);
    private @Nullable Thread thread;
    private @Nullable Throwable failure;
    private @Nullable CompletableFuture<?> awaited;
    private boolean dead;
    private boolean ended;

    Fiber(String name, Runnable body) {
        this.name = name;
        this.body = body;
    }

    static Fiber current() {
        Fiber fiber = CURRENT.get();
        if (fiber == null) {
            throw new IllegalStateException(
                    "called by " + Thread.currentThread() + ", which the simulation does not know");
        }
        return fiber;
    }

    /** From an event of the scheduler. */
    void start() {
        THREADS.execute(this::live);
        letRun();
    }

    private void live() {
        running.acquireUninterruptibly();
        thread = Thread.currentThread();
        CURRENT.set(this);
        try {
            if (!dead) {
                body.run();
            }
        } catch (ProcessDied died) {
            // as it should
        } catch (Throwable e) {
            failure = e;
        } finally {
            CURRENT.remove();
            ended = true;
            waiting.release();
        }
    }

    /** From an event of the scheduler: the process has died, wherever its thread is. */
    void die() {
        dead = true;
        if (!ended && awaited != null) {
            letRun();
        }
    }

    boolean isDead() {
        return dead;
    }

    boolean hasEnded() {
        return ended;
    }

    /** On the fiber itself: returns when the call is complete, in whatever way. */
    void await(CompletableFuture<?> call) {
        requireAlive();
        awaited = call;
        var unused = call.whenComplete((answer, error) -> {
            if (awaited == call && !dead) {
                letRun();
            }
        });
        waiting.release();
        running.acquireUninterruptibly();
        awaited = null;
        requireAlive();
    }

    void requireAlive() {
        if (dead) {
            throw new ProcessDied();
        }
    }

    private void letRun() {
        running.release();
        try {
            if (!waiting.tryAcquire(BLOCKED_SECONDS, TimeUnit.SECONDS)) {
                AssertionError blocked = new AssertionError(name + " is blocked outside of the simulation");
                if (thread != null) {
                    blocked.setStackTrace(thread.getStackTrace());
                }
                throw blocked;
            }
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
        if (failure != null) {
            throw new AssertionError(name + " has failed: " + failure, failure);
        }
    }
}
