package org.etcdjakarta.connector.inbound;

import org.jspecify.annotations.Nullable;

/** What became of one delivery. */
record Outcome(Kind kind, @Nullable Throwable cause) {

    enum Kind {
        /** The bean has taken it, and what it did is committed. */
        DELIVERED,
        /** The bean did not take it, and what it did is rolled back. */
        FAILED,
        /** The bean was not called. */
        NOT_CALLED,
        /** It was called, and only the checkpoint can tell whether what it did is committed. */
        UNKNOWN
    }

    static final Outcome DELIVERED = new Outcome(Kind.DELIVERED, null);
}
