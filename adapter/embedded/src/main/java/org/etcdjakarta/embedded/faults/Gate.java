package org.etcdjakarta.embedded.faults;

import java.util.ArrayDeque;
import java.util.Queue;
import org.jspecify.annotations.Nullable;

/**
 * Lets events through, or holds them, in their order, until nothing holds it any more. No event runs with the lock held, so
 * events may block and may use the gate themselves.
 */
public final class Gate {

    private final Queue<Runnable> waiting = new ArrayDeque<>();
    private int holds;
    private boolean draining;

    /** Runs it now, on this thread, or when the gate is released, on that thread. */
    public void pass(Runnable event) {
        synchronized (this) {
            if (holds > 0 || draining) {
                waiting.add(event);
                return;
            }
        }
        event.run();
    }

    /** Each hold needs a release of its own. */
    public synchronized void hold() {
        holds++;
    }

    /**
     * The last one lets through what waits; what comes meanwhile queues up behind it. An event that fails holds up no other: what
     * it has thrown is thrown when all are through.
     */
    public void release() {
        synchronized (this) {
            holds--;
            if (holds > 0 || draining) {
                return;
            }
            draining = true;
        }
        Throwable failure = null;
        for (Runnable event = next(); event != null; event = next()) {
            try {
                event.run();
            } catch (RuntimeException | Error thrown) {
                failure = failure == null ? thrown : failure;
            }
        }
        if (failure instanceof Error error) {
            throw error;
        }
        if (failure instanceof RuntimeException exception) {
            throw exception;
        }
    }

    private synchronized @Nullable Runnable next() {
        Runnable event = holds > 0 ? null : waiting.poll();
        draining = event != null;
        return event;
    }
}
