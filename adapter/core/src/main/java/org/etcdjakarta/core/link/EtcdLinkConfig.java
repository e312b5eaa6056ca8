package org.etcdjakarta.core.link;

import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/** What a link needs to know of its cluster. Equal configurations share one link. */
public final class EtcdLinkConfig {

    private static final Duration DEFAULT_REQUEST_TIMEOUT = Duration.ofSeconds(5);
    private static final Duration DEFAULT_DIAL_TIMEOUT = Duration.ofSeconds(2);

    private static final Duration SHORTEST = Duration.ofMillis(1);

    /** Sockets count in int milliseconds; nobody waits longer than a day for one call. */
    private static final Duration LONGEST = Duration.ofDays(1);

    private final List<Endpoint> endpoints;
    private final @Nullable String user;
    private final char[] password;
    private final String namespace;
    private final Duration requestTimeout;
    private final Duration dialTimeout;
    private final @Nullable Path tlsTrust;
    private final @Nullable Path tlsCertificate;
    private final @Nullable Path tlsKey;
    private final @Nullable Executor executor;

    private EtcdLinkConfig(Builder builder) {
        endpoints = Endpoint.parse(builder.endpoints);
        user = builder.user;
        password = builder.password.clone();
        namespace = builder.namespace;
        requestTimeout = positive("requestTimeout", builder.requestTimeout, DEFAULT_REQUEST_TIMEOUT);
        dialTimeout = positive("dialTimeout", builder.dialTimeout, DEFAULT_DIAL_TIMEOUT);
        tlsTrust = file("tlsTrust", builder.tlsTrust);
        tlsCertificate = file("tlsCertificate", builder.tlsCertificate);
        tlsKey = file("tlsKey", builder.tlsKey);
        executor = builder.executor;
        if (user != null && password.length == 0) {
            throw new IllegalArgumentException("password: missing, but user is \"" + user + "\"; give both or none");
        }
        if (user == null && password.length > 0) {
            throw new IllegalArgumentException("user: missing, but a password is given; give both or none");
        }
        if ((tlsCertificate == null) != (tlsKey == null)) {
            throw new IllegalArgumentException("tlsCertificate and tlsKey: only "
                    + (tlsKey == null ? "tlsCertificate" : "tlsKey") + " is given; give both or none");
        }
        if (!tls() && (tlsTrust != null || tlsCertificate != null)) {
            throw new IllegalArgumentException(
                    (tlsTrust != null ? "tlsTrust: \"" + tlsTrust : "tlsCertificate: \"" + tlsCertificate)
                            + "\" is given, but endpoints are " + endpoints()
                            + "; allowed: https://host:port endpoints, or no tls properties");
        }
    }

    private static Duration positive(String property, @Nullable Duration given, Duration otherwise) {
        if (given == null) {
            return otherwise;
        }
        if (given.compareTo(SHORTEST) < 0 || given.compareTo(LONGEST) > 0) {
            throw new IllegalArgumentException(
                    property + ": \"" + given + "\" is out of range; allowed: 1 ms to 1 day, for example 5s");
        }
        return given;
    }

    private static @Nullable Path file(String property, @Nullable String text) {
        if (text == null) {
            return null;
        }
        try {
            Path path = Path.of(text);
            if (Files.isReadable(path) && Files.isRegularFile(path)) {
                return path;
            }
        } catch (InvalidPathException e) {
            throw new IllegalArgumentException(property + ": \"" + text + "\" is not a path: " + e.getMessage(), e);
        }
        throw new IllegalArgumentException(
                property + ": \"" + text + "\" is not a readable file; allowed: the path of a PEM file");
    }

    /** The same for one endpoint, which need not be among these; with or without scheme. */
    EtcdLinkConfig at(String endpoint) {
        String scheme = endpoint.contains("://") ? "" : tls() ? "https://" : "http://";
        return builder()
                .endpoints(scheme + endpoint)
                .user(user)
                .password(password)
                .namespace(namespace)
                .requestTimeout(requestTimeout)
                .dialTimeout(dialTimeout)
                .tlsTrust(text(tlsTrust))
                .tlsCertificate(text(tlsCertificate))
                .tlsKey(text(tlsKey))
                .executor(executor)
                .build();
    }

    private static @Nullable String text(@Nullable Path path) {
        return path == null ? null : path.toString();
    }

    public static Builder builder() {
        return new Builder();
    }

    /** Normalised, in the order given: {@code http://host:port} or {@code https://host:port}. */
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

    /** True when the endpoints are https. */
    public boolean tls() {
        return endpoints.get(0).tls();
    }

    /** Where continuations of asynchronous calls run; null for the link's own threads. */
    public @Nullable Executor executor() {
        return executor;
    }

    List<Endpoint> parsedEndpoints() {
        return endpoints;
    }

    char[] password() {
        return password.clone();
    }

    @Nullable
    Path tlsTrust() {
        return tlsTrust;
    }

    @Nullable
    Path tlsCertificate() {
        return tlsCertificate;
    }

    @Nullable
    Path tlsKey() {
        return tlsKey;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof EtcdLinkConfig that
                && endpoints.equals(that.endpoints)
                && Objects.equals(user, that.user)
                && Arrays.equals(password, that.password)
                && namespace.equals(that.namespace)
                && requestTimeout.equals(that.requestTimeout)
                && dialTimeout.equals(that.dialTimeout)
                && Objects.equals(tlsTrust, that.tlsTrust)
                && Objects.equals(tlsCertificate, that.tlsCertificate)
                && Objects.equals(tlsKey, that.tlsKey)
                && executor == that.executor;
    }

    @Override
    public int hashCode() {
        return Objects.hash(endpoints, user, Arrays.hashCode(password), namespace, requestTimeout, dialTimeout);
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
        private char[] password = new char[0];
        private String namespace = "";
        private @Nullable Duration requestTimeout;
        private @Nullable Duration dialTimeout;
        private @Nullable String tlsTrust;
        private @Nullable String tlsCertificate;
        private @Nullable String tlsKey;
        private @Nullable Executor executor;

        private Builder() {}

        private static @Nullable String given(@Nullable String text) {
            return text == null || text.isBlank() ? null : text.strip();
        }

        /** Each text may hold several endpoints, separated by commas. Replaces what was given before. */
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
            this.password = password == null ? new char[0] : password.clone();
            return this;
        }

        /** Prefix of every physical key; taken as it is, not stripped. */
        public Builder namespace(@Nullable String namespace) {
            this.namespace = namespace == null ? "" : namespace;
            return this;
        }

        public Builder requestTimeout(@Nullable Duration timeout) {
            requestTimeout = timeout;
            return this;
        }

        public Builder dialTimeout(@Nullable Duration timeout) {
            dialTimeout = timeout;
            return this;
        }

        /** Path of a PEM file with the certificates to trust; null for the JDK's. */
        public Builder tlsTrust(@Nullable String path) {
            tlsTrust = given(path);
            return this;
        }

        /** Path of a PEM file with the client's certificate chain. */
        public Builder tlsCertificate(@Nullable String path) {
            tlsCertificate = given(path);
            return this;
        }

        /** Path of a PEM file with the client's private key (PKCS#8). */
        public Builder tlsKey(@Nullable String path) {
            tlsKey = given(path);
            return this;
        }

        /**
         * Where continuations of asynchronous calls run; null (the default) for the link's own threads, which grow in number as
         * needed. Blocking calls do not use it. It is never shut down by the link, and is part of the configuration by identity:
         * another executor is another link. A task that it rejects runs on a thread of the link. When all its threads wait for
         * calls that others have chained ({@code thenCompose}), nothing is left to complete them: give it threads enough.
         */
        public Builder executor(@Nullable Executor executor) {
            this.executor = executor;
            return this;
        }

        /** Throws IllegalArgumentException that names the property, the value and what is allowed. */
        public EtcdLinkConfig build() {
            return new EtcdLinkConfig(this);
        }
    }
}
