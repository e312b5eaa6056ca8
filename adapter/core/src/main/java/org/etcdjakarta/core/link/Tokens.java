package org.etcdjakarta.core.link;

import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The link's authentication token. However many callers need one at the same time, etcd is asked once: it checks passwords
 * with bcrypt, one after the other, and 64 callers would wait for 64 of them.
 */
final class Tokens {

    /** A token, or the knowledge that the cluster wants none (empty text). */
    record Token(String text) {
        static final Token NONE = new Token("");
    }

    private final @Nullable Supplier<CompletableFuture<Token>> authenticate;
    private @Nullable CompletableFuture<Token> current;

    /** @param authenticate null when no user is configured */
    Tokens(@Nullable Supplier<CompletableFuture<Token>> authenticate) {
        this.authenticate = authenticate;
    }

    boolean inUse() {
        return authenticate != null;
    }

    /** The token at hand, the one being fetched, or a new one. */
    CompletableFuture<Token> get() {
        if (authenticate == null) {
            return CompletableFuture.completedFuture(Token.NONE);
        }
        CompletableFuture<Token> fetching;
        synchronized (this) {
            if (current != null) {
                return current;
            }
            fetching = new CompletableFuture<>();
            current = fetching;
        }
        // Outside the lock: the answer may come at once, on this thread.
        CompletableFuture<Token> asked;
        try {
            asked = authenticate.get();
        } catch (RuntimeException | Error e) {
            // Not even asked: whoever waits is told, and the next caller tries anew.
            asked = CompletableFuture.failedFuture(e);
        }
        var unused = asked.whenComplete((token, failure) -> {
            if (failure == null) {
                fetching.complete(token);
            } else {
                // Those who waited share the failure; the next caller tries anew.
                forget(fetching);
                fetching.completeExceptionally(failure);
            }
        });
        return fetching;
    }

    /** etcd refused this token. One that was fetched in the meantime stays. */
    synchronized void refused(Token token) {
        if (current != null
                && current.isDone()
                && !current.isCompletedExceptionally()
                && current.join().equals(token)) {
            current = null;
        }
    }

    private synchronized void forget(CompletableFuture<Token> failed) {
        if (current == failed) {
            current = null;
        }
    }
}
