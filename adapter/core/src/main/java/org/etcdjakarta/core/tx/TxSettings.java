package org.etcdjakarta.core.tx;

import java.time.Duration;
import org.etcdjakarta.core.link.Durations;
import org.etcdjakarta.core.watch.AdapterKeys;

/**
 * How transactions are run.
 *
 * @param reservedPrefix where prepare records live, physical key prefix that ends in "/"; default {@code /_etcd-jakarta/}
 * @param maxTxnOps the server's {@code --max-txn-ops}; default 128
 * @param node name of this node in prepare records
 * @param isolation what others may do meanwhile without a conflict; default {@link Isolation#SERIALIZABLE}
 * @param settlingTime how long a lost answer to commit or prepare is looked into before the caller is told "in doubt"; more than
 *     0 and at most 1 hour, default 30 s
 * @param home random and kept where the transaction manager keeps its log, so that it moves with it; empty when it is not known. Who
 *     has another one has another log
 */
public record TxSettings(
        String reservedPrefix, int maxTxnOps, String node, Isolation isolation, Duration settlingTime, String home) {

    public static final String UNKNOWN_HOME = "";

    public static final String DEFAULT_RESERVED_PREFIX = AdapterKeys.DEFAULT_PREFIX;
    public static final int DEFAULT_MAX_TXN_OPS = 128;

    /** Four for the protocol itself, one for a write, one to be had by what is nested. */
    private static final int LEAST_TXN_OPS = 6;

    public static final Isolation DEFAULT_ISOLATION = Isolation.SERIALIZABLE;
    public static final Duration DEFAULT_SETTLING_TIME = Duration.ofSeconds(30);

    private static final Duration LONGEST_SETTLING_TIME = Duration.ofHours(1);

    /** IllegalArgumentException names the property, the value and what is allowed. */
    public TxSettings {
        if (reservedPrefix.length() < 2 || !reservedPrefix.endsWith("/")) {
            throw new IllegalArgumentException("reservedPrefix '" + reservedPrefix
                    + "' is not allowed: it must end in '/' and be more than that, as " + DEFAULT_RESERVED_PREFIX);
        }
        if (maxTxnOps < LEAST_TXN_OPS) {
            throw new IllegalArgumentException(
                    "maxTxnOps " + maxTxnOps + " is not allowed: it is etcd's --max-txn-ops, at least "
                            + LEAST_TXN_OPS + ", "
                            + DEFAULT_MAX_TXN_OPS + " by default");
        }
        if (settlingTime.isNegative() || settlingTime.isZero() || settlingTime.compareTo(LONGEST_SETTLING_TIME) > 0) {
            throw new IllegalArgumentException("settlingTime " + Durations.text(settlingTime)
                    + " is not allowed: more than 0 and at most 1h, " + Durations.text(DEFAULT_SETTLING_TIME)
                    + " by default");
        }
    }

    /** Of a home that is not known. */
    public TxSettings(String reservedPrefix, int maxTxnOps, String node, Isolation isolation, Duration settlingTime) {
        this(reservedPrefix, maxTxnOps, node, isolation, settlingTime, UNKNOWN_HOME);
    }

    /** With the default isolation and settling time. */
    public TxSettings(String reservedPrefix, int maxTxnOps, String node) {
        this(reservedPrefix, maxTxnOps, node, DEFAULT_ISOLATION, DEFAULT_SETTLING_TIME);
    }
}
