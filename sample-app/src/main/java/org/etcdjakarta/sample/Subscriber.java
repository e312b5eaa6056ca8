package org.etcdjakarta.sample;

import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;

/**
 * One browser that listens. Messages wait in a bounded queue and are sent one after the other on the executor, so that a
 * browser that reads slowly delays nobody: neither the others nor the thread that delivers etcd's events. One that falls too
 * far behind is dropped; it connects again and loads what it missed.
 */
final class Subscriber {

    static final int MOST_WAITING = 1000;

    private final Connection connection;
    private final Executor executor;
    private final Queue<Message> waiting = new ArrayDeque<>();
    private boolean sending;
    private boolean gone;

    Subscriber(Connection connection, Executor executor) {
        this.connection = connection;
        this.executor = executor;
    }

    /** Queues a message; false when the browser has gone and this subscriber is to be forgotten. */
    boolean offer(Message message) {
        boolean start = false;
        boolean drop = false;
        synchronized (this) {
            if (gone) {
                return false;
            }
            if (waiting.size() >= MOST_WAITING) {
                gone = true;
                drop = true;
            } else {
                waiting.add(message);
                start = !sending;
                sending = true;
            }
        }
        if (drop) {
            // on the executor: closing may wait for a write that hangs
            executor.execute(connection::close);
        } else if (start) {
            executor.execute(this::sendNext);
        }
        return !drop;
    }

    void close() {
        synchronized (this) {
            gone = true;
            waiting.clear();
        }
        connection.close();
    }

    private void sendNext() {
        Message next;
        synchronized (this) {
            next = gone ? null : waiting.poll();
            if (next == null) {
                sending = false;
                return;
            }
        }
        try {
            connection.send(next).whenComplete((sent, failure) -> {
                if (failure == null) {
                    // not by recursion: a connection that completes at once would deepen the stack with each message
                    executor.execute(this::sendNext);
                } else {
                    close();
                }
            });
        } catch (RuntimeException e) {
            close(); // the connection had been closed by the browser's side
        }
    }

    /** A named event; an empty name is a heartbeat. */
    record Message(String name, String data) {}

    /** Where messages go; JAX-RS's sink, or a test's. */
    interface Connection {
        CompletionStage<?> send(Message message);

        void close();
    }
}
