package org.etcdjakarta.itests.support;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

@WithEtcd
class TcpProxyIT {

    private static final byte[] REQUEST = "GET /health HTTP/1.1\r\nHost: x\r\n\r\n".getBytes(StandardCharsets.US_ASCII);

    private final EtcdServer etcd;
    private final TcpProxy proxy;

    TcpProxyIT(EtcdServer etcd) {
        this.etcd = etcd;
        this.proxy = TcpProxy.to(etcd);
    }

    @AfterEach
    void close() {
        proxy.close();
    }

    @Test
    void passesEverythingByDefault() {
        through().put("proxied", "yes");

        assertThat(etcd.etcdctl().get("proxied")).hasValue("yes");
        assertThat(proxy.accepted()).isPositive();
    }

    @Test
    void cutEndsOpenConnectionsAndRefusesNewOnesUntilRestored() throws IOException {
        try (Socket socket = connect()) {
            ask(socket);
            proxy.cut();
            assertEnded(socket);
        }
        try (Socket socket = connect()) {
            assertEnded(socket);
        }
        proxy.restore();
        try (Socket socket = connect()) {
            ask(socket);
        }
    }

    @Test
    void blackHoleHoldsTheBytesUntilRestored() throws IOException {
        try (Socket socket = connect()) {
            ask(socket);
            proxy.blackHole();
            socket.getOutputStream().write(REQUEST);
            socket.setSoTimeout(300);
            assertThatThrownBy(() -> socket.getInputStream().read()).isInstanceOf(SocketTimeoutException.class);

            proxy.restore();
            socket.setSoTimeout(30_000);
            assertThat(socket.getInputStream().read()).isEqualTo('H');
        }
    }

    @Test
    void answerIsLostAfterTheGivenBytesAndTheNextConnectionWorks() throws IOException {
        try (Socket socket = connect()) {
            proxy.cutAfterResponseBytes(4);
            socket.getOutputStream().write(REQUEST);
            // What was written before a reset may be lost with it, so at most these bytes arrive, and then the end.
            assertThat("HTTP".getBytes(StandardCharsets.US_ASCII)).startsWith(readToEnd(socket));
        }
        try (Socket socket = connect()) {
            ask(socket);
        }
    }

    @Test
    void heldResponsesLetRequestsThrough() {
        proxy.holdResponses();

        assertThatThrownBy(() -> through().run("--command-timeout=2s", "--dial-timeout=2s", "put", "held", "1"))
                .hasMessageContaining("deadline exceeded");
        proxy.restore();
        through().put("held", "2");
        assertThat(etcd.etcdctl().get("held")).hasValue("2");
    }

    @Test
    void delayMakesAnswersLate() throws IOException {
        proxy.delay(Duration.ofMillis(200));
        try (Socket socket = connect()) {
            long start = System.nanoTime();
            ask(socket);
            assertThat(Duration.ofNanos(System.nanoTime() - start)).isGreaterThanOrEqualTo(Duration.ofMillis(400));
        }
    }

    private Etcdctl through() {
        return new Etcdctl(etcd.etcdctl().binary(), proxy.endpoint());
    }

    private Socket connect() throws IOException {
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), proxy.port());
        socket.setSoTimeout(30_000);
        return socket;
    }

    private static void ask(Socket socket) throws IOException {
        socket.getOutputStream().write(REQUEST);
        byte[] answer = new byte[4096];
        assertThat(socket.getInputStream().read(answer)).isPositive();
    }

    private static void assertEnded(Socket socket) {
        assertThat(readToEnd(socket)).isEmpty();
    }

    /** What still arrives before the connection ends, by a reset or in order; a connection that stays open fails by time-out. */
    private static byte[] readToEnd(Socket socket) {
        byte[] read = new byte[64];
        int length = 0;
        try {
            int value;
            while ((value = socket.getInputStream().read()) >= 0) {
                read[length++] = (byte) value;
            }
        } catch (SocketTimeoutException e) {
            throw new AssertionError("the connection stays open", e);
        } catch (IOException e) {
            // Reset.
        }
        return java.util.Arrays.copyOf(read, length);
    }
}
