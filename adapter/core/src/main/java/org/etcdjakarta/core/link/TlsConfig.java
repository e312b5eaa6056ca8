package org.etcdjakarta.core.link;

import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The files behind TLS: what to trust, and who the client is, each from PEM files or from a key store.
 *
 * @param trust PEM; null with {@code trustStore} null for the JDK's certificates
 * @param keyPassword of {@code key}, or of the key in {@code keyStore} when it differs from the store's
 * @param serverName what the servers' certificates are checked against; null for the endpoint's host
 */
record TlsConfig(
        @Nullable Path trust,
        @Nullable Path certificate,
        @Nullable Path key,
        Secret keyPassword,
        @Nullable Path trustStore,
        Secret trustStorePassword,
        @Nullable Path keyStore,
        Secret keyStorePassword,
        @Nullable String serverName) {

    /** Checks which values may come together; the files are not read. */
    void check() {
        if ((certificate == null) != (key == null)) {
            throw new IllegalArgumentException("tlsCertificate and tlsKey: only "
                    + (key == null ? "tlsCertificate" : "tlsKey") + " is given; give both or none");
        }
        if (trust != null && trustStore != null) {
            throw new IllegalArgumentException("tlsTrustStore: \"" + trustStore + "\" is given, and tlsTrust \"" + trust
                    + "\" too; give one of them");
        }
        if (key != null && keyStore != null) {
            throw new IllegalArgumentException(
                    "tlsKeyStore: \"" + keyStore + "\" is given, and tlsKey \"" + key + "\" too; give one of them");
        }
        without("tlsTrustStorePassword", trustStorePassword, trustStore == null, "tlsTrustStore");
        without("tlsKeyStorePassword", keyStorePassword, keyStore == null, "tlsKeyStore");
        without("tlsKeyPassword", keyPassword, key == null && keyStore == null, "tlsKey or tlsKeyStore");
    }

    private static void without(String property, Secret password, boolean missing, String file) {
        if (missing && !password.isEmpty()) {
            throw new IllegalArgumentException(property + ": given without " + file + "; give both or none");
        }
    }

    /** The first property that only makes sense with TLS, with its value; null when there is none. */
    @Nullable
    String firstGiven() {
        return Stream.of(
                        given("tlsTrust", trust),
                        given("tlsTrustStore", trustStore),
                        given("tlsCertificate", certificate),
                        given("tlsKeyStore", keyStore),
                        given("tlsServerName", serverName))
                .filter(Objects::nonNull)
                .findFirst()
                .orElse(null);
    }

    private static @Nullable String given(String property, @Nullable Object value) {
        return value == null ? null : property + ": \"" + value + "\"";
    }

    List<Path> files() {
        return Stream.of(trust, trustStore, certificate, key, keyStore)
                .filter(Objects::nonNull)
                .toList();
    }
}
