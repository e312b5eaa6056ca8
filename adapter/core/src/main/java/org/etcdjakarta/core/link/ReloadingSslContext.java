package org.etcdjakarta.core.link;

import io.grpc.netty.shaded.io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.shaded.io.netty.buffer.ByteBufAllocator;
import io.grpc.netty.shaded.io.netty.handler.ssl.ApplicationProtocolNegotiator;
import io.grpc.netty.shaded.io.netty.handler.ssl.SslContext;
import io.grpc.netty.shaded.io.netty.handler.ssl.SslContextBuilder;
import io.grpc.netty.shaded.io.netty.handler.ssl.SslProvider;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSessionContext;

/**
 * The link's TLS. Every new connection looks whether the files have changed, and then gets a new context: not just other key
 * and trust managers, because a session that is resumed from the old context's cache would ask neither of them. Connections that
 * are open stay. Files that cannot be used (half of a rotation, say) leave the old context in force; their next change is tried
 * again.
 */
final class ReloadingSslContext extends SslContext {

    private static final System.Logger LOG = System.getLogger(ReloadingSslContext.class.getName());

    private final TlsConfig config;
    private List<Object> stamp;
    private SslContext context;

    /** IllegalArgumentException when the files cannot be used: there is nothing yet to stay with. */
    ReloadingSslContext(TlsConfig config) {
        this.config = config;
        // Before the files are read: a change in between is then seen by the next connection.
        stamp = stamp(config);
        context = build(config);
    }

    private synchronized SslContext current() {
        List<Object> now = stamp(config);
        if (!now.equals(stamp)) {
            stamp = now;
            try {
                context = build(config);
                LOG.log(System.Logger.Level.INFO, () -> LinkErrors.tlsReloaded(config.files()));
            } catch (IllegalArgumentException e) {
                LOG.log(System.Logger.Level.WARNING, () -> LinkErrors.tlsNotReloaded(e));
            }
        }
        return context;
    }

    /** Time, size and identity of what the paths lead to: symbolic links are followed, as Kubernetes swaps those. */
    private static List<Object> stamp(TlsConfig config) {
        List<Object> stamp = new ArrayList<>();
        for (Path file : config.files()) {
            try {
                BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
                stamp.add(List.of(
                        attributes.lastModifiedTime(), attributes.size(), String.valueOf(attributes.fileKey())));
            } catch (IOException e) {
                stamp.add("missing");
            }
        }
        return stamp;
    }

    private static SslContext build(TlsConfig config) {
        TlsMaterial material = TlsMaterial.read(config);
        SslContextBuilder builder = GrpcSslContexts.configure(SslContextBuilder.forClient(), SslProvider.JDK);
        if (material.trust() != null) {
            builder.trustManager(material.trust());
        }
        if (material.identity() != null) {
            builder.keyManager(material.identity());
        }
        try {
            return builder.build();
        } catch (SSLException e) {
            throw new IllegalArgumentException(
                    "tls*: " + config.files() + " do not work together: " + e.getMessage(), e);
        }
    }

    @Override
    public boolean isClient() {
        return true;
    }

    @Override
    public synchronized List<String> cipherSuites() {
        return context.cipherSuites();
    }

    @Override
    @SuppressWarnings("deprecation") // abstract in the superclass
    public synchronized ApplicationProtocolNegotiator applicationProtocolNegotiator() {
        return context.applicationProtocolNegotiator();
    }

    @Override
    public SSLEngine newEngine(ByteBufAllocator allocator) {
        return current().newEngine(allocator);
    }

    @Override
    public SSLEngine newEngine(ByteBufAllocator allocator, String peerHost, int peerPort) {
        return current().newEngine(allocator, peerHost, peerPort);
    }

    @Override
    public synchronized SSLSessionContext sessionContext() {
        return context.sessionContext();
    }
}
