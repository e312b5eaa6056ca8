package org.etcdjakarta.embedded.service;

import static org.awaitility.Awaitility.await;

import io.grpc.stub.StreamObserver;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** What a call that may wait has been answered so far. */
final class Answers<R> implements StreamObserver<R> {

    private final List<R> received = new CopyOnWriteArrayList<>();
    private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
    private volatile boolean completed;

    @Override
    public void onNext(R answer) {
        received.add(answer);
    }

    @Override
    public void onError(Throwable thrown) {
        failure.set(thrown);
    }

    @Override
    public void onCompleted() {
        completed = true;
    }

    List<R> received() {
        return received;
    }

    boolean open() {
        return !completed && failure.get() == null;
    }

    /** Waits for as many. */
    List<R> atLeast(int count) {
        await().atMost(Duration.ofSeconds(60)).until(() -> received.size() >= count || !open());
        return received;
    }

    /** Waits for the one answer, or throws what came instead. */
    R only() {
        await().atMost(Duration.ofSeconds(60)).until(() -> !open());
        if (failure.get() instanceof RuntimeException thrown) {
            throw thrown;
        }
        return received.get(0);
    }
}
