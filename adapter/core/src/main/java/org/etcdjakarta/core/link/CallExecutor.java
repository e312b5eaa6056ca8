package org.etcdjakarta.core.link;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.Executor;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Where gRPC's callbacks of one call run: on the thread that waits for the call, the driver, or else on the asynchronous
 * executor. One thread at most drives; a second one that waits does without, since everything that the driver does not do
 * goes to the asynchronous executor.
 *
 * <p>A task stands in its place until somebody takes it. With a driver that is woken; without one this object is given to the
 * asynchronous executor, to take then what there is. A driver that comes in between takes it first: the asynchronous executor
 * may have one thread only, and the driver be that thread.
 *
 * <p>No task is lost: {@link #execute} puts the task in its place and looks for the driver afterwards, {@link #leave} resigns
 * and looks for a task afterwards. Whichever comes last sees the other. No wake-up is lost either: a driver looks for a task
 * after everything that may have used up its permit to go on, and before it parks.
 */
final class CallExecutor implements Executor, Runnable {

    private static final System.Logger LOG = System.getLogger(CallExecutor.class.getName());

    private static final VarHandle DRIVER;
    private static final VarHandle TASK;

    static {
        try {
            DRIVER = MethodHandles.lookup().findVarHandle(CallExecutor.class, "driver", Thread.class);
            TASK = MethodHandles.lookup().findVarHandle(CallExecutor.class, "task", Runnable.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final Executor async;
    private final Departure departure = new Departure();
    private volatile @Nullable Thread driver;
    private volatile @Nullable Runnable task;

    /** @param async must take every task */
    CallExecutor(Executor async) {
        this.async = async;
    }

    Executor async() {
        return async;
    }

    /** Kept here because the executor is what gRPC tells a tracer of the call. */
    Departure departure() {
        return departure;
    }

    @Override
    public void execute(Runnable given) {
        // gRPC has one task on the way for each call; two attempts of a call may have one each.
        while (!TASK.compareAndSet(this, null, given)) {
            Runnable before = task;
            if (before != null && TASK.compareAndSet(this, before, new Both(before, given))) {
                break;
            }
        }
        Thread waiting = driver;
        if (waiting == null) {
            async.execute(this);
        } else if (waiting != Thread.currentThread()) {
            LockSupport.unpark(waiting);
        }
    }

    /** For the asynchronous executor. */
    @Override
    public void run() {
        var unused = runNext();
    }

    /** Runs what there is. False when there is nothing. */
    boolean runNext() {
        if (task == null) {
            return false;
        }
        Runnable next = (Runnable) TASK.getAndSet(this, null);
        if (next == null) {
            return false;
        }
        run(next);
        return true;
    }

    private static void run(Runnable task) {
        try {
            task.run();
        } catch (Throwable e) {
            // Of the call's machinery and not of the waiting thread, which has its own result to wait for.
            LOG.log(System.Logger.Level.WARNING, "a callback of gRPC failed", e);
        } finally {
            LinkThreads.leaveNothing();
        }
    }

    /** True when the current thread is the driver from now on and has to {@link #leave}. */
    boolean enter() {
        return driver == null && DRIVER.compareAndSet(this, null, Thread.currentThread());
    }

    /** True when the current thread is the driver, which it may have become further up its stack. */
    boolean isDriver() {
        return driver == Thread.currentThread();
    }

    /** For the driver: it waits no more. */
    void leave() {
        driver = null;
        if (task != null) {
            async.execute(this);
        }
    }

    /** What the driver waits for may have come from elsewhere. */
    void wake() {
        Thread waiting = driver;
        if (waiting != null) {
            LockSupport.unpark(waiting);
        }
    }

    private record Both(Runnable first, Runnable second) implements Runnable {
        @Override
        public void run() {
            CallExecutor.run(first);
            CallExecutor.run(second);
        }
    }
}
