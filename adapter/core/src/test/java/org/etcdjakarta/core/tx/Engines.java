package org.etcdjakarta.core.tx;

import java.time.Duration;
import org.etcdjakarta.core.link.KvProtocol;

/** The engine for the simulation, which is in a package of its own. */
public final class Engines {

    public static final String RESERVED = "/_etcd-jakarta/";

    /**
     * Whether the protocol has slots: who is told "rolled back" is so for good, and a lost answer is found out. What the
     * simulation asks of it follows from this.
     */
    public static final boolean SLOTS = false;

    /** With slots nobody is told "in doubt" before. */
    public static final Duration SETTLING_TIME = Duration.ofSeconds(30);

    /** Whether prepared branches hold off other writers. Until they do, two phases keep to accounts that nobody else has. */
    public static final boolean INTENTS = false;

    private Engines() {}

    /** A process's own: shares nothing with other engines but what is behind the KV. */
    public static TxEngine over(KvProtocol kv, String node) {
        return TxEngine.over(new FakeLinks(kv), new TxSettings(RESERVED, TxSettings.DEFAULT_MAX_TXN_OPS, node));
    }
}
