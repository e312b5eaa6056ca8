package org.etcdjakarta.core.link;

import io.grpc.ConnectivityState;
import io.grpc.ManagedChannel;
import io.grpc.NameResolverRegistry;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.shaded.io.netty.channel.ChannelOption;
import io.grpc.netty.shaded.io.netty.channel.socket.nio.NioSocketChannel;
import io.grpc.netty.shaded.io.netty.handler.ssl.SslContext;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** Builds the one channel of a link over all its endpoints, and keeps its reconnects quick. */
final class LinkChannel {

    private static final AtomicInteger SCHEMES = new AtomicInteger();

    private LinkChannel() {}

    /** @param tls null for plaintext */
    static ManagedChannel open(
            EtcdLinkConfig config, @Nullable SslContext tls, EndpointList endpoints, LinkThreads threads) {
        // gRPC finds its load balancers through ServiceLoader; on a server the caller's context class loader is the
        // application's, which may not see (or, worse, may bring another) grpc.
        Thread thread = Thread.currentThread();
        ClassLoader callers = thread.getContextClassLoader();
        thread.setContextClassLoader(LinkChannel.class.getClassLoader());
        String scheme = "etcdlink" + SCHEMES.incrementAndGet();
        var resolver = new EndpointResolver.Provider(scheme, endpoints, config, threads.pool());
        NameResolverRegistry registry = NameResolverRegistry.getDefaultRegistry();
        registry.register(resolver);
        try {
            ManagedChannel channel =
                    builder(scheme + ":///", config, tls, threads).build();
            reconnectQuickly(channel, endpoints, threads.timer());
            return channel;
        } finally {
            registry.deregister(resolver);
            thread.setContextClassLoader(callers);
        }
    }

    private static NettyChannelBuilder builder(
            String target, EtcdLinkConfig config, @Nullable SslContext tls, LinkThreads threads) {
        NettyChannelBuilder builder = NettyChannelBuilder.forTarget(target)
                .eventLoopGroup(threads.eventLoops())
                .channelType(NioSocketChannel.class)
                .withOption(ChannelOption.ALLOCATOR, new LinkBuffers(threads))
                .executor(threads.pool())
                .offloadExecutor(threads.pool())
                .withOption(
                        ChannelOption.CONNECT_TIMEOUT_MILLIS,
                        Math.toIntExact(config.dialTimeout().toMillis()))
                .defaultLoadBalancingPolicy("round_robin")
                .disableServiceConfigLookUp()
                .maxInboundMessageSize(config.maxInboundMessageSize());
        if (!config.keepAliveTime().isZero()) {
            // Finds a peer that vanished without a word.
            builder.keepAliveTime(config.keepAliveTime().toNanos(), TimeUnit.NANOSECONDS)
                    .keepAliveTimeout(config.keepAliveTimeout().toNanos(), TimeUnit.NANOSECONDS)
                    .keepAliveWithoutCalls(config.keepAliveWithoutCalls());
        }
        return tls != null ? builder.useTransportSecurity().sslContext(tls) : builder.usePlaintext();
    }

    /**
     * gRPC's own back-off grows to two minutes and cannot be set; after a long outage of etcd every call would fail for as
     * long. While no endpoint is reachable the back-off is cut to about a second.
     */
    private static void reconnectQuickly(
            ManagedChannel channel, EndpointList endpoints, ScheduledExecutorService timer) {
        if (channel.isShutdown()) {
            return;
        }
        ConnectivityState state = channel.getState(false);
        if (state == ConnectivityState.TRANSIENT_FAILURE) {
            endpoints.allFailed();
            long pause = ThreadLocalRandom.current().nextLong(500, 1_000);
            var unused = timer.schedule(
                    () -> {
                        channel.resetConnectBackoff();
                        reconnectQuickly(channel, endpoints, timer);
                    },
                    pause,
                    TimeUnit.MILLISECONDS);
        } else {
            channel.notifyWhenStateChanged(state, () -> reconnectQuickly(channel, endpoints, timer));
        }
    }
}
