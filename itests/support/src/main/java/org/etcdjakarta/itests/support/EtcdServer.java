package org.etcdjakarta.itests.support;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionTimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * A real etcd with one member, or one member of an {@link EtcdCluster}, for a test that may stop, kill, pause and restart it.
 * Ports and data stay the same over a restart and go with {@link #close()}. A process whose test died with the JVM is destroyed by a shutdown hook; only a JVM that is
 * killed outright leaves one behind.
 *
 * <p>Version: the builder's line, else the system property {@code etcd.line} ("3.4", "3.5"), with which the build runs the same
 * tests against several versions, else whichever is found first.
 */
public final class EtcdServer implements AutoCloseable {

    /** With this property the build chooses the version line for servers that do not ask for one. */
    public static final String LINE_PROPERTY = "etcd.line";

    private static final Duration READY = Duration.ofSeconds(90);
    static final int ATTEMPTS = 5;
    private static final Set<Process> RUNNING = ConcurrentHashMap.newKeySet();

    static {
        Runtime.getRuntime()
                .addShutdownHook(new Thread(() -> RUNNING.forEach(Process::destroyForcibly), "etcd-reaper"));
    }

    private final Path binaries;
    private final List<String> flags;
    private final String name;
    private final Path home;
    private int clientPort;
    private int peerPort;
    private int tlsPort;
    private String initialCluster = "";
    private boolean paused;
    private @Nullable Process process;

    EtcdServer(Path binaries, List<String> flags, String name) {
        this.binaries = binaries;
        this.flags = flags;
        this.name = name;
        try {
            this.home = Files.createTempDirectory("etcd-test");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Starts one with default flags and waits until it serves. */
    public static EtcdServer start() {
        return builder().start();
    }

    public static Builder builder() {
        return new Builder();
    }

    /** {@code http://127.0.0.1:port}, the same after a restart. */
    public String endpoint() {
        return "http://127.0.0.1:" + clientPort;
    }

    public int port() {
        return clientPort;
    }

    /**
     * {@code https://127.0.0.1:port}, the same after a restart, of a server with the flag {@code --cert-file}. Such a server
     * listens without TLS too, at {@link #endpoint()}, for those who look at it from outside.
     */
    public String tlsEndpoint() {
        if (!tls()) {
            throw new IllegalStateException(this + " has no certificate");
        }
        return "https://127.0.0.1:" + tlsPort;
    }

    private boolean tls() {
        return flags.stream().anyMatch(flag -> flag.startsWith("--cert-file="));
    }

    /** etcd's own command against this server: the outside witness. */
    public Etcdctl etcdctl() {
        return new Etcdctl(binaries.resolve("etcdctl"), endpoint());
    }

    /** Runs etcdctl and returns what it prints. */
    public String etcdctl(String... arguments) {
        return etcdctl().run(arguments);
    }

    /** What etcd counts about itself. */
    public EtcdMetrics metrics() {
        return new EtcdMetrics(endpoint());
    }

    /** What etcd printed since its first start. */
    public String log() {
        try {
            return Files.exists(logFile()) ? Files.readString(logFile(), StandardCharsets.UTF_8) : "";
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Ends etcd in order (SIGTERM) and waits for its end. Data and ports are kept. */
    public void stop() {
        Process running = running();
        running.destroy();
        awaitEnd(running);
    }

    /** Ends etcd without any chance to clean up (SIGKILL). Data and ports are kept. */
    public void kill() {
        Process running = running();
        running.destroyForcibly();
        awaitEnd(running);
    }

    /** Starts etcd again on the same data and ports, after a {@link #stop()} first if it still runs. */
    public void restart() {
        if (process != null) {
            stop();
        }
        launch();
        awaitReady();
    }

    /** Writes a backup of what the running etcd has now, which {@link #restore} takes. */
    public Path backup() {
        Path file = home.resolve("backup-" + System.nanoTime() + ".db");
        etcdctl("snapshot", "save", file.toString());
        return file;
    }

    /**
     * What an operator does with a backup: etcd is ended, its data thrown away, and one with the data of the backup started at the
     * same address.
     *
     * @param token {@code --initial-cluster-token}: another one makes another cluster of it
     */
    public void restore(Path backup, String token) {
        kill();
        delete(home.resolve("data"));
        etcdctl(
                "snapshot",
                "restore",
                backup.toString(),
                "--name=" + name,
                "--data-dir=" + home.resolve("data"),
                "--initial-cluster=" + initialCluster,
                "--initial-cluster-token=" + token,
                "--initial-advertise-peer-urls=http://127.0.0.1:" + peerPort);
        launch();
        awaitReady();
    }

    /** Freezes the process (SIGSTOP): connections stay open, nothing is answered from when this returns. */
    public void pause() {
        signal("-STOP");
        paused = true;
        // The signal is on its way when it has been sent; each thread stops by itself.
        Awaitility.await("etcd stopped")
                .pollDelay(Duration.ZERO)
                .pollInterval(Duration.ofMillis(5))
                .atMost(Duration.ofSeconds(60))
                .until(this::isStopped);
    }

    private boolean isStopped() {
        Path threads = Path.of("/proc", String.valueOf(running().pid()), "task");
        try (Stream<Path> each = Files.list(threads)) {
            for (Path thread : each.toList()) {
                String stat = Files.readString(thread.resolve("stat"));
                // "id (name) state ...", and the name may hold anything.
                if (stat.charAt(stat.lastIndexOf(')') + 2) != 'T') {
                    return false;
                }
            }
            return true;
        } catch (IOException e) {
            // A thread has ended in between.
            return false;
        }
    }

    /** Ends a {@link #pause()} (SIGCONT); does nothing to a process that is not paused. */
    public void resume() {
        signal("-CONT");
        paused = false;
    }

    /** False after {@link #stop()} and {@link #kill()}; true also while it is paused. */
    public boolean isRunning() {
        return process != null;
    }

    /** True when it could answer now: it runs and is not paused. */
    boolean isAwake() {
        return process != null && !paused;
    }

    @Override
    public void close() {
        Process running = process;
        if (running != null) {
            // A paused process does not notice SIGTERM, so the end is always the hard one: the data goes anyway.
            running.destroyForcibly();
            awaitEnd(running);
        }
        delete(home);
    }

    @Override
    public String toString() {
        return "etcd at " + endpoint();
    }

    private void startOnFreePorts() {
        for (int attempt = 1; ; attempt++) {
            int[] ports = Ports.free(2);
            use(ports[0], ports[1]);
            initialCluster = asInitial();
            launch();
            try {
                awaitReady();
                return;
            } catch (IllegalStateException e) {
                // Somebody took one of the ports between our look and etcd's bind; anything else is not mended by
                // another try.
                if (attempt == ATTEMPTS || !lostItsPort()) {
                    close();
                    throw e;
                }
                forgetData();
            }
        }
    }

    void use(int forClients, int forPeers) {
        clientPort = forClients;
        peerPort = forPeers;
    }

    /** Its entry in {@code --initial-cluster}. */
    String asInitial() {
        return name + "=http://127.0.0.1:" + peerPort;
    }

    /** Every member's entry, its own as well; before the first launch. */
    void joins(String allMembers) {
        initialCluster = allMembers;
    }

    boolean lostItsPort() {
        return log().contains("address already in use");
    }

    void forgetData() {
        delete(home.resolve("data"));
        delete(logFile());
        tlsPort = 0;
    }

    /** Starts the process without waiting for it. */
    void launch() {
        String peer = "http://127.0.0.1:" + peerPort;
        if (tls() && tlsPort == 0) {
            tlsPort = Ports.free();
        }
        String client = endpoint() + (tls() ? "," + tlsEndpoint() : "");
        List<String> command = new ArrayList<>(List.of(
                binaries.resolve("etcd").toString(),
                "--name=" + name,
                "--data-dir=" + home.resolve("data"),
                "--listen-client-urls=" + client,
                "--advertise-client-urls=" + client,
                "--listen-peer-urls=" + peer,
                "--initial-advertise-peer-urls=" + peer,
                "--initial-cluster=" + initialCluster));
        command.addAll(flags);
        ProcessBuilder builder = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(logFile().toFile()));
        builder.environment().keySet().removeIf(name -> name.startsWith("ETCD_"));
        if (System.getProperty("os.arch").equals("aarch64")) {
            builder.environment().put("ETCD_UNSUPPORTED_ARCH", "arm64");
        }
        try {
            Process started = builder.start();
            RUNNING.add(started);
            process = started;
            paused = false;
        } catch (IOException e) {
            throw new UncheckedIOException("could not start " + command, e);
        }
    }

    /** IllegalStateException with etcd's log when it ends instead. */
    void awaitReady() {
        Process running = running();
        try {
            Awaitility.await("etcd ready")
                    .pollInterval(Duration.ofMillis(50))
                    .atMost(READY)
                    .until(() -> {
                        return !running.isAlive() || metrics().healthy();
                    });
        } catch (ConditionTimeoutException e) {
            throw new IllegalStateException(this + " did not become ready within " + READY + ":\n" + log(), e);
        }
        if (!running.isAlive()) {
            forget(running);
            throw new IllegalStateException(this + " ended with " + running.exitValue() + ":\n" + log());
        }
    }

    private void signal(String signal) {
        long pid = running().pid();
        try {
            int status = new ProcessBuilder("kill", signal, Long.toString(pid))
                    .inheritIO()
                    .start()
                    .waitFor();
            if (status != 0) {
                throw new IllegalStateException("kill " + signal + " " + pid + " ended with " + status);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    private void awaitEnd(Process running) {
        try {
            // SIGTERM makes etcd wait for its streams; one that hangs over them is killed.
            if (!running.waitFor(30, TimeUnit.SECONDS)) {
                running.destroyForcibly().waitFor();
            }
        } catch (InterruptedException e) {
            running.destroyForcibly();
            Thread.currentThread().interrupt();
        }
        forget(running);
    }

    private void forget(Process ended) {
        RUNNING.remove(ended);
        process = null;
    }

    private Process running() {
        Process running = process;
        if (running == null) {
            throw new IllegalStateException(this + " is not running");
        }
        return running;
    }

    private Path logFile() {
        return home.resolve("etcd.log");
    }

    private static void delete(Path path) {
        if (!Files.exists(path)) {
            return;
        }
        try (Stream<Path> files = Files.walk(path)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What differs from a plain server of any version. */
    public static final class Builder {

        private String line = System.getProperty(LINE_PROPERTY, "");
        private final List<String> flags = new ArrayList<>();

        /** "3.4" or "3.5"; the empty text for any. */
        public Builder line(String versionLine) {
            this.line = versionLine;
            return this;
        }

        /** More flags of etcd's command, as {@code --auth-token=simple}. */
        public Builder flags(String... more) {
            flags.addAll(List.of(more));
            return this;
        }

        /** Starts it and waits until it serves. */
        public EtcdServer start() {
            EtcdServer server = new EtcdServer(EtcdBinaries.folder(line), List.copyOf(flags), "test");
            server.startOnFreePorts();
            return server;
        }
    }
}
