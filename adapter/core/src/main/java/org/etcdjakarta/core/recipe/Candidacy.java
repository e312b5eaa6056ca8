package org.etcdjakarta.core.recipe;

import com.google.protobuf.ByteString;
import io.etcd.jetcd.api.KeyValue;
import io.etcd.jetcd.api.TxnRequest;
import io.etcd.jetcd.api.TxnResponse;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BiConsumer;
import org.etcdjakarta.EtcdException;
import org.etcdjakarta.EtcdInDoubtException;
import org.etcdjakarta.core.link.EtcdLink;
import org.jspecify.annotations.Nullable;

/** From a campaign to its end, over as many leaderships as it takes. */
final class Candidacy implements Runnable {

    private static final System.Logger LOG = System.getLogger(Candidacy.class.getName());
    private static final Duration PAUSE = Duration.ofSeconds(2);

    private final EtcdLink link;
    private final TurnQueue queue;
    private final CompletableFuture<?> before;
    private final BiConsumer<BiConsumer<LeadershipListener, Leadership>, Leadership> listeners;
    private final Limit limit;
    private final CompletableFuture<Void> done = new CompletableFuture<>();
    private volatile ByteString proposal;

    private final Object lock = new Object();
    private @Nullable Leadership leadership;
    private CompletableFuture<Void> elected = new CompletableFuture<>();

    /** One at a time, so that an earlier proclamation cannot be told from a later one by its mod revision. */
    private final Object proclaiming = new Object();

    /** @param before the end of an earlier candidacy on the same lease, which deletes the same key */
    Candidacy(
            EtcdLink link,
            TurnQueue queue,
            ByteString proposal,
            CompletableFuture<?> before,
            BiConsumer<BiConsumer<LeadershipListener, Leadership>, Leadership> listeners) {
        this.link = link;
        this.queue = queue;
        this.proposal = proposal;
        this.before = before;
        this.listeners = listeners;
        limit = Limit.untilEnded(link.config().requestTimeout());
    }

    @Override
    public void run() {
        try {
            limit.await(before);
            while (!limit.isOver()) {
                stand();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (IllegalStateException e) {
            LOG.log(Level.DEBUG, "the candidacy for " + queue.name() + " ends with its session or link", e);
        } finally {
            limit.end();
            done.complete(null);
        }
    }

    private void stand() throws InterruptedException {
        try {
            Place place = queue.take(proposal, limit);
            if (place != null) {
                lead(place);
            }
        } catch (EtcdException e) {
            LOG.log(
                    Level.WARNING,
                    () -> "the candidacy for " + queue.name() + " is tried again in " + PAUSE.toSeconds() + " s: "
                            + e.getMessage());
            limit.await(new CompletableFuture<>(), PAUSE);
        }
    }

    private void lead(Place place) throws InterruptedException {
        Leadership now =
                new Leadership(link.config(), place, queue.withoutNamespace(place.key()), () -> queue.isLost(place));
        try {
            begin(now);
            if (!place.value().equals(proposal)) {
                // It stood there already, with what an earlier candidacy on this lease has proclaimed.
                proclaim(proposal);
            }
            queue.keyWatch().awaitDelete(place.key(), place.token() + 1, place.leaseId(), limit);
        } finally {
            // First of all here, and only then at etcd.
            end(now);
            var unused = queue.leave(place);
        }
    }

    private void begin(Leadership now) {
        CompletableFuture<Void> waiting;
        synchronized (lock) {
            leadership = now;
            waiting = elected;
        }
        listeners.accept(LeadershipListener::onElected, now);
        waiting.complete(null);
    }

    private void end(Leadership over) {
        over.end();
        synchronized (lock) {
            leadership = null;
            elected = new CompletableFuture<>();
        }
        listeners.accept(LeadershipListener::onLost, over);
    }

    @Nullable
    Leadership leadership() {
        synchronized (lock) {
            return leadership;
        }
    }

    boolean awaitLeadership(Limit wait) throws InterruptedException {
        while (true) {
            CompletableFuture<Void> next;
            Duration pause;
            synchronized (lock) {
                if (leadership != null && leadership.isHeld()) {
                    return true;
                }
                // One that is lost by the clock is about to be taken away.
                next = leadership == null ? elected : new CompletableFuture<>();
                pause = leadership == null ? Duration.ofDays(1) : Duration.ofMillis(50);
            }
            if (wait.isOver() || isOver()) {
                return false;
            }
            wait.await(CompletableFuture.anyOf(next, done), pause);
        }
    }

    /** The mod revision keeps a proclamation whose answer was lost from being applied after a later one. */
    void proclaim(ByteString value) {
        synchronized (proclaiming) {
            Leadership now = leadership();
            if (now == null || !now.isHeld()) {
                throw notLeader();
            }
            Place place = now.place();
            TxnResponse look = Answers.join(queue.kv()
                    .txn(TxnRequest.newBuilder()
                            .addSuccess(Requests.get(place.key()))
                            .build()));
            List<KeyValue> own = look.getResponses(0).getResponseRange().getKvsList();
            if (own.isEmpty() || own.get(0).getCreateRevision() != place.token()) {
                throw notLeader();
            }
            TxnRequest put = TxnRequest.newBuilder()
                    .addCompare(Requests.created(place.key(), place.token()))
                    .addCompare(Requests.modified(place.key(), own.get(0).getModRevision()))
                    .addSuccess(Requests.put(place.key(), value, place.leaseId()))
                    .addFailure(Requests.get(place.key()))
                    .build();
            TxnResponse answer;
            try {
                answer = Answers.join(queue.kv().txn(put));
            } catch (EtcdInDoubtException e) {
                // The same once more: of the two at most one is applied.
                answer = Answers.join(queue.kv().txn(put));
            }
            List<KeyValue> standing = answer.getSucceeded()
                    ? List.of()
                    : answer.getResponses(0).getResponseRange().getKvsList();
            boolean applied = answer.getSucceeded()
                    || (!standing.isEmpty()
                            && standing.get(0).getCreateRevision() == place.token()
                            && standing.get(0).getValue().equals(value));
            if (!applied) {
                throw notLeader();
            }
            proposal = value;
        }
    }

    private EtcdException notLeader() {
        return RecipeErrors.notLeader(
                queue.name(), String.join(",", link.config().endpoints()));
    }

    boolean isOver() {
        return limit.isEnded();
    }

    /** Completed when nothing of this candidacy can be deleted any more at etcd. */
    CompletableFuture<?> left() {
        return done.thenCompose(over -> queue.lastLeft());
    }

    /** Blocks for about the request timeout at most. */
    void end() {
        limit.end();
        try {
            left().get(link.config().requestTimeout().toNanos(), TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            LOG.log(Level.DEBUG, "etcd is told in the background", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException e) {
            throw Answers.unchecked(e.getCause());
        }
    }
}
