package org.etcdjakarta.embedded;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Arguments; that it starts and ends is tested with the jar. */
class MainTest {

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    @ParameterizedTest
    @CsvSource({
        "--port x, --port takes a number from 0 to 65535",
        "--port=65536, 'not \"65536\"'",
        "--port, 'not \"\"'",
        "--port=-1, 'not \"-1\"'",
        "--prot 1, 'unknown argument \"--prot\"; allowed are --port N and --help'"
    })
    void anArgumentThatCannotBeUsedIsNamed(String arguments, String message) {
        assertThat(start(arguments.split(" "))).isEqualTo(2);

        assertThat(err.toString(StandardCharsets.UTF_8)).contains(message).contains("usage:");
        assertThat(out.size()).isZero();
    }

    @Test
    void helpIsGiven() {
        assertThat(start("--help")).isZero();

        assertThat(out.toString(StandardCharsets.UTF_8)).contains("usage:").contains("for development and tests only");
        assertThat(err.size()).isZero();
    }

    @Test
    void aTakenPortIsNamed() throws IOException {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            assertThat(start("--port", Integer.toString(taken.getLocalPort()))).isOne();

            assertThat(err.toString(StandardCharsets.UTF_8))
                    .contains("--port " + taken.getLocalPort())
                    .contains("choose another one");
        }
    }

    @Test
    void itListensWhereItSaysThoughTheJvmPrefersIpv6() throws IOException {
        Process server = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Djava.net.preferIPv6Addresses=true",
                        "-cp",
                        System.getProperty("java.class.path"),
                        Main.class.getName(),
                        "--port",
                        "0")
                .redirectErrorStream(true)
                .start();
        try (BufferedReader output = server.inputReader()) {
            String banner = output.readLine();
            try (TestClient client = TestClient.onPort(banner.substring(banner.indexOf("http")))) {
                client.put("k");
                assertThat(client.has("k")).isTrue();
            }
        } finally {
            server.destroyForcibly();
        }
    }

    private int start(String... arguments) {
        return Main.start(
                List.of(arguments),
                new PrintStream(out, true, StandardCharsets.UTF_8),
                new PrintStream(err, true, StandardCharsets.UTF_8));
    }
}
