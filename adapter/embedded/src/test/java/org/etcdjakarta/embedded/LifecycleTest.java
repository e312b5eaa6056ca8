package org.etcdjakarta.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.etcdjakarta.embedded.TestClient.patiently;

import io.etcd.jetcd.api.KVGrpc;
import io.etcd.jetcd.api.PutResponse;
import io.grpc.Context;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ConnectException;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.etcdjakarta.embedded.faults.Fault;
import org.etcdjakarta.embedded.faults.Refusal;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Pause, stop, restart and close, seen by clients on the port and in process. */
class LifecycleTest {

    enum Way {
        PORT,
        IN_PROCESS;

        TestClient to(EmbeddedEtcd etcd) {
            return this == PORT ? TestClient.onPort(etcd) : TestClient.inProcess(etcd);
        }
    }

    /** Much longer than an answer takes: silence that lasts so long is no coincidence. */
    private static final Duration A_WHILE = Duration.ofMillis(300);

    private final ManualClock clock = new ManualClock();
    private final EmbeddedEtcd etcd = EmbeddedEtcd.start(clock);

    @AfterEach
    void close() {
        etcd.close();
    }

    @ParameterizedTest
    @EnumSource
    void aPausedOneAnswersNothingAndGoesOnWhereItWas(Way way) throws Exception {
        try (TestClient client = way.to(etcd);
                TestClient late = way.to(etcd)) {
            client.put("before");
            var watch = client.watching("k");

            etcd.pause();
            Future<PutResponse> put = client.putLater("k");
            Future<PutResponse> onNewConnection = late.putLater("l");
            patiently()
                    .during(A_WHILE)
                    .until(() -> etcd.faults().seen(KVGrpc.getPutMethod()) == 1
                            && !put.isDone()
                            && !onNewConnection.isDone());

            etcd.resume();
            assertThat(put.get().getHeader().getRevision()).isGreaterThan(2);
            assertThat(onNewConnection.get().getHeader().getRevision()).isGreaterThan(2);
            assertThat(client.has("before")).isTrue();
            patiently().until(() -> watch.answers().size() == 2);
            assertThat(watch.isOpen()).isTrue();
        }
    }

    @Test
    void aPausedOneTakesConnectionsAndIsSilent() throws IOException {
        URI endpoint = URI.create(etcd.endpoint());
        etcd.pause();

        try (Socket socket = new Socket(endpoint.getHost(), endpoint.getPort())) {
            socket.setSoTimeout(Math.toIntExact(A_WHILE.toMillis()));
            assertThatThrownBy(() -> socket.getInputStream().read()).isInstanceOf(SocketTimeoutException.class);
            etcd.resume();
            socket.setSoTimeout(60_000);
            // HTTP/2 begins with the server's settings.
            assertThat(socket.getInputStream().read()).isNotNegative();
        }
    }

    @ParameterizedTest
    @EnumSource
    void aStoppedOneRefusesAndARestartKeepsPortAndData(Way way) {
        try (TestClient client = way.to(etcd)) {
            client.put("k");
            var watch = client.watching("k");
            String endpoint = etcd.endpoint();

            etcd.stop();

            assertThat(watch.end()).isEqualTo(Status.Code.UNAVAILABLE);
            assertThatThrownBy(() -> client.put("k"))
                    .isInstanceOfSatisfying(
                            StatusRuntimeException.class,
                            down -> assertThat(down.getStatus().getCode()).isEqualTo(Status.Code.UNAVAILABLE));
            etcd.restart();

            assertThat(etcd.endpoint()).isEqualTo(endpoint);
            patiently()
                    .ignoreExceptionsInstanceOf(StatusRuntimeException.class)
                    .until(() -> client.put("k").getHeader().getRevision() == 3);
        }
    }

    @ParameterizedTest
    @EnumSource
    void callsThatAreUnderWayAreToldThatItStops(Way way) {
        etcd.faults().on(KVGrpc.getPutMethod()).delay(Duration.ofHours(1));
        try (TestClient client = way.to(etcd)) {
            Future<PutResponse> put = client.putLater("k");
            patiently().until(() -> etcd.faults().seen(KVGrpc.getPutMethod()) == 1);

            etcd.stop();

            assertThat(put)
                    .failsWithin(Duration.ofSeconds(60))
                    .withThrowableThat()
                    .havingRootCause()
                    .withMessage("UNAVAILABLE: the embedded etcd was told to end this call");
        }
    }

    /** Whose caller has gone is not ended by the stop, but would be applied after it. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void whatIsDelayedOverAStopIsNotAppliedAfterIt(boolean callerGone) {
        CompletableFuture<Boolean> restarted = new CompletableFuture<>();
        Fault fault = etcd.faults()
                .on(KVGrpc.getPutMethod())
                .when(request -> restarted.join())
                .delay(Duration.ofMillis(1));
        TestClient client = TestClient.inProcess(etcd);
        Context.CancellableContext call = Context.current().withCancellation();
        call.run(() -> {
            var unused = client.putLater("k");
        });
        patiently().until(() -> etcd.faults().seen(KVGrpc.getPutMethod()) == 1);
        if (callerGone) {
            call.cancel(null);
        }

        etcd.restart();
        restarted.complete(true);

        patiently().until(() -> fault.hits() == 1);
        patiently().during(A_WHILE).until(() -> !client.has("k"));
        call.cancel(null);
    }

    @Test
    void thePortOfAStoppedOneRefusesConnections() throws IOException {
        URI endpoint = URI.create(etcd.endpoint());
        new Socket(endpoint.getHost(), endpoint.getPort()).close();

        etcd.stop();

        assertThatThrownBy(() -> new Socket(endpoint.getHost(), endpoint.getPort()).close())
                .isInstanceOf(ConnectException.class);
        etcd.restart();
        new Socket(endpoint.getHost(), endpoint.getPort()).close();
    }

    @ParameterizedTest
    @EnumSource
    void anEmptyRestartLosesEverythingButPortAndFaults(Way way) {
        try (TestClient client = way.to(etcd)) {
            client.putWithLease("k", client.grant(10));
            String endpoint = etcd.endpoint();
            etcd.faults().on(KVGrpc.getPutMethod()).refuse(Refusal.NO_LEADER);

            etcd.restartEmpty();

            assertThat(etcd.endpoint()).isEqualTo(endpoint);
            patiently()
                    .ignoreExceptionsInstanceOf(StatusRuntimeException.class)
                    .until(() -> client.range("k").getHeader().getRevision() == 1);
            assertThat(client.has("k")).isFalse();
            assertThatThrownBy(() -> client.put("k")).hasMessageContaining("etcdserver: no leader");
            etcd.faults().clear();
            assertThat(client.put("k").getHeader().getRevision()).isEqualTo(2);
        }
    }

    @Test
    void noLeaseEndsInAPauseAndWhatIsDueEndsAfterIt() {
        TestClient client = TestClient.inProcess(etcd);
        client.putWithLease("k", client.grant(10));

        etcd.pause();
        clock.advance(Duration.ofSeconds(10));
        long revision = etcd.faults().compact();
        assertThat(revision).as("nothing was deleted").isEqualTo(2);

        etcd.resume();
        assertThat(client.has("k")).isFalse();
    }

    @Test
    void aRestartGivesEachLeaseItsWholeTime() {
        try (TestClient client = TestClient.onPort(etcd)) {
            client.putWithLease("k", client.grant(10));
            clock.advance(Duration.ofSeconds(9));
            etcd.stop();
            clock.advance(Duration.ofSeconds(100));
            etcd.restart();

            patiently().ignoreExceptionsInstanceOf(StatusRuntimeException.class).until(() -> client.has("k"));
            clock.advance(Duration.ofSeconds(9));
            assertThat(client.has("k")).isTrue();
            clock.advance(Duration.ofSeconds(1));
            assertThat(client.has("k")).isFalse();
        }
    }

    @Test
    void whatIsAlreadySoCannotBeDoneAgain() {
        assertIllegal(etcd::resume, "RUNNING cannot resume");
        etcd.pause();
        assertIllegal(etcd::pause, "PAUSED cannot pause");
        etcd.stop();
        assertIllegal(etcd::stop, "STOPPED cannot stop");
        assertIllegal(etcd::pause, "STOPPED cannot pause");
        etcd.close();
        etcd.close();
        assertIllegal(etcd::restart, "CLOSED cannot restart");
        assertIllegal(etcd::channel, "CLOSED cannot give a channel");
    }

    private static void assertIllegal(Runnable call, String text) {
        assertThatIllegalStateException().isThrownBy(call::run).withMessageEndingWith(text);
    }

    @Test
    void aPausedOneCanBeClosedAndItsCallsEnd() {
        try (TestClient client = TestClient.onPort(etcd)) {
            client.put("k");
            etcd.pause();
            Future<PutResponse> put = client.putLater("k");

            etcd.close();

            patiently().until(put::isDone);
            assertThat(etcd.endpoint()).startsWith("http://127.0.0.1:");
        }
    }

    @Test
    void aPortCanBeChosenAndATakenOneIsNamed() throws IOException {
        int port;
        try (ServerSocket taken = new ServerSocket(0)) {
            port = taken.getLocalPort();
            assertThatThrownBy(() -> EmbeddedEtcd.start(port).close())
                    .isInstanceOf(UncheckedIOException.class)
                    .hasMessageContaining(Integer.toString(port));
        }
        for (int bad : List.of(-1, 65536)) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> EmbeddedEtcd.start(bad).close())
                    .withMessageContaining("port: " + bad)
                    .withMessageContaining("1 to 65535");
        }
        try (EmbeddedEtcd chosen = startOn(port);
                TestClient client = TestClient.onPort(chosen)) {
            assertThat(chosen.endpoint()).endsWith(":" + port);
            client.put("k");
        }
    }

    /** Something else may have the port for a moment: an outgoing connection, say. */
    private static EmbeddedEtcd startOn(int port) {
        return patiently()
                .ignoreExceptionsInstanceOf(UncheckedIOException.class)
                .until(() -> EmbeddedEtcd.start(port), etcd -> true);
    }

    @Test
    void serversOfOneJvmShareNothing() throws ExecutionException, InterruptedException {
        try (EmbeddedEtcd other = EmbeddedEtcd.start()) {
            TestClient.inProcess(etcd).put("k");

            assertThat(TestClient.inProcess(other).has("k")).isFalse();
            assertThat(Stream.of(etcd.channelName(), other.channelName())).doesNotHaveDuplicates();
        }
    }
}
