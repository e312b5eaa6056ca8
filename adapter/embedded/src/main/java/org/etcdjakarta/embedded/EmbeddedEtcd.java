package org.etcdjakarta.embedded;

import io.grpc.Server;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Clock;
import java.util.concurrent.TimeUnit;
import org.etcdjakarta.embedded.service.Headers;
import org.etcdjakarta.embedded.service.KvService;
import org.etcdjakarta.embedded.service.LeaseService;
import org.etcdjakarta.embedded.service.WatchService;
import org.etcdjakarta.embedded.store.Store;

/** An etcd in this JVM, for development and tests only. */
public final class EmbeddedEtcd implements AutoCloseable {

    private final Store store;
    private final Server server;

    private EmbeddedEtcd(int port) {
        store = new Store(Clock.systemUTC());
        Headers headers = new Headers(store, 0x6a616b617274616L, 0x65746364L);
        try {
            server = NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), port))
                    .maxInboundMessageSize(2 * 1024 * 1024)
                    .addService(new KvService(store, headers))
                    .addService(new WatchService(store, headers))
                    .addService(new LeaseService(store, headers))
                    .build()
                    .start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Starts an empty one on a free port of this machine. */
    public static EmbeddedEtcd start() {
        return new EmbeddedEtcd(0);
    }

    /** {@code http://127.0.0.1:port}. */
    public String endpoint() {
        return "http://127.0.0.1:" + server.getPort();
    }

    /** Stops at once; nothing is left. */
    @Override
    public void close() {
        server.shutdownNow();
        try {
            server.awaitTermination(10, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
