package org.etcdjakarta.itests.embedded;

import io.grpc.stub.StreamObserver;
import java.util.function.Consumer;

/** Hands on what a stream says; that it ends is seen by the answers that are missing. */
record Collecting<T>(Consumer<T> answers) implements StreamObserver<T> {

    @Override
    public void onNext(T answer) {
        answers.accept(answer);
    }

    @Override
    public void onError(Throwable cut) {
        // With the channel, at the end of the test.
    }

    @Override
    public void onCompleted() {
        // Whoever waits for an answer says what is missing.
    }
}
