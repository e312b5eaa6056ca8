package org.etcdjakarta.embedded;

import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.netty.shaded.io.netty.channel.Channel;
import io.grpc.netty.shaded.io.netty.channel.nio.NioEventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.socket.nio.NioServerSocketChannel;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** The one thread that reads and writes all connections, and these connections: gRPC would not let a test near them. */
final class Network {

    /** As the endpoint names it: the loopback address of a JVM that prefers IPv6 is another one. */
    static final String ADDRESS = "127.0.0.1";

    private final NioEventLoopGroup thread;
    private final Set<Channel> connections = ConcurrentHashMap.newKeySet();
    private @Nullable CountDownLatch frozen;
    private volatile boolean hungUp;

    Network(ThreadFactory threads) {
        thread = new NioEventLoopGroup(1, threads);
    }

    @SuppressWarnings("AddressSelection") // an address and no name: there is no other one
    static SocketAddress address(int port) {
        return new InetSocketAddress(ADDRESS, port);
    }

    NettyServerBuilder server(int port) {
        hungUp = false;
        return NettyServerBuilder.forAddress(address(port))
                .channelFactory(Acceptor::new)
                .bossEventLoopGroup(thread)
                .workerEventLoopGroup(thread);
    }

    ScheduledExecutorService timer() {
        return thread;
    }

    Future<?> every(long millis, Runnable task) {
        return thread.scheduleWithFixedDelay(task, millis, millis, TimeUnit.MILLISECONDS);
    }

    void later(Duration delay, Runnable task) {
        var unused = thread.schedule(task, delay.toNanos(), TimeUnit.NANOSECONDS);
    }

    /** Without a good-bye: the pipeline, which would send one and wait, is not asked. */
    void cut(SocketAddress peer) {
        for (Channel connection : connections) {
            if (peer.equals(connection.remoteAddress())) {
                thread.execute(() -> close(connection));
            }
        }
    }

    private static void close(Channel connection) {
        connection.unsafe().close(connection.unsafe().voidPromise());
    }

    void cutAll() {
        connections.forEach(connection -> thread.execute(() -> close(connection)));
    }

    /**
     * All connections are cut when this returns, and none is taken until there is another server: gRPC's own way to end calls,
     * which comes next, would tell their callers that they had cancelled them. False when that took more than 10 s or failed.
     */
    boolean hangUp() throws InterruptedException {
        var cut = thread.submit(() -> {
            hungUp = true;
            List.copyOf(connections).forEach(Network::close);
        });
        return cut.await(10, TimeUnit.SECONDS) && cut.isSuccess();
    }

    /**
     * Nothing is read, written or accepted any more when this returns. As with a process that was sent SIGSTOP the kernel goes on
     * to take connections and what is sent over them.
     */
    void freeze() throws InterruptedException {
        CountDownLatch still = new CountDownLatch(1);
        CountDownLatch thaw = new CountDownLatch(1);
        frozen = thaw;
        thread.execute(() -> {
            still.countDown();
            awaitUninterruptibly(thaw);
        });
        still.await();
    }

    void thaw() {
        if (frozen != null) {
            frozen.countDown();
            frozen = null;
        }
    }

    private static void awaitUninterruptibly(CountDownLatch latch) {
        boolean interrupted = false;
        while (latch.getCount() > 0) {
            try {
                latch.await();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /** Waits up to 10 s. */
    void close() throws InterruptedException {
        thread.shutdownGracefully(0, 1, TimeUnit.SECONDS).await(10, TimeUnit.SECONDS);
    }

    private final class Acceptor extends NioServerSocketChannel {

        @Override
        protected int doReadMessages(List<Object> accepted) throws Exception {
            int result = super.doReadMessages(accepted);
            if (hungUp) {
                accepted.forEach(connection -> ((Channel) connection).unsafe().closeForcibly());
                accepted.clear();
                return 0;
            }
            accepted.forEach(connection -> remember((Channel) connection));
            return result;
        }

        private void remember(Channel connection) {
            connections.add(connection);
            var unused = connection.closeFuture().addListener(closed -> connections.remove(connection));
        }
    }
}
