package org.etcdjakarta.core.recipe;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.protobuf.ByteString;
import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.Election;
import io.etcd.jetcd.election.LeaderResponse;
import io.etcd.jetcd.election.NoLeaderException;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executor;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.etcdjakarta.EtcdConflictException;
import org.etcdjakarta.EtcdException;
import org.etcdjakarta.EtcdInDoubtException;
import org.etcdjakarta.core.link.EtcdLink;
import org.etcdjakarta.core.session.Session;
import org.jspecify.annotations.Nullable;

/**
 * One candidate or observer of an election. A candidacy goes on by itself: who loses the leadership with his session stands again on
 * the next lease, until {@link #resign()}.
 *
 * <p>{@link #isLeader()} and the listeners follow the session's clock, so that a leader stops before etcd can elect the next one. Like
 * a lock, that does not bind a process that stands still; the {@linkplain Leadership#fence() fence} does.
 *
 * <p>A candidate takes a worker thread of the link as long as it is one.
 *
 * @see <a href="https://pkg.go.dev/go.etcd.io/etcd/client/v3/concurrency#Election">Election of etcd's Go client</a>
 */
public final class LeaderElection implements AutoCloseable {

    private static final System.Logger LOG = System.getLogger(LeaderElection.class.getName());

    private final EtcdLink link;
    private final TurnQueue queue;
    private final String name;
    private final Map<String, LeaderElection> candidates;
    private final Executor executor;
    private final Election election;
    private final List<LeadershipListener> listeners = new CopyOnWriteArrayList<>();
    private final Set<EtcdLink> observations = ConcurrentHashMap.newKeySet();

    private final Object lock = new Object();
    private @Nullable Candidacy candidacy;
    private CompletableFuture<Void> told = CompletableFuture.completedFuture(null);
    private boolean closed;

    /** @param candidates who of the session stands for which election */
    LeaderElection(EtcdLink link, Session session, String name, Map<String, LeaderElection> candidates) {
        this.link = link;
        this.candidates = candidates;
        this.name = name;
        // Whatever stands on the session's lease is this candidate, as in Go.
        queue = new TurnQueue(link, session, name, null);
        executor = link.executor();
        election = link.client().getElectionClient();
    }

    // ---- standing for it

    /**
     * Stands for the election from now on; does not wait.
     *
     * @param proposal what the others see of the leader
     * @throws IllegalStateException when this candidate stands already, or is closed; or another one of the session stands, or has not
     *     left the queue yet: on one lease both would lead, and the first to resign would depose the other
     */
    public void campaign(ByteSequence proposal) {
        Candidacy begun;
        synchronized (lock) {
            if (closed || (candidacy != null && !candidacy.isOver())) {
                throw new IllegalStateException("this candidate of the election \"" + name + "\" "
                        + (closed ? "is closed" : "stands already; proclaim another proposal, or resign first"));
            }
            LeaderElection other = candidates.putIfAbsent(name, this);
            if (other != null && other != this) {
                throw new IllegalStateException("another candidate of this session stands in the election \"" + name
                        + "\"; let that one resign first, or use another session");
            }
            CompletableFuture<?> before = candidacy == null ? told : candidacy.left();
            begun = new Candidacy(link, queue, ByteString.copyFrom(proposal.getBytes()), before, this::tell);
            candidacy = begun;
        }
        var unused = begun.left().whenComplete((left, failure) -> over(begun));
        executor.execute(begun);
    }

    private void over(Candidacy ended) {
        synchronized (lock) {
            if (candidacy == ended) {
                candidates.remove(name, this);
            }
        }
    }

    /**
     * Waits until this candidate leads.
     *
     * @param wait zero or more
     * @return true when it leads now; false when the time was not enough, or it does not stand
     * @throws InterruptedException when interrupted while waiting; the candidacy goes on
     */
    public boolean awaitLeadership(Duration wait) throws InterruptedException {
        Candidacy standing = standing();
        return standing != null && standing.awaitLeadership(Limit.of(wait, Duration.ZERO));
    }

    /** Whether this process leads now, by the clock; does not block. */
    public boolean isLeader() {
        return leadership().isPresent();
    }

    /** The leadership as long as this process leads, by the clock; does not block. */
    public Optional<Leadership> leadership() {
        Candidacy standing = standing();
        return Optional.ofNullable(standing == null ? null : standing.leadership())
                .filter(Leadership::isHeld);
    }

    /**
     * Changes what the others see of this leader; blocks, within twice the request timeout.
     *
     * @throws EtcdConflictException when this process does not lead any more; nothing was written
     * @throws EtcdInDoubtException when it may have been written; it is not written later than another proclamation
     */
    public void proclaim(ByteSequence proposal) {
        Candidacy standing = standing();
        if (standing == null) {
            throw RecipeErrors.notLeader(name, endpoints());
        }
        standing.proclaim(ByteString.copyFrom(proposal.getBytes()));
    }

    /**
     * Stands no longer, and leads no longer. Blocks until etcd knows, at most for about the request timeout; what etcd does not hear now
     * it is told in the background. Nothing when this candidate does not stand.
     */
    public void resign() {
        Candidacy standing = standing();
        if (standing != null) {
            standing.end();
        }
    }

    /**
     * Listens to the own leadership, from now on.
     *
     * @return ends the listening
     */
    public AutoCloseable onChange(LeadershipListener listener) {
        listeners.add(listener);
        return () -> listeners.remove(listener);
    }

    private @Nullable Candidacy standing() {
        synchronized (lock) {
            return candidacy;
        }
    }

    private void tell(BiConsumer<LeadershipListener, Leadership> what, Leadership leadership) {
        synchronized (lock) {
            for (LeadershipListener listener : listeners) {
                told = told.thenRunAsync(() -> guarded(() -> what.accept(listener, leadership), listener), executor);
            }
        }
    }

    private static void guarded(Runnable call, Object listener) {
        try {
            call.run();
        } catch (RuntimeException | Error e) {
            LOG.log(
                    Level.ERROR,
                    "a listener of an election, " + listener.getClass().getName() + ", failed",
                    e);
        }
    }

    // ---- looking at it

    /**
     * Who leads, as etcd knows it; blocks within the request timeout.
     *
     * @return empty when nobody leads
     * @throws EtcdException when etcd cannot be asked
     */
    public Optional<Leader> leader() {
        try {
            return Optional.of(leader(Answers.join(election.leader(ByteSequence.from(name, UTF_8)))));
        } catch (NoLeaderException e) {
            return Optional.empty();
        }
    }

    /**
     * Follows the leader, beginning with the present one, through interruptions. Between two looks leaders may be left out; the last one
     * never is.
     *
     * @param onLeader hears of each leader and each proclamation, one at a time and in order
     * @param onFailure hears when etcd refuses it for good; nothing follows
     * @return ends it; a call that runs may still end
     */
    public AutoCloseable observe(Consumer<Leader> onLeader, Consumer<EtcdException> onFailure) {
        EtcdLink own = link.retain();
        observations.add(own);
        own.client().getElectionClient().observe(ByteSequence.from(name, UTF_8), new Election.Listener() {
            @Override
            public void onNext(LeaderResponse response) {
                if (observations.contains(own)) {
                    onLeader.accept(leader(response));
                }
            }

            @Override
            public void onError(Throwable failure) {
                if (observations.contains(own) && failure instanceof EtcdException known) {
                    onFailure.accept(known);
                }
            }

            @Override
            public void onCompleted() {}
        });
        return () -> endObservation(own);
    }

    private void endObservation(EtcdLink own) {
        observations.remove(own);
        own.close();
    }

    private static Leader leader(LeaderResponse response) {
        var kv = response.getKv();
        return new Leader(kv.getKey(), kv.getValue(), kv.getCreateRevision(), kv.getModRevision(), kv.getLease());
    }

    private String endpoints() {
        return String.join(",", link.config().endpoints());
    }

    /** Resigns and ends the observations. Further calls do nothing. */
    @Override
    public void close() {
        synchronized (lock) {
            closed = true;
        }
        resign();
        observations.forEach(this::endObservation);
    }
}
