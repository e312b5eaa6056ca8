package org.etcdjakarta.core.recipe;

import java.lang.ref.WeakReference;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.etcdjakarta.core.link.EtcdLink;
import org.etcdjakarta.core.session.Session;
import org.jspecify.annotations.Nullable;

/**
 * The recipes of one session. Make one for each session: a lock's threads queue at the object that {@link #lock} gives. Names and keys
 * are the application's, below the link's namespace.
 */
public final class Recipes {

    private final EtcdLink link;
    private final Session session;

    /** Weak: names may be many. One that is waited for is on the waiter's stack. */
    private final Map<String, WeakReference<FencedLock>> locks = new HashMap<>();

    private final Set<FencedLock> taken = ConcurrentHashMap.newKeySet();

    /** Who stands for which election: the session has one place in each. */
    private final Map<String, LeaderElection> candidates = new ConcurrentHashMap<>();

    private int sweepAt = 64;

    /**
     * Over a session, which the caller closes; with it its recipes end.
     *
     * @param link may be another reference on the same link than the session's
     */
    public Recipes(EtcdLink link, Session session) {
        this.link = link;
        this.session = session;
    }

    /**
     * The lock of that name; does not ask etcd.
     *
     * @param name {@code /locks/orders}; {@code etcdctl lock} with that name takes the same one
     * @return always the same object for a name, as long as it is in use
     */
    public synchronized FencedLock lock(String name) {
        WeakReference<FencedLock> known = locks.get(name);
        @Nullable FencedLock lock = known == null ? null : known.get();
        if (lock == null) {
            sweep();
            lock = new FencedLock(link, session, name, taken);
            locks.put(name, new WeakReference<>(lock));
        }
        return lock;
    }

    /** In all as many steps as locks that were made. */
    private void sweep() {
        if (locks.size() >= sweepAt) {
            locks.values().removeIf(lock -> lock.get() == null);
            sweepAt = Math.max(64, 2 * locks.size());
        }
    }

    /**
     * An election of that name; does not ask etcd.
     *
     * @param name {@code /elections/scheduler}; {@code etcdctl elect} with that name takes part in the same one
     * @return one candidate or observer, of which one at a time can stand; its owner closes it
     */
    public LeaderElection election(String name) {
        return new LeaderElection(link, session, name, candidates);
    }

    /**
     * A counter in that key; does not ask etcd.
     *
     * @param key absent or empty counts as 0
     */
    public Counter counter(String key) {
        return new Counter(link, key);
    }
}
