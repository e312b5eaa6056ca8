package org.etcdjakarta.core.watch;

import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Runs the steps of one watch one after the other on an executor, whatever threads they come from, and knows when a callback
 * into the application is running, so that close() can promise that none starts any more.
 */
final class Mailbox {

    private final Executor executor;
    private final Queue<Runnable> steps = new ArrayDeque<>();
    private boolean running;
    private boolean closed;
    private @Nullable Thread inCallback;

    Mailbox(Executor executor) {
        this.executor = executor;
    }

    /** False when the executor takes no more work: the watch cannot go on. */
    boolean post(Runnable step) {
        synchronized (this) {
            if (closed) {
                return true;
            }
            steps.add(step);
            if (running) {
                return true;
            }
            running = true;
        }
        try {
            executor.execute(this::run);
            return true;
        } catch (RuntimeException | Error e) {
            // Rejected, or whatever a server throws for an application that has ended: run() itself lets nothing
            // through.
            System.getLogger(Mailbox.class.getName())
                    .log(System.Logger.Level.DEBUG, "an executor takes no more work", e);
            return false;
        }
    }

    private void run() {
        while (true) {
            Runnable step;
            synchronized (this) {
                step = closed ? null : steps.poll();
                if (step == null) {
                    running = false;
                    return;
                }
            }
            try {
                step.run();
            } catch (RuntimeException | Error e) {
                // Must not happen, and must not stop the steps that follow.
                System.getLogger(Mailbox.class.getName()).log(System.Logger.Level.ERROR, "a step of a watch failed", e);
            }
        }
    }

    /** Calls the application, unless closed. Only from a step. */
    void callback(Runnable call) {
        synchronized (this) {
            if (closed) {
                return;
            }
            inCallback = Thread.currentThread();
        }
        try {
            call.run();
        } finally {
            synchronized (this) {
                inCallback = null;
                notifyAll();
            }
        }
    }

    synchronized boolean isClosed() {
        return closed;
    }

    /** After this no callback starts. */
    synchronized void close() {
        closed = true;
        steps.clear();
    }

    /** Waits for a running callback, except from inside it. False when it still runs after that time. */
    boolean awaitCallback(long millis) {
        long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
        boolean interrupted = false;
        boolean over = true;
        synchronized (this) {
            while (inCallback != null && inCallback != Thread.currentThread()) {
                long left = end - System.nanoTime();
                if (left <= 0) {
                    over = false;
                    break;
                }
                try {
                    TimeUnit.NANOSECONDS.timedWait(this, left);
                } catch (InterruptedException e) {
                    // The promise to the caller outlives the interruption.
                    interrupted = true;
                }
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        return over;
    }
}
