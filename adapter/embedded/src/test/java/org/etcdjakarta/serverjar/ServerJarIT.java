package org.etcdjakarta.serverjar;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.etcdjakarta.embedded.TestClient;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The jar as it is shipped, with nothing beside it: no JUnit, no dependency. */
class ServerJarIT {

    private Process server;
    private BufferedReader output;

    @BeforeEach
    void start() throws IOException {
        server = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-jar",
                        System.getProperty("server.jar"),
                        "--port",
                        "0")
                .redirectErrorStream(true)
                .start();
        output = server.inputReader();
    }

    @AfterEach
    void destroy() {
        server.destroyForcibly();
    }

    @Test
    void startsWithOneLineAnswersAndEndsWhenTold() throws IOException, InterruptedException {
        String banner = output.readLine();
        assertThat(banner)
                .matches("An embedded etcd, for development and tests only, listens on http://127.0.0.1:\\d+");

        try (TestClient client = TestClient.onPort(banner.substring(banner.indexOf("http")))) {
            client.put("k");
            assertThat(client.has("k")).isTrue();
        }

        // SIGTERM; the process's own method would close the output as well
        assertThat(server.toHandle().destroy()).isTrue();
        assertThat(server.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(server.exitValue()).isEqualTo(128 + 15);
        assertThat(output.readLine()).as("nothing but the banner").isNull();
    }
}
