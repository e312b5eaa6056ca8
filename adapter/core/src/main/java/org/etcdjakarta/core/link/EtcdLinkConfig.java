package org.etcdjakarta.core.link;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Executor;
import org.etcdjakarta.core.session.Session;
import org.jspecify.annotations.Nullable;

/** What a link needs to know of its cluster. Equal configurations share one link. */
public final class EtcdLinkConfig {

    private static final Duration DEFAULT_REQUEST_TIMEOUT = Duration.ofSeconds(5);
    private static final Duration DEFAULT_DIAL_TIMEOUT = Duration.ofSeconds(2);
    private static final Duration DEFAULT_KEEP_ALIVE_TIME = Duration.ofSeconds(30);
    private static final Duration DEFAULT_KEEP_ALIVE_TIMEOUT = Duration.ofSeconds(10);

    /** Go's default: above etcd's own limit of 1.5 MiB for a request. */
    private static final int DEFAULT_MAX_OUTBOUND = 2 * 1024 * 1024;

    private static final int SMALLEST_MESSAGE = 1024;

    private static final Duration SHORTEST = Duration.ofMillis(1);

    /** What gRPC takes; it would raise less without a word. */
    private static final Duration SHORTEST_KEEP_ALIVE_TIME = Duration.ofSeconds(10);

    private static final Duration SHORTEST_KEEP_ALIVE_TIMEOUT = Duration.ofMillis(10);
    private static final Duration SHORTEST_SYNC = Duration.ofSeconds(1);
    private static final Duration SHORTEST_SESSION = Duration.ofSeconds(1);

    /** Sockets count in int milliseconds; nobody waits longer than a day for one call. */
    private static final Duration LONGEST = Duration.ofDays(1);

    private final List<Endpoint> endpoints;
    private final @Nullable String user;
    private final Secret password;
    private final String namespace;
    private final Duration requestTimeout;
    private final Duration dialTimeout;
    private final Duration keepAliveTime;
    private final Duration keepAliveTimeout;
    private final boolean keepAliveWithoutCalls;
    private final int maxInboundMessageSize;
    private final int maxOutboundMessageSize;
    private final Duration endpointSyncInterval;
    private final Duration sessionTtl;
    private final TlsConfig tls;
    private final String dnsServers;
    private final @Nullable Executor executor;

    private EtcdLinkConfig(Builder builder) {
        endpoints = Endpoint.parse(builder.endpoints);
        user = builder.user;
        password = builder.password;
        namespace = builder.namespace;
        requestTimeout = between("requestTimeout", builder.requestTimeout, SHORTEST, DEFAULT_REQUEST_TIMEOUT);
        dialTimeout = between("dialTimeout", builder.dialTimeout, SHORTEST, DEFAULT_DIAL_TIMEOUT);
        keepAliveTime =
                offOrFrom("keepAliveTime", builder.keepAliveTime, SHORTEST_KEEP_ALIVE_TIME, DEFAULT_KEEP_ALIVE_TIME);
        keepAliveTimeout = between(
                "keepAliveTimeout", builder.keepAliveTimeout, SHORTEST_KEEP_ALIVE_TIMEOUT, DEFAULT_KEEP_ALIVE_TIMEOUT);
        keepAliveWithoutCalls = builder.keepAliveWithoutCalls;
        maxInboundMessageSize = bytes("maxInboundMessageSize", builder.maxInboundMessageSize, Integer.MAX_VALUE);
        maxOutboundMessageSize = bytes("maxOutboundMessageSize", builder.maxOutboundMessageSize, DEFAULT_MAX_OUTBOUND);
        endpointSyncInterval =
                offOrFrom("endpointSyncInterval", builder.endpointSyncInterval, SHORTEST_SYNC, Duration.ZERO);
        sessionTtl = between("sessionTtl", builder.sessionTtl, SHORTEST_SESSION, Session.DEFAULT_TTL);
        tls = builder.tls();
        dnsServers = builder.dnsServers;
        executor = builder.executor;
        if (user != null && password.isEmpty()) {
            throw new IllegalArgumentException("password: missing, but user is \"" + user + "\"; give both or none");
        }
        if (user == null && !password.isEmpty()) {
            throw new IllegalArgumentException("user: missing, but a password is given; give both or none");
        }
        tls.check();
        String tlsProperty = tls.firstGiven();
        if (!tls() && tlsProperty != null) {
            throw new IllegalArgumentException(tlsProperty + " is given, but endpoints are " + endpoints()
                    + "; allowed: https://host:port endpoints, or no tls properties");
        }
    }

    private static Duration between(String property, @Nullable Duration given, Duration least, Duration otherwise) {
        if (given == null) {
            return otherwise;
        }
        if (given.compareTo(least) < 0 || given.compareTo(LONGEST) > 0) {
            throw new IllegalArgumentException(property + ": \"" + given + "\" is out of range; allowed: "
                    + (least.toSeconds() > 0 ? least.toSeconds() + " s" : least.toMillis() + " ms")
                    + " to 1 day, for example " + Durations.text(otherwise.isZero() ? least : otherwise));
        }
        return given;
    }

    private static Duration offOrFrom(String property, @Nullable Duration given, Duration least, Duration otherwise) {
        return given != null && given.isZero() ? given : between(property, given, least, otherwise);
    }

    private static int bytes(String property, @Nullable Integer given, int otherwise) {
        if (given == null) {
            return otherwise;
        }
        if (given < SMALLEST_MESSAGE) {
            throw new IllegalArgumentException(property + ": \"" + given + "\" is out of range; allowed: "
                    + SMALLEST_MESSAGE + " to " + Integer.MAX_VALUE + " bytes");
        }
        return given;
    }

    /**
     * The same for one endpoint, which need not be among these; with or without scheme. The files of TLS are not read: the link
     * that asks has read them, and they may be changing just now.
     */
    EtcdLinkConfig at(String endpoint) {
        String scheme = endpoint.contains("://") ? "" : tls() ? "https://" : "http://";
        EtcdLinkConfig one =
                new EtcdLinkConfig(toBuilder().endpoints(scheme + endpoint).endpointSyncInterval(null));
        if (one.parsedEndpoints().size() != 1 || one.parsedEndpoints().get(0).isService()) {
            throw new IllegalArgumentException(
                    "endpoint: \"" + endpoint + "\" is not the address of one member; allowed: host:port");
        }
        if (tls() && !one.tls()) {
            throw new IllegalArgumentException("endpoint: \"" + String.join(",", one.endpoints())
                    + "\" is plaintext, but the link has TLS; allowed: host:port or https://host:port");
        }
        return one;
    }

    public static Builder builder() {
        return new Builder();
    }

    /** {@return a builder that holds everything this has} */
    public Builder toBuilder() {
        return new Builder(this);
    }

    /**
     * Normalised, in the order given: {@code http://host:port}, {@code https://host:port}, {@code dns+srv://name} or
     * {@code dns+srvs://name}.
     */
    public List<String> endpoints() {
        return Endpoint.addresses(endpoints);
    }

    public @Nullable String user() {
        return user;
    }

    /** Never null; empty for none. */
    public String namespace() {
        return namespace;
    }

    public Duration requestTimeout() {
        return requestTimeout;
    }

    public Duration dialTimeout() {
        return dialTimeout;
    }

    /** {@return how long a connection is silent before it is asked for a sign of life; zero for never} */
    public Duration keepAliveTime() {
        return keepAliveTime;
    }

    /** {@return how long that sign may take before the connection counts as dead} */
    public Duration keepAliveTimeout() {
        return keepAliveTimeout;
    }

    /** {@return whether connections without calls and watches are asked too} */
    public boolean keepAliveWithoutCalls() {
        return keepAliveWithoutCalls;
    }

    /** {@return in bytes} */
    public int maxInboundMessageSize() {
        return maxInboundMessageSize;
    }

    /** {@return in bytes} */
    public int maxOutboundMessageSize() {
        return maxOutboundMessageSize;
    }

    /** {@return how often the endpoints are taken from the list of members; zero for never} */
    public Duration endpointSyncInterval() {
        return endpointSyncInterval;
    }

    /** {@return how long etcd keeps the lease of a session that is not given another TTL, when it hears nothing from here} */
    public Duration sessionTtl() {
        return sessionTtl;
    }

    /** True when the endpoints are https or dns+srvs. */
    public boolean tls() {
        return endpoints.get(0).tls();
    }

    /** The file with the client's certificate, by which etcd may know who it is; null when it shows none. */
    public @Nullable Path clientCertificate() {
        return tls.certificate() == null ? tls.keyStore() : tls.certificate();
    }

    /** Where continuations of asynchronous calls run; null for the link's own threads. */
    public @Nullable Executor executor() {
        return executor;
    }

    List<Endpoint> parsedEndpoints() {
        return endpoints;
    }

    char[] password() {
        return password.characters();
    }

    TlsConfig tlsConfig() {
        return tls;
    }

    String dnsServers() {
        return dnsServers;
    }

    /** Everything that makes a link another one, besides the executor, which counts by identity. */
    private List<@Nullable Object> values() {
        return Arrays.asList(
                endpoints,
                user,
                password,
                namespace,
                requestTimeout,
                dialTimeout,
                keepAliveTime,
                keepAliveTimeout,
                keepAliveWithoutCalls,
                maxInboundMessageSize,
                maxOutboundMessageSize,
                endpointSyncInterval,
                sessionTtl,
                tls,
                dnsServers);
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof EtcdLinkConfig that && values().equals(that.values()) && executor == that.executor;
    }

    @Override
    public int hashCode() {
        return values().hashCode();
    }

    /** Without secrets. */
    @Override
    public String toString() {
        return "etcd " + String.join(",", endpoints()) + (user == null ? "" : " as " + user)
                + (namespace.isEmpty() ? "" : " namespace \"" + namespace + "\"") + " timeout "
                + Durations.text(requestTimeout);
    }

    /** Every setter takes null or the empty value as "not given". {@link #build()} checks and names the property. */
    public static final class Builder {

        private final List<@Nullable String> endpoints = new ArrayList<>();
        private @Nullable String user;
        private Secret password = Secret.NONE;
        private String namespace = "";
        private @Nullable Duration requestTimeout;
        private @Nullable Duration dialTimeout;
        private @Nullable Duration keepAliveTime;
        private @Nullable Duration keepAliveTimeout;
        private boolean keepAliveWithoutCalls;
        private @Nullable Integer maxInboundMessageSize;
        private @Nullable Integer maxOutboundMessageSize;
        private @Nullable Duration endpointSyncInterval;
        private @Nullable Duration sessionTtl;
        private @Nullable String tlsTrust;
        private @Nullable String tlsCertificate;
        private @Nullable String tlsKey;
        private Secret tlsKeyPassword = Secret.NONE;
        private @Nullable String tlsTrustStore;
        private Secret tlsTrustStorePassword = Secret.NONE;
        private @Nullable String tlsKeyStore;
        private Secret tlsKeyStorePassword = Secret.NONE;
        private @Nullable String tlsServerName;
        private String dnsServers = SrvLookup.SYSTEM_SERVERS;
        private @Nullable Executor executor;

        private Builder() {}

        private Builder(EtcdLinkConfig from) {
            endpoints.addAll(from.endpoints());
            user = from.user;
            password = from.password;
            namespace = from.namespace;
            requestTimeout = from.requestTimeout;
            dialTimeout = from.dialTimeout;
            keepAliveTime = from.keepAliveTime;
            keepAliveTimeout = from.keepAliveTimeout;
            keepAliveWithoutCalls = from.keepAliveWithoutCalls;
            maxInboundMessageSize = from.maxInboundMessageSize;
            maxOutboundMessageSize = from.maxOutboundMessageSize;
            endpointSyncInterval = from.endpointSyncInterval;
            sessionTtl = from.sessionTtl;
            tlsTrust = text(from.tls.trust());
            tlsCertificate = text(from.tls.certificate());
            tlsKey = text(from.tls.key());
            tlsKeyPassword = from.tls.keyPassword();
            tlsTrustStore = text(from.tls.trustStore());
            tlsTrustStorePassword = from.tls.trustStorePassword();
            tlsKeyStore = text(from.tls.keyStore());
            tlsKeyStorePassword = from.tls.keyStorePassword();
            tlsServerName = from.tls.serverName();
            dnsServers = from.dnsServers;
            executor = from.executor;
        }

        private TlsConfig tls() {
            return new TlsConfig(
                    path("tlsTrust", tlsTrust),
                    path("tlsCertificate", tlsCertificate),
                    path("tlsKey", tlsKey),
                    tlsKeyPassword,
                    path("tlsTrustStore", tlsTrustStore),
                    tlsTrustStorePassword,
                    path("tlsKeyStore", tlsKeyStore),
                    tlsKeyStorePassword,
                    tlsServerName);
        }

        private static @Nullable Path path(String property, @Nullable String text) {
            try {
                return text == null ? null : Path.of(text);
            } catch (InvalidPathException e) {
                throw new IllegalArgumentException(property + ": \"" + text + "\" is not a path: " + e.getMessage(), e);
            }
        }

        private static @Nullable String text(@Nullable Path path) {
            return path == null ? null : path.toString();
        }

        private static @Nullable String given(@Nullable String text) {
            return text == null || text.isBlank() ? null : text.strip();
        }

        /**
         * {@code host:port}, {@code http://host:port}, {@code https://host:port}, or the name of SRV records: {@code
         * dns+srv://example.org} stands for {@code _etcd-client._tcp.example.org}, {@code dns+srvs://example.org} for {@code
         * _etcd-client-ssl._tcp.example.org} with TLS; a name that begins with {@code _} is looked up as it is. Each text may
         * hold several endpoints, separated by commas. Replaces what was given before. Default {@code http://127.0.0.1:2379}.
         */
        public Builder endpoints(@Nullable String @Nullable ... given) {
            endpoints.clear();
            if (given != null) {
                endpoints.addAll(Arrays.asList(given));
            }
            return this;
        }

        public Builder user(@Nullable String user) {
            this.user = given(user);
            return this;
        }

        /** Takes a copy. */
        public Builder password(char @Nullable [] password) {
            this.password = Secret.of(password);
            return this;
        }

        /** Prefix of every physical key; taken as it is, not stripped. */
        public Builder namespace(@Nullable String namespace) {
            this.namespace = namespace == null ? "" : namespace;
            return this;
        }

        /** Within which every call ends; 1 ms to 1 day, default 5 s. */
        public Builder requestTimeout(@Nullable Duration timeout) {
            requestTimeout = timeout;
            return this;
        }

        /** Of an attempt to connect to one endpoint; 1 ms to 1 day, default 2 s. */
        public Builder dialTimeout(@Nullable Duration timeout) {
            dialTimeout = timeout;
            return this;
        }

        /**
         * How long a connection with calls or watches is silent before it is asked for a sign of life; 10 s (what gRPC takes) to
         * 1 day, default 30 s, zero for never. etcd cuts those who ask more often than its {@code --grpc-keepalive-min-time}.
         */
        public Builder keepAliveTime(@Nullable Duration time) {
            keepAliveTime = time;
            return this;
        }

        /** How long that sign may take before the connection counts as dead; 10 ms to 1 day, default 10 s. */
        public Builder keepAliveTimeout(@Nullable Duration timeout) {
            keepAliveTimeout = timeout;
            return this;
        }

        /** Whether connections without calls and watches are asked too; default false. */
        public Builder keepAliveWithoutCalls(boolean without) {
            keepAliveWithoutCalls = without;
            return this;
        }

        /**
         * The largest answer of a call that is taken, in bytes; from 1024, default {@link Integer#MAX_VALUE}, which is no limit.
         * Streams (watches, snapshots) have none.
         */
        public Builder maxInboundMessageSize(@Nullable Integer bytes) {
            maxInboundMessageSize = bytes;
            return this;
        }

        /**
         * The largest request that is sent, in bytes; from 1024, default 2 MiB. Raise it together with etcd's {@code
         * --max-request-bytes} (default 1.5 MiB). What is larger fails before it is sent.
         */
        public Builder maxOutboundMessageSize(@Nullable Integer bytes) {
            maxOutboundMessageSize = bytes;
            return this;
        }

        /** How often the endpoints are taken from the cluster's list of members; 1 s to 1 day, zero (the default) for never. */
        public Builder endpointSyncInterval(@Nullable Duration interval) {
            endpointSyncInterval = interval;
            return this;
        }

        /**
         * How long etcd keeps the lease of a session that is not given another TTL, when it hears nothing from here: 1 s to 1 day, in
         * whole seconds (fractions are rounded up), default 10 s. etcd may grant more.
         */
        public Builder sessionTtl(@Nullable Duration ttl) {
            sessionTtl = ttl;
            return this;
        }

        /** Path of a PEM file with the certificates to trust; null for the JDK's. Files of TLS are read again when they change. */
        public Builder tlsTrust(@Nullable String path) {
            tlsTrust = given(path);
            return this;
        }

        /** Path of a PEM file with the client's certificate chain. */
        public Builder tlsCertificate(@Nullable String path) {
            tlsCertificate = given(path);
            return this;
        }

        /** Path of a PEM file with the client's private key: PKCS#8, PKCS#1 or SEC 1. */
        public Builder tlsKey(@Nullable String path) {
            tlsKey = given(path);
            return this;
        }

        /** Of an encrypted {@link #tlsKey} (PKCS#8), or of the key in the key store when it is not that of the store. */
        public Builder tlsKeyPassword(char @Nullable [] password) {
            tlsKeyPassword = Secret.of(password);
            return this;
        }

        /** Path of a PKCS#12 or JKS file with the certificates to trust, instead of {@link #tlsTrust}. */
        public Builder tlsTrustStore(@Nullable String path) {
            tlsTrustStore = given(path);
            return this;
        }

        /** Takes a copy. */
        public Builder tlsTrustStorePassword(char @Nullable [] password) {
            tlsTrustStorePassword = Secret.of(password);
            return this;
        }

        /** Path of a PKCS#12 or JKS file with the client's private key and certificate chain, instead of PEM files. */
        public Builder tlsKeyStore(@Nullable String path) {
            tlsKeyStore = given(path);
            return this;
        }

        /** Takes a copy. */
        public Builder tlsKeyStorePassword(char @Nullable [] password) {
            tlsKeyStorePassword = Secret.of(password);
            return this;
        }

        /**
         * The host name that the servers' certificates are checked against when it is not that of the endpoint, for example the
         * domain of {@code dns+srvs}.
         */
        public Builder tlsServerName(@Nullable String name) {
            tlsServerName = given(name);
            return this;
        }

        /**
         * Where continuations of asynchronous calls run; null (the default) for the link's own threads, which grow in number as
         * needed. Blocking calls do not use it. It is never shut down by the link, and is part of the configuration by identity:
         * another executor is another link. A task that it rejects runs on a thread of the link; one that it has taken and throws
         * away ({@code shutdownNow}) is lost, and nobody completes that future: close the link first. When all its threads wait for
         * calls that others have chained ({@code thenCompose}), nothing is left to complete them: give it threads enough.
         */
        public Builder executor(@Nullable Executor executor) {
            this.executor = executor;
            return this;
        }

        /** {@code dns://host:port} for tests; otherwise the operating system's. */
        Builder dnsServers(String url) {
            dnsServers = url;
            return this;
        }

        /**
         * Checks everything, and reads the files of TLS.
         *
         * @throws IllegalArgumentException names the property, the value (of a secret nothing) and what is allowed
         */
        public EtcdLinkConfig build() {
            EtcdLinkConfig config = new EtcdLinkConfig(this);
            var unused = TlsMaterial.read(config.tls);
            return config;
        }
    }
}
