package org.etcdjakarta.core.link;

import io.etcd.jetcd.api.LeaseKeepAliveRequest;
import io.etcd.jetcd.lease.LeaseKeepAliveResponse;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;

/**
 * One lease on the keep-alive stream: who observes it, when it is due, and which questions are open. etcd answers the questions
 * of a stream in their order, so an answer belongs to the oldest open one. Guarded by {@link KeepAlives}.
 */
final class KeptLease {

    /** A question of a caller who wants the answer to this very one, until the deadline. */
    private record Once(CompletableFuture<LeaseKeepAliveResponse> answer, long deadline) {}

    /** Every other question: nobody waits for its answer, but it has its place in the order. */
    private static final Once REGULAR = new Once(CompletableFuture.failedFuture(new CancellationException()), 0);

    private final LeaseKeepAliveRequest question;
    private final List<KeepAliveObserver> observers = new ArrayList<>();
    private final Queue<Once> unsent = new ArrayDeque<>();
    private final Queue<Once> sent = new ArrayDeque<>();
    private long due = System.nanoTime();

    KeptLease(long id) {
        question = LeaseKeepAliveRequest.newBuilder().setID(id).build();
    }

    LeaseKeepAliveRequest question() {
        return question;
    }

    void add(KeepAliveObserver observer) {
        if (observers.isEmpty()) {
            due = System.nanoTime();
        }
        observers.add(observer);
    }

    void remove(KeepAliveObserver observer) {
        observers.remove(observer);
    }

    List<KeepAliveObserver> observers() {
        return List.copyOf(observers);
    }

    void addOnce(CompletableFuture<LeaseKeepAliveResponse> answer, long deadline) {
        unsent.add(new Once(answer, deadline));
    }

    /** How many questions to send now; they count as sent. Without an answer the next regular one is due after the time given. */
    int take(long now, long answerNanos) {
        int questions = unsent.size();
        sent.addAll(unsent);
        unsent.clear();
        if (!observers.isEmpty() && now - due >= 0) {
            due = now + answerNanos;
            if (questions == 0) {
                sent.add(REGULAR);
                questions = 1;
            }
        }
        return questions;
    }

    /** An answer has come; returns the future of the one who asked for it. */
    CompletableFuture<LeaseKeepAliveResponse> answered(long nextDue) {
        due = nextDue;
        Once oldest = sent.poll();
        return (oldest == null ? REGULAR : oldest).answer();
    }

    /** The stream is gone, and perhaps what was sent on it: all of it is asked again on the next one. */
    void interrupted(long now) {
        due = Math.min(due, now);
        sent.removeIf(once -> once.answer().isDone());
        unsent.addAll(sent);
        sent.clear();
    }

    /** Those who have waited too long. What is sent already keeps its place. */
    List<CompletableFuture<LeaseKeepAliveResponse>> expired(long now) {
        unsent.removeIf(once -> once.answer().isDone());
        if (unsent.isEmpty() && sent.isEmpty()) {
            return List.of();
        }
        List<CompletableFuture<LeaseKeepAliveResponse>> expired = new ArrayList<>();
        for (Queue<Once> open : List.of(sent, unsent)) {
            for (Once once : open) {
                if (!once.answer().isDone() && now - once.deadline() >= 0) {
                    expired.add(once.answer());
                }
            }
        }
        unsent.removeIf(once -> now - once.deadline() >= 0);
        return expired;
    }

    /** It is over for everybody. */
    void fail(Throwable observed, Throwable asked) {
        observers.forEach(observer -> observer.fail(observed));
        sent.forEach(once -> once.answer().completeExceptionally(asked));
        unsent.forEach(once -> once.answer().completeExceptionally(asked));
    }

    boolean isIdle() {
        return observers.isEmpty() && unsent.isEmpty() && sent.isEmpty();
    }
}
