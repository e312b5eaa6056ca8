package org.etcdjakarta.core.link;

import static org.assertj.core.api.Assertions.assertThat;

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
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
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
    private final class Waiting extends Channel {

        private final Fate fate;

        Waiting(Fate fate) {
            this.fate = fate;
        }

        @Override
        public <Q, R> ClientCall<Q, R> newCall(MethodDescriptor<Q, R> method, CallOptions options) {
            CallExecutor executor = (CallExecutor) options.getExecutor();
            return new ClientCall<>() {
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
        EtcdLinkConfig config = EtcdLinkConfig.builder()
                .endpoints("localhost:1")
                .requestTimeout(Duration.ofSeconds(30))
                .build();
        return new UnaryCall<>(
                new Calls(new Waiting(fate), threads, config),
                LockGrpc.getLockMethod(),
                LockRequest.getDefaultInstance(),
                Kind.TURN,
                Deadline.after(30, TimeUnit.SECONDS),
                threads.pool());
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
