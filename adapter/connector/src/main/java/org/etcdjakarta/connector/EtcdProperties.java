package org.etcdjakarta.connector;

import java.io.Serial;
import java.io.Serializable;
import java.util.EnumMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The configuration properties that adapter and factory share. All are optional: what the factory leaves out comes from its
 * adapter, then from the system property and the environment variable of the MicroProfile name ({@code etcd.endpoints},
 * {@code ETCD_ENDPOINTS}), then from the default. Values are kept as given and checked when they are used, because servers
 * set them in any order, some after the association of factory and adapter; the error then reaches the application that asks
 * for a connection and names the property.
 */
public abstract class EtcdProperties implements Serializable {

    @Serial
    private static final long serialVersionUID = 1L;

    private final EnumMap<Property, String> values = new EnumMap<>(Property.class);

    /** Only for the adapter and the factory. */
    EtcdProperties() {}

    /** Servers hand over missing values as null or as the empty text; both mean "not given". */
    final void set(Property property, @Nullable String value) {
        if (value == null || value.isBlank()) {
            values.remove(property);
        } else {
            values.put(property, value);
        }
    }

    final @Nullable String get(Property property) {
        return values.get(property);
    }

    final Map<Property, String> values() {
        return values;
    }

    /** {@return endpoints of the cluster, separated by commas, or null} */
    public @Nullable String getEndpoints() {
        return get(Property.ENDPOINTS);
    }

    /**
     * Sets endpoints; null or the empty text for none.
     *
     * @param endpoints {@code host:port} or {@code http(s)://host:port}, separated by commas
     */
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
    public void setDialTimeout(@Nullable String dialTimeout) {
        set(Property.DIAL_TIMEOUT, dialTimeout);
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
     * @param tlsKey path of a PEM file with the client's private key (PKCS#8)
     */
    public void setTlsKey(@Nullable String tlsKey) {
        set(Property.TLS_KEY, tlsKey);
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
    public void setReservedPrefix(@Nullable String reservedPrefix) {
        set(Property.RESERVED_PREFIX, reservedPrefix);
    }

    /** By class and configuration; connection pools and servers compare with it. */
    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof EtcdProperties properties
                && properties.getClass() == getClass()
                && values.equals(properties.values);
    }

    @Override
    public int hashCode() {
        return getClass().hashCode() * 31 + values.hashCode();
    }

    /** Without the password. */
    @Override
    public String toString() {
        EnumMap<Property, String> shown = new EnumMap<>(values);
        shown.replace(Property.PASSWORD, "***");
        // some write user and password before the host; the link refuses that, but the text is in a log by then
        shown.computeIfPresent(Property.ENDPOINTS, (property, value) -> value.replaceFirst("(?s)^.*@", "***@"));
        StringBuilder text = new StringBuilder(getClass().getSimpleName()).append('[');
        shown.forEach((property, value) ->
                text.append(property.beanName()).append('=').append(value).append(' '));
        return text.toString().stripTrailing() + ']';
    }
}
