package org.etcdjakarta.embedded.service;

import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.StreamObserver;
import java.util.Locale;
import java.util.function.Supplier;
import org.etcdjakarta.embedded.store.Store;

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

    /** As {@link #to}, with the store's lock held: what is checked, done and told, with its revision, is of one moment. */
    static <R> void exclusively(Store store, StreamObserver<R> caller, Supplier<R> action) {
        to(caller, () -> store.exclusively(action));
    }

    /**
     * What a refusal becomes on its way through a service that is itself a client of etcd, as Lock and Election are: its words
     * stay, its code is lost.
     */
    static StatusRuntimeException secondHand(StatusRuntimeException refused) {
        return unknown(String.valueOf(refused.getStatus().getDescription()));
    }

    static StatusRuntimeException unknown(String text) {
        return Status.UNKNOWN.withDescription(text).asRuntimeException();
    }

    /** As Go prints it: what a watch that is refused is told. */
    static String inWords(StatusRuntimeException refused) {
        StringBuilder code = new StringBuilder();
        for (String word : refused.getStatus().getCode().name().split("_", -1)) {
            code.append(word.charAt(0)).append(word.substring(1).toLowerCase(Locale.ROOT));
        }
        return "rpc error: code = " + code + " desc = " + refused.getStatus().getDescription();
    }
}
