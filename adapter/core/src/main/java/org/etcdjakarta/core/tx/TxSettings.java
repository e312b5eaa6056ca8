package org.etcdjakarta.core.tx;

import org.etcdjakarta.core.watch.AdapterKeys;

/**
 * How transactions are run.
 *
 * @param reservedPrefix where prepare records live, physical key prefix that ends in "/"; default {@code /_etcd-jakarta/}
 * @param maxTxnOps the server's {@code --max-txn-ops}; default 128
 * @param node name of this node in prepare records
 */
public record TxSettings(String reservedPrefix, int maxTxnOps, String node) {

    public static final String DEFAULT_RESERVED_PREFIX = AdapterKeys.DEFAULT_PREFIX;
    public static final int DEFAULT_MAX_TXN_OPS = 128;

    /** IllegalArgumentException names the property, the value and what is allowed. */
    public TxSettings {
        if (reservedPrefix.length() < 2 || !reservedPrefix.endsWith("/")) {
            throw new IllegalArgumentException("reservedPrefix '" + reservedPrefix
                    + "' is not allowed: it must end in '/' and be more than that, as " + DEFAULT_RESERVED_PREFIX);
        }
        if (maxTxnOps < 2) {
            throw new IllegalArgumentException(
                    "maxTxnOps " + maxTxnOps + " is not allowed: it is etcd's --max-txn-ops, at least 2, "
                            + DEFAULT_MAX_TXN_OPS + " by default");
        }
    }
}
