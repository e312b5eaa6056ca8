package org.etcdjakarta.embedded;

import io.grpc.Server;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.netty.shaded.io.netty.channel.EventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.nio.NioEventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.socket.nio.NioServerSocketChannel;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Clock;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import org.etcdjakarta.embedded.service.Headers;
import org.etcdjakarta.embedded.service.KvService;
import org.etcdjakarta.embedded.service.LeaseService;
import org.etcdjakarta.embedded.service.WatchService;
import org.etcdjakarta.embedded.store.Store;

/**
 * An etcd in this JVM, for development and tests only: one member, nothing on disk. It listens on a free port of this machine
 * and speaks etcd's gRPC protocol, in the words and with the error codes of etcd 3.5.
 *
 * <pre>{@code
 * try (EmbeddedEtcd etcd = EmbeddedEtcd.start()) {
 *     connect(etcd.endpoint());
 * }
 * }</pre>
 */
public final class EmbeddedEtcd implements AutoCloseable {

    private static final long CLUSTER_ID = 0x6a616b61727461L;
    private static final long MEMBER_ID = 0x65746364L;

    /** Leases count in seconds; one that ends a moment late is as etcd does it. */
    private static final long EXPIRY_MILLIS = 100;

    /** etcd's limit of a request and the room it leaves for its envelope. */
    private static final int MAX_MESSAGE_BYTES = 2 * 1024 * 1024;

    private final Store store;
    private final EventLoopGroup network = new NioEventLoopGroup(1, threads("network"));
    private final ExecutorService calls = Executors.newCachedThreadPool(threads("call"));
    private final Server server;
    private final Runnable stopClock;

    private EmbeddedEtcd(Clock clock) {
        store = new Store(clock);
        Headers headers = new Headers(store, CLUSTER_ID, MEMBER_ID);
        server = NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                .channelType(NioServerSocketChannel.class)
                .bossEventLoopGroup(network)
                .workerEventLoopGroup(network)
                .executor(calls)
                .maxInboundMessageSize(MAX_MESSAGE_BYTES)
                .addService(new KvService(store, headers))
                .addService(new WatchService(store, headers))
                .addService(new LeaseService(store, headers))
                .build();
        stopClock = expireLeasesBy(clock);
        try {
            server.start();
        } catch (IOException e) {
            close();
            throw new UncheckedIOException("no port of this machine is free for the embedded etcd", e);
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
        Runnable expiry = store::expireLeases;
        if (clock instanceof ManualClock manual) {
            manual.onAdvance(expiry);
            return () -> manual.forget(expiry);
        }
        var ticking = network.scheduleWithFixedDelay(expiry, EXPIRY_MILLIS, EXPIRY_MILLIS, TimeUnit.MILLISECONDS);
        return () -> ticking.cancel(false);
    }

    /** Starts an empty one on a free port of this machine; it answers when this returns. */
    public static EmbeddedEtcd start() {
        return start(Clock.systemUTC());
    }

    /** As {@link #start()}; leases expire by this clock, see {@link ManualClock}. */
    public static EmbeddedEtcd start(Clock clock) {
        return new EmbeddedEtcd(clock);
    }

    /** {@code http://127.0.0.1:port}. */
    public String endpoint() {
        return "http://127.0.0.1:" + server.getPort();
    }

    /** Ends all calls and streams and frees the port. Idempotent; waits up to 10 s for its own threads. */
    @Override
    public void close() {
        stopClock.run();
        server.shutdownNow();
        calls.shutdownNow();
        var stopping = network.shutdownGracefully(0, 1, TimeUnit.SECONDS);
        try {
            server.awaitTermination(10, TimeUnit.SECONDS);
            stopping.await(10, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
