package org.etcdjakarta.core.recipe;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** Waits for the link, whose calls all have a deadline. */
final class Answers {

    private Answers() {}

    /** The answer, or the EtcdException that the link completed with. */
    static <T> T join(CompletableFuture<T> call) {
        try {
            return call.join();
        } catch (CompletionException e) {
            throw unchecked(e.getCause());
        }
    }

    /** As {@link #join}, interruptibly; in doubt when the time is over before the call's own deadline. */
    static <T> T await(CompletableFuture<T> call, Limit limit) throws InterruptedException {
        try {
            return call.get(limit.graceLeft(), TimeUnit.NANOSECONDS);
        } catch (ExecutionException e) {
            throw unchecked(e.getCause());
        } catch (TimeoutException e) {
            throw RecipeErrors.noAnswer(e);
        }
    }

    static RuntimeException unchecked(@Nullable Throwable failure) {
        Throwable cause =
                failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
        if (cause instanceof Error error) {
            throw error;
        }
        return cause instanceof RuntimeException known ? known : new IllegalStateException(cause);
    }
}
