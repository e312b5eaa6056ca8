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
import org.jspecify.annotations.Nullable;

/**
 * The endpoints of one link as gRPC's name resolver: one address group an endpoint, so that a dead member is left out and a
 * live one used. Host names are looked up on the link's pool (a DNS server that hangs must not hold gRPC's
 * synchronization context), again after every failed connection.
 */
final class StaticResolver extends NameResolver {

    private final List<Endpoint> endpoints;
    private final Executor executor;
    private final SynchronizationContext context;
    private @Nullable Listener2 listener;
    private boolean resolving;
    private boolean shutdown;

    private StaticResolver(List<Endpoint> endpoints, Executor executor, SynchronizationContext context) {
        this.endpoints = endpoints;
        this.executor = executor;
        this.context = context;
    }

    @Override
    public String getServiceAuthority() {
        return endpoints.get(0).authority();
    }

    @Override
    public void start(Listener2 to) {
        listener = to;
        refresh();
    }

    @Override
    public void refresh() {
        if (resolving || shutdown) {
            return;
        }
        resolving = true;
        executor.execute(() -> {
            StatusOr<List<EquivalentAddressGroup>> found = resolve();
            context.execute(() -> deliver(found));
        });
    }

    private void deliver(StatusOr<List<EquivalentAddressGroup>> found) {
        resolving = false;
        if (!shutdown && listener != null) {
            var unused = listener.onResult2(
                    ResolutionResult.newBuilder().setAddressesOrError(found).build());
        }
    }

    private StatusOr<List<EquivalentAddressGroup>> resolve() {
        List<EquivalentAddressGroup> groups = new ArrayList<>();
        List<String> unknown = new ArrayList<>();
        for (Endpoint endpoint : endpoints) {
            try {
                List<SocketAddress> addresses = new ArrayList<>();
                for (InetAddress address : InetAddress.getAllByName(endpoint.host())) {
                    addresses.add(new InetSocketAddress(address, endpoint.port()));
                }
                Attributes authority = Attributes.newBuilder()
                        .set(EquivalentAddressGroup.ATTR_AUTHORITY_OVERRIDE, endpoint.authority())
                        .build();
                groups.add(new EquivalentAddressGroup(addresses, authority));
            } catch (UnknownHostException e) {
                unknown.add(endpoint.host());
            }
        }
        return groups.isEmpty()
                ? StatusOr.fromStatus(Status.UNAVAILABLE.withDescription("unknown host " + String.join(", ", unknown)))
                : StatusOr.fromValue(groups);
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
        private final List<Endpoint> endpoints;
        private final Executor executor;

        Provider(String scheme, List<Endpoint> endpoints, Executor executor) {
            this.scheme = scheme.toLowerCase(Locale.ROOT);
            this.endpoints = endpoints;
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
            return new StaticResolver(endpoints, executor, args.getSynchronizationContext());
        }
    }
}
