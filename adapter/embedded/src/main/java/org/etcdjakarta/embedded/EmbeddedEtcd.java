package org.etcdjakarta.embedded;

import io.grpc.BindableService;
import io.grpc.ManagedChannel;
import io.grpc.inprocess.InProcessChannelBuilder;
import io.grpc.inprocess.InProcessServerBuilder;
import java.io.UncheckedIOException;
import java.net.SocketAddress;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.etcdjakarta.embedded.auth.Callers;
import org.etcdjakarta.embedded.auth.Tokens;
import org.etcdjakarta.embedded.faults.FaultTarget;
import org.etcdjakarta.embedded.faults.Faults;
import org.etcdjakarta.embedded.faults.Gate;
import org.etcdjakarta.embedded.service.Admission;
import org.etcdjakarta.embedded.service.AuthService;
import org.etcdjakarta.embedded.service.ClusterService;
import org.etcdjakarta.embedded.service.ElectionService;
import org.etcdjakarta.embedded.service.Headers;
import org.etcdjakarta.embedded.service.KvService;
import org.etcdjakarta.embedded.service.LeaseService;
import org.etcdjakarta.embedded.service.LockService;
import org.etcdjakarta.embedded.service.MaintenanceService;
import org.etcdjakarta.embedded.service.WatchService;
import org.etcdjakarta.embedded.store.Store;
import org.jspecify.annotations.Nullable;

/**
 * An etcd in this JVM, for development and tests only: one member, nothing on disk. It listens on a port of this machine, and in
 * process, and speaks etcd's gRPC protocol, in the words and with the error codes of etcd 3.5.
 *
 * <pre>{@code
 * try (EmbeddedEtcd etcd = EmbeddedEtcd.start()) {
 *     connect(etcd.endpoint());
 * }
 * }</pre>
 *
 * <p>It can be paused, stopped and restarted; port and name stay the same. All methods may be called by any thread; those that
 * start or stop something run one at a time.
 */
public final class EmbeddedEtcd implements AutoCloseable {

    private static final System.Logger LOG = System.getLogger(EmbeddedEtcd.class.getName());

    private static final long CLUSTER_ID = 0x6a616b61727461L;
    private static final long MEMBER_ID = 0x65746364L;

    /** Leases count in seconds; one that ends a moment late is as etcd does it. */
    private static final long EXPIRY_MILLIS = 100;

    /** etcd's limit of a request and the room it leaves for its envelope. */
    private static final int MAX_MESSAGE_BYTES = 2 * 1024 * 1024;

    private enum State {
        RUNNING,
        PAUSED,
        STOPPED,
        CLOSED
    }

    private final Clock clock;
    private final Network network = new Network(threads("network"));
    private final ExecutorService threads = Executors.newCachedThreadPool(threads("call"));
    private final Gate calls = new Gate();
    private final String name = InProcessServerBuilder.generateName();
    private final Faults faults = new Faults(new Target());
    private final Runnable stopClock;
    private volatile State state = State.STOPPED;
    private volatile Store store;
    private volatile Tokens tokens;
    private volatile int port;
    private @Nullable Run run;
    private @Nullable KeptPort kept;
    private @Nullable ManagedChannel channel;

    private EmbeddedEtcd(int port, Clock clock) {
        this.port = port;
        this.clock = clock;
        this.store = new Store(clock);
        this.tokens = new Tokens(clock);
        this.stopClock = expireLeasesBy(clock);
        try {
            begin();
        } catch (UncheckedIOException e) {
            close();
            throw e;
        }
    }

    private static ThreadFactory threads(String role) {
        return task -> {
            Thread thread = new Thread(null, task, "embedded-etcd-" + role, 0, false);
            thread.setDaemon(true);
            return thread;
        };
    }

    /** By whichever clock: a test's tells when it is moved, a real one is looked at again and again. */
    private Runnable expireLeasesBy(Clock clock) {
        Runnable expiry = this::expireLeases;
        if (clock instanceof ManualClock manual) {
            manual.onAdvance(expiry);
            return () -> manual.forget(expiry);
        }
        Future<?> ticking = network.every(EXPIRY_MILLIS, expiry);
        return () -> ticking.cancel(false);
    }

    /** One that stands still ends no lease. */
    private void expireLeases() {
        if (state == State.RUNNING) {
            store.expireLeases();
        }
    }

    /** Starts an empty one on a free port of this machine; it answers when this returns. Says so in the log. */
    public static EmbeddedEtcd start() {
        return start(0);
    }

    /** As {@link #start()}; leases expire by this clock, see {@link ManualClock}. */
    public static EmbeddedEtcd start(Clock clock) {
        return start(0, clock);
    }

    /**
     * As {@link #start()}, on this port.
     *
     * @param port 1 to 65535, or 0 for a free one; else IllegalArgumentException
     * @throws UncheckedIOException if the port is taken
     */
    public static EmbeddedEtcd start(int port) {
        return start(port, Clock.systemUTC());
    }

    /** As {@link #start(int)} and {@link #start(Clock)}. */
    public static EmbeddedEtcd start(int port, Clock clock) {
        return start(port, clock, EmbeddedEtcd::log);
    }

    private static void log(String banner) {
        LOG.log(System.Logger.Level.INFO, banner);
    }

    static EmbeddedEtcd start(int port, Clock clock, Consumer<String> announce) {
        if (port < 0 || port > 65535) {
            throw new IllegalArgumentException(
                    "port: " + port + " is no port; allowed are 1 to 65535, and 0 for a free one");
        }
        EmbeddedEtcd etcd = new EmbeddedEtcd(port, clock);
        announce.accept("An embedded etcd, for development and tests only, listens on " + etcd.endpoint());
        return etcd;
    }

    /** {@code http://127.0.0.1:port}. The same until it is closed. */
    public String endpoint() {
        return "http://" + Network.ADDRESS + ":" + port;
    }

    /**
     * The name under which gRPC's in-process transport finds it, in this JVM, without a port. A channel with
     * {@code directExecutor()} hears answers on the server's threads and at times under its one lock: who blocks there, or calls
     * it and waits, holds up everything.
     */
    public String channelName() {
        return name;
    }

    /** A channel to it in process. There is one; it is shut down when this server is closed. */
    public synchronized ManagedChannel channel() {
        expect(state != State.CLOSED, "give a channel");
        if (channel == null) {
            channel = InProcessChannelBuilder.forName(name).build();
        }
        return channel;
    }

    /** What makes it fail. Faults stay set over a restart. */
    public Faults faults() {
        return faults;
    }

    // ---- stopping and going on ----

    /**
     * It stands still like a process that was sent SIGSTOP: connections can be made, requests can be sent, and nothing is
     * answered, not even a keep-alive of the connection. No lease ends meanwhile. Calls that were being answered right now may
     * still be, and a watch in process, which has no connection, still hears of a lease that {@link Faults#expire} ends.
     *
     * @throws IllegalStateException unless it runs
     */
    public synchronized void pause() {
        expect(state == State.RUNNING, "pause");
        state = State.PAUSED;
        calls.hold();
        uninterrupted(network::freeze);
    }

    /**
     * What has waited is answered now, and leases whose time is over end.
     *
     * @throws IllegalStateException unless it is paused
     */
    public synchronized void resume() {
        expect(state == State.PAUSED, "resume");
        state = State.RUNNING;
        network.thaw();
        calls.release();
        expireLeases();
    }

    /**
     * It is down: calls and streams end with UNAVAILABLE, connections are refused. Data and port are kept. What a paused one has
     * held back is let through first; what a fault delays is not, and is never applied.
     *
     * @throws IllegalStateException if it is stopped or closed
     */
    public synchronized void stop() {
        expect(state == State.RUNNING || state == State.PAUSED, "stop");
        end();
        kept = new KeptPort(port);
    }

    /**
     * Stops it, if it is not stopped, and starts it on the same port with the same data. Each lease has its whole time before
     * it, as in etcd after a restart.
     *
     * @throws IllegalStateException if it is closed
     * @throws UncheckedIOException if the port was taken by another process in between
     */
    public synchronized void restart() {
        ensureStopped();
        store.renewLeases();
        begin();
    }

    /** As {@link #restart()}, with nothing of its data: no key, no lease, no user, revision 1. */
    public synchronized void restartEmpty() {
        ensureStopped();
        store = new Store(clock);
        begin();
    }

    private void ensureStopped() {
        expect(state != State.CLOSED, "restart");
        if (state != State.STOPPED) {
            stop();
        }
    }

    private void begin() {
        Headers headers = new Headers(store, CLUSTER_ID, MEMBER_ID);
        Tokens fresh = new Tokens(clock);
        tokens = fresh;
        Admission admission = new Admission(store, fresh);
        List<BindableService> services = List.of(
                new KvService(store, headers, admission),
                new WatchService(store, headers, admission),
                new LeaseService(store, headers, admission),
                new ClusterService(store, headers, admission, this::endpoint),
                new MaintenanceService(store, headers, admission),
                new LockService(store, headers, admission),
                new ElectionService(store, headers, admission),
                new AuthService(store, headers, admission, fresh));
        if (kept != null) {
            kept.close();
            kept = null;
        }
        Run next = new Run(
                network.server(port).maxInboundMessageSize(MAX_MESSAGE_BYTES),
                InProcessServerBuilder.forName(name).scheduledExecutorService(network.timer()),
                services.stream().map(Callers::knownTo).toList(),
                faults.interceptor(),
                task -> calls.pass(() -> threads.execute(task)));
        run = next;
        port = next.start();
        state = State.RUNNING;
        if (channel != null) {
            // It would wait a while before it tries again.
            channel.resetConnectBackoff();
        }
    }

    private void end() {
        if (state == State.PAUSED) {
            resume();
        }
        Run ended = run;
        run = null;
        state = State.STOPPED;
        if (ended != null) {
            faults.cutAll();
            uninterrupted(() -> {
                if (!network.hangUp()) {
                    LOG.log(
                            System.Logger.Level.WARNING,
                            "The embedded etcd on {0} stops, but could not cut its connections within 10 s: calls that came"
                                    + " just now may end with CANCELLED",
                            endpoint());
                }
            });
            uninterrupted(ended::stop);
            // What is delayed or queued still comes, and is not to be applied to a server that is down or was started
            // again.
            store = store.retire();
        }
    }

    /** Ends all calls and streams and frees the port. Idempotent; waits for its own threads, up to 10 s each. */
    @Override
    public synchronized void close() {
        if (state == State.CLOSED) {
            return;
        }
        stopClock.run();
        if (channel != null) {
            channel.shutdownNow();
        }
        end();
        state = State.CLOSED;
        if (kept != null) {
            kept.close();
        }
        threads.shutdownNow();
        uninterrupted(() -> {
            network.close();
            threads.awaitTermination(10, TimeUnit.SECONDS);
        });
    }

    private void expect(boolean allowed, String what) {
        if (!allowed) {
            throw new IllegalStateException("an embedded etcd that is " + state + " cannot " + what);
        }
    }

    private interface Waiting {
        void run() throws InterruptedException;
    }

    /** Who is interrupted waits no longer and stays interrupted. */
    private static void uninterrupted(Waiting action) {
        try {
            action.run();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private final class Target implements FaultTarget {

        @Override
        public Store store() {
            return store;
        }

        @Override
        public void cutConnection(SocketAddress peer) {
            network.cut(peer);
        }

        @Override
        public void cutAllConnections() {
            network.cutAll();
        }

        @Override
        public void expireTokens() {
            tokens.expireAll();
        }

        @Override
        public void later(Duration delay, Runnable task) {
            network.later(delay, () -> threads.execute(task));
        }
    }
}
