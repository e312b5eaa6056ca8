package org.etcdjakarta.core.link;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.etcd.jetcd.api.lock.LockGrpc;
import io.etcd.jetcd.api.lock.LockRequest;
import io.etcd.jetcd.api.lock.LockResponse;
import io.grpc.Attributes;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.Deadline;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.etcdjakarta.EtcdException;
import org.etcdjakarta.EtcdException.Effect;
import org.etcdjakarta.core.link.UnaryCall.Kind;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class UnaryCallTest {

    /** What becomes of a request that waits for a connection when it is cancelled. */
    private enum Fate {
        /** It was still here. */
        KEPT(Effect.NOT_APPLIED),
        /** A connection took it at the same moment. */
        LEAVES(Effect.IN_DOUBT);

        private final Effect effect;

        Fate(Effect effect) {
            this.effect = effect;
        }
    }

    private final LinkThreads threads = new LinkThreads(1);

    @AfterEach
    void stop() {
        threads.stop();
    }

    /** Without a connection. */
    private static final class Waiting extends Channel {

        private final Fate fate;

        Waiting(Fate fate) {
            this.fate = fate;
        }

        @Override
        public <Q, R> ClientCall<Q, R> newCall(MethodDescriptor<Q, R> method, CallOptions options) {
            CallExecutor executor = (CallExecutor) options.getExecutor();
            return new ClientCall<>() {
                @SuppressWarnings("NullAway.Init") // start comes first
                private Listener<R> listener;

                @Override
                public void start(Listener<R> answer, Metadata headers) {
                    listener = answer;
                }

                @Override
                public void cancel(String message, Throwable cause) {
                    if (fate == Fate.LEAVES) {
                        executor.departure().streamCreated(Attributes.EMPTY, new Metadata());
                    }
                    executor.execute(() -> listener.onClose(Status.CANCELLED, new Metadata()));
                }

                @Override
                public void request(int messages) {}

                @Override
                public void halfClose() {}

                @Override
                public void sendMessage(Q message) {}
            };
        }

        @Override
        public String authority() {
            return "waiting";
        }
    }

    private UnaryCall<LockRequest, LockResponse> call(Fate fate) {
        return call(new Waiting(fate), threads.pool());
    }

    private UnaryCall<LockRequest, LockResponse> call(Channel channel, Executor async) {
        EtcdLinkConfig config = EtcdLinkConfig.builder()
                .endpoints("localhost:1")
                .requestTimeout(Duration.ofSeconds(30))
                .build();
        return new UnaryCall<>(
                new Calls(channel, threads, config),
                LockGrpc.getLockMethod(),
                LockRequest.getDefaultInstance(),
                Kind.TURN,
                Deadline.after(30, TimeUnit.SECONDS),
                async);
    }

    @ParameterizedTest
    @EnumSource
    void callThatIsGivenUpIsJudgedByWhatBecameOfIt(Fate fate) {
        UnaryCall<LockRequest, LockResponse> call = call(fate);
        CompletableFuture<LockResponse> answer = call.start();
        assertThat(answer).isNotDone();
        call.giveUpIfNotLeft();

        assertThat(answer)
                .failsWithin(Duration.ofSeconds(30))
                .withThrowableOfType(ExecutionException.class)
                .havingCause()
                .isInstanceOfSatisfying(EtcdException.class, failure -> assertThat(failure.effect())
                        .isEqualTo(fate.effect));
    }

    /**
     * gRPC takes one cancellation for a call and forgets one that comes while it is being started. The first attempt is refused by
     * etcd, and the caller cancels at the moment when the second one starts.
     */
    private static final class Forgetful extends Channel {

        private final AtomicReference<CompletableFuture<?>> answer = new AtomicReference<>();
        private final CompletableFuture<Void> cancelled = new CompletableFuture<>();
        private final AtomicInteger attempts = new AtomicInteger();

        @Override
        public <Q, R> ClientCall<Q, R> newCall(MethodDescriptor<Q, R> method, CallOptions options) {
            int attempt = attempts.incrementAndGet();
            return new ClientCall<>() {
                private boolean started;
                private boolean spent;

                @Override
                public void start(Listener<R> listener, Metadata headers) {
                    if (attempt == 1) {
                        Status refused = Status.UNAVAILABLE.withDescription("etcdserver: no leader");
                        var executor = Objects.requireNonNull(options.getExecutor());
                        executor.execute(() -> listener.onClose(refused, new Metadata()));
                    } else {
                        Objects.requireNonNull(answer.get()).cancel(true);
                    }
                }

                @Override
                public void request(int messages) {
                    started = true;
                }

                @Override
                public void cancel(String message, Throwable cause) {
                    if (started && !spent) {
                        cancelled.complete(null);
                    }
                    spent = true;
                }

                @Override
                public void halfClose() {}

                @Override
                public void sendMessage(Q message) {}
            };
        }

        @Override
        public String authority() {
            return "forgetful";
        }
    }

    @Test
    void cancellationDuringTheStartOfAnAttemptReachesIt() {
        Forgetful channel = new Forgetful();
        CountDownLatch known = new CountDownLatch(1);
        UnaryCall<LockRequest, LockResponse> call =
                call(channel, task -> threads.pool().execute(() -> {
                    await().until(() -> known.getCount() == 0);
                    task.run();
                }));
        channel.answer.set(call.start());
        known.countDown();

        assertThat(channel.cancelled).succeedsWithin(Duration.ofSeconds(30));
        assertThat(channel.attempts).hasValue(2);
    }

    @Test
    void callThatIsGivenUpBeforeItsFirstAttemptIsNotSent() {
        UnaryCall<LockRequest, LockResponse> call = call(Fate.LEAVES);
        call.giveUpIfNotLeft();

        assertThat(call.start())
                .failsWithin(Duration.ofSeconds(30))
                .withThrowableOfType(ExecutionException.class)
                .havingCause()
                .isInstanceOfSatisfying(EtcdException.class, failure -> assertThat(failure.effect())
                        .isEqualTo(Effect.NOT_APPLIED));
    }
}
