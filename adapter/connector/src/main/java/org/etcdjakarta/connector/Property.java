package org.etcdjakarta.connector;

import java.util.Locale;

/**
 * The configuration properties of adapter and factory: the one list that {@code ra.xml}, the beans and the README's table are
 * tested against.
 */
enum Property {
    ENDPOINTS("endpoints", "etcd.endpoints", "host:port or http(s)://host:port, several separated by commas"),
    USER("user", "etcd.user", "an etcd user name"),
    PASSWORD("password", "etcd.password", "the user's password"),
    NAMESPACE("namespace", "etcd.namespace", "a prefix that is put before every key"),
    REQUEST_TIMEOUT("requestTimeout", "etcd.request-timeout", "a duration such as 500ms, 5s, 1m or PT5S"),
    DIAL_TIMEOUT("dialTimeout", "etcd.dial-timeout", "a duration such as 500ms, 5s, 1m or PT5S"),
    TLS_TRUST("tlsTrust", "etcd.tls.trust", "path of a PEM file with certificates to trust"),
    TLS_CERTIFICATE("tlsCertificate", "etcd.tls.certificate", "path of a PEM file with the client's certificate chain"),
    TLS_KEY("tlsKey", "etcd.tls.key", "path of a PEM file with the client's private key, PKCS#8"),
    MAX_TXN_OPS("maxTxnOps", "etcd.max-txn-ops", "a whole number from 1, the server's --max-txn-ops"),
    RESERVED_PREFIX("reservedPrefix", "etcd.reserved-prefix", "a key prefix that ends in \"/\""),
    /** At the factory the bean property is {@code transactionSupportLevel}. */
    TRANSACTION_SUPPORT(
            "transactionSupport", "etcd.transaction-support", "XATransaction, LocalTransaction or NoTransaction");

    private final String beanName;
    private final String key;
    private final String allowed;

    Property(String beanName, String key, String allowed) {
        this.beanName = beanName;
        this.key = key;
        this.allowed = allowed;
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
