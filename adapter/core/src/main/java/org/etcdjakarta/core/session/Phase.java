package org.etcdjakarta.core.session;

import java.util.Set;

/** What a session is at. {@link SessionMachine} says what each means to the owner. */
enum Phase {
    /** A lease is asked for; until then there is none. */
    GRANTING,
    /** A lease may be there, but too much time may have passed since it was asked for: its first keep-alive tells. */
    CONFIRMING,
    /** There is a lease, and etcd has renewed it lately. */
    CONNECTED,
    /** There is a lease, and etcd has not renewed it lately. */
    SUSPENDED,
    /** The lease is lost by the clock, and etcd may not know that yet: it is ended before there is another one. */
    REVOKING,
    /** For good. */
    CLOSED;

    private Set<Phase> next() {
        return switch (this) {
            case GRANTING -> Set.of(CONFIRMING, CONNECTED, CLOSED);
            case CONFIRMING -> Set.of(GRANTING, CONNECTED, CLOSED);
            case CONNECTED -> Set.of(SUSPENDED, REVOKING, GRANTING, CLOSED);
            case SUSPENDED -> Set.of(CONNECTED, REVOKING, GRANTING, CLOSED);
            case REVOKING -> Set.of(GRANTING, CLOSED);
            case CLOSED -> Set.of();
        };
    }

    /** IllegalStateException when there is no way from here to there. */
    Phase to(Phase there) {
        if (!next().contains(there)) {
            throw new IllegalStateException("a session that is " + this + " cannot become " + there);
        }
        return there;
    }

    boolean isHeld() {
        return this == CONNECTED || this == SUSPENDED;
    }
}
