package org.etcdjakarta.core.link;

import io.grpc.ConnectivityState;
import io.grpc.ManagedChannel;
import io.grpc.NameResolverRegistry;
import io.grpc.netty.shaded.io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.shaded.io.netty.channel.ChannelOption;
import io.grpc.netty.shaded.io.netty.channel.socket.nio.NioSocketChannel;
import io.grpc.netty.shaded.io.netty.handler.ssl.SslContext;
import io.grpc.netty.shaded.io.netty.handler.ssl.SslContextBuilder;
import io.grpc.netty.shaded.io.netty.handler.ssl.SslProvider;
import java.nio.file.Path;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLException;

/** Builds the one channel of a link over all its endpoints, and keeps its reconnects quick. */
final class LinkChannel {

    private static final AtomicInteger SCHEMES = new AtomicInteger();

    private LinkChannel() {}

    static ManagedChannel open(EtcdLinkConfig config, LinkThreads threads) {
        // gRPC finds its load balancers through ServiceLoader; on a server the caller's context class loader is the
        // application's, which may not see (or, worse, may bring another) grpc.
        Thread thread = Thread.currentThread();
        ClassLoader callers = thread.getContextClassLoader();
        thread.setContextClassLoader(LinkChannel.class.getClassLoader());
        String scheme = "etcdlink" + SCHEMES.incrementAndGet();
        var resolver = new StaticResolver.Provider(scheme, config.parsedEndpoints(), threads.pool());
        NameResolverRegistry registry = NameResolverRegistry.getDefaultRegistry();
        registry.register(resolver);
        try {
            ManagedChannel channel = builder(scheme + ":///", config, threads).build();
            reconnectQuickly(channel, threads.timer());
            return channel;
        } finally {
            registry.deregister(resolver);
            thread.setContextClassLoader(callers);
        }
    }

    private static NettyChannelBuilder builder(String target, EtcdLinkConfig config, LinkThreads threads) {
        NettyChannelBuilder builder = NettyChannelBuilder.forTarget(target)
                .eventLoopGroup(threads.eventLoops())
                .channelType(NioSocketChannel.class)
                .executor(threads.pool())
                .offloadExecutor(threads.pool())
                .withOption(
                        ChannelOption.CONNECT_TIMEOUT_MILLIS,
                        Math.toIntExact(config.dialTimeout().toMillis()))
                .defaultLoadBalancingPolicy("round_robin")
                .disableServiceConfigLookUp()
                // The server's limits count, not ours: a range of 100,000 keys is one answer.
                .maxInboundMessageSize(Integer.MAX_VALUE)
                // Finds a peer that vanished without a word, as long as calls or watches are open.
                .keepAliveTime(30, TimeUnit.SECONDS)
                .keepAliveTimeout(10, TimeUnit.SECONDS)
                .keepAliveWithoutCalls(false);
        return config.tls() ? builder.useTransportSecurity().sslContext(ssl(config)) : builder.usePlaintext();
    }

    private static SslContext ssl(EtcdLinkConfig config) {
        try {
            SslContextBuilder ssl = GrpcSslContexts.configure(SslContextBuilder.forClient(), SslProvider.JDK);
            Path trust = config.tlsTrust();
            if (trust != null) {
                ssl.trustManager(trust.toFile());
            }
            Path certificate = config.tlsCertificate();
            Path key = config.tlsKey();
            if (certificate != null && key != null) {
                ssl.keyManager(certificate.toFile(), key.toFile());
            }
            return ssl.build();
        } catch (SSLException | IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    "tlsTrust, tlsCertificate, tlsKey: \"" + config.tlsTrust() + "\", \""
                            + config.tlsCertificate() + "\", \"" + config.tlsKey()
                            + "\" do not work together; allowed: PEM files, the key in PKCS#8 without password: "
                            + e.getMessage(),
                    e);
        }
    }

    /**
     * gRPC's own back-off grows to two minutes and cannot be set; after a long outage of etcd every call would fail for as
     * long. While no endpoint is reachable the back-off is cut to about a second.
     */
    private static void reconnectQuickly(ManagedChannel channel, ScheduledExecutorService timer) {
        if (channel.isShutdown()) {
            return;
        }
        ConnectivityState state = channel.getState(false);
        if (state == ConnectivityState.TRANSIENT_FAILURE) {
            long pause = ThreadLocalRandom.current().nextLong(500, 1_000);
            var unused = timer.schedule(
                    () -> {
                        channel.resetConnectBackoff();
                        reconnectQuickly(channel, timer);
                    },
                    pause,
                    TimeUnit.MILLISECONDS);
        } else {
            channel.notifyWhenStateChanged(state, () -> reconnectQuickly(channel, timer));
        }
    }
}
