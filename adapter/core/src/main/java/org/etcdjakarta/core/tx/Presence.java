package org.etcdjakarta.core.tx;

import com.google.protobuf.ByteString;
import io.etcd.jetcd.api.KeyValue;
import io.etcd.jetcd.api.PutRequest;
import io.etcd.jetcd.api.RangeRequest;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.etcdjakarta.EtcdException;
import org.etcdjakarta.EtcdSession.State;
import org.etcdjakarta.core.link.EtcdLink;
import org.etcdjakarta.core.link.KvProtocol;
import org.etcdjakarta.core.session.Session;
import org.jspecify.annotations.Nullable;

/**
 * Keeps the key {@code <reserved>s/<link>} in etcd as long as this process lives, so that recovery elsewhere leaves the branches alone
 * that this link has prepared. The key stands under the lease of a session of its own: when the process is gone, so is the
 * key, one TTL later. When the session has lost its lease and has another one, the key is put anew.
 *
 * <p>A put that fails or whose answer is lost is repeated until it is known to be there: it is the same each time. One that is
 * held up on its way can do no harm later on. A session asks for a new lease only when the old one has ended at etcd, which then
 * refuses to put a key under it; should it apply the late one all the same, its answer tells, and the key is put once more.
 *
 * <p>Puts wait for their answers on the link's workers, not on the executor of the configuration: an application's threads may
 * all be waiting here.
 */
final class Presence implements AutoCloseable {

    private static final System.Logger LOG = System.getLogger(Presence.class.getName());

    private static final long SHORTEST_PAUSE_MILLIS = 100;
    private static final long LONGEST_PAUSE_MILLIS = 2_000;
    private static final Duration PATIENCE_AT_CLOSE = Duration.ofSeconds(2);

    private final EtcdLink link;
    private final Executor workers;
    private final KvProtocol kv;
    private final String key;
    private final Duration ttl;
    private final NodeCheck check;

    private Alive alive;
    private @Nullable Session session;
    private boolean closed;

    /** The lease that the key was put under last; 0 before. */
    private long announced;

    /** The lease of the put that has no answer yet. */
    private long underWay;

    private long pauseMillis = SHORTEST_PAUSE_MILLIS;
    private @Nullable EtcdException failure;

    private Presence(EtcdLink link, String reservedPrefix, String linkId, Alive alive, Duration ttl) {
        this.link = link;
        this.alive = alive;
        this.ttl = ttl;
        workers = link.executor();
        kv = link.kvProtocol();
        key = new BranchKeys(reservedPrefix).alivePrefix() + linkId;
        check = new NodeCheck(alive, () -> list(kv, reservedPrefix), link::later, this::tell);
    }

    /**
     * With a reference on the link of its own. Nothing is there before {@link #begin()}.
     *
     * @param alive what the key tells others
     * @param ttl 1 second or more: for so long recovery elsewhere has to wait when this process has died
     */
    static Presence of(EtcdLink link, String reservedPrefix, String linkId, Alive alive, Duration ttl) {
        return new Presence(link.retain(), reservedPrefix, linkId, alive, ttl);
    }

    /** The links that are alive, and whose they are, within the request timeout; else EtcdException. */
    static Map<String, Alive> list(KvProtocol kv, String reservedPrefix) {
        String prefix = new BranchKeys(reservedPrefix).alivePrefix();
        RangeRequest request = KeyRange.prefix(prefix).request().build();
        Map<String, Alive> found = new LinkedHashMap<>();
        for (KeyValue link : Await.answer(kv.range(request)).getKvsList()) {
            found.put(link.getKey().toStringUtf8().substring(prefix.length()), Alive.decode(link.getValue()));
        }
        return found;
    }

    /** Starts the session and the put; does not wait for etcd. Idempotent; nothing after {@link #close()}. */
    void begin() {
        Session begun;
        synchronized (this) {
            if (closed || session != null) {
                return;
            }
            begun = link.newSession(ttl);
            session = begun;
        }
        var unused = begun.onChange(state -> later());
        // It may have been connected before there was a listener.
        later();
    }

    /** From now on the key says that this is the node; it is put anew. */
    void node(String node) {
        synchronized (this) {
            if (alive.node().equals(node)) {
                return;
            }
            alive = Alive.here(node);
            check.self(alive);
            announced = 0;
            if (session == null) {
                return;
            }
        }
        later();
    }

    /** The session's listener hears of a loss while an earlier put still waits for its answer. */
    private void later() {
        workers.execute(this::announce);
    }

    /** The session is connected, and the key was put under the lease that it has. */
    synchronized boolean isThere() {
        Session current = session;
        return current != null
                && announced != 0
                && current.state() == State.CONNECTED
                && current.leaseId() == announced;
    }

    /**
     * Waits until the key is there, as far as one can know; begins if need be. Cheap when it is there already.
     *
     * @throws org.etcdjakarta.EtcdUnavailableException when it is not in time, when this is closed, or the thread is interrupted, and
     *     then stays so
     */
    void await(Duration atMost) {
        if (isThere()) {
            return;
        }
        begin();
        long end = System.nanoTime() + atMost.toNanos();
        synchronized (this) {
            try {
                while (!isThere()) {
                    long left = end - System.nanoTime();
                    if (closed || left <= 0) {
                        throw BranchErrors.notPresent(key, endpoint(), failure);
                    }
                    TimeUnit.NANOSECONDS.timedWait(this, left);
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw BranchErrors.notPresent(key, endpoint(), failure);
            }
        }
    }

    private void announce() {
        Session current;
        long lease;
        ByteString value;
        synchronized (this) {
            // The session may have recovered with the lease under which the key is there.
            notifyAll();
            current = session;
            if (closed || current == null) {
                return;
            }
            lease = current.leaseId();
            if (lease == 0 || lease == announced || lease == underWay) {
                return;
            }
            underWay = lease;
            value = alive.encode();
        }
        EtcdException failed = put(lease, value);
        if (answered(lease, value, failed)) {
            announce();
            check.look(current.ttl());
        }
    }

    private @Nullable EtcdException put(long lease, ByteString value) {
        try {
            Await.answer(kv.put(PutRequest.newBuilder()
                    .setKey(ByteString.copyFromUtf8(key))
                    .setValue(value)
                    .setLease(lease)
                    .build()));
            return null;
        } catch (EtcdException e) {
            return e;
        }
    }

    /** True when the key was put. */
    private synchronized boolean answered(long lease, ByteString value, @Nullable EtcdException failed) {
        if (underWay == lease) {
            underWay = 0;
        }
        failure = failed;
        if (failed == null && !value.equals(alive.encode())) {
            // the node was found out to be another meanwhile
            workers.execute(this::announce);
        } else if (failed == null) {
            announced = lease;
            pauseMillis = SHORTEST_PAUSE_MILLIS;
            notifyAll();
        } else if (!closed) {
            LOG.log(
                    pauseMillis == SHORTEST_PAUSE_MILLIS ? Level.WARNING : Level.DEBUG,
                    "the key " + key + " could not be put, it is tried again; until then nothing can be prepared. "
                            + failed.getMessage());
            long pause = ThreadLocalRandom.current().nextLong(pauseMillis / 2, pauseMillis + 1);
            pauseMillis = Math.min(2 * pauseMillis, LONGEST_PAUSE_MILLIS);
            var unused = link.later(Duration.ofMillis(pause), this::announce);
        }
        return failed == null;
    }

    private synchronized void tell(String otherLink, Alive other) {
        LOG.log(Level.ERROR, BranchErrors.sameNode(alive, other, otherLink, endpoint()));
    }

    private String endpoint() {
        return String.join(",", link.config().endpoints());
    }

    /**
     * Revokes the lease, and with it goes the key; what cannot be revoked expires. Idempotent. Waits two seconds at most, an
     * etcd that is away is told in the background, within the request timeout.
     */
    @Override
    public void close() {
        Session begun;
        synchronized (this) {
            if (closed) {
                return;
            }
            closed = true;
            begun = session;
            notifyAll();
        }
        check.end();
        CompletableFuture<Void> left = begun == null
                ? CompletableFuture.completedFuture(null)
                : CompletableFuture.runAsync(begun::close, workers);
        try {
            left.get(PATIENCE_AT_CLOSE.toNanos(), TimeUnit.NANOSECONDS);
        } catch (ExecutionException | TimeoutException e) {
            LOG.log(Level.DEBUG, "the key " + key + " is not gone yet", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        var unused = left.whenComplete((gone, failed) -> link.close());
    }

    @Override
    public String toString() {
        return key + (isThere() ? "" : " (not there)");
    }
}
