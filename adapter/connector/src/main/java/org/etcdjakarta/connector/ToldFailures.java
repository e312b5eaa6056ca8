package org.etcdjakarta.connector;

import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/** Answers whose failure the managed connection hears of just before the application does, as Connectors 6.5.7 wants it. */
final class ToldFailures {

    private ToldFailures() {}

    /**
     * A future of its own, because what hangs on one future runs in no certain order. It ends as the answer does, and cancelling it
     * cancels the call.
     */
    static <T> CompletableFuture<T> first(CompletableFuture<T> answer, Consumer<Throwable> hears) {
        CompletableFuture<T> told = answer.newIncompleteFuture();
        var unused = answer.whenComplete((value, failure) -> {
            if (failure == null) {
                told.complete(value);
            } else if (failure instanceof CancellationException) {
                told.cancel(false);
            } else {
                try {
                    hears.accept(failure);
                } finally {
                    told.completeExceptionally(failure);
                }
            }
        });
        var unusedToo = told.whenComplete((value, failure) -> {
            if (told.isCancelled()) {
                answer.cancel(true);
            }
        });
        return told;
    }
}
