package org.etcdjakarta.core.tx;

import java.lang.System.Logger.Level;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.LongFunction;
import org.jspecify.annotations.Nullable;

/**
 * The leases that were granted while one transaction was worked in. A grant takes effect at once and is no part of what the
 * transaction commits; but when that rolls back nobody is left to know of the lease, so it is revoked, and with it goes what
 * others may have put under it.
 *
 * <p>Whatever is not known to be rolled back keeps its leases: a lease too many expires by itself, one too few takes committed
 * keys with it. So it is with an outcome in doubt, and with a branch that has only read, which does not hear how the
 * others end.
 *
 * <p>What comes first decides, {@link #keep} or {@link #revoke}, and decides for leases too whose grant is answered after
 * it. A grant whose answer is lost is not known here: one without an id of the caller's is repeated and given back by the
 * link, one with it may be somebody else's lease, and either expires.
 */
public final class TxLeases {

    private static final System.Logger LOG = System.getLogger(TxLeases.class.getName());

    private final LongFunction<CompletableFuture<?>> revoker;

    private final Set<Long> granted = new HashSet<>();
    private @Nullable Boolean kept;

    /** @param revoker sends the request and does not wait for the answer */
    TxLeases(LongFunction<CompletableFuture<?>> revoker) {
        this.revoker = revoker;
    }

    /** Granted in the transaction. When that has rolled back by now, the lease is revoked. */
    public void add(long leaseId) {
        synchronized (this) {
            if (kept == null) {
                granted.add(leaseId);
                return;
            }
            if (kept) {
                return;
            }
        }
        revoke(leaseId);
    }

    /** Revoked by the application itself; its id may be granted to somebody else from now on. */
    public synchronized void remove(long leaseId) {
        granted.remove(leaseId);
    }

    /** The transaction has committed, or may have. */
    void keep() {
        var unused = settle(true);
    }

    /** The transaction has rolled back. */
    void revoke() {
        settle(false).forEach(this::revoke);
    }

    /** Fails never: a rollback does not depend on it. */
    private void revoke(long leaseId) {
        try {
            var unused = revoker.apply(leaseId).whenComplete((answer, failure) -> {
                if (failure != null) {
                    notRevoked(leaseId, failure);
                }
            });
        } catch (RuntimeException e) {
            notRevoked(leaseId, e);
        }
    }

    private static void notRevoked(long leaseId, Throwable failure) {
        LOG.log(
                Level.DEBUG,
                "the lease " + Long.toHexString(leaseId)
                        + " of a transaction that has rolled back was not revoked; it expires by itself",
                failure);
    }

    private synchronized List<Long> settle(boolean keep) {
        List<Long> all = List.copyOf(granted);
        granted.clear();
        if (kept == null) {
            kept = keep;
        }
        return all;
    }
}
