package org.etcdjakarta.embedded.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.etcd.jetcd.api.KVGrpc;
import io.etcd.jetcd.api.PutRequest;
import io.etcd.jetcd.api.PutResponse;
import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.inprocess.InProcessChannelBuilder;
import io.grpc.inprocess.InProcessServerBuilder;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.etcdjakarta.embedded.ManualClock;
import org.etcdjakarta.embedded.store.Store;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A service with an error in it: its caller must not wait for ever. */
class FailingServiceTest {

    private final Faults faults = new Faults(new Target());
    private final String name = InProcessServerBuilder.generateName();
    private final Server server;
    private final ManagedChannel channel = InProcessChannelBuilder.forName(name).build();

    FailingServiceTest() throws IOException {
        server = InProcessServerBuilder.forName(name)
                .addService(new Failing())
                .intercept(faults.interceptor())
                .build()
                .start();
    }

    @AfterEach
    void close() {
        channel.shutdownNow();
        server.shutdownNow();
    }

    @Test
    void aDelayedCallThatFailsIsTold() {
        faults.on(KVGrpc.getPutMethod()).delay(Duration.ofMillis(1));

        assertThatThrownBy(() -> KVGrpc.newBlockingStub(channel)
                        .withDeadlineAfter(60, TimeUnit.SECONDS)
                        .put(PutRequest.getDefaultInstance()))
                .isInstanceOfSatisfying(StatusRuntimeException.class, failed -> {
                    assertThat(failed.getStatus().getCode()).isEqualTo(Status.Code.UNKNOWN);
                    assertThat(failed.getStatus().getDescription()).contains("an error in it");
                });
    }

    private static final class Failing extends KVGrpc.KVImplBase {
        @Override
        public void put(PutRequest request, StreamObserver<PutResponse> caller) {
            throw new IllegalStateException("an error in it");
        }
    }

    private static final class Target implements FaultTarget {

        @Override
        public Store store() {
            return new Store(new ManualClock());
        }

        @Override
        public void cutConnection(SocketAddress peer) {}

        @Override
        public void cutAllConnections() {}

        @Override
        public void expireTokens() {}

        @Override
        public void later(Duration delay, Runnable task) {
            // What the task throws is kept with it, and off the output.
            var unused = CompletableFuture.runAsync(
                    task, CompletableFuture.delayedExecutor(delay.toMillis(), TimeUnit.MILLISECONDS));
        }
    }
}
