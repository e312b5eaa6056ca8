package org.etcdjakarta.itests.wildfly;

import static org.awaitility.Awaitility.await;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.etcdjakarta.itests.environment.Folders;
import org.etcdjakarta.itests.environment.PortOffset;
import org.etcdjakarta.itests.wildfly.inside.ServerCommand;
import org.jboss.shrinkwrap.api.exporter.ZipExporter;
import org.jboss.shrinkwrap.api.spec.WebArchive;
import org.jspecify.annotations.Nullable;
import org.wildfly.core.launcher.Launcher;
import org.wildfly.core.launcher.StandaloneCommandBuilder;

/**
 * A WildFly that a test starts, stops, kills and starts again on the same base folder, with the archive deployed. Arquillian's
 * container can do none of it in the middle of a test.
 *
 * <p>What is launched is the server's java itself, no shell, so that a kill hits the server. Recovery is quick, by the transaction
 * manager's own configuration: passes on demand ({@link #recover()}) and every two seconds.
 */
public final class WildFlyProcess implements AutoCloseable {

    private static final Duration START = Duration.ofMinutes(3);
    private static final Duration ANSWER = Duration.ofMinutes(2);
    private static final int RECOVERY_LISTENER = 4712;

    private final String name;
    private final Path base;
    private final int offset = PortOffset.free(8080, 8443, 9990, RECOVERY_LISTENER, 4713);
    private final Map<String, String> properties = new LinkedHashMap<>();
    private final HttpClient http = HttpClient.newHttpClient();
    private final Thread reaper = new Thread(this::reap, "wildfly-reaper");
    private @Nullable Process process;
    private int starts;

    private WildFlyProcess(String name, Path base) {
        this.name = name;
        this.base = base;
        property("RecoveryEnvironmentBean.periodicRecoveryPeriod", "2");
        property("RecoveryEnvironmentBean.recoveryBackoffPeriod", "1");
        property("JTAEnvironmentBean.orphanSafetyInterval", "500");
    }

    /** A fresh one that is not started yet; the name is that of its folder. */
    public static WildFlyProcess fresh(String name) {
        Path base = Path.of(System.getProperty("server.base")).resolveSibling("servers/" + name);
        try {
            Folders.delete(base);
            Files.createDirectories(base.getParent());
            Folders.copy(Path.of(System.getProperty("server.home")).resolve("standalone"), base);
            Path archive = Path.of(System.getProperty("adapter.archive"));
            Files.copy(archive, base.resolve("deployments/etcd-jakarta.rar"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return new WildFlyProcess(name, base).configure("<recovery-environment ", "$0recovery-listener=\"true\" ");
    }

    /** Changes standalone.xml, for what can't be changed while the server runs. Before its first start. */
    public WildFlyProcess configure(String pattern, String replacement) {
        Path configuration = base.resolve("configuration/standalone.xml");
        try {
            String xml = Files.readString(configuration);
            String changed = xml.replaceFirst(pattern, replacement);
            if (changed.equals(xml)) {
                throw new IllegalStateException(configuration + " has no " + pattern);
            }
            Files.writeString(configuration, changed);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return this;
    }

    /** Of the server's JVM, from its next start on. */
    public WildFlyProcess property(String property, String value) {
        properties.put(property, value);
        return this;
    }

    public Path base() {
        return base;
    }

    /** Returns when everything that stands in its folder is deployed. */
    public WildFlyProcess start() {
        long began = System.nanoTime();
        StandaloneCommandBuilder command = StandaloneCommandBuilder.of(System.getProperty("server.home"))
                .setBaseDirectory(base)
                .setJavaHome(System.getProperty("java.home"))
                .setJavaOptions("-Xmx512m", "-Djava.net.preferIPv4Stack=true")
                .addServerArguments("-Djboss.socket.binding.port-offset=" + offset);
        properties.forEach((property, value) -> command.addServerArgument("-D" + property + "=" + value));
        try {
            if (starts == 0) {
                Runtime.getRuntime().addShutdownHook(reaper);
            }
            starts++;
            process = Launcher.of(command)
                    .setRedirectErrorStream(true)
                    .redirectOutput(base.resolve("console-" + starts + ".log"))
                    .launch();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        await(name).atMost(START).pollInterval(Duration.ofMillis(200)).until(this::isUp);
        requireDeployed();
        System.out.println("WildFly " + name + " was up after " + (System.nanoTime() - began) / 1_000_000 + " ms");
        return this;
    }

    /** Several at the same time, which is quicker. */
    public static void startAll(WildFlyProcess... servers) {
        CompletableFuture.allOf(Stream.of(servers)
                        .map(server -> CompletableFuture.runAsync(server::start))
                        .toArray(CompletableFuture<?>[]::new))
                .join();
    }

    private boolean isUp() {
        if (!running().isAlive()) {
            throw new IllegalStateException(
                    name + " has ended by itself: " + base.resolve("console-" + starts + ".log"));
        }
        return management().answers("running");
    }

    private Process running() {
        Process current = process;
        if (current == null) {
            throw new IllegalStateException(name + " is not started");
        }
        return current;
    }

    public boolean isAlive() {
        Process current = process;
        return current != null && current.isAlive();
    }

    /** Waits until it has ended by itself. */
    public void awaitEnd() {
        try {
            if (!running().waitFor(ANSWER.toSeconds(), TimeUnit.SECONDS)) {
                throw new IllegalStateException(name + " did not end");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
    }

    /** As {@code kill -9} does. */
    public void kill() {
        running().destroyForcibly();
        awaitEnd();
    }

    /** Orderly. */
    public void stop() {
        running().destroy();
        awaitEnd();
    }

    /** Whatever state it is in. Its folder stays for whoever looks into a failure. */
    @Override
    public void close() {
        if (isAlive()) {
            kill();
        }
        if (starts > 0 && !Thread.currentThread().equals(reaper)) {
            Runtime.getRuntime().removeShutdownHook(reaper);
        }
    }

    private void reap() {
        Process current = process;
        if (current != null) {
            current.destroyForcibly();
        }
    }

    public Management management() {
        return new Management(9990 + offset);
    }

    /** Under the archive's own name; with the next start, or when it is up, at once: quicker before the start. */
    public WildFlyProcess deploy(WebArchive application) {
        Path file = deployments().resolve(application.getName());
        Path done = file.resolveSibling(application.getName() + ".deployed");
        Path failed = file.resolveSibling(application.getName() + ".failed");
        application.as(ZipExporter.class).exportTo(file.toFile(), true);
        if (isAlive()) {
            await(application.getName()).atMost(ANSWER).until(() -> Files.exists(done) || Files.exists(failed));
            requireDeployed();
        }
        return this;
    }

    /** Returns when it is gone. */
    public void undeploy(WebArchive application) {
        try {
            Files.delete(deployments().resolve(application.getName() + ".deployed"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Path done = deployments().resolve(application.getName() + ".undeployed");
        await(application.getName()).atMost(ANSWER).until(() -> Files.exists(done));
    }

    private void requireDeployed() {
        try (DirectoryStream<Path> failed = Files.newDirectoryStream(deployments(), "*.failed")) {
            for (Path each : failed) {
                throw new IllegalStateException(each.getFileName() + ": " + read(each));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Path deployments() {
        return base.resolve("deployments");
    }

    /** What a command of the application answered; IllegalStateException with its stack trace when it failed. */
    public String run(WebArchive application, Class<? extends ServerCommand> command, String... arguments) {
        return answer(send(application, command, arguments).join());
    }

    /** Does not wait. It ends in some way also when the server is killed meanwhile. */
    public CompletableFuture<HttpResponse<String>> send(
            WebArchive application, Class<? extends ServerCommand> command, String... arguments) {
        StringBuilder query = new StringBuilder("?command=" + command.getName());
        for (String argument : arguments) {
            query.append("&argument=").append(URLEncoder.encode(argument, StandardCharsets.UTF_8));
        }
        String context = application.getName().replace(".war", "");
        URI address = URI.create("http://127.0.0.1:" + (8080 + offset) + "/" + context + "/run" + query);
        HttpRequest request = HttpRequest.newBuilder(address).timeout(ANSWER).build();
        return http.sendAsync(request, HttpResponse.BodyHandlers.ofString());
    }

    public static String answer(HttpResponse<String> response) {
        if (response.statusCode() != 200) {
            throw new IllegalStateException(response.statusCode() + ": " + response.body());
        }
        return response.body();
    }

    /** One whole pass of the server's recovery manager, both halves of it. */
    public void recover() {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), RECOVERY_LISTENER + offset);
                BufferedReader answer =
                        new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8))) {
            socket.setSoTimeout((int) ANSWER.toMillis());
            socket.getOutputStream().write("SCAN\n".getBytes(StandardCharsets.UTF_8));
            String said = answer.readLine();
            if (!"DONE".equals(said)) {
                throw new IllegalStateException("recovery of " + name + " answered " + said);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** All of it, over restarts. */
    public String log() {
        return read(base.resolve("log/server.log"));
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
