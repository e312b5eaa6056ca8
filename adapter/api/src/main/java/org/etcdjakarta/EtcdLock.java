package org.etcdjakarta;

import java.time.Duration;

/**
 * A lock of the cluster, fair, on the lease of an {@link EtcdSession}. Its owner is the thread that has taken it; that
 * thread may take it again and must unlock as often.
 *
 * <p>No lock across machines can keep a holder that has been stopped for a while from going on as if it still held it. The
 * {@linkplain #fencingToken() token} can: a transaction of the holder's thread carries it as a guard and cannot commit when the lock
 * is lost; others compare it themselves.
 */
public interface EtcdLock {

    /**
     * Takes the lock, waiting for those who came earlier. Not part of a transaction: takes effect at once.
     *
     * @param wait how long to wait, zero or more; who gives up leaves the queue
     * @return true when this thread holds the lock now, false when the time was not enough
     * @throws InterruptedException when interrupted while waiting; the queue is left
     * @throws EtcdException when etcd cannot be asked; the queue is left as soon as etcd answers
     */
    boolean tryLock(Duration wait) throws InterruptedException;

    /**
     * Gives the lock back once; blocks for one call to etcd, bounded by the request timeout, when it was the last time. A lock that was
     * lost is given back without an error.
     *
     * @throws IllegalMonitorStateException when this thread does not hold it
     */
    void unlock();

    /**
     * True when this thread has taken the lock and its session has not lost it, by this machine's clock; does not block.
     *
     * @return false also when another thread of this process holds it
     */
    boolean isHeld();

    /**
     * The create revision of the key that stands for this holding: greater for each later holder.
     *
     * @return the token
     * @throws IllegalMonitorStateException when this thread does not hold the lock
     */
    long fencingToken();
}
