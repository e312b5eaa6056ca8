package org.etcdjakarta.core.link;

import io.grpc.Attributes;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.ClientStreamTracer;
import io.grpc.Deadline;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.etcdjakarta.EtcdException;
import org.etcdjakarta.core.link.Tokens.Token;
import org.jspecify.annotations.Nullable;

/** One unary call with all its attempts. The future fails with the EtcdException family, never wrapped. */
final class UnaryCall<Q, R> {

    private static final long FIRST_PAUSE_MILLIS = 20;
    private static final long LONGEST_PAUSE_MILLIS = 500;

    private final Calls calls;
    private final MethodDescriptor<Q, R> method;
    private final Q request;
    private final boolean write;
    private final @Nullable Deadline deadline;
    private final CompletableFuture<R> result = new CompletableFuture<>();
    private final Departure departure = new Departure();

    /** One object for all pauses: it is found by identity when the link closes in one. */
    private final Runnable again = this::attempt;

    private boolean withToken = true;
    private boolean tokenRenewed;
    private long pause = FIRST_PAUSE_MILLIS;
    private volatile @Nullable ClientCall<Q, R> running;

    UnaryCall(Calls calls, MethodDescriptor<Q, R> method, Q request, boolean write, @Nullable Deadline deadline) {
        this.calls = calls;
        this.method = method;
        this.request = request;
        this.write = write;
        this.deadline = deadline;
    }

    CompletableFuture<R> start() {
        var unused = result.whenComplete((response, failure) -> {
            ClientCall<Q, R> call = running;
            if (result.isCancelled() && call != null) {
                call.cancel("cancelled by the caller", null);
            }
        });
        attempt();
        return result;
    }

    CompletableFuture<R> startWithoutToken() {
        withToken = false;
        return start();
    }

    private void attempt() {
        if (calls.isClosed()) {
            result.completeExceptionally(calls.errors.closed(method, write, departure.left));
            return;
        }
        if (!withToken || !calls.tokens.inUse()) {
            attempt(Token.NONE);
            return;
        }
        CompletableFuture<Token> token = calls.tokens.get();
        var unused = token.whenComplete((value, failure) -> {
            if (failure == null) {
                attempt(value);
            } else {
                // Of the call itself nothing has left yet, whatever befell the authentication.
                result.completeExceptionally(calls.errors.noToken(method, failure, write));
            }
        });
    }

    private void attempt(Token token) {
        if (result.isDone()) {
            return;
        }
        // Waits for a connection instead of failing at once: a restart of etcd is no error as long as it is short.
        CallOptions options = CallOptions.DEFAULT.withWaitForReady().withStreamTracerFactory(departure);
        ClientCall<Q, R> call =
                calls.channel.newCall(method, deadline == null ? options : options.withDeadline(deadline));
        running = call;
        try {
            call.start(new Answer(token), headers(token));
            call.sendMessage(request);
            call.halfClose();
            // Two, so that a server that breaks the protocol with a second answer is noticed, as gRPC's own stubs do.
            call.request(2);
        } catch (RuntimeException e) {
            call.cancel("could not be sent", e);
            result.completeExceptionally(calls.errors.of(method, Status.fromThrowable(e), write, departure.left));
            return;
        }
        if (result.isDone()) {
            call.cancel("cancelled by the caller", null);
        }
    }

    private Metadata headers(Token token) {
        Metadata headers = calls.headers(token);
        if (deadline == null) {
            headers.put(Calls.HAS_LEADER, "true");
        }
        return headers;
    }

    /** For calls without deadline: they may wait at etcd, but not for etcd. */
    void giveUpIfNotLeft() {
        if (!departure.left && !result.isDone()) {
            result.completeExceptionally(failure(Status.DEADLINE_EXCEEDED.withDescription("not sent")));
            ClientCall<Q, R> call = running;
            if (call != null) {
                call.cancel("not sent within the request timeout", null);
            }
        }
    }

    private void answered(Token token, Status status, @Nullable R response) {
        if (status.isOk() && response != null) {
            result.complete(response);
        } else if (withToken && !tokenRenewed && calls.tokenRefused(status)) {
            tokenRenewed = true;
            calls.tokens.refused(token);
            departure.left = false;
            attempt();
        } else if (status.getCode() == Status.Code.UNAVAILABLE && mayRepeat(status)) {
            long millis = ThreadLocalRandom.current().nextLong(pause / 2, pause + 1);
            pause = Math.min(2 * pause, LONGEST_PAUSE_MILLIS);
            calls.retry(Duration.ofMillis(millis), again);
        } else {
            result.completeExceptionally(failure(status));
        }
    }

    private boolean mayRepeat(Status status) {
        return !calls.isClosed()
                && (!write || !departure.left || LinkErrors.isNoLeader(status))
                && deadline != null
                && deadline.timeRemaining(TimeUnit.MILLISECONDS) > pause;
    }

    private EtcdException failure(Status status) {
        return calls.isClosed()
                ? calls.errors.closed(method, write, departure.left)
                : calls.errors.of(method, status, write, departure.left);
    }

    private final class Answer extends ClientCall.Listener<R> {

        private final Token token;
        private @Nullable R response;

        Answer(Token token) {
            this.token = token;
        }

        @Override
        public void onMessage(R message) {
            response = message;
        }

        @Override
        public void onClose(Status status, Metadata trailers) {
            answered(token, status, response);
        }
    }

    /**
     * Notes whether the request may have reached etcd. gRPC tells the tracer when the stream is given to a live connection;
     * an attempt that follows as a "transparent" retry says that the one before was provably not processed.
     */
    private static final class Departure extends ClientStreamTracer.Factory {

        volatile boolean left;

        @Override
        public ClientStreamTracer newClientStreamTracer(ClientStreamTracer.StreamInfo info, Metadata headers) {
            if (info.isTransparentRetry()) {
                left = false;
            }
            return new ClientStreamTracer() {
                @Override
                public void streamCreated(Attributes transport, Metadata sent) {
                    left = true;
                }
            };
        }
    }
}
