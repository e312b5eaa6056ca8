package org.etcdjakarta.connector.inbound;

import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import org.etcdjakarta.connector.inbound.Courier.Step;
import org.jspecify.annotations.Nullable;

/**
 * Delivers what belongs to it one after the other, on a thread of the server that it has only while there is something to deliver: a
 * pause before a redelivery takes none. Holds so little that a slow bean slows down the watch, and that etcd.
 */
final class Lane {

    private static final int MOST_WAITING = 16;
    private static final Duration NO_THREAD = Duration.ofMillis(500);

    private enum State {
        /** Nothing to do. */
        IDLE,
        /** A thread delivers, or is asked for. */
        WORKING,
        /** Until an item is tried again. */
        PAUSING,
        /** Delivers nothing more. */
        ENDED
    }

    private final ActivationSettings settings;
    private final Courier courier;
    private final Server server;
    private final BiConsumer<Duration, Runnable> timer;
    private final Runnable onRewind;
    private final Deque<Item> waiting = new ArrayDeque<>();
    private State state = State.IDLE;
    private @Nullable Thread worker;
    private long delivered;

    /**
     * @param delivered up to which everything has been delivered before
     * @param timer runs a task after a pause
     * @param onRewind called once, when what is watched has to be watched again from the checkpoint
     */
    Lane(
            ActivationSettings settings,
            Courier courier,
            Server server,
            long delivered,
            BiConsumer<Duration, Runnable> timer,
            Runnable onRewind) {
        this.settings = settings;
        this.courier = courier;
        this.server = server;
        this.delivered = delivered;
        this.timer = timer;
        this.onRewind = onRewind;
    }

    /** Waits until there is room. False when the lane has ended; then the item is not taken. */
    boolean offer(Item item) throws InterruptedException {
        synchronized (this) {
            while (state != State.ENDED && waiting.size() >= MOST_WAITING) {
                wait();
            }
            if (state == State.ENDED) {
                return false;
            }
            waiting.add(item);
            if (state != State.IDLE) {
                return true;
            }
            state = State.WORKING;
        }
        work();
        return true;
    }

    /** Waits until everything is delivered that was taken. False when the lane has ended. */
    synchronized boolean awaitIdle() throws InterruptedException {
        while (state != State.ENDED && state != State.IDLE) {
            wait();
        }
        return state != State.ENDED;
    }

    private synchronized boolean isEnded() {
        return state == State.ENDED;
    }

    /** Up to which everything that it has taken is delivered. */
    synchronized long delivered() {
        return delivered;
    }

    /** All that belongs to it, and there was nothing that did, is delivered up to here. */
    synchronized void nothingUpTo(long revision) {
        if (state == State.IDLE) {
            delivered = revision;
        }
    }

    /** Another history begins here, or what lies before has been delivered by another lane. */
    synchronized void wentTo(long revision) {
        delivered = revision;
    }

    private void work() {
        if (isEnded()) {
            // the server's threads may be gone for good
            return;
        }
        try {
            server.executor().execute(this::run);
        } catch (RuntimeException | Error e) {
            // rejected, or whatever a server throws that is stopping, or that can't start a thread
            System.getLogger(Lane.class.getName())
                    .log(Level.DEBUG, "the server has no thread for a delivery, asking again", e);
            timer.accept(NO_THREAD, this::work);
        }
    }

    private void run() {
        while (true) {
            Item item;
            long before;
            synchronized (this) {
                item = state == State.ENDED ? null : waiting.peek();
                if (item == null) {
                    if (state != State.ENDED) {
                        state = State.IDLE;
                    }
                    notifyAll();
                    return;
                }
                worker = Thread.currentThread();
                before = delivered;
            }
            if (!goesOn(item, step(item, before))) {
                return;
            }
        }
    }

    private Step step(Item item, long before) {
        try {
            return courier.deliver(item, before);
        } catch (RuntimeException | Error e) {
            System.getLogger(Lane.class.getName()).log(Level.ERROR, "an unexpected failure of a lane", e);
            return new Step.Again(NO_THREAD);
        }
    }

    private boolean goesOn(Item item, Step step) {
        synchronized (this) {
            // together with what it has come to: whoever waits for the end asks for that next
            worker = null;
            // an interruption that came while the bean was running is not for the server
            Thread.interrupted();
            if (step instanceof Step.Done) {
                waiting.poll();
                delivered = item.revision();
                notifyAll();
                return true;
            }
            if (state == State.ENDED) {
                notifyAll();
                return true;
            }
            state = step instanceof Step.Rewind ? State.ENDED : State.PAUSING;
            notifyAll();
        }
        if (step instanceof Step.Again again) {
            timer.accept(again.pause(), this::resume);
        } else {
            onRewind.run();
        }
        return false;
    }

    private void resume() {
        synchronized (this) {
            if (state != State.PAUSING) {
                return;
            }
            state = State.WORKING;
        }
        work();
    }

    /** Nothing more is begun. Does not wait. */
    synchronized void end() {
        state = State.ENDED;
        notifyAll();
    }

    /**
     * Waits for the delivery under way, not when called by it.
     *
     * @return false when it goes on all the same
     */
    boolean awaitEnd(Duration most) {
        end();
        if (!awaitNoWorker(most)) {
            return false;
        }
        courier.end();
        return true;
    }

    /**
     * Interrupts the delivery under way, if there is one; does not wait.
     *
     * @param grace how long it had been waited for, for the message
     */
    synchronized void interrupt(Duration grace) {
        if (worker != null) {
            System.getLogger(Lane.class.getName()).log(Level.WARNING, InboundMessages.interrupted(settings, grace));
            worker.interrupt();
        }
    }

    private synchronized boolean awaitNoWorker(Duration most) {
        long end = System.nanoTime() + most.toNanos();
        boolean interrupted = false;
        while (worker != null && worker != Thread.currentThread()) {
            long left = end - System.nanoTime();
            if (left <= 0 || interrupted) {
                break;
            }
            try {
                TimeUnit.NANOSECONDS.timedWait(this, left);
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        return worker == null || worker == Thread.currentThread();
    }
}
