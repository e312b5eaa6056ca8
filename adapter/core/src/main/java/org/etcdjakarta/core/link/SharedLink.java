package org.etcdjakarta.core.link;

import io.etcd.jetcd.ByteSequence;
import io.grpc.ManagedChannel;
import io.grpc.netty.shaded.io.netty.handler.ssl.SslContext;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.etcdjakarta.core.session.LeaseTransport;
import org.etcdjakarta.core.watch.SharedStreams;
import org.etcdjakarta.core.watch.WatchTransport;
import org.jspecify.annotations.Nullable;

/** What all references on one configuration share. Lives from the first open to the last close. */
final class SharedLink {

    private static final Map<EtcdLinkConfig, SharedLink> OPEN = new HashMap<>();

    private final EtcdLinkConfig config;
    private final @Nullable SslContext tls;
    private final ByteSequence namespace;
    private final LinkThreads threads;
    private final ManagedChannel channel;
    private final Calls calls;
    private final EndpointList endpoints;
    private final SharedStreams watches;
    private final KeepAlives keepAlives;
    private final LinkLeaseTransport leases;
    private final EndpointSync sync;
    private final KvProtocol kv;
    private int references;

    private SharedLink(EtcdLinkConfig config, @Nullable SslContext tls, @Nullable Tokens tokens) {
        this.config = config;
        this.tls = tls;
        namespace = ByteSequence.from(config.namespace(), StandardCharsets.UTF_8);
        endpoints = new EndpointList(config.parsedEndpoints());
        threads = new LinkThreads(config.parsedEndpoints().size());
        try {
            channel = LinkChannel.open(config, tls, endpoints, threads);
        } catch (RuntimeException e) {
            threads.stop();
            throw e;
        } finally {
            LinkThreads.leaveNothing();
        }
        calls = new Calls(channel, threads, config, tokens);
        kv = new StubKv(calls);
        watches = new SharedStreams(new LinkWatchTransport(calls, namespace));
        keepAlives = new KeepAlives(calls);
        leases = new LinkLeaseTransport(calls, keepAlives);
        sync = new EndpointSync(calls, endpoints);
        if (!config.endpointSyncInterval().isZero()) {
            sync.every(config.endpointSyncInterval());
        }
    }

    /** Adds a reference. */
    static SharedLink acquire(EtcdLinkConfig config) {
        synchronized (OPEN) {
            SharedLink link = OPEN.get(config);
            if (link == null) {
                link = new SharedLink(config, tls(config), null);
                OPEN.put(config, link);
            }
            link.references++;
            return link;
        }
    }

    /**
     * A link to one member, for one user, who releases it. Never one that is open already: that may go to all members since it
     * asked for their list. It has the TLS of this link, whose files may be changing just now, and its token, which
     * all members know.
     *
     * @throws IllegalArgumentException when the endpoint is none, or is plaintext and this link has TLS
     */
    SharedLink member(String endpoint) {
        EtcdLinkConfig one = config.at(endpoint);
        SharedLink member = new SharedLink(one, tls != null ? tls : tls(one), calls.tokens);
        member.references = 1;
        return member;
    }

    private static @Nullable SslContext tls(EtcdLinkConfig config) {
        return config.tls() ? new ReloadingSslContext(config.tlsConfig()) : null;
    }

    /** Takes a reference away; the last one ends the link. */
    void release() {
        synchronized (OPEN) {
            if (--references > 0) {
                return;
            }
            OPEN.remove(config, this);
        }
        calls.close();
        keepAlives.close();
        channel.shutdownNow();
        if (threads.isOwnThread()) {
            // A callback closes the link it is called from: it cannot wait for its own end.
            threads.newThread("closer", this::stop).start();
        } else {
            stop();
        }
    }

    private void stop() {
        try {
            var unused = channel.awaitTermination(2, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        threads.stop();
        LinkThreads.leaveNothing();
    }

    EtcdLinkConfig config() {
        return config;
    }

    ByteSequence namespace() {
        return namespace;
    }

    KvProtocol kv() {
        return kv;
    }

    Calls calls() {
        return calls;
    }

    WatchTransport watches() {
        return watches;
    }

    KeepAlives keepAlives() {
        return keepAlives;
    }

    LeaseTransport leases() {
        return leases;
    }

    EndpointList endpoints() {
        return endpoints;
    }

    EndpointSync sync() {
        return sync;
    }
}
