package org.etcdjakarta.embedded.service;

import io.grpc.StatusRuntimeException;
import io.grpc.stub.StreamObserver;
import java.util.function.Supplier;

/** How a unary call ends: with the answer, or with etcd's refusal. */
final class Answer {

    private Answer() {}

    static <R> void to(StreamObserver<R> caller, Supplier<R> action) {
        R answer;
        try {
            answer = action.get();
        } catch (StatusRuntimeException refused) {
            caller.onError(refused);
            return;
        }
        caller.onNext(answer);
        caller.onCompleted();
    }
}
