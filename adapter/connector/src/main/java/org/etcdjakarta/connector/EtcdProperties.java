package org.etcdjakarta.connector;

import jakarta.resource.spi.ConfigProperty;
import jakarta.resource.spi.InvalidPropertyException;
import java.io.Serial;
import java.io.Serializable;
import java.util.EnumMap;
import java.util.Map;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * The configuration properties that adapter and factory share. All are optional: what the factory leaves out comes from its
 * adapter, then from the system property and the environment variable of the MicroProfile name ({@code etcd.endpoints},
 * {@code ETCD_ENDPOINTS}), then from the default. Values are kept as given and checked when they are used, because servers
 * set them in any order, some after the association of factory and adapter; the error then reaches the application that asks
 * for a connection and names the property. Servers with Bean Validation check them before that, when they deploy.
 */
@ValidSettings
public abstract class EtcdProperties implements Serializable {

    @Serial
    private static final long serialVersionUID = 1L;

    /** Never changed but replaced, since a server may set properties of a factory in use; who has found settings compares it by identity. */
    private volatile EnumMap<Property, String> values = new EnumMap<>(Property.class);

    /** Only for the adapter and the factory. */
    EtcdProperties() {}

    /** Servers hand over missing values as null or as the empty text; both mean "not given". */
    final synchronized void set(Property property, @Nullable String value) {
        EnumMap<Property, String> changed = new EnumMap<>(values);
        if (value == null || value.isBlank()) {
            changed.remove(property);
        } else {
            changed.put(property, value);
        }
        values = changed;
    }

    final @Nullable String get(Property property) {
        return values.get(property);
    }

    /** As they are now: another object after a change, and never changed itself. */
    final Map<Property, String> values() {
        return values;
    }

    /**
     * What is wrong with the values that are set here, each by itself: what must come together may be set at another bean. Files are
     * not read. The checks are those of use ({@link Settings}); a bean with properties of its own adds theirs.
     *
     * @param refused gets the name of the bean's property and the message
     */
    void refusals(BiConsumer<String, String> refused) {
        values.forEach((property, value) -> {
            try {
                Settings.check(property, value);
            } catch (InvalidPropertyException invalid) {
                refused.accept(name(property), String.valueOf(invalid.getMessage()));
            }
        });
    }

    /** As this bean calls it. */
    String name(Property property) {
        return property.beanName();
    }

    /** {@return endpoints of the cluster, separated by commas, or null} */
    public @Nullable String getEndpoints() {
        return get(Property.ENDPOINTS);
    }

    /**
     * Sets endpoints; null or the empty text for none.
     *
     * @param endpoints {@code host:port}, {@code http(s)://host:port} or {@code dns+srv(s)://name}, separated by commas
     */
    @ConfigProperty(
            description = "host:port, http(s)://host:port or dns+srv(s)://name, several separated by commas."
                    + " Default http://127.0.0.1:2379")
    public void setEndpoints(@Nullable String endpoints) {
        set(Property.ENDPOINTS, endpoints);
    }

    /** {@return etcd user name, or null} */
    public @Nullable String getUser() {
        return get(Property.USER);
    }

    /**
     * Sets user; null or the empty text for none.
     *
     * @param user etcd user name
     */
    @ConfigProperty(description = "etcd user name")
    public void setUser(@Nullable String user) {
        set(Property.USER, user);
    }

    /** {@return the user's password, or null} */
    public @Nullable String getPassword() {
        return get(Property.PASSWORD);
    }

    /**
     * Sets password; null or the empty text for none.
     *
     * @param password the user's password
     */
    @ConfigProperty(description = "The user's password", confidential = true)
    public void setPassword(@Nullable String password) {
        set(Property.PASSWORD, password);
    }

    /** {@return prefix before every key, or null} */
    public @Nullable String getNamespace() {
        return get(Property.NAMESPACE);
    }

    /**
     * Sets namespace; null or the empty text for none.
     *
     * @param namespace prefix that is put before every key
     */
    @ConfigProperty(description = "Prefix put before every key")
    public void setNamespace(@Nullable String namespace) {
        set(Property.NAMESPACE, namespace);
    }

    /** {@return time within which every call ends, or null} */
    public @Nullable String getRequestTimeout() {
        return get(Property.REQUEST_TIMEOUT);
    }

    /**
     * Sets requestTimeout; null or the empty text for none.
     *
     * @param requestTimeout time within which every call ends, such as {@code 5s}
     */
    @ConfigProperty(
            description = "Time within which every call ends: 500ms, 5s, 1m, PT5S, from 1ms to 1d. Default 5s",
            supportsDynamicUpdates = true)
    public void setRequestTimeout(@Nullable String requestTimeout) {
        set(Property.REQUEST_TIMEOUT, requestTimeout);
    }

    /** {@return time within which a connection is established, or null} */
    public @Nullable String getDialTimeout() {
        return get(Property.DIAL_TIMEOUT);
    }

    /**
     * Sets dialTimeout; null or the empty text for none.
     *
     * @param dialTimeout time within which a connection is established, such as {@code 2s}
     */
    @ConfigProperty(description = "Time within which a connection is established, as requestTimeout. Default 2s")
    public void setDialTimeout(@Nullable String dialTimeout) {
        set(Property.DIAL_TIMEOUT, dialTimeout);
    }

    /** {@return how long a connection is silent before it is asked for a sign of life, or null} */
    public @Nullable String getKeepAliveTime() {
        return get(Property.KEEP_ALIVE_TIME);
    }

    /**
     * Sets keepAliveTime; null or the empty text for none.
     *
     * @param keepAliveTime how long a connection is silent before it is asked for a sign of life, from {@code 10s}; {@code 0s} for never
     */
    @ConfigProperty(
            description = "Silence after which a connection is asked for a sign of life: 10s to 1d, 0s for never."
                    + " Default 30s")
    public void setKeepAliveTime(@Nullable String keepAliveTime) {
        set(Property.KEEP_ALIVE_TIME, keepAliveTime);
    }

    /** {@return how long a sign of life may take, or null} */
    public @Nullable String getKeepAliveTimeout() {
        return get(Property.KEEP_ALIVE_TIMEOUT);
    }

    /**
     * Sets keepAliveTimeout; null or the empty text for none.
     *
     * @param keepAliveTimeout how long a sign of life may take before the connection counts as dead, such as {@code 10s}
     */
    @ConfigProperty(description = "Time within which the sign of life must come: 10ms to 1d. Default 10s")
    public void setKeepAliveTimeout(@Nullable String keepAliveTimeout) {
        set(Property.KEEP_ALIVE_TIMEOUT, keepAliveTimeout);
    }

    /** {@return whether connections without calls are asked too, or null} */
    public @Nullable String getKeepAliveWithoutCalls() {
        return get(Property.KEEP_ALIVE_WITHOUT_CALLS);
    }

    /**
     * Sets keepAliveWithoutCalls; null or the empty text for none.
     *
     * @param keepAliveWithoutCalls {@code true} to ask connections without calls and watches too
     */
    @ConfigProperty(description = "true: connections without calls and watches are asked too. Default false")
    public void setKeepAliveWithoutCalls(@Nullable String keepAliveWithoutCalls) {
        set(Property.KEEP_ALIVE_WITHOUT_CALLS, keepAliveWithoutCalls);
    }

    /** {@return the largest answer in bytes, or null} */
    public @Nullable String getMaxInboundMessageSize() {
        return get(Property.MAX_INBOUND_MESSAGE_SIZE);
    }

    /**
     * Sets maxInboundMessageSize; null or the empty text for none.
     *
     * @param maxInboundMessageSize the largest answer that is taken, in bytes
     */
    @ConfigProperty(description = "Largest answer that is taken, in bytes from 1024. Default 2147483647, no limit")
    public void setMaxInboundMessageSize(@Nullable String maxInboundMessageSize) {
        set(Property.MAX_INBOUND_MESSAGE_SIZE, maxInboundMessageSize);
    }

    /** {@return the largest request in bytes, or null} */
    public @Nullable String getMaxOutboundMessageSize() {
        return get(Property.MAX_OUTBOUND_MESSAGE_SIZE);
    }

    /**
     * Sets maxOutboundMessageSize; null or the empty text for none.
     *
     * @param maxOutboundMessageSize the largest request that is sent, in bytes
     */
    @ConfigProperty(
            description = "Largest request that is sent, in bytes from 1024; belongs to the server's"
                    + " --max-request-bytes. Default 2097152")
    public void setMaxOutboundMessageSize(@Nullable String maxOutboundMessageSize) {
        set(Property.MAX_OUTBOUND_MESSAGE_SIZE, maxOutboundMessageSize);
    }

    /** {@return how often the endpoints are taken from the cluster's members, or null} */
    public @Nullable String getEndpointSyncInterval() {
        return get(Property.ENDPOINT_SYNC_INTERVAL);
    }

    /**
     * Sets endpointSyncInterval; null or the empty text for none.
     *
     * @param endpointSyncInterval how often the endpoints are taken from the cluster's list of members, such as {@code 5m}; {@code 0s} for never
     */
    @ConfigProperty(
            description = "How often the endpoints are taken from the cluster's members: 1s to 1d, 0s for never."
                    + " Default 0s")
    public void setEndpointSyncInterval(@Nullable String endpointSyncInterval) {
        set(Property.ENDPOINT_SYNC_INTERVAL, endpointSyncInterval);
    }

    /** {@return time to live of a session's lease, or null} */
    public @Nullable String getSessionTtl() {
        return get(Property.SESSION_TTL);
    }

    /**
     * Sets sessionTtl; null or the empty text for none.
     *
     * @param sessionTtl how long etcd keeps a session's lease when it hears nothing from here, such as {@code 10s}
     */
    @ConfigProperty(
            description =
                    "How long etcd keeps a session's lease when it hears nothing from here: 1s to 1d." + " Default 10s")
    public void setSessionTtl(@Nullable String sessionTtl) {
        set(Property.SESSION_TTL, sessionTtl);
    }

    /** {@return path of the certificates to trust, or null} */
    public @Nullable String getTlsTrust() {
        return get(Property.TLS_TRUST);
    }

    /**
     * Sets tlsTrust; null or the empty text for none.
     *
     * @param tlsTrust path of a PEM file with the certificates to trust
     */
    @ConfigProperty(description = "Path of a PEM file with certificates to trust. Default: those of the JDK")
    public void setTlsTrust(@Nullable String tlsTrust) {
        set(Property.TLS_TRUST, tlsTrust);
    }

    /** {@return path of the client's certificate chain, or null} */
    public @Nullable String getTlsCertificate() {
        return get(Property.TLS_CERTIFICATE);
    }

    /**
     * Sets tlsCertificate; null or the empty text for none.
     *
     * @param tlsCertificate path of a PEM file with the client's certificate chain
     */
    @ConfigProperty(description = "Path of a PEM file with the client's certificate chain")
    public void setTlsCertificate(@Nullable String tlsCertificate) {
        set(Property.TLS_CERTIFICATE, tlsCertificate);
    }

    /** {@return path of the client's private key, or null} */
    public @Nullable String getTlsKey() {
        return get(Property.TLS_KEY);
    }

    /**
     * Sets tlsKey; null or the empty text for none.
     *
     * @param tlsKey path of a PEM file with the client's private key (PKCS#8, PKCS#1 or SEC 1)
     */
    @ConfigProperty(description = "Path of a PEM file with the client's private key: PKCS#8, PKCS#1 or SEC 1")
    public void setTlsKey(@Nullable String tlsKey) {
        set(Property.TLS_KEY, tlsKey);
    }

    /** {@return the password of the client's private key, or null} */
    public @Nullable String getTlsKeyPassword() {
        return get(Property.TLS_KEY_PASSWORD);
    }

    /**
     * Sets tlsKeyPassword; null or the empty text for none.
     *
     * @param tlsKeyPassword the password of the client's private key
     */
    @ConfigProperty(
            description = "Password of the client's private key, or of the one in the key store when it is not the"
                    + " store's",
            confidential = true)
    public void setTlsKeyPassword(@Nullable String tlsKeyPassword) {
        set(Property.TLS_KEY_PASSWORD, tlsKeyPassword);
    }

    /** {@return path of the key store with certificates to trust, or null} */
    public @Nullable String getTlsTrustStore() {
        return get(Property.TLS_TRUST_STORE);
    }

    /**
     * Sets tlsTrustStore; null or the empty text for none.
     *
     * @param tlsTrustStore path of a PKCS#12 or JKS file with the certificates to trust
     */
    @ConfigProperty(description = "Path of a PKCS#12 or JKS file with certificates to trust, instead of tlsTrust")
    public void setTlsTrustStore(@Nullable String tlsTrustStore) {
        set(Property.TLS_TRUST_STORE, tlsTrustStore);
    }

    /** {@return the password of the trust store, or null} */
    public @Nullable String getTlsTrustStorePassword() {
        return get(Property.TLS_TRUST_STORE_PASSWORD);
    }

    /**
     * Sets tlsTrustStorePassword; null or the empty text for none.
     *
     * @param tlsTrustStorePassword the password of the trust store
     */
    @ConfigProperty(description = "Password of the trust store", confidential = true)
    public void setTlsTrustStorePassword(@Nullable String tlsTrustStorePassword) {
        set(Property.TLS_TRUST_STORE_PASSWORD, tlsTrustStorePassword);
    }

    /** {@return path of the key store with the client's key, or null} */
    public @Nullable String getTlsKeyStore() {
        return get(Property.TLS_KEY_STORE);
    }

    /**
     * Sets tlsKeyStore; null or the empty text for none.
     *
     * @param tlsKeyStore path of a PKCS#12 or JKS file with the client's private key and certificate chain
     */
    @ConfigProperty(
            description = "Path of a PKCS#12 or JKS file with the client's key and certificate chain, instead of"
                    + " PEM files")
    public void setTlsKeyStore(@Nullable String tlsKeyStore) {
        set(Property.TLS_KEY_STORE, tlsKeyStore);
    }

    /** {@return the password of the key store, or null} */
    public @Nullable String getTlsKeyStorePassword() {
        return get(Property.TLS_KEY_STORE_PASSWORD);
    }

    /**
     * Sets tlsKeyStorePassword; null or the empty text for none.
     *
     * @param tlsKeyStorePassword the password of the key store
     */
    @ConfigProperty(description = "Password of the key store", confidential = true)
    public void setTlsKeyStorePassword(@Nullable String tlsKeyStorePassword) {
        set(Property.TLS_KEY_STORE_PASSWORD, tlsKeyStorePassword);
    }

    /** {@return the host name in the servers' certificates, or null} */
    public @Nullable String getTlsServerName() {
        return get(Property.TLS_SERVER_NAME);
    }

    /**
     * Sets tlsServerName; null or the empty text for none.
     *
     * @param tlsServerName the host name in the servers' certificates, when it is not the endpoint's
     */
    @ConfigProperty(description = "Host name in the servers' certificates, when it is not the endpoint's")
    public void setTlsServerName(@Nullable String tlsServerName) {
        set(Property.TLS_SERVER_NAME, tlsServerName);
    }

    /** {@return the isolation level of transactions, or null} */
    public @Nullable String getIsolation() {
        return get(Property.ISOLATION);
    }

    /**
     * Sets isolation; null or the empty text for none.
     *
     * @param isolation {@code SERIALIZABLE} (default), {@code SNAPSHOT} or {@code READ_COMMITTED}, in any case
     * @see org.etcdjakarta.core.tx.Isolation
     */
    @ConfigProperty(
            description = "What transactions are kept from: SERIALIZABLE, SNAPSHOT or READ_COMMITTED. Default"
                    + " SERIALIZABLE",
            supportsDynamicUpdates = true)
    public void setIsolation(@Nullable String isolation) {
        set(Property.ISOLATION, isolation);
    }

    /** {@return how long a lost answer to commit or prepare is looked into, or null} */
    public @Nullable String getSettlingTime() {
        return get(Property.SETTLING_TIME);
    }

    /**
     * Sets settlingTime; null or the empty text for none.
     *
     * @param settlingTime how long a lost answer to commit or prepare is looked into before the caller is told "in doubt": a
     *     duration such as {@code 30s}, more than 0 and at most {@code 1h}
     */
    @ConfigProperty(
            description = "How long a lost answer to commit or prepare is looked into before it is reported as in"
                    + " doubt: more than 0s, up to 1h. Default 30s",
            supportsDynamicUpdates = true)
    public void setSettlingTime(@Nullable String settlingTime) {
        set(Property.SETTLING_TIME, settlingTime);
    }

    /**
     * Text, not a number, so that a wrong value is refused with our message on every server.
     *
     * @return the server's {@code --max-txn-ops}, or null
     */
    public @Nullable String getMaxTxnOps() {
        return get(Property.MAX_TXN_OPS);
    }

    /**
     * Sets maxTxnOps; null or the empty text for none.
     *
     * @param maxTxnOps the server's {@code --max-txn-ops}
     */
    @ConfigProperty(description = "The server's --max-txn-ops, from 6. Default 128")
    public void setMaxTxnOps(@Nullable String maxTxnOps) {
        set(Property.MAX_TXN_OPS, maxTxnOps);
    }

    /** {@return physical key prefix of the adapter's own records, or null} */
    public @Nullable String getReservedPrefix() {
        return get(Property.RESERVED_PREFIX);
    }

    /**
     * Sets reservedPrefix; null or the empty text for none.
     *
     * @param reservedPrefix physical key prefix of the adapter's own records, ending in {@code /}
     */
    @ConfigProperty(description = "Key prefix of the adapter's own records, ends in a slash. Default /_etcd-jakarta/")
    public void setReservedPrefix(@Nullable String reservedPrefix) {
        set(Property.RESERVED_PREFIX, reservedPrefix);
    }

    /**
     * For the equals of those beans that Connectors wants equal by class and configuration. Not equals itself: an activation
     * specification has to keep identity.
     */
    final boolean sameConfiguration(@Nullable Object other) {
        return other instanceof EtcdProperties properties
                && properties.getClass() == getClass()
                && values.equals(properties.values);
    }

    /** Goes with {@link #sameConfiguration}. Without what may change while the bean is a key in a map of the server. */
    final int configurationHash() {
        int hash = getClass().getName().hashCode();
        for (Map.Entry<Property, String> value : values.entrySet()) {
            if (!value.getKey().isDynamic()) {
                hash = (hash * 31 + value.getKey().name().hashCode()) * 31
                        + value.getValue().hashCode();
            }
        }
        return hash;
    }

    /** Without passwords. */
    @Override
    public String toString() {
        EnumMap<Property, String> shown = new EnumMap<>(values);
        shown.replaceAll((property, value) -> property.isSecret() ? "***" : value);
        // some write user and password before the host; the link refuses that, but the text is in a log by then
        shown.computeIfPresent(Property.ENDPOINTS, (property, value) -> value.replaceFirst("(?s)^.*@", "***@"));
        StringBuilder text = new StringBuilder(getClass().getSimpleName()).append('[');
        shown.forEach((property, value) ->
                text.append(property.beanName()).append('=').append(value).append(' '));
        return text.toString().stripTrailing() + ']';
    }
}
