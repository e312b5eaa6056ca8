package org.etcdjakarta.core.link;

import com.google.protobuf.MessageLite;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.Deadline;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.etcdjakarta.EtcdException;
import org.etcdjakarta.EtcdUnavailableException;
import org.etcdjakarta.core.link.Tokens.Token;
import org.jspecify.annotations.Nullable;

/** One unary call with all its attempts. The future fails with the EtcdException family, never wrapped. */
final class UnaryCall<Q, R> {

    /** What may be done with a call when something goes wrong. */
    enum Kind {
        /** Changes nothing: repeated until the deadline. */
        READ,
        /** Changes something: repeated only when the attempt before was certainly not applied. */
        WRITE,
        /** As WRITE, but etcd may take its time: the deadline is only for leaving this process. */
        TURN
    }

    private static final long FIRST_PAUSE_MILLIS = 20;
    private static final long LONGEST_PAUSE_MILLIS = 500;

    /** A fresh token may be refused once more by a member that lags behind; one that is refused again and again is not fresh. */
    private static final int MOST_RENEWALS = 3;

    /** Waits for a connection instead of failing at once: a restart of etcd is no error as long as it is short. */
    private static final CallOptions OPTIONS =
            CallOptions.DEFAULT.withWaitForReady().withStreamTracerFactory(Departure.TRACERS);

    private static final Status NOT_SENT = Status.DEADLINE_EXCEEDED.withDescription("not sent");

    private final Calls calls;
    private final MethodDescriptor<Q, R> method;
    private final Q request;
    private final Kind kind;
    private final Deadline deadline;
    private final CallExecutor executor;
    private final CallFuture<R> result;
    private final Departure departure;

    private boolean withToken = true;
    private int renewals;
    private long pause = FIRST_PAUSE_MILLIS;
    private volatile boolean givenUp;

    /** Null between two attempts. Written before {@link #givenUp} is read, and read after that is written. */
    private volatile @Nullable Attempt running;

    UnaryCall(Calls calls, MethodDescriptor<Q, R> method, Q request, Kind kind, Deadline deadline, Executor async) {
        this.calls = calls;
        this.method = method;
        this.request = request;
        this.kind = kind;
        this.deadline = deadline;
        executor = new CallExecutor(async);
        departure = executor.departure();
        result = new CallFuture<>(executor, this::cancelled);
    }

    CompletableFuture<R> start() {
        int limit = calls.config().maxOutboundMessageSize();
        if (request instanceof MessageLite message && message.getSerializedSize() > limit) {
            result.completeExceptionally(
                    calls.errors.requestTooLarge(method, message.getSerializedSize(), limit, write()));
            return result;
        }
        attempt();
        return result;
    }

    CompletableFuture<R> startWithoutToken() {
        withToken = false;
        return start();
    }

    private void attempt() {
        if (result.isDone()) {
            return;
        }
        if (calls.isClosed()) {
            result.completeExceptionally(calls.errors.closed(method, write(), departure.left()));
            return;
        }
        if (!withToken || !calls.tokens.inUse()) {
            attempt(Token.NONE);
            return;
        }
        CompletableFuture<Token> token = calls.tokens.get();
        if (token.isDone()) {
            attempt(token);
            return;
        }
        // Others wait for this token, too, and some of them longer: this call ends at its own deadline.
        Runnable cancelTimer = calls.at(deadline, this::giveUpIfNotLeft);
        var unused = token.whenComplete((value, failure) -> {
            cancelTimer.run();
            executor.execute(() -> attempt(token));
        });
    }

    /** Of the call itself nothing has left yet, whatever befell the authentication. */
    private void attempt(CompletableFuture<Token> fetched) {
        if (!fetched.isCompletedExceptionally()) {
            attempt(fetched.join());
            return;
        }
        Throwable failure = fetched.handle((value, thrown) -> thrown).join();
        if (failure instanceof EtcdUnavailableException && mayPause()) {
            attemptAfterPause();
        } else {
            result.completeExceptionally(calls.errors.noToken(method, failure, write()));
        }
    }

    private void attempt(Token token) {
        if (result.isDone()) {
            return;
        }
        try {
            begin(token);
        } finally {
            LinkThreads.leaveNothing();
        }
    }

    private void begin(Token token) {
        CallOptions options = OPTIONS.withExecutor(executor);
        ClientCall<Q, R> call =
                calls.channel.newCall(method, kind == Kind.TURN ? options : options.withDeadline(deadline));
        Attempt attempt = new Attempt(call, token);
        running = attempt;
        if (givenUp) {
            result.completeExceptionally(failure(NOT_SENT));
            return;
        }
        try {
            call.start(attempt, headers(token));
            call.sendMessage(request);
            call.halfClose();
            // Two, so that a server that breaks the protocol with a second answer is noticed, as gRPC's own stubs do.
            call.request(2);
        } catch (RuntimeException e) {
            call.cancel("could not be sent", e);
            result.completeExceptionally(failure(Status.fromThrowable(e)));
            return;
        }
        attempt.started = true;
        if (givenUp || result.isDone()) {
            attempt.cancel();
        }
    }

    private Metadata headers(Token token) {
        Metadata headers = calls.headers(token);
        if (kind == Kind.TURN) {
            headers.put(Calls.HAS_LEADER, "true");
        }
        return headers;
    }

    private void cancelled() {
        Attempt attempt = running;
        if (attempt != null) {
            attempt.cancel();
        }
    }

    /**
     * At the deadline: for what gRPC's deadline does not cover. An attempt under way is cancelled first and judged when it has
     * ended: it may be leaving at this moment.
     */
    void giveUpIfNotLeft() {
        if (departure.left() || result.isDone()) {
            return;
        }
        givenUp = true;
        Attempt attempt = running;
        if (attempt == null) {
            result.completeExceptionally(failure(NOT_SENT));
        } else {
            attempt.cancel();
        }
    }

    private void answered(Token token, Status status, @Nullable R response) {
        running = null;
        if (status.isOk() && response != null) {
            result.complete(response);
        } else if (givenUp) {
            result.completeExceptionally(failure(NOT_SENT));
        } else if (mayRenew() && calls.tokenRefused(status)) {
            calls.tokens.refused(token);
            departure.takeBack();
            if (renewals++ == 0) {
                attempt();
            } else {
                attemptAfterPause();
            }
        } else if (mayRepeat(status)) {
            departure.takeBack();
            attemptAfterPause();
        } else {
            result.completeExceptionally(failure(status));
        }
    }

    private boolean mayRenew() {
        // What has no deadline of its own must leave within the request timeout all the same.
        return withToken && renewals < MOST_RENEWALS && (kind != Kind.TURN || mayPause());
    }

    private boolean mayRepeat(Status status) {
        return Statuses.told(status).getCode() == Status.Code.UNAVAILABLE
                && (!write() || !departure.left() || Statuses.isRefusedUnseen(status))
                && mayPause();
    }

    private boolean mayPause() {
        return !calls.isClosed() && deadline.timeRemaining(TimeUnit.MILLISECONDS) > pause;
    }

    private void attemptAfterPause() {
        long millis = ThreadLocalRandom.current().nextLong(pause / 2, pause + 1);
        pause = Math.min(2 * pause, LONGEST_PAUSE_MILLIS);
        calls.retry(Duration.ofMillis(millis), () -> executor.execute(this::attempt));
    }

    private boolean write() {
        return kind != Kind.READ;
    }

    private EtcdException failure(Status status) {
        return calls.isClosed()
                ? calls.errors.closed(method, write(), departure.left())
                : calls.errors.of(method, status, write(), departure);
    }

    private final class Attempt extends ClientCall.Listener<R> {

        private final ClientCall<Q, R> call;
        private final Token token;
        private @Nullable R response;

        /** gRPC has one cancellation for a call, and forgets one that comes while the call is being started. */
        private volatile boolean started;

        Attempt(ClientCall<Q, R> call, Token token) {
            this.call = call;
            this.token = token;
        }

        /** Who starts the call looks again, when it has started, whether it is still wanted. */
        void cancel() {
            if (started) {
                try {
                    call.cancel("no longer wanted", null);
                } finally {
                    LinkThreads.leaveNothing();
                }
            }
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
}
