package org.etcdjakarta.embedded.store;

import com.google.protobuf.ByteString;
import io.etcd.jetcd.api.KeyValue;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.etcdjakarta.embedded.auth.AuthState;
import org.jspecify.annotations.Nullable;
import org.pcollections.TreePMap;

/**
 * The one place where state changes. Every change runs alone, under one lock, and makes new immutable values; that is all the
 * consensus that a single member needs. Listeners hear each revision under the same lock, so in order and without a gap.
 */
public final class Store {

    private final ReentrantLock lock = new ReentrantLock();
    private final List<Consumer<Revision>> listeners = new CopyOnWriteArrayList<>();
    private final Clock clock;
    private volatile Data data = Data.EMPTY;
    private boolean retired;

    public Store(Clock clock) {
        this.clock = clock;
    }

    /**
     * Another store with the data of now, at once, as data never change: what is written to one is not seen in the other, and
     * listeners stay where they are.
     */
    public Store fork() {
        Store fork = new Store(clock);
        fork.data = data;
        return fork;
    }

    public Keyspace keyspace() {
        return data.keyspace();
    }

    public Instant now() {
        return clock.instant();
    }

    /**
     * Runs with the lock held: nothing changes, and no listener hears anything, until it returns. Refuses once it is retired, and
     * so does everything here that changes something.
     */
    public <T> T exclusively(Supplier<T> action) {
        lock.lock();
        try {
            if (retired) {
                throw EtcdStatus.stopped();
            }
            return action.get();
        } finally {
            lock.unlock();
        }
    }

    /** As {@link #exclusively}, for what nobody waits for; once it is retired nothing happens: there is nothing to tidy up. */
    public void tidy(Runnable action) {
        lock.lock();
        try {
            if (!retired) {
                action.run();
            }
        } finally {
            lock.unlock();
        }
    }

    /**
     * Ends its time: a call that is still under way, delayed or queued, changes nothing any more, neither here nor in what comes
     * after. Returns the store that does, with the same data and no listener.
     */
    public Store retire() {
        return exclusively(() -> {
            retired = true;
            Store next = new Store(clock);
            next.data = data;
            return next;
        });
    }

    /** One transaction: all that it changes is one revision, and nothing of it happens when it throws. */
    public <T> T write(Function<Draft, T> transaction) {
        return exclusively(() -> {
            Draft draft = new Draft(data.keyspace());
            T result = transaction.apply(draft);
            commit(draft, data.leases());
            return result;
        });
    }

    private void commit(Draft draft, TreePMap<Long, LeaseRecord> leases) {
        Revision next = draft.finish();
        data = data.with(next == null ? data.keyspace() : data.keyspace().plus(next))
                .with(leases);
        if (next != null) {
            listeners.forEach(listener -> listener.accept(next));
        }
    }

    public void compact(long revision) {
        exclusively(() -> {
            data = data.with(data.keyspace().compact(revision));
            return null;
        });
    }

    /** The listener is called with the lock held and must not block. */
    public void listen(Consumer<Revision> listener) {
        listeners.add(listener);
    }

    public void forget(Consumer<Revision> listener) {
        listeners.remove(listener);
    }

    // ---- leases ----

    public boolean hasLease(long id) {
        return data.leases().containsKey(id);
    }

    public @Nullable LeaseRecord lease(long id) {
        return data.leases().get(id);
    }

    public List<LeaseRecord> leases() {
        return List.copyOf(data.leases().values());
    }

    /** The keys that hang on the lease now, in their order. */
    public List<ByteString> keysOf(long lease) {
        return data.keyspace().current().keys().values().stream()
                .filter(kv -> kv.getLease() == lease)
                .map(KeyValue::getKey)
                .toList();
    }

    /** Null when the id is taken. Id 0 asks for one of the server's choice. */
    public @Nullable LeaseRecord grant(long id, long ttlSeconds) {
        return exclusively(() -> {
            long chosen = id;
            while (chosen == 0 || (id == 0 && hasLease(chosen))) {
                chosen = ThreadLocalRandom.current().nextLong(1, Long.MAX_VALUE);
            }
            if (hasLease(chosen)) {
                return null;
            }
            LeaseRecord lease = new LeaseRecord(chosen, ttlSeconds, now().plus(Duration.ofSeconds(ttlSeconds)));
            data = data.with(data.leases().plus(chosen, lease));
            return lease;
        });
    }

    /** Null when there is no such lease (any more). */
    public @Nullable LeaseRecord keepAlive(long id) {
        return exclusively(() -> {
            LeaseRecord lease = lease(id);
            if (lease == null || lease.expired(now())) {
                return null;
            }
            LeaseRecord renewed = lease.renewed(now());
            data = data.with(data.leases().plus(id, renewed));
            return renewed;
        });
    }

    /** As etcd does when it was started again: each lease has its whole time before it. */
    public void renewLeases() {
        exclusively(() -> {
            TreePMap<Long, LeaseRecord> renewed = data.leases();
            for (LeaseRecord lease : data.leases().values()) {
                renewed = renewed.plus(lease.id(), lease.renewed(now()));
            }
            data = data.with(renewed);
            return null;
        });
    }

    /** Ends a lease and deletes its keys in one revision. False when there is no such lease. */
    public boolean revoke(long id) {
        return exclusively(() -> {
            if (!hasLease(id)) {
                return false;
            }
            Draft draft = new Draft(data.keyspace());
            draft.delete(keysOf(id));
            commit(draft, data.leases().minus(id));
            return true;
        });
    }

    /** Ends what has outlived its time, each lease in a revision of its own. */
    public void expireLeases() {
        tidy(() -> {
            List<LeaseRecord> expired = new ArrayList<>();
            for (LeaseRecord lease : data.leases().values()) {
                if (lease.expired(now())) {
                    expired.add(lease);
                }
            }
            expired.forEach(lease -> revoke(lease.id()));
        });
    }

    // ---- the cluster and its users ----

    public ClusterState cluster() {
        return data.cluster();
    }

    /** Nothing has changed when the change throws. */
    public ClusterState changeCluster(UnaryOperator<ClusterState> change) {
        return exclusively(() -> {
            data = data.with(change.apply(data.cluster()));
            return data.cluster();
        });
    }

    public AuthState auth() {
        return data.auth();
    }

    /** Nothing has changed when the change throws. */
    public void changeAuth(UnaryOperator<AuthState> change) {
        exclusively(() -> data = data.with(change.apply(data.auth())));
    }
}
