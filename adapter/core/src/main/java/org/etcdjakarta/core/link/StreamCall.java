package org.etcdjakarta.core.link;

import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import java.util.ArrayDeque;
import java.util.Queue;
import org.etcdjakarta.EtcdAccessException;
import org.etcdjakarta.EtcdException;
import org.etcdjakarta.core.link.Tokens.Token;
import org.jspecify.annotations.Nullable;

/**
 * One long-lived call with many messages: a watch, a keep-alive stream, an observed election, a snapshot. It has no deadline
 * and waits for a connection; responses come only as they are asked for. Safe for use by several threads.
 */
final class StreamCall<Q, R> {

    /** Tells what happens, one call at a time, on the link's pool. */
    interface Events<R> {

        default void onReady() {}

        void onMessage(R message);

        /** The server has ended the stream in order. */
        void onCompleted();

        /** The stream has failed; {@code mayResume} is false when another one would end in the same way. */
        void onFailure(EtcdException failure, boolean mayResume);
    }

    /** Messages of any size: one that does not pass ends a stream that many share, and again as soon as it is resumed. */
    private static final CallOptions OPTIONS =
            CallOptions.DEFAULT.withWaitForReady().withMaxInboundMessageSize(Integer.MAX_VALUE);

    private final Calls calls;
    private final MethodDescriptor<Q, R> method;
    private final Events<R> events;
    private final Queue<Q> waiting = new ArrayDeque<>();
    private int wanted;
    private boolean halfClosed;
    private boolean cancelled;
    private @Nullable ClientCall<Q, R> call;
    private Token token = Token.NONE;

    StreamCall(Calls calls, MethodDescriptor<Q, R> method, Events<R> events) {
        this.calls = calls;
        this.method = method;
        this.events = events;
    }

    StreamCall<Q, R> start() {
        if (calls.isClosed()) {
            failLater(calls.errors.closed(method, false, false), false);
            return this;
        }
        var unused = calls.tokens.get().whenComplete((found, failure) -> {
            if (failure == null) {
                try {
                    begin(found);
                } finally {
                    LinkThreads.leaveNothing();
                }
            } else {
                EtcdException cause = calls.errors.noToken(method, failure, false);
                failLater(cause, !(cause instanceof EtcdAccessException) && !calls.isClosed());
            }
        });
        return this;
    }

    /** Who starts a stream may hold a lock. */
    private void failLater(EtcdException failure, boolean mayResume) {
        calls.pool.execute(() -> events.onFailure(failure, mayResume));
    }

    private synchronized void begin(Token found) {
        if (cancelled) {
            return;
        }
        token = found;
        Metadata headers = calls.headers(found);
        // A member that is cut off from the others would keep the stream open and silent for ever.
        headers.put(Calls.HAS_LEADER, "true");
        ClientCall<Q, R> starting = calls.channel.newCall(method, OPTIONS);
        call = starting;
        starting.start(new Receiver(), headers);
        for (Q message : waiting) {
            starting.sendMessage(message);
        }
        waiting.clear();
        if (halfClosed) {
            starting.halfClose();
        }
        if (wanted > 0) {
            starting.request(wanted);
        }
    }

    synchronized void request(int responses) {
        if (call == null) {
            wanted += responses;
        } else if (!cancelled) {
            call.request(responses);
        }
    }

    synchronized void send(Q message) {
        if (call == null) {
            waiting.add(message);
        } else if (!cancelled && !halfClosed) {
            call.sendMessage(message);
        }
    }

    /** No more messages from here. */
    synchronized void halfClose() {
        halfClosed = true;
        if (call != null && !cancelled) {
            call.halfClose();
        }
    }

    /** True when a message would go out at once instead of being queued. */
    synchronized boolean isReady() {
        return call != null && !cancelled && call.isReady();
    }

    synchronized void cancel() {
        if (cancelled) {
            return;
        }
        cancelled = true;
        if (call != null) {
            try {
                call.cancel("no longer wanted", null);
            } finally {
                LinkThreads.leaveNothing();
            }
        }
    }

    private synchronized boolean isCancelled() {
        return cancelled;
    }

    /** Drops the token this call was made with. False when no user is configured: there is nothing to renew. */
    synchronized boolean renewToken() {
        calls.tokens.refused(token);
        return calls.tokens.inUse();
    }

    private final class Receiver extends ClientCall.Listener<R> {

        @Override
        public void onReady() {
            events.onReady();
        }

        @Override
        public void onMessage(R message) {
            if (!isCancelled()) {
                events.onMessage(message);
            }
        }

        @Override
        public void onClose(Status status, Metadata trailers) {
            if (isCancelled()) {
                return;
            }
            if (status.isOk()) {
                events.onCompleted();
            } else if (calls.isClosed()) {
                events.onFailure(calls.errors.closed(method, false, false), false);
            } else {
                boolean tokenRefused = calls.tokenRefused(status) && renewToken();
                events.onFailure(calls.errors.of(method, status, false, true), tokenRefused || mayResume(status));
            }
        }
    }

    /** What etcd's checks refuse stays refused; everything else is an interruption. */
    private static boolean mayResume(Status status) {
        return switch (status.getCode()) {
            case INVALID_ARGUMENT,
                    NOT_FOUND,
                    ALREADY_EXISTS,
                    PERMISSION_DENIED,
                    UNAUTHENTICATED,
                    FAILED_PRECONDITION,
                    OUT_OF_RANGE,
                    UNIMPLEMENTED -> false;
            default -> true;
        };
    }
}
