package org.etcdjakarta.core.tx;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.etcdjakarta.EtcdException;

/** Waits for the link, whose calls all have a deadline. */
final class Await {

    private Await() {}

    /** The answer, or the {@link EtcdException} that the link completed with. */
    static <T> T answer(CompletableFuture<T> call) {
        try {
            return call.join();
        } catch (CompletionException e) {
            if (e.getCause() instanceof EtcdException failure) {
                throw failure;
            }
            throw e;
        }
    }
}
