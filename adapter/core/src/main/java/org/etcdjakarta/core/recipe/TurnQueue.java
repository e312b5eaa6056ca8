package org.etcdjakarta.core.recipe;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.protobuf.ByteString;
import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.api.KeyValue;
import io.etcd.jetcd.api.TxnRequest;
import io.etcd.jetcd.api.TxnResponse;
import io.etcd.jetcd.options.OptionsUtil;
import io.etcd.jetcd.support.Util;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ThreadLocalRandom;
import org.etcdjakarta.EtcdException;
import org.etcdjakarta.EtcdInDoubtException;
import org.etcdjakarta.EtcdUnavailableException;
import org.etcdjakarta.core.link.EtcdLink;
import org.etcdjakarta.core.link.KvProtocol;
import org.etcdjakarta.core.session.Session;
import org.jspecify.annotations.Nullable;

/**
 * The queue of all who want one name, in the layout of etcd's own recipes: the key of each is {@code <name>/<lease>}, and the one with
 * the least create revision has its turn. Go's {@code Mutex} and {@code Election}, {@code etcdctl lock} and {@code elect} and etcd's
 * lock and election services stand in the same queue.
 *
 * <p>Hazards it is built around. The lease of a waiter may end before it is his turn: that he has none before him says nothing then
 * (etcd#11456), so his own key is read at the same revision. The answer to a put may be lost: the put comes with a
 * compare that lets only one of its repetitions through, and with a value that tells whose it is. A put may even arrive after its
 * waiter has given up: its key is looked for again as long as that can be. A delete is never without a compare: the key may belong to a
 * later attempt. Whoever waits watches only the one before him, so that one that goes wakes one.
 *
 * @see <a href="https://github.com/etcd-io/etcd/issues/11456">etcd#11456</a>
 */
final class TurnQueue {

    private static final long SHORTEST_PAUSE_MILLIS = 50;
    private static final long LONGEST_PAUSE_MILLIS = 1_000;

    /** How long etcd may take with a proposal, beyond the time in which the request can reach it. */
    private static final Duration LATEST_PUT = Duration.ofSeconds(10);

    /** "requested lease not found": etcd knows that the lease has ended, and the session will soon. */
    private static final String LEASE_GONE = "ETCD-00116";

    private final EtcdLink link;
    private final Session session;
    private final String name;
    private final ByteSequence namespace;
    private final ByteString prefix;
    private final ByteString end;
    private final KvProtocol kv;
    private final KeyWatch keyWatch;
    private final @Nullable ByteString owner;
    private volatile CompletableFuture<Void> lastLeft = CompletableFuture.completedFuture(null);

    /**
     * @param owner how values of this queue's places begin, by which those that were left behind are told from those of others on the
     *     same lease; null when whatever stands on the own lease is one's own
     */
    TurnQueue(EtcdLink link, Session session, String name, @Nullable ByteString owner) {
        this.link = link;
        this.session = session;
        this.name = name;
        this.owner = owner;
        namespace = link.namespace();
        ByteSequence inNamespace = ByteSequence.from(name + "/", UTF_8);
        prefix = Util.prefixNamespace(inNamespace, namespace);
        end = ByteString.copyFrom(
                OptionsUtil.prefixEndOf(ByteSequence.from(prefix)).getBytes());
        kv = link.kvProtocol();
        keyWatch = new KeyWatch(link, session);
    }

    // ---- taking a turn

    /**
     * Stands in the queue until it is one's turn, on one lease after the other if need be. What etcd cannot answer is tried again within
     * the time.
     *
     * @return the place, which is first; null when the time was not enough, and then the queue is left
     * @throws EtcdException when etcd refuses, or could not be asked until the time was over; the queue is left as soon as it answers
     * @throws IllegalStateException when the session is closed
     */
    @Nullable
    Place take(ByteString value, Limit limit) throws InterruptedException {
        // Without any time to wait there is no need to stand in the way of others.
        boolean onlyIfFree = limit.isOver();
        long pause = SHORTEST_PAUSE_MILLIS;
        Place place = null;
        boolean settled = false;
        try {
            while (true) {
                try {
                    if (place == null || isLost(place)) {
                        Long leaseId = lease(limit);
                        if (leaseId == null) {
                            return null;
                        }
                        place = new Place(leaseId, key(leaseId), value);
                    }
                    if (!place.isQueued()) {
                        enqueue(place, onlyIfFree, limit);
                    }
                    if (place.isFirst() && !isLost(place) && !limit.isEnded()) {
                        settled = true;
                        return place;
                    }
                    if (limit.isOver()) {
                        settled = true;
                        leaveInTime(place, limit);
                        return null;
                    }
                    if (place.isQueued() && !place.isFirst()) {
                        awaitTurn(place, limit);
                    }
                    pause = SHORTEST_PAUSE_MILLIS;
                } catch (EtcdException e) {
                    if (!isPassing(e) || limit.isOver()) {
                        throw e;
                    }
                    long millis = ThreadLocalRandom.current().nextLong(pause / 2, pause + 1);
                    limit.await(new CompletableFuture<>(), Duration.ofMillis(millis));
                    pause = Math.min(2 * pause, LONGEST_PAUSE_MILLIS);
                    if (limit.isOver()) {
                        throw e;
                    }
                }
            }
        } finally {
            if (!settled && place != null) {
                var unused = leave(place);
            }
        }
    }

    private static boolean isPassing(EtcdException failure) {
        return failure instanceof EtcdUnavailableException
                || failure instanceof EtcdInDoubtException
                || failure.code().equals(LEASE_GONE);
    }

    /** Of a session that can be relied on; null when nobody waits any more. */
    private @Nullable Long lease(Limit limit) throws InterruptedException {
        CompletableFuture<Long> connected = session.connected();
        limit.awaitWithGrace(connected);
        if (connected.isDone()) {
            return connected.getNow(0L);
        }
        if (limit.isEnded()) {
            return null;
        }
        throw RecipeErrors.noLease(name, String.join(",", link.config().endpoints()));
    }

    private ByteString key(long leaseId) {
        return prefix.concat(ByteString.copyFromUtf8(Long.toHexString(leaseId)));
    }

    /** May leave it unqueued: the time or another look is for the caller. */
    private void enqueue(Place place, boolean onlyIfFree, Limit limit) throws InterruptedException {
        TxnRequest request = TxnRequest.newBuilder()
                .addCompare(onlyIfFree ? Requests.empty(prefix, end) : Requests.created(place.key(), 0))
                .addSuccess(Requests.put(place.key(), place.value(), place.leaseId()))
                .addSuccess(Requests.first(prefix, end))
                .addFailure(Requests.get(place.key()))
                .build();
        TxnResponse answer = put(place, request, limit);
        if (answer.getSucceeded()) {
            KeyValue first = answer.getResponses(1).getResponseRange().getKvs(0);
            place.queued(answer.getHeader().getRevision(), first.getKey().equals(place.key()));
        } else if (answer.getResponses(0).getResponseRange().getKvsCount() > 0) {
            KeyValue standing = answer.getResponses(0).getResponseRange().getKvs(0);
            if (owner == null || standing.getValue().equals(place.value())) {
                // Of an earlier try whose answer was lost. Whether it is first, a look tells.
                place.queued(standing, false);
            } else if (standing.getValue().startsWith(owner)) {
                removeStale(standing, limit);
                enqueue(place, onlyIfFree, limit);
            } else if (!limit.isOver()) {
                // Somebody else uses the lease of this session for the same name, and is before us.
                keyWatch.awaitDelete(standing.getKey(), answer.getHeader().getRevision() + 1, place.leaseId(), limit);
            }
        }
    }

    private TxnResponse put(Place place, TxnRequest request, Limit limit) throws InterruptedException {
        boolean doubtful = place.isDoubtful();
        place.beginDoubt(System.nanoTime()
                + link.config().requestTimeout().plus(LATEST_PUT).toNanos());
        try {
            TxnResponse answer = Answers.await(kv.txn(request), limit);
            if (!doubtful) {
                place.endDoubt();
            }
            return answer;
        } catch (EtcdException e) {
            if (!doubtful && e.effect() == EtcdException.Effect.NOT_APPLIED) {
                place.endDoubt();
            }
            throw e;
        }
    }

    /** Of an attempt of this very queue that was given up before: nobody else may be between its delete and our put. */
    private void removeStale(KeyValue standing, Limit limit) throws InterruptedException {
        Answers.await(
                kv.txn(TxnRequest.newBuilder()
                        .addCompare(Requests.created(standing.getKey(), standing.getCreateRevision()))
                        .addSuccess(Requests.delete(standing.getKey()))
                        .build()),
                limit);
    }

    /** Looks once, and when it is not one's turn yet, waits for the one before. */
    private void awaitTurn(Place place, Limit limit) throws InterruptedException {
        TxnResponse look = Answers.await(
                kv.txn(TxnRequest.newBuilder()
                        .addSuccess(Requests.get(place.key()))
                        .addSuccess(Requests.before(prefix, end, place.token()))
                        .build()),
                limit);
        List<KeyValue> own = look.getResponses(0).getResponseRange().getKvsList();
        List<KeyValue> before = look.getResponses(1).getResponseRange().getKvsList();
        if (own.isEmpty() || own.get(0).getCreateRevision() != place.token()) {
            place.gone();
        } else if (before.isEmpty()) {
            place.becomesFirst();
        } else {
            keyWatch.awaitDelete(before.get(0).getKey(), look.getHeader().getRevision() + 1, place.leaseId(), limit);
        }
    }

    /** By the clock: the key may still be there at etcd, but can no longer be relied on. */
    boolean isLost(Place place) {
        return session.remaining(place.leaseId()).isZero();
    }

    // ---- leaving

    /**
     * Takes the key of the place away, in the background until that is certain or the lease is gone.
     *
     * @return completed when there is nothing left to do
     */
    CompletableFuture<Void> leave(Place place) {
        if (!place.isQueued() && !place.isDoubtful()) {
            return CompletableFuture.completedFuture(null);
        }
        Departure departure = new Departure(link, kv, session, place);
        lastLeft = departure.settled();
        var unused = departure.attempt();
        return departure.settled();
    }

    /** As {@link #leave}; waits for the first attempt, within the request timeout, and not for an interruption. */
    void leaveNow(Place place) {
        if (place.isQueued() || place.isDoubtful()) {
            var unused = new Departure(link, kv, session, place).attempt().join();
        }
    }

    private void leaveInTime(Place place, Limit limit) throws InterruptedException {
        limit.awaitWithGrace(leave(place));
    }

    /** When the place that was left last is gone for certain. */
    CompletableFuture<Void> lastLeft() {
        return lastLeft;
    }

    // ---- what others need of it

    String name() {
        return name;
    }

    KvProtocol kv() {
        return kv;
    }

    KeyWatch keyWatch() {
        return keyWatch;
    }

    /** As the application writes it. */
    ByteSequence withoutNamespace(ByteString physical) {
        return ByteSequence.from(physical.substring(namespace.size()));
    }
}
