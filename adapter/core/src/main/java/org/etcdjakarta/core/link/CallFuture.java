package org.etcdjakarta.core.link;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.ForkJoinWorkerThread;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * The answer to a call, or what is derived from it. A thread that waits for it runs the call's callbacks itself instead of
 * being woken by a thread that has run them: one change of threads less, and all there is for a virtual thread to do is to
 * park. As always with a CompletableFuture, what hangs on it without "Async" runs on the thread that completes it, and that may
 * be one that waits.
 *
 * <p>Derived futures share the executor of the call. A thread that waits for one drives the call until the derived future is
 * done, whoever completes that. Threads of a fork-join pool wait in the usual way: their pool has to learn that they block.
 */
final class CallFuture<T extends @Nullable Object> extends CompletableFuture<T> {

    private final CallExecutor executor;
    private final @Nullable Runnable onCancel;

    /** Belongs to the driver. */
    private boolean wakesDriver;

    CallFuture(CallExecutor executor, @Nullable Runnable onCancel) {
        this.executor = executor;
        this.onCancel = onCancel;
    }

    @Override
    public <U> CompletableFuture<U> newIncompleteFuture() {
        return new CallFuture<>(executor, null);
    }

    /** Of the {@code …Async} methods without an executor. */
    @Override
    public Executor defaultExecutor() {
        return executor.async();
    }

    @Override
    public boolean cancel(boolean mayInterruptIfRunning) {
        boolean cancelled = super.cancel(mayInterruptIfRunning);
        if (cancelled && onCancel != null) {
            onCancel.run();
        }
        return cancelled;
    }

    @Override
    public T get() throws InterruptedException, ExecutionException {
        if (mayDrive()) {
            drive(false, 0, true);
        }
        return super.get();
    }

    @Override
    public T get(long timeout, TimeUnit unit) throws InterruptedException, ExecutionException, TimeoutException {
        long nanos = unit.toNanos(timeout);
        if (nanos <= 0 || !mayDrive()) {
            return super.get(timeout, unit);
        }
        long end = System.nanoTime() + nanos;
        drive(true, end, true);
        return super.get(end - System.nanoTime(), TimeUnit.NANOSECONDS);
    }

    @Override
    public T join() {
        if (mayDrive() && drive(false, 0, false)) {
            Thread.currentThread().interrupt();
        }
        return super.join();
    }

    private boolean mayDrive() {
        return !isDone() && !(Thread.currentThread() instanceof ForkJoinWorkerThread);
    }

    /**
     * Runs the call's callbacks until this future is done, the time is over or, if it may be, the thread is interrupted. At once
     * over when another thread does so already; the caller has to look at the future itself in any case.
     *
     * @return whether an interrupt was put off
     */
    private boolean drive(boolean timed, long end, boolean interruptible) {
        boolean entered = executor.enter();
        if (!entered && !executor.isDriver()) {
            return false;
        }
        boolean interrupted = false;
        try {
            while (!isDone()) {
                if (executor.runNext()) {
                    continue;
                }
                if (!wakesDriver) {
                    // It may be completed by something else than this call. Once only, however often one waits for it.
                    wakesDriver = true;
                    var unused = whenComplete((value, failure) -> executor.wake());
                    continue;
                }
                if (interruptible) {
                    if (Thread.currentThread().isInterrupted()) {
                        break;
                    }
                } else if (Thread.interrupted()) {
                    interrupted = true;
                }
                if (!timed) {
                    LockSupport.park(this);
                } else {
                    long left = end - System.nanoTime();
                    if (left <= 0) {
                        break;
                    }
                    LockSupport.parkNanos(this, left);
                }
            }
        } finally {
            if (entered) {
                executor.leave();
            }
        }
        return interrupted;
    }
}
