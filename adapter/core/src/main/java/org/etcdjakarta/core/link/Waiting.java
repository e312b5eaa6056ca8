package org.etcdjakarta.core.link;

import io.grpc.MethodDescriptor;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;

/**
 * The calls of one reference on a link that wait at etcd for their turn. They have no deadline, so the end of the reference has
 * to take them back: the link may live on, and with it a lock that nobody is left to release, or a connection to one member.
 */
final class Waiting {

    private final Calls calls;
    private final Set<Runnable> pending = ConcurrentHashMap.newKeySet();
    private volatile boolean closed;

    Waiting(Calls calls) {
        this.calls = calls;
    }

    /** As {@link Calls#await}; cancelled when the reference is closed. IllegalStateException when it is already. */
    <Q, R, T> CompletableFuture<T> await(MethodDescriptor<Q, R> method, Q request, Function<R, T> mapping) {
        checkOpen();
        return guard(calls.await(method, request, mapping));
    }

    /** Cancels this call when the reference is closed, at once when it is already. */
    <T> CompletableFuture<T> guard(CompletableFuture<T> turn) {
        Runnable takeBack = () -> turn.cancel(false);
        pending.add(takeBack);
        var unused = turn.whenComplete((value, failure) -> pending.remove(takeBack));
        if (closed) {
            // close() may have looked at the set just before.
            takeBack.run();
        }
        return turn;
    }

    void checkOpen() {
        if (closed) {
            throw new IllegalStateException("the reference on the link to "
                    + String.join(",", calls.config().endpoints()) + " that this client comes from is closed");
        }
    }

    boolean isClosed() {
        return closed;
    }

    /** The reference on the link is closed. */
    void close() {
        closed = true;
        pending.forEach(Runnable::run);
    }
}
