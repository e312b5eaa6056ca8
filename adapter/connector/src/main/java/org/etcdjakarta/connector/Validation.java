package org.etcdjakarta.connector;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.etcdjakarta.EtcdUnavailableException;

/** One question to etcd whether it is there. */
final class Validation {

    /** For all connections of one call together: a slow check must not block the pool. */
    static final Duration LIMIT = Duration.ofSeconds(2);

    /** Servers validate on every match; an answer this young is not asked for again. */
    static final Duration FRESH = Duration.ofSeconds(5);

    private final CompletableFuture<?> answer;

    Validation(CompletableFuture<?> answer) {
        this.answer = answer;
    }

    static Validation passed() {
        return new Validation(CompletableFuture.completedFuture(null));
    }

    static Validation failed(RuntimeException cause) {
        return new Validation(CompletableFuture.failedFuture(cause));
    }

    /** Every answer of etcd shows that the connection works, a refusal too; only silence or no connection is a failure. */
    boolean succeedsUntil(long deadline) {
        try {
            answer.get(Math.max(0, deadline - System.nanoTime()), TimeUnit.NANOSECONDS);
            return true;
        } catch (ExecutionException refused) {
            return !(refused.getCause() instanceof EtcdUnavailableException)
                    && !(refused.getCause() instanceof IllegalStateException);
        } catch (TimeoutException silent) {
            answer.cancel(true);
            return false;
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            return false;
        }
    }
}
