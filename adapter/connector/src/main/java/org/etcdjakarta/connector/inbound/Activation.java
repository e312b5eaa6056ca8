package org.etcdjakarta.connector.inbound;

import io.etcd.jetcd.ByteSequence;
import jakarta.resource.ResourceException;
import jakarta.resource.spi.endpoint.MessageEndpointFactory;
import java.lang.System.Logger.Level;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.etcdjakarta.EtcdException;
import org.etcdjakarta.core.link.EtcdLink;
import org.etcdjakarta.core.recipe.LeaderElection;
import org.etcdjakarta.core.recipe.Leadership;
import org.etcdjakarta.core.recipe.LeadershipListener;
import org.etcdjakarta.core.recipe.Recipes;
import org.etcdjakarta.core.session.Session;
import org.etcdjakarta.core.tx.TxEngine;
import org.jspecify.annotations.Nullable;

/**
 * One endpoint from its activation to its deactivation: whether it delivers, stands by for another node, or is paused. Feeds come and go
 * meanwhile, one at a time: the steps that begin and end them run one after the other, whatever thread asked for them.
 *
 * <p>Nothing waits for etcd at activation: a server with its applications starts also when etcd is away, and delivery begins when it is
 * back.
 */
final class Activation implements ActivationMXBean, LeadershipListener, Feed.Owner {

    private static final System.Logger LOG = System.getLogger(Activation.class.getName());

    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(30);

    private enum State {
        STANDBY,
        BEGINNING,
        DELIVERING,
        PAUSED,
        STOPPED
    }

    private final ActivationSettings settings;
    private final Server server;
    private final EndpointDelivery delivery;
    private final Duration grace;
    private final Statistics statistics = new Statistics();
    private final EtcdLink link;
    private final TxEngine engine;
    private final @Nullable Coordination coordination;

    // from here on: guarded by this

    /** The steps, each after the one before. */
    private CompletableFuture<Void> steps = CompletableFuture.completedFuture(null);

    private State state;

    /** Under which it delivers; null also when it needs none. */
    private @Nullable Leadership leadership;

    /** Set by steps only. */
    private @Nullable Feed feed;

    // of the steps only
    private long leftOff;
    private int attempts;

    /** What a singleton has besides. */
    private record Coordination(EtcdLink link, Session session, LeaderElection election) {

        static Coordination of(ActivationSettings settings) {
            EtcdLink link = EtcdLink.open(settings.coordination());
            Session session = link.newSession();
            String name = settings.tx().reservedPrefix() + "e/" + settings.durableName();
            return new Coordination(link, session, new Recipes(link, session).election(name));
        }

        void close() {
            try {
                election.close();
                session.close();
            } finally {
                link.close();
            }
        }
    }

    /**
     * @param grace how long deliveries under way may take when this is stopped, before they are interrupted
     * @param leftOff up to which this endpoint has got everything in its last activation; 0 when there was none
     */
    Activation(ActivationSettings settings, Server server, MessageEndpointFactory factory, Duration grace, long leftOff)
            throws ResourceException {
        this.settings = settings;
        this.server = server;
        this.grace = grace;
        this.leftOff = leftOff;
        delivery = new EndpointDelivery(factory, server.transactions());
        state = settings.singleton() ? State.STANDBY : State.BEGINNING;
        link = EtcdLink.open(settings.link());
        engine = TxEngine.open(settings.link(), settings.tx());
        coordination = settings.singleton() ? Coordination.of(settings) : null;
    }

    /** Does not wait. */
    void start() {
        Coordination shared = coordination;
        if (shared == null) {
            step(this::begin);
        } else {
            var unused = shared.election().onChange(this);
            stand(shared);
        }
    }

    private void stand(Coordination shared) {
        shared.election().campaign(ByteSequence.from(settings.tx().node(), StandardCharsets.UTF_8));
    }

    @Override
    public void onElected(Leadership elected) {
        synchronized (this) {
            if (state != State.STANDBY) {
                return;
            }
            leadership = elected;
            state = State.BEGINNING;
        }
        step(this::begin);
    }

    /** First of all no delivery begins any more: what is under way cannot commit, it would be in vain. */
    @Override
    public synchronized void onLost(Leadership lost) {
        if (leadership != lost) {
            return;
        }
        leadership = null;
        if (state == State.BEGINNING || state == State.DELIVERING) {
            state = State.STANDBY;
        }
        endFeed();
        step(this::finish);
    }

    /** Together with the change of state: a feed that is just beginning tells by it whether it is the one that is wanted. */
    private void endFeed() {
        Feed running = feed;
        if (running != null) {
            running.end();
        }
    }

    private synchronized void step(Runnable step) {
        steps = steps.thenRunAsync(
                () -> {
                    try {
                        step.run();
                    } catch (RuntimeException | Error e) {
                        // else the steps that follow would be left out
                        LOG.log(Level.ERROR, "an unexpected failure of the delivery of " + settings, e);
                    }
                },
                link.executor());
    }

    private void begin() {
        Feed begun;
        synchronized (this) {
            if (state != State.BEGINNING || feed != null) {
                return;
            }
            begun = new Feed(settings, link, engine, server, delivery, leadership, statistics, this);
            feed = begun;
        }
        try {
            begun.begin(leftOff);
            synchronized (this) {
                if (state == State.BEGINNING && !begun.isEnded()) {
                    state = State.DELIVERING;
                }
            }
        } catch (RuntimeException e) {
            statistics.failure(e);
            Duration pause = nextPause();
            LOG.log(attempts < 3 ? Level.DEBUG : Level.WARNING, InboundMessages.notBegun(settings, pause, e));
            finish();
            beginLater(pause);
        }
    }

    private Duration nextPause() {
        attempts++;
        Duration pause = Redelivery.afterWait(attempts);
        return pause.compareTo(LONGEST_PAUSE) < 0 ? pause : LONGEST_PAUSE;
    }

    private void beginLater(Duration pause) {
        var unused = link.later(pause, () -> {
            synchronized (this) {
                // the link of one that has stopped takes no steps
                if (state == State.BEGINNING) {
                    step(this::begin);
                }
            }
        });
    }

    /** A feed that has ended by itself. */
    @Override
    public void ended(Feed over, @Nullable EtcdException failure) {
        over.end();
        step(() -> {
            synchronized (this) {
                if (feed != over || state == State.STOPPED || state == State.PAUSED) {
                    return;
                }
                if (state == State.DELIVERING) {
                    state = State.BEGINNING;
                }
            }
            finish();
            if (over.hasStood()) {
                attempts = 0;
            }
            Duration pause = nextPause();
            if (failure != null) {
                statistics.failure(failure);
                LOG.log(Level.ERROR, InboundMessages.watchEnded(settings, pause), failure);
            }
            beginLater(pause);
        });
    }

    private void finish() {
        Feed over;
        synchronized (this) {
            over = feed;
        }
        if (over == null) {
            return;
        }
        long reached = over.awaitEnd(grace, Duration.ofSeconds(5));
        if (reached > 0) {
            // not the greatest of all: behind a restored backup revisions begin anew
            leftOff = reached;
        }
        synchronized (this) {
            feed = null;
        }
    }

    @Override
    public synchronized void pause() {
        if (state == State.STOPPED || state == State.PAUSED) {
            return;
        }
        state = State.PAUSED;
        leadership = null;
        endFeed();
        step(() -> {
            finish();
            Coordination shared = coordination;
            if (shared != null) {
                shared.election().resign();
            }
        });
    }

    @Override
    public synchronized void resume() {
        if (state != State.PAUSED) {
            return;
        }
        state = coordination == null ? State.BEGINNING : State.STANDBY;
        Coordination shared = coordination;
        step(shared == null ? this::begin : () -> stand(shared));
    }

    /**
     * Begins no delivery any more and waits for those under way; then leads no more, and has given back what it had.
     *
     * @return up to which the endpoint has got everything; 0 when it is not known
     */
    long stop() {
        CompletableFuture<Void> over;
        synchronized (this) {
            if (state == State.STOPPED) {
                return leftOff;
            }
            state = State.STOPPED;
            // what the election tells from now on comes too late: the link may be closed by then
            leadership = null;
            endFeed();
            step(this::finish);
            over = steps;
        }
        await(over);
        try {
            if (coordination != null) {
                coordination.close();
            }
        } finally {
            engine.close();
            link.close();
        }
        return leftOff;
    }

    /** Its steps have their own limits. */
    private void await(CompletableFuture<Void> over) {
        Duration most = grace.plus(settings.link().requestTimeout()).plusSeconds(30);
        try {
            over.get(most.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException | TimeoutException e) {
            LOG.log(Level.ERROR, InboundMessages.stillRunning(settings), e);
        }
    }

    @Override
    public synchronized String getState() {
        return state.name();
    }

    @Override
    public String getRange() {
        return settings.range();
    }

    @Override
    public String getDurableName() {
        String name = settings.durableName();
        return name == null ? "" : name;
    }

    @Override
    public long getLastRevision() {
        return statistics.lastRevision();
    }

    @Override
    public long getDelivered() {
        return statistics.delivered.sum();
    }

    @Override
    public long getFailed() {
        return statistics.failed.sum();
    }

    @Override
    public long getParked() {
        return statistics.parked.sum();
    }

    @Override
    public long getGaps() {
        return statistics.gaps.sum();
    }

    @Override
    public long getWaits() {
        return statistics.waits.sum();
    }

    @Override
    public String getLastFailure() {
        String failure = statistics.lastFailure();
        return failure == null ? "" : failure;
    }
}
