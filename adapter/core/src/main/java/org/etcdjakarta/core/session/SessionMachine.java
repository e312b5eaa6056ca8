package org.etcdjakarta.core.session;

import java.time.Duration;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.etcdjakarta.EtcdSession.State;
import org.jspecify.annotations.Nullable;

/**
 * What becomes of a session, event by event. It asks nobody and has no clock: who tells an event tells the time, which is
 * {@link LeaseClock}'s. {@link Session} guards it and does what the phase calls for.
 */
final class SessionMachine {

    private final LongSupplier newIds;
    private final Consumer<State> onChange;
    private Phase phase = Phase.GRANTING;
    private long leaseId;
    private @Nullable Renewal renewal;
    private Duration ttl;

    /** There was a lease, and it is lost: without one the session is LOST, and before its first SUSPENDED. */
    private boolean lost;

    /**
     * Without a lease yet.
     *
     * @param newIds ids of leases that nobody has
     * @param onChange hears of each change of {@link #state()}
     */
    SessionMachine(Duration ttl, LongSupplier newIds, Consumer<State> onChange) {
        this.ttl = ttl;
        this.newIds = newIds;
        this.onChange = onChange;
        leaseId = newIds.getAsLong();
    }

    Phase phase() {
        return phase;
    }

    State state() {
        return switch (phase) {
            case GRANTING, CONFIRMING -> lost ? State.LOST : State.SUSPENDED;
            case CONNECTED -> State.CONNECTED;
            case SUSPENDED -> State.SUSPENDED;
            case REVOKING -> State.LOST;
            case CLOSED -> State.CLOSED;
        };
    }

    /** The one that is asked for, held or being revoked. */
    long leaseId() {
        return leaseId;
    }

    /** As granted; as asked for before that. */
    Duration ttl() {
        return ttl;
    }

    /** Of the lease that is held; null when none is. */
    @Nullable
    Renewal renewal() {
        return renewal;
    }

    private void become(Phase next) {
        State before = state();
        phase = phase.to(next);
        if (!phase.isHeld()) {
            renewal = null;
        }
        State after = state();
        if (after != before) {
            onChange.accept(after);
        }
    }

    // ---- events

    /** etcd has granted the lease that was asked for. */
    void granted(Renewal by, long now) {
        if (phase == Phase.GRANTING) {
            ttl = by.ttl();
            if (now - by.suspendAt() < 0) {
                renewal = by;
                become(Phase.CONNECTED);
            } else {
                become(Phase.CONFIRMING);
            }
        }
    }

    /**
     * There is a lease with the id that was asked for.
     *
     * @param perhapsOurs an earlier attempt, whose answer was lost, may have granted it; when not, it is somebody else's
     */
    void taken(boolean perhapsOurs) {
        if (phase == Phase.GRANTING) {
            if (perhapsOurs) {
                become(Phase.CONFIRMING);
            } else {
                leaseId = newIds.getAsLong();
            }
        }
    }

    /** etcd has renewed the lease, and said so in time or not. */
    void renewed(Renewal by, long now) {
        // First of all what the clock said before the answer was there: what is lost once stays lost.
        passed(now);
        if (phase == Phase.CONFIRMING || phase.isHeld()) {
            ttl = by.ttl();
            boolean fresh = now - by.suspendAt() < 0;
            if (phase.isHeld()) {
                renewal = by;
            }
            if (fresh && phase != Phase.CONNECTED) {
                renewal = by;
                become(Phase.CONNECTED);
            }
            passed(now);
        }
    }

    /** etcd has no such lease. */
    void gone() {
        if (phase.isHeld()) {
            lost = true;
            become(Phase.GRANTING);
            leaseId = newIds.getAsLong();
        } else if (phase == Phase.CONFIRMING) {
            // With the same id: an attempt of before may still be under way, and shall not leave another lease behind.
            become(Phase.GRANTING);
        }
    }

    /** The lease that was lost by the clock is gone at etcd as well, or etcd will end it in its own time. */
    void revoked() {
        if (phase == Phase.REVOKING) {
            become(Phase.GRANTING);
            leaseId = newIds.getAsLong();
        }
    }

    /** Time has passed. */
    void passed(long now) {
        Renewal last = renewal;
        if (last == null) {
            return;
        }
        if (now - last.lostAt() >= 0) {
            lost = true;
            become(Phase.REVOKING);
        } else if (phase == Phase.CONNECTED && now - last.suspendAt() >= 0) {
            become(Phase.SUSPENDED);
        }
    }

    /** The owner, or the link, has closed it. */
    void close() {
        if (phase != Phase.CLOSED) {
            become(Phase.CLOSED);
        }
    }
}
