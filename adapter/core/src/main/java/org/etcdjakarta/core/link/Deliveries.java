package org.etcdjakarta.core.link;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * Runs very many short tasks on one thread of the pool, where each would start or wake a thread of its own; they begin in their
 * order. When one stands still, as an application's may, the others go on by another thread, after a moment.
 */
final class Deliveries implements Executor {

    private static final Duration MOMENT = Duration.ofMillis(200);

    private final Calls calls;
    private final Queue<Runnable> waiting = new ArrayDeque<>();
    private int runners;
    private long begun;
    private boolean watching;
    private boolean disbanded;

    Deliveries(Calls calls) {
        this.calls = calls;
    }

    @Override
    public void execute(Runnable task) {
        Runnable next;
        synchronized (this) {
            if (disbanded) {
                next = task;
            } else {
                waiting.add(task);
                if (runners > 0) {
                    watch();
                    return;
                }
                runners++;
                next = this::run;
            }
        }
        calls.pool.execute(next);
    }

    private void run() {
        for (Runnable task = next(); task != null; task = next()) {
            task.run();
        }
    }

    private synchronized @Nullable Runnable next() {
        Runnable task = waiting.poll();
        if (task == null) {
            runners--;
        } else {
            begun++;
        }
        return task;
    }

    private void watch() {
        if (!watching) {
            watching = true;
            long before = begun;
            calls.later(MOMENT, () -> look(before));
        }
    }

    private void look(long before) {
        synchronized (this) {
            watching = false;
            if (waiting.isEmpty()) {
                return;
            }
            watch();
            if (begun != before) {
                return;
            }
            runners++;
        }
        run();
    }

    /** The link is closed, and nobody will look: each runs for itself from now on. */
    void disband() {
        List<Runnable> left;
        synchronized (this) {
            disbanded = true;
            left = new ArrayList<>(waiting);
            waiting.clear();
        }
        left.forEach(calls.pool::execute);
    }
}
