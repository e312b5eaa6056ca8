package org.etcdjakarta.itests.benchmark;

import java.util.Locale;

/** A client to compare. */
enum Variant {
    /** The bare blocking stub: what all others are measured against. */
    STUB,
    /** The raw link. */
    OURS,
    /** The KV of a connection outside of any transaction. */
    GUARDED,
    /** jetcd's own client, on all that it brings along. */
    JETCD;

    static final Variant FLOOR = STUB;

    static Variant parse(String text) {
        return valueOf(text.toUpperCase(Locale.ROOT));
    }

    /** Loads nothing of the other clients: no class path has them all. */
    KvCalls open(String endpoint) {
        return switch (this) {
            case STUB -> StubCalls.open(endpoint);
            case OURS -> OurCalls.raw(endpoint);
            case GUARDED -> OurCalls.guarded(endpoint);
            case JETCD -> RealJetcdCalls.open(endpoint);
        };
    }

    /** True when it runs on jetcd's own dependencies, false when on ours. */
    boolean onJetcdClassPath() {
        return this == JETCD;
    }

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
