package org.etcdjakarta.embedded;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** A clock that stands still until a test moves it: {@code EmbeddedEtcd.start(clock)}. */
public final class ManualClock extends Clock {

    private volatile Instant now = Instant.EPOCH;
    private final List<Runnable> watchers = new CopyOnWriteArrayList<>();

    /**
     * Moves it. What is due then has happened when this returns: expired leases are gone, and their keys with them.
     *
     * @param duration not negative, or IllegalArgumentException
     */
    public synchronized void advance(Duration duration) {
        if (duration.isNegative()) {
            throw new IllegalArgumentException("duration: " + duration + " is negative; a clock only goes on");
        }
        now = now.plus(duration);
        watchers.forEach(Runnable::run);
    }

    void onAdvance(Runnable watcher) {
        watchers.add(watcher);
    }

    void forget(Runnable watcher) {
        watchers.remove(watcher);
    }

    @Override
    public Instant instant() {
        return now;
    }

    /** UTC. */
    @Override
    public ZoneId getZone() {
        return ZoneOffset.UTC;
    }

    /** This clock, whatever the zone: etcd knows none. */
    @Override
    public Clock withZone(ZoneId zone) {
        return this;
    }
}
