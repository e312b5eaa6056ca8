package org.etcdjakarta.embedded.store;

import java.time.Duration;
import java.time.Instant;

/** A lease as granted, and when it ends unless it is kept alive. Which keys hang on it is written in the keys. */
public record LeaseRecord(long id, long grantedTtl, Instant deadline) {

    LeaseRecord renewed(Instant now) {
        return new LeaseRecord(id, grantedTtl, now.plus(Duration.ofSeconds(grantedTtl)));
    }

    boolean expired(Instant now) {
        return !now.isBefore(deadline);
    }

    /** Whole seconds, as etcd tells them. */
    public long remainingTtl(Instant now) {
        return Math.max(0, Duration.between(now, deadline).toSeconds());
    }
}
