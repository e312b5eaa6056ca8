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
    private final Executor link;
    private final Runnable onClose;
    private final Queue<State> untold = new ArrayDeque<>();
    private boolean running;
    private boolean closed;
    private @Nullable Thread telling;

    /**
     * Not yet told anything.
     *
     * @param link hands over to the executor, which may run at once, in the middle of a look at the session; and tells when the
     *     executor does not: nobody can do without hearing of a loss
     */
    StateListener(Consumer<State> listener, Executor executor, Executor link, Runnable onClose) {
        this.listener = listener;
        this.executor = executor;
        this.link = link;
        this.onClose = onClose;
    }

    /** Calls nobody itself: whoever changes the state holds a lock. */
    synchronized void tell(State state) {
        if (closed) {
            return;
        }
        untold.add(state);
        if (!running) {
            running = true;
            link.execute(this::handOver);
        }
    }

    private void handOver() {
        try {
            executor.execute(this::run);
        } catch (RuntimeException | Error e) {
            LOG.log(Level.DEBUG, "the executor of a session takes no more work", e);
            run();
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
