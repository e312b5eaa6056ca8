package org.etcdjakarta.core.link;

import java.time.Duration;
import java.util.Locale;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * The settings of a link as texts: the one list behind the connector's configuration properties and the names of MicroProfile
 * Config. What {@link #apply} and {@link EtcdLinkConfig.Builder#build()} refuse, they refuse with a message that begins with
 * {@link #property()}.
 */
public enum LinkProperty {
    /** {@link EtcdLinkConfig.Builder#endpoints}. */
    ENDPOINTS(
            "endpoints",
            "host:port, http(s)://host:port or dns+srv(s)://name, several separated by commas",
            text(EtcdLinkConfig.Builder::endpoints)),
    /** {@link EtcdLinkConfig.Builder#user}. */
    USER("user", "an etcd user name", text(EtcdLinkConfig.Builder::user)),
    /** {@link EtcdLinkConfig.Builder#password}. */
    PASSWORD("password", "the user's password", secret(EtcdLinkConfig.Builder::password)),
    /** {@link EtcdLinkConfig.Builder#namespace}. */
    NAMESPACE("namespace", "a prefix that is put before every key", text(EtcdLinkConfig.Builder::namespace)),
    /** {@link EtcdLinkConfig.Builder#requestTimeout}. */
    REQUEST_TIMEOUT(
            "requestTimeout",
            "a duration such as 500ms, 5s, 1m or PT5S",
            duration(EtcdLinkConfig.Builder::requestTimeout)),
    /** {@link EtcdLinkConfig.Builder#dialTimeout}. */
    DIAL_TIMEOUT(
            "dialTimeout", "a duration such as 500ms, 5s, 1m or PT5S", duration(EtcdLinkConfig.Builder::dialTimeout)),
    /** {@link EtcdLinkConfig.Builder#keepAliveTime}. */
    KEEP_ALIVE_TIME(
            "keepAliveTime", "a duration from 10s to 1d, 0s for off", duration(EtcdLinkConfig.Builder::keepAliveTime)),
    /** {@link EtcdLinkConfig.Builder#keepAliveTimeout}. */
    KEEP_ALIVE_TIMEOUT(
            "keepAliveTimeout", "a duration from 10ms to 1d", duration(EtcdLinkConfig.Builder::keepAliveTimeout)),
    /** {@link EtcdLinkConfig.Builder#keepAliveWithoutCalls}. */
    KEEP_ALIVE_WITHOUT_CALLS(
            "keepAliveWithoutCalls", "true or false", yesOrNo(EtcdLinkConfig.Builder::keepAliveWithoutCalls)),
    /** {@link EtcdLinkConfig.Builder#maxInboundMessageSize}. */
    MAX_INBOUND_MESSAGE_SIZE(
            "maxInboundMessageSize",
            "bytes, from 1024 to 2147483647",
            bytes(EtcdLinkConfig.Builder::maxInboundMessageSize)),
    /** {@link EtcdLinkConfig.Builder#maxOutboundMessageSize}. */
    MAX_OUTBOUND_MESSAGE_SIZE(
            "maxOutboundMessageSize",
            "bytes, from 1024 to 2147483647",
            bytes(EtcdLinkConfig.Builder::maxOutboundMessageSize)),
    /** {@link EtcdLinkConfig.Builder#endpointSyncInterval}. */
    ENDPOINT_SYNC_INTERVAL(
            "endpointSyncInterval",
            "a duration from 1s to 1d, 0s for off",
            duration(EtcdLinkConfig.Builder::endpointSyncInterval)),
    /** {@link EtcdLinkConfig.Builder#sessionTtl}. */
    SESSION_TTL("sessionTtl", "a duration from 1s to 1d", duration(EtcdLinkConfig.Builder::sessionTtl)),
    /** {@link EtcdLinkConfig.Builder#tlsTrust}. */
    TLS_TRUST("tlsTrust", "path of a PEM file with certificates to trust", text(EtcdLinkConfig.Builder::tlsTrust)),
    /** {@link EtcdLinkConfig.Builder#tlsCertificate}. */
    TLS_CERTIFICATE(
            "tlsCertificate",
            "path of a PEM file with the client's certificate chain",
            text(EtcdLinkConfig.Builder::tlsCertificate)),
    /** {@link EtcdLinkConfig.Builder#tlsKey}. */
    TLS_KEY("tlsKey", "path of a PEM file with the client's private key", text(EtcdLinkConfig.Builder::tlsKey)),
    /** {@link EtcdLinkConfig.Builder#tlsKeyPassword}. */
    TLS_KEY_PASSWORD(
            "tlsKeyPassword",
            "the password of the client's private key",
            secret(EtcdLinkConfig.Builder::tlsKeyPassword)),
    /** {@link EtcdLinkConfig.Builder#tlsTrustStore}. */
    TLS_TRUST_STORE(
            "tlsTrustStore",
            "path of a PKCS#12 or JKS file with certificates to trust",
            text(EtcdLinkConfig.Builder::tlsTrustStore)),
    /** {@link EtcdLinkConfig.Builder#tlsTrustStorePassword}. */
    TLS_TRUST_STORE_PASSWORD(
            "tlsTrustStorePassword",
            "the password of the trust store",
            secret(EtcdLinkConfig.Builder::tlsTrustStorePassword)),
    /** {@link EtcdLinkConfig.Builder#tlsKeyStore}. */
    TLS_KEY_STORE(
            "tlsKeyStore",
            "path of a PKCS#12 or JKS file with the client's key and certificate chain",
            text(EtcdLinkConfig.Builder::tlsKeyStore)),
    /** {@link EtcdLinkConfig.Builder#tlsKeyStorePassword}. */
    TLS_KEY_STORE_PASSWORD(
            "tlsKeyStorePassword",
            "the password of the key store",
            secret(EtcdLinkConfig.Builder::tlsKeyStorePassword)),
    /** {@link EtcdLinkConfig.Builder#tlsServerName}. */
    TLS_SERVER_NAME(
            "tlsServerName",
            "the host name in the servers' certificates, when it is not the endpoint's",
            text(EtcdLinkConfig.Builder::tlsServerName));

    private final String property;
    private final String key;
    private final String allowed;

    @SuppressWarnings("ImmutableEnumChecker") // lambdas without state
    private final Setter setter;

    LinkProperty(String property, String allowed, Setter setter) {
        this.property = property;
        this.key =
                property.replaceAll("([A-Z])", "-$1").toLowerCase(Locale.ROOT).replaceFirst("^tls-", "tls.");
        this.allowed = allowed;
        this.setter = setter;
    }

    /** {@return the name as a bean property, for example {@code tlsTrustStore}} */
    public String property() {
        return property;
    }

    /** {@return the name behind {@code etcd.} or {@code etcd.clients.<name>.}, for example {@code tls.trust-store}} */
    public String key() {
        return key;
    }

    /** {@return what a value must look like, for messages} */
    public String allowed() {
        return allowed;
    }

    /** {@return whether the value must not be shown} */
    public boolean isSecret() {
        return property.toLowerCase(Locale.ROOT).endsWith("password");
    }

    /**
     * Gives the value to the builder.
     *
     * @param text null or blank for "not given", which leaves the default
     * @throws IllegalArgumentException names the property, the value and what is allowed
     */
    public void apply(EtcdLinkConfig.Builder builder, @Nullable String text) {
        if (text != null && !text.isBlank()) {
            setter.set(builder, this, text);
        }
    }

    private IllegalArgumentException refused(String text) {
        return new IllegalArgumentException(property + ": \"" + text + "\" is not allowed; allowed: " + allowed);
    }

    private static Setter text(BiConsumer<EtcdLinkConfig.Builder, String> setter) {
        return (builder, property, text) -> setter.accept(builder, text);
    }

    private static Setter secret(BiConsumer<EtcdLinkConfig.Builder, char[]> setter) {
        return (builder, property, text) -> setter.accept(builder, text.toCharArray());
    }

    private static Setter duration(BiConsumer<EtcdLinkConfig.Builder, @Nullable Duration> setter) {
        return (builder, property, text) -> setter.accept(builder, Durations.parse(property.property(), text));
    }

    private static Setter bytes(BiConsumer<EtcdLinkConfig.Builder, Integer> setter) {
        return (builder, property, text) -> {
            try {
                setter.accept(builder, Integer.valueOf(text.strip()));
            } catch (NumberFormatException e) {
                throw property.refused(text);
            }
        };
    }

    private static Setter yesOrNo(BiConsumer<EtcdLinkConfig.Builder, Boolean> setter) {
        return (builder, property, text) -> {
            String value = text.strip().toLowerCase(Locale.ROOT);
            if (!value.equals("true") && !value.equals("false")) {
                throw property.refused(text);
            }
            setter.accept(builder, value.equals("true"));
        };
    }

    @FunctionalInterface
    private interface Setter {
        void set(EtcdLinkConfig.Builder builder, LinkProperty property, String text);
    }
}
