package org.etcdjakarta.core.link;

import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a link needs to know of its cluster. Equal configurations share one link. */
public final class EtcdLinkConfig {

    private EtcdLinkConfig(Builder builder) {
        throw new UnsupportedOperationException("skeleton " + builder);
    }

    public static Builder builder() {
        return new Builder();
    }

    /** Normalised, in the order given: {@code http://host:port} or {@code https://host:port}. */
    public List<String> endpoints() {
        throw new UnsupportedOperationException("skeleton");
    }

    public @Nullable String user() {
        throw new UnsupportedOperationException("skeleton");
    }

    /** Never null; empty for none. */
    public String namespace() {
        throw new UnsupportedOperationException("skeleton");
    }

    public Duration requestTimeout() {
        throw new UnsupportedOperationException("skeleton");
    }

    /** Every setter takes null or the empty value as "not given". {@link #build()} checks and names the property. */
    public static final class Builder {

        public Builder endpoints(String... endpoints) {
            throw new UnsupportedOperationException("skeleton " + endpoints.length);
        }

        public Builder user(@Nullable String user) {
            throw new UnsupportedOperationException("skeleton " + user);
        }

        public Builder password(char @Nullable [] password) {
            throw new UnsupportedOperationException("skeleton " + password);
        }

        public Builder namespace(@Nullable String namespace) {
            throw new UnsupportedOperationException("skeleton " + namespace);
        }

        public Builder requestTimeout(@Nullable Duration timeout) {
            throw new UnsupportedOperationException("skeleton " + timeout);
        }

        public Builder dialTimeout(@Nullable Duration timeout) {
            throw new UnsupportedOperationException("skeleton " + timeout);
        }

        /** Path of a PEM file with the certificates to trust; null for the JDK's. */
        public Builder tlsTrust(@Nullable String path) {
            throw new UnsupportedOperationException("skeleton " + path);
        }

        /** Path of a PEM file with the client's certificate chain. */
        public Builder tlsCertificate(@Nullable String path) {
            throw new UnsupportedOperationException("skeleton " + path);
        }

        /** Path of a PEM file with the client's private key (PKCS#8). */
        public Builder tlsKey(@Nullable String path) {
            throw new UnsupportedOperationException("skeleton " + path);
        }

        /** Throws IllegalArgumentException that names the property, the value and what is allowed. */
        public EtcdLinkConfig build() {
            return new EtcdLinkConfig(this);
        }
    }
}
