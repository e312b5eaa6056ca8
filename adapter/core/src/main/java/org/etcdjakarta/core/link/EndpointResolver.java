package org.etcdjakarta.core.link;

import io.grpc.Attributes;
import io.grpc.EquivalentAddressGroup;
import io.grpc.NameResolver;
import io.grpc.NameResolverProvider;
import io.grpc.Status;
import io.grpc.StatusOr;
import io.grpc.SynchronizationContext;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Executor;
import javax.naming.NamingException;
import org.jspecify.annotations.Nullable;

/**
 * The endpoints of one link as gRPC's name resolver: one address group an endpoint, so that a dead member is left out and a
 * live one used. Names are looked up on the link's pool (a DNS server that hangs must not hold gRPC's synchronization
 * context), again after every failed connection and when the list of endpoints changes.
 */
final class EndpointResolver extends NameResolver {

    private final Provider link;
    private final SynchronizationContext context;
    private @Nullable Listener2 listener;
    private boolean resolving;
    private boolean again;
    private boolean shutdown;

    private EndpointResolver(Provider link, SynchronizationContext context) {
        this.link = link;
        this.context = context;
    }

    @Override
    public String getServiceAuthority() {
        return authority(link.endpoints.current().get(0));
    }

    @Override
    public void start(Listener2 to) {
        listener = to;
        link.endpoints.onChange(() -> {
            context.execute(this::refresh);
            LinkThreads.leaveNothing();
        });
        refresh();
    }

    @Override
    public void refresh() {
        if (shutdown) {
            return;
        }
        if (resolving) {
            // The list may have changed since that look-up began.
            again = true;
            return;
        }
        resolving = true;
        again = false;
        link.executor.execute(() -> {
            StatusOr<List<EquivalentAddressGroup>> found = resolveOrFail();
            context.execute(() -> deliver(found));
        });
    }

    private void deliver(StatusOr<List<EquivalentAddressGroup>> found) {
        resolving = false;
        if (!shutdown && listener != null) {
            var unused = listener.onResult2(
                    ResolutionResult.newBuilder().setAddressesOrError(found).build());
            if (again) {
                refresh();
            }
        }
    }

    /** Whatever goes wrong is an answer, too: without one nothing would be looked up any more. */
    private StatusOr<List<EquivalentAddressGroup>> resolveOrFail() {
        try {
            return resolve();
        } catch (RuntimeException | Error e) {
            return StatusOr.fromStatus(
                    Status.UNAVAILABLE.withDescription("look-up failed: " + e).withCause(e));
        }
    }

    private StatusOr<List<EquivalentAddressGroup>> resolve() {
        List<EquivalentAddressGroup> groups = new ArrayList<>();
        List<String> unknown = new ArrayList<>();
        for (Endpoint endpoint : link.endpoints.current()) {
            if (endpoint.isService()) {
                try {
                    link.srv.find(endpoint).forEach(host -> addHost(host, groups, unknown));
                } catch (NamingException e) {
                    unknown.add("SRV " + endpoint.host() + " (" + e.getMessage() + ")");
                }
            } else {
                addHost(endpoint, groups, unknown);
            }
        }
        return groups.isEmpty()
                ? StatusOr.fromStatus(Status.UNAVAILABLE.withDescription("unknown host " + String.join(", ", unknown)))
                : StatusOr.fromValue(groups);
    }

    private void addHost(Endpoint endpoint, List<EquivalentAddressGroup> groups, List<String> unknown) {
        try {
            List<SocketAddress> addresses = new ArrayList<>();
            for (InetAddress address : InetAddress.getAllByName(endpoint.host())) {
                addresses.add(new InetSocketAddress(address, endpoint.port()));
            }
            Attributes attributes = Attributes.newBuilder()
                    .set(EquivalentAddressGroup.ATTR_AUTHORITY_OVERRIDE, authority(endpoint))
                    .build();
            groups.add(new EquivalentAddressGroup(addresses, attributes));
        } catch (UnknownHostException e) {
            unknown.add(endpoint.host());
        }
    }

    /** What the certificate is checked against. */
    private String authority(Endpoint endpoint) {
        return link.serverName != null ? link.serverName : endpoint.authority();
    }

    @Override
    public void shutdown() {
        shutdown = true;
    }

    /**
     * gRPC finds resolvers in a registry only, by the scheme of the target, and asks for the provider once, when the channel
     * is built. So each link registers one of its own scheme for just that moment.
     */
    static final class Provider extends NameResolverProvider {

        private final String scheme;
        private final EndpointList endpoints;
        private final SrvLookup srv;
        private final @Nullable String serverName;
        private final Executor executor;

        Provider(String scheme, EndpointList endpoints, EtcdLinkConfig config, Executor executor) {
            this.scheme = scheme.toLowerCase(Locale.ROOT);
            this.endpoints = endpoints;
            this.srv = new SrvLookup(config.dnsServers());
            this.serverName = config.tlsConfig().serverName();
            this.executor = executor;
        }

        @Override
        protected boolean isAvailable() {
            return true;
        }

        @Override
        protected int priority() {
            return 5;
        }

        @Override
        public String getDefaultScheme() {
            return scheme;
        }

        @Override
        public NameResolver newNameResolver(URI target, Args args) {
            return new EndpointResolver(this, args.getSynchronizationContext());
        }
    }
}
