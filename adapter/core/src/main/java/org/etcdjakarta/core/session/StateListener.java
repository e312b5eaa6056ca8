package org.etcdjakarta.core.session;

import java.lang.System.Logger.Level;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import org.etcdjakarta.EtcdSession.State;
import org.jspecify.annotations.Nullable;

/** Tells one listener what changes, one after the other, on its executor; one that stands still holds up no other. */
final class StateListener implements AutoCloseable {

    private static final System.Logger LOG = System.getLogger(StateListener.class.getName());

    private final Consumer<State> listener;
    private final Executor executor;
    private final Executor otherwise;
    private final Runnable onClose;
    private final Queue<State> untold = new ArrayDeque<>();
    private boolean running;
    private boolean closed;
    private @Nullable Thread telling;

    /** @param otherwise tells when the executor does not: nobody can do without hearing of a loss */
    StateListener(Consumer<State> listener, Executor executor, Executor otherwise, Runnable onClose) {
        this.listener = listener;
        this.executor = executor;
        this.otherwise = otherwise;
        this.onClose = onClose;
    }

    /** To be told by the next {@link #tell()}: whoever changes the state holds a lock and must not call anybody. */
    synchronized void add(State state) {
        if (!closed) {
            untold.add(state);
        }
    }

    /** Without any lock. */
    void tell() {
        synchronized (this) {
            if (running || untold.isEmpty()) {
                return;
            }
            running = true;
        }
        try {
            executor.execute(this::run);
        } catch (RuntimeException | Error e) {
            LOG.log(Level.DEBUG, "the executor of a session takes no more work", e);
            otherwise.execute(this::run);
        }
    }

    private void run() {
        for (State next = begin(); next != null; next = begin()) {
            try {
                listener.accept(next);
            } catch (RuntimeException | Error e) {
                LOG.log(
                        Level.ERROR,
                        "the listener of a session, " + listener.getClass().getName() + ", failed on " + next
                                + "; it hears of the next change",
                        e);
            }
            end();
        }
    }

    private synchronized @Nullable State begin() {
        State next = untold.poll();
        if (next == null) {
            running = false;
        } else {
            telling = Thread.currentThread();
        }
        return next;
    }

    private synchronized void end() {
        telling = null;
        notifyAll();
    }

    /** After this no call starts; a running one is waited for, except by itself. */
    @Override
    public void close() {
        onClose.run();
        boolean interrupted = false;
        synchronized (this) {
            closed = true;
            untold.clear();
            while (telling != null && telling != Thread.currentThread()) {
                try {
                    wait();
                } catch (InterruptedException e) {
                    // The promise to the caller outlives the interruption.
                    interrupted = true;
                }
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
