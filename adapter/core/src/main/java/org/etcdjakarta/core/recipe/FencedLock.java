package org.etcdjakarta.core.recipe;

import com.google.protobuf.ByteString;
import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.op.Cmp;
import java.time.Duration;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import org.etcdjakarta.EtcdCompare;
import org.etcdjakarta.EtcdLock;
import org.etcdjakarta.core.fence.Fences;
import org.etcdjakarta.core.fence.Fences.Fence;
import org.etcdjakarta.core.link.EtcdLink;
import org.etcdjakarta.core.session.Session;
import org.jspecify.annotations.Nullable;

/**
 * A lock of the cluster; see {@link EtcdLock}. A session has one lease and with it one place in the queue at etcd, so its threads
 * queue here first, fairly, and the one whose turn it is queues at etcd for all to see. Each holding has a key of its own: a thread
 * that follows another one of the same process goes to the end of the queue, and its token is greater.
 *
 * <p>While a thread holds the lock, its {@linkplain Fences fence} is up, also when the lock has been lost meanwhile: a write that
 * carries it is refused then. A thread that takes a lock again which it has lost is told {@code false}; it must unlock first.
 *
 * <p>A lock named {@code a} also waits for the keys of one named {@code a/b}, as in Go: their keys begin alike.
 *
 * <p>Several objects for one name and session exclude each other as strangers do, also on one thread; {@link Recipes} has one for
 * each.
 *
 * @see <a href="https://pkg.go.dev/go.etcd.io/etcd/client/v3/concurrency#Mutex">Mutex of etcd's Go client</a>
 */
public final class FencedLock implements EtcdLock {

    private final EtcdLink link;
    private final TurnQueue queue;
    private final String owner = UUID.randomUUID() + "/";
    private final AtomicLong attempts = new AtomicLong();

    /** Among the threads of this process; its hold count is that of the lock. */
    private final ReentrantLock local = new ReentrantLock(true);

    /** Of the thread that has the local lock; null while it waits at etcd. */
    private @Nullable Holding holding;

    private record Holding(Place place, Fence fence) {}

    /** Of the recipes this belongs to. Who has taken a lock need not keep the object. */
    private final Set<FencedLock> taken;

    FencedLock(EtcdLink link, Session session, String name, Set<FencedLock> taken) {
        this.link = link;
        this.taken = taken;
        queue = new TurnQueue(link, session, name, ByteString.copyFromUtf8(owner));
    }

    /**
     * {@inheritDoc}
     *
     * <p>Does not wait longer than the given time and the request timeout, whatever etcd does.
     *
     * @throws IllegalStateException when the session or the link is closed
     */
    @Override
    public boolean tryLock(Duration wait) throws InterruptedException {
        Limit limit = Limit.of(wait, link.config().requestTimeout());
        if (Thread.interrupted()) {
            throw new InterruptedException();
        }
        if (local.isHeldByCurrentThread()) {
            return isHeld() && local.tryLock();
        }
        if (!local.tryLock(limit.waitLeft(), TimeUnit.NANOSECONDS)) {
            return false;
        }
        try {
            ByteString attempt = ByteString.copyFromUtf8(owner + attempts.incrementAndGet());
            Place place = queue.take(attempt, limit);
            if (place != null) {
                taken.add(this);
                holding = new Holding(place, Fences.putUp(link.config(), place.ownership()));
            }
            return place != null;
        } finally {
            if (holding == null) {
                local.unlock();
            }
        }
    }

    @Override
    public void unlock() {
        Holding ended = mine();
        if (local.getHoldCount() == 1) {
            holding = null;
            taken.remove(this);
            ended.fence().close();
            try {
                queue.leaveNow(ended.place());
            } finally {
                local.unlock();
            }
        } else {
            local.unlock();
        }
    }

    @Override
    public boolean isHeld() {
        if (!local.isHeldByCurrentThread()) {
            return false;
        }
        Holding current = holding;
        return current != null && !queue.isLost(current.place());
    }

    /**
     * {@inheritDoc} Also of a lock that was lost, until it is unlocked: what is compared with it is refused then.
     */
    @Override
    public long fencingToken() {
        return mine().place().token();
    }

    /**
     * Holds as long as this holding has not been lost: for the {@code If} of one's own Txn. A transaction of this thread has it by
     * itself.
     *
     * @throws IllegalMonitorStateException when this thread does not hold the lock
     */
    public EtcdCompare ownership() {
        Place place = mine().place();
        ByteSequence key = queue.withoutNamespace(place.key());
        return EtcdCompare.createRevision(key, Cmp.Op.EQUAL, place.token());
    }

    private Holding mine() {
        Holding current = local.isHeldByCurrentThread() ? holding : null;
        if (current == null) {
            throw new IllegalMonitorStateException("this thread does not hold the lock \"" + queue.name() + "\"");
        }
        return current;
    }

    @Override
    public String toString() {
        return "lock " + queue.name() + (local.isLocked() ? ", taken or waited for in this process" : "");
    }
}
