package org.etcdjakarta.core.link;

import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.Client;
import io.etcd.jetcd.api.MaintenanceGrpc;
import io.etcd.jetcd.api.StatusRequest;
import io.etcd.jetcd.api.StatusResponse;
import io.grpc.Deadline;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.etcdjakarta.EtcdAccessException;
import org.etcdjakarta.EtcdLease;
import org.etcdjakarta.core.session.Session;
import org.etcdjakarta.core.session.Sessions;
import org.etcdjakarta.core.watch.StreamWatches;
import org.etcdjakarta.core.watch.WatchHub;

/** One shared physical client of one cluster. Shared by equal configuration and reference-counted. */
public final class EtcdLink implements AutoCloseable {

    private final SharedLink shared;
    private final StreamWatches watches;
    private final Sessions sessions;
    private final LinkClient client;
    private final AtomicBoolean closed = new AtomicBoolean();
    private final Set<Runnable> closing = ConcurrentHashMap.newKeySet();

    private EtcdLink(SharedLink shared) {
        this.shared = shared;
        this.watches = new StreamWatches(shared.watches());
        this.sessions = new Sessions(shared.leases());
        this.client = new LinkClient(shared, watches.jetcdWatch());
    }

    /** Takes a reference on the link of this configuration; does not wait for etcd. Each open() has its own close(). */
    public static EtcdLink open(EtcdLinkConfig config) {
        return new EtcdLink(SharedLink.acquire(config));
    }

    /** Another reference on the same link; each has its own close(). IllegalStateException when this one is closed. */
    public EtcdLink retain() {
        checkOpen();
        return open(shared.config());
    }

    public EtcdLinkConfig config() {
        return shared.config();
    }

    public ByteSequence namespace() {
        return shared.namespace();
    }

    /** The ids of all leases of the cluster, whoever granted them, within the request timeout. */
    public CompletableFuture<List<Long>> leases() {
        checkOpen();
        return EtcdLease.of(client.getLeaseClient()).leases();
    }

    /** Raw: unguarded, joins nothing. Closing the client does not close the link. */
    public Client client() {
        checkOpen();
        return client;
    }

    /** The KV service itself, physical keys, with deadlines, token and error mapping. */
    public KvProtocol kvProtocol() {
        checkOpen();
        return shared.kv();
    }

    /** Watches that end with this reference on the link. */
    public WatchHub watches() {
        checkOpen();
        return watches;
    }

    /** Watches of all references on this link do not show the keys below this physical prefix, unless they begin below it. */
    public void hideFromWatches(String prefix) {
        checkOpen();
        shared.watches().adapterKeys().hide(prefix);
    }

    /**
     * A lease that is kept alive, replaced when it is lost, and tells its owner about both. Begins at once and does not wait for
     * etcd. Ends with this reference, but then its lease is not revoked; close it before.
     *
     * @param ttl how long etcd keeps the lease without a word from here: 1 second to 9,000,000,000, fractions are rounded up;
     *     etcd may grant more
     * @param executor where listeners are called
     * @throws IllegalArgumentException when the TTL is out of range
     * @throws IllegalStateException when this reference is closed
     * @see <a href="https://pkg.go.dev/go.etcd.io/etcd/client/v3/concurrency#NewSession">NewSession of etcd's Go client</a>
     */
    public Session newSession(Duration ttl, Executor executor) {
        checkOpen();
        return sessions.open(ttl, executor);
    }

    /** As {@link #newSession(Duration, Executor)}; listeners are called on the link's worker threads. */
    public Session newSession(Duration ttl) {
        return newSession(ttl, shared.calls().pool);
    }

    /** As {@link #newSession(Duration)}, with the TTL of the configuration: 10 seconds, unless it has another. */
    public Session newSession() {
        return newSession(shared.config().sessionTtl());
    }

    /**
     * Calls once when this reference is closed, by the thread that closes it; at once when it is already. For those who wait by a watch of
     * this reference, which then tells nothing more: the link and the session may live on.
     *
     * @param call short, and not blocking
     * @return takes it back
     */
    public Runnable onClose(Runnable call) {
        Runnable once = new Runnable() {
            @Override
            public void run() {
                if (closing.remove(this)) {
                    call.run();
                }
            }
        };
        closing.add(once);
        if (closed.get()) {
            // close() may have looked at the set just before.
            once.run();
        }
        return () -> closing.remove(once);
    }

    /** The link's worker threads, for callbacks; these may block. */
    public Executor executor() {
        checkOpen();
        return shared.calls().pool;
    }

    /**
     * Runs a task on {@link #executor()} after the pause; not at all when the link is closed by then.
     *
     * @return takes it back
     */
    public Runnable later(Duration pause, Runnable task) {
        return shared.calls().at(Deadline.after(pause.toNanos(), TimeUnit.NANOSECONDS), task);
    }

    /** The version of etcd, of whichever member answers over this link's channel, within the request timeout. */
    public CompletableFuture<String> version() {
        checkOpen();
        return shared.calls()
                .read(MaintenanceGrpc.getStatusMethod(), StatusRequest.getDefaultInstance())
                .thenApply(StatusResponse::getVersion);
    }

    /**
     * The endpoints in use: those of the configuration; after a {@link #sync()} those of the members; both when none of the
     * members' can be reached from here. SRV names stand for themselves.
     */
    public List<String> endpoints() {
        checkOpen();
        return Endpoint.addresses(shared.endpoints().current());
    }

    /**
     * Takes the endpoints from the cluster's list of members, within the request timeout: the client URLs of all members that
     * have started and are not learners, as far as they have the scheme of the configuration. A link with TLS never falls to
     * plaintext. All references on the link share the endpoints.
     *
     * @return the endpoints in use from now on; or an EtcdException, and then they stay as they are
     * @see <a href="https://pkg.go.dev/go.etcd.io/etcd/client/v3#Client.Sync">Client.Sync of etcd's Go client</a>
     */
    public CompletableFuture<List<String>> sync() {
        checkOpen();
        return shared.sync().now();
    }

    /**
     * Whether a call has failed because etcd does not accept the link's own user with its password, as after a change of the
     * password or the removal of the user. No later call of this link will do better until that is undone.
     */
    public static boolean isSignOnRefused(Throwable failure) {
        return LinkErrors.unwrapped(failure) instanceof EtcdAccessException refusal
                && refusal.code().equals(LinkErrors.WRONG_PASSWORD);
    }

    /**
     * Idempotent. Ends the watches, keep-alives and observations of this reference and cancels its calls that wait at etcd
     * (lock, campaign). After the last reference is closed nothing is left: no thread,
     * no socket.
     */
    @Override
    public void close() {
        if (closed.compareAndSet(false, true)) {
            sessions.close();
            watches.close();
            client.end();
            closing.forEach(Runnable::run);
            shared.release();
        }
    }

    private void checkOpen() {
        if (closed.get()) {
            throw new IllegalStateException("this reference on the link to "
                    + String.join(",", shared.config().endpoints()) + " is closed");
        }
    }

    @Override
    public String toString() {
        return shared.config() + (closed.get() ? " (closed)" : "");
    }
}
