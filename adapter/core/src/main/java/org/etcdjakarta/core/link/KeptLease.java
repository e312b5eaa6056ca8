package org.etcdjakarta.core.link;

import io.etcd.jetcd.api.LeaseKeepAliveRequest;
import io.etcd.jetcd.lease.LeaseKeepAliveResponse;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * One lease on the keep-alive stream: who observes it, when it is due, and which questions are open. etcd answers the questions
 * of a stream in their order, so an answer belongs to the oldest open one. Guarded by {@link KeepAlives}.
 */
final class KeptLease {

    /** By the time of the next question; nanoTime has no beginning and no end. */
    static final Comparator<KeptLease> BY_DUE =
            (one, other) -> one.due != other.due ? Long.signum(one.due - other.due) : Long.compare(one.id, other.id);

    /**
     * Of a caller who wants the answer to this very one.
     *
     * @param deadline after which he does not wait any more, in nanoTime; null for as long as it takes
     * @param onSend told each time that the question goes out
     */
    record Question(CompletableFuture<LeaseKeepAliveResponse> answer, @Nullable Long deadline, Runnable onSend) {

        boolean isLate(long now) {
            return deadline != null && now - deadline >= 0;
        }
    }

    /** Every other question: nobody waits for its answer, but it has its place in the order. */
    private static final Question REGULAR = new Question(CompletableFuture.completedFuture(null), null, () -> {});

    private final long id;
    private final LeaseKeepAliveRequest request;
    private final List<KeepAliveObserver> observers = new ArrayList<>(1);
    private final Queue<Question> unsent = new ArrayDeque<>(1);
    private final Queue<Question> sent = new ArrayDeque<>(1);

    /** Only {@link DueLeases} changes it. */
    long due;

    KeptLease(long id) {
        this.id = id;
        request = LeaseKeepAliveRequest.newBuilder().setID(id).build();
    }

    long id() {
        return id;
    }

    LeaseKeepAliveRequest request() {
        return request;
    }

    void add(KeepAliveObserver observer) {
        observers.add(observer);
    }

    void remove(KeepAliveObserver observer) {
        observers.remove(observer);
    }

    List<KeepAliveObserver> observers() {
        return List.copyOf(observers);
    }

    boolean isObserved() {
        return !observers.isEmpty();
    }

    void add(Question question) {
        unsent.add(question);
    }

    boolean hasUnsent() {
        return !unsent.isEmpty();
    }

    /**
     * How many questions to send now; they count as sent. One for each caller, and when there is none, the regular one of the
     * observers.
     */
    int take() {
        unsent.removeIf(question -> question.answer().isDone());
        int questions = unsent.size();
        unsent.forEach(question -> question.onSend().run());
        sent.addAll(unsent);
        unsent.clear();
        if (questions == 0 && isObserved()) {
            sent.add(REGULAR);
            questions = 1;
        }
        return questions;
    }

    /** An answer has come; returns the future of the one who asked for it. */
    CompletableFuture<LeaseKeepAliveResponse> answered() {
        Question oldest = sent.poll();
        return (oldest == null ? REGULAR : oldest).answer();
    }

    /** The stream is gone, and perhaps what was sent on it: it is asked again on the next one. True when there is something. */
    boolean interrupted() {
        if (sent.isEmpty()) {
            return false;
        }
        sent.removeIf(question -> question.answer().isDone());
        unsent.addAll(sent);
        sent.clear();
        return isObserved() || !unsent.isEmpty();
    }

    /** Those who have waited too long. What is sent already keeps its place. */
    List<CompletableFuture<LeaseKeepAliveResponse>> expired(long now) {
        List<CompletableFuture<LeaseKeepAliveResponse>> expired = new ArrayList<>();
        for (Queue<Question> open : List.of(sent, unsent)) {
            for (Question question : open) {
                if (!question.answer().isDone() && question.isLate(now)) {
                    expired.add(question.answer());
                }
            }
        }
        unsent.removeIf(question -> question.answer().isDone() || question.isLate(now));
        return expired;
    }

    /** Nobody waits for an answer that he asked for himself. */
    boolean isUnasked() {
        return unsent.isEmpty()
                && sent.stream().allMatch(question -> question.answer().isDone());
    }

    /** It is over for everybody. */
    void fail(Throwable observed, Throwable asked) {
        observers.forEach(observer -> observer.fail(observed));
        sent.forEach(question -> question.answer().completeExceptionally(asked));
        unsent.forEach(question -> question.answer().completeExceptionally(asked));
    }

    boolean isIdle() {
        return observers.isEmpty() && unsent.isEmpty() && sent.isEmpty();
    }
}
