package org.etcdjakarta.connector;

import java.util.Locale;
import org.etcdjakarta.core.link.LinkProperty;
import org.jspecify.annotations.Nullable;

/**
 * The configuration properties of adapter and factory: the one list that {@code ra.xml}, the beans and the README's table are
 * tested against.
 */
enum Property {
    ENDPOINTS(LinkProperty.ENDPOINTS),
    USER(LinkProperty.USER),
    PASSWORD(LinkProperty.PASSWORD),
    NAMESPACE(LinkProperty.NAMESPACE),
    REQUEST_TIMEOUT(LinkProperty.REQUEST_TIMEOUT),
    DIAL_TIMEOUT(LinkProperty.DIAL_TIMEOUT),
    KEEP_ALIVE_TIME(LinkProperty.KEEP_ALIVE_TIME),
    KEEP_ALIVE_TIMEOUT(LinkProperty.KEEP_ALIVE_TIMEOUT),
    KEEP_ALIVE_WITHOUT_CALLS(LinkProperty.KEEP_ALIVE_WITHOUT_CALLS),
    MAX_INBOUND_MESSAGE_SIZE(LinkProperty.MAX_INBOUND_MESSAGE_SIZE),
    MAX_OUTBOUND_MESSAGE_SIZE(LinkProperty.MAX_OUTBOUND_MESSAGE_SIZE),
    ENDPOINT_SYNC_INTERVAL(LinkProperty.ENDPOINT_SYNC_INTERVAL),
    SESSION_TTL(LinkProperty.SESSION_TTL),
    TLS_TRUST(LinkProperty.TLS_TRUST),
    TLS_CERTIFICATE(LinkProperty.TLS_CERTIFICATE),
    TLS_KEY(LinkProperty.TLS_KEY),
    TLS_KEY_PASSWORD(LinkProperty.TLS_KEY_PASSWORD),
    TLS_TRUST_STORE(LinkProperty.TLS_TRUST_STORE),
    TLS_TRUST_STORE_PASSWORD(LinkProperty.TLS_TRUST_STORE_PASSWORD),
    TLS_KEY_STORE(LinkProperty.TLS_KEY_STORE),
    TLS_KEY_STORE_PASSWORD(LinkProperty.TLS_KEY_STORE_PASSWORD),
    TLS_SERVER_NAME(LinkProperty.TLS_SERVER_NAME),
    ISOLATION("isolation", "etcd.isolation", "SERIALIZABLE, SNAPSHOT or READ_COMMITTED"),
    SETTLING_TIME(
            "settlingTime", "etcd.settling-time", "a duration such as 500ms, 30s or PT1M, more than 0 and at most 1h"),
    MAX_TXN_OPS("maxTxnOps", "etcd.max-txn-ops", "a whole number from 6, the server's --max-txn-ops"),
    RESERVED_PREFIX("reservedPrefix", "etcd.reserved-prefix", "a key prefix that ends in \"/\""),
    /** At the factory the bean property is {@code transactionSupportLevel}. */
    TRANSACTION_SUPPORT(
            "transactionSupport", "etcd.transaction-support", "XATransaction, LocalTransaction or NoTransaction");

    private final String beanName;
    private final String key;
    private final String allowed;
    private final @Nullable LinkProperty link;

    Property(LinkProperty link) {
        this(link.property(), "etcd." + link.key(), link.allowed(), link);
    }

    Property(String beanName, String key, String allowed) {
        this(beanName, key, allowed, null);
    }

    Property(String beanName, String key, String allowed, @Nullable LinkProperty link) {
        this.beanName = beanName;
        this.key = key;
        this.allowed = allowed;
        this.link = link;
    }

    /** Null for what the link knows nothing of. */
    @Nullable
    LinkProperty link() {
        return link;
    }

    boolean isSecret() {
        return link != null && link.isSecret();
    }

    /**
     * Whether a running factory may be given another value: its next connections use it, and those it has are replaced as they come
     * back. Only what concerns nobody but the caller; where the data lies and who is connected does not change under a pool.
     */
    boolean isDynamic() {
        return this == REQUEST_TIMEOUT || this == SETTLING_TIME || this == ISOLATION;
    }

    /** Whether a value says by itself if it is allowed. */
    boolean standsAlone() {
        return this != USER && this != PASSWORD && !key.startsWith("etcd.tls.");
    }

    /** Name as config property of a bean and in {@code ra.xml}. */
    String beanName() {
        return beanName;
    }

    /** Name as system property, the one that MicroProfile Config uses. */
    String key() {
        return key;
    }

    /** Name as environment variable, by MicroProfile Config's rule. */
    String environmentVariable() {
        return key.replace('.', '_').replace('-', '_').toUpperCase(Locale.ROOT);
    }

    /** What a value must look like, for error messages. */
    String allowed() {
        return allowed;
    }
}
