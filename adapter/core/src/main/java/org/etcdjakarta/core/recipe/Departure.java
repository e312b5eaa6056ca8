package org.etcdjakarta.core.recipe;

import io.etcd.jetcd.api.RequestOp;
import io.etcd.jetcd.api.TxnRequest;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ThreadLocalRandom;
import org.etcdjakarta.core.link.EtcdLink;
import org.etcdjakarta.core.link.KvProtocol;
import org.etcdjakarta.core.session.Session;
import org.jspecify.annotations.Nullable;

/**
 * The end of a place: its key is deleted, as often as it takes, until that is certain, or until the lease has ended and taken the key
 * along. A place whose put may still arrive is looked for until it cannot any more.
 */
final class Departure {

    private static final System.Logger LOG = System.getLogger(Departure.class.getName());
    private static final long SHORTEST_PAUSE_MILLIS = 100;
    private static final long LONGEST_PAUSE_MILLIS = 2_000;

    private final EtcdLink link;
    private final KvProtocol kv;
    private final Session session;
    private final Place place;
    private final TxnRequest delete;
    private final CompletableFuture<Void> settled = new CompletableFuture<>();
    private long pause = SHORTEST_PAUSE_MILLIS;

    Departure(EtcdLink link, KvProtocol kv, Session session, Place place) {
        this.link = link;
        this.kv = kv;
        this.session = session;
        this.place = place;
        TxnRequest.Builder txn =
                TxnRequest.newBuilder().addCompare(place.ownership()).addSuccess(Requests.delete(place.key()));
        if (place.isDoubtful()) {
            // A repetition of the put comes through as soon as the key is gone, with another create revision.
            txn.addFailure(RequestOp.newBuilder()
                    .setRequestTxn(TxnRequest.newBuilder()
                            .addCompare(place.written())
                            .addSuccess(Requests.delete(place.key()))));
        }
        delete = txn.build();
    }

    /** Completed when there is nothing left to do. */
    CompletableFuture<Void> settled() {
        return settled;
    }

    /** Completed with whether etcd has answered. */
    CompletableFuture<Boolean> attempt() {
        return kv.txn(delete).handle((answer, failure) -> {
            answered(failure);
            return failure == null;
        });
    }

    private void answered(@Nullable Throwable failure) {
        if (failure == null && !place.isDoubtful()) {
            settled.complete(null);
        } else if (session.remaining(place.leaseId()).isZero()) {
            // The session revokes what it has lost, and a closed one has revoked it.
            settled.complete(null);
        } else {
            if (failure != null) {
                LOG.log(Level.DEBUG, "a place in a queue is not given back yet; it is tried again", failure);
            }
            long millis = ThreadLocalRandom.current().nextLong(pause / 2, pause + 1);
            pause = Math.min(2 * pause, LONGEST_PAUSE_MILLIS);
            var unused = link.later(Duration.ofMillis(millis), this::again);
        }
    }

    private void again() {
        var unused = attempt();
    }
}
