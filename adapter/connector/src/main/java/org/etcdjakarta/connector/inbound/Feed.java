package org.etcdjakarta.connector.inbound;

import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.IntPredicate;
import java.util.function.LongSupplier;
import org.etcdjakarta.EtcdBatch;
import org.etcdjakarta.EtcdException;
import org.etcdjakarta.EtcdGap;
import org.etcdjakarta.core.fence.Fences.Fence;
import org.etcdjakarta.core.link.EtcdLink;
import org.etcdjakarta.core.recipe.Leadership;
import org.etcdjakarta.core.tx.TxEngine;
import org.etcdjakarta.core.watch.OnThrow;
import org.etcdjakarta.core.watch.RevisionBatch;
import org.etcdjakarta.core.watch.WatchConsumer;
import org.etcdjakarta.core.watch.WatchHub.Subscription;
import org.jspecify.annotations.Nullable;

/**
 * One time of delivering, from a checkpoint on: the watch, and the lanes that its changes are divided among. The watch waits while a lane
 * is full. What is lost is delivered while all lanes are idle: it lies before everything that follows in each of them.
 */
final class Feed implements WatchConsumer {

    private static final System.Logger LOG = System.getLogger(Feed.class.getName());

    /** A checkpoint that is left behind by changes of other keys is moved now and then, before etcd has compacted what it points to. */
    private static final long PROGRESS_NANOS = Duration.ofSeconds(30).toNanos();

    /** Hears that it has come to its end by itself. */
    interface Owner {

        /**
         * Called once or more often.
         *
         * @param failure null when it has to begin anew from the checkpoint
         */
        void ended(Feed feed, @Nullable EtcdException failure);
    }

    private final ActivationSettings settings;
    private final EtcdLink link;
    private final TxEngine engine;
    private final Server server;
    private final EndpointDelivery delivery;
    private final @Nullable Leadership leadership;
    private final Statistics statistics;
    private final Owner owner;

    /** Ended by any thread, also while the watch opens them. */
    private volatile List<Lane> lanes = List.of();

    private List<Checkpoint> checkpoints = List.of();

    /** No checkpoint is in etcd yet. */
    private boolean fresh;

    /** Where the lanes have begun; empty without checkpoints, and behind a gap. */
    private List<Position> begun = List.of();

    private volatile @Nullable Subscription subscription;
    private volatile boolean ended;
    private volatile boolean stood;
    private long progressAt = System.nanoTime();

    Feed(
            ActivationSettings settings,
            EtcdLink link,
            TxEngine engine,
            Server server,
            EndpointDelivery delivery,
            @Nullable Leadership leadership,
            Statistics statistics,
            Owner owner) {
        this.settings = settings;
        this.link = link;
        this.engine = engine;
        this.server = server;
        this.delivery = delivery;
        this.leadership = leadership;
        this.statistics = statistics;
        this.owner = owner;
    }

    /**
     * Begins where the checkpoint says; without one where this process has left off, or where the settings say.
     *
     * @param leftOff up to which everything was delivered in this process; 0 when nothing was
     * @throws EtcdException etcd does not answer; nothing has begun
     * @throws IllegalArgumentException the checkpoint is none of this watch; nothing has begun
     */
    void begin(long leftOff) {
        long from = underLeadership(() -> start(leftOff));
        subscription = link.watches().subscribe(settings.watch(from), this, link.executor(), OnThrow.STOP);
        if (ended) {
            closeWatch();
        }
    }

    /** Who leads no more does not divide the checkpoints of the one who does. */
    private long underLeadership(LongSupplier start) {
        if (leadership == null) {
            return start.getAsLong();
        }
        Fence fence = leadership.fence();
        try {
            return start.getAsLong();
        } finally {
            fence.close();
        }
    }

    /** Returns the first revision wanted; 0 for "from now", and then there are no lanes before the watch stands. */
    private long start(long leftOff) {
        String name = settings.durableName();
        if (name != null) {
            checkpoints = Checkpoints.open(
                    engine,
                    name,
                    settings.range(),
                    settings.concurrency(),
                    settings.tx().node());
            if (!checkpoints.isEmpty()) {
                openLanes(checkpoints.stream()
                        .map(checkpoint -> checkpoint.position().revision())
                        .toList());
                return lanes.stream().mapToLong(Lane::delivered).min().orElse(0) + 1;
            }
        }
        long delivered = leftOff > 0 ? leftOff : settings.startRevision() - 1;
        if (delivered < 0) {
            return 0;
        }
        openAt(delivered);
        return delivered + 1;
    }

    private void openAt(long delivered) {
        String name = settings.durableName();
        if (name != null) {
            checkpoints = Checkpoints.fresh(
                    engine,
                    name,
                    settings.range(),
                    settings.concurrency(),
                    delivered,
                    settings.tx().node());
            fresh = true;
        }
        List<Long> positions = new ArrayList<>();
        for (int lane = 0; lane < settings.concurrency(); lane++) {
            positions.add(delivered);
        }
        openLanes(positions);
    }

    private void openLanes(List<Long> positions) {
        begun = checkpoints.stream().map(Checkpoint::position).toList();
        List<Lane> opened = new ArrayList<>();
        for (int lane = 0; lane < positions.size(); lane++) {
            Courier courier = new Courier(settings, delivery, engine, leadership, statistics, checkpoints, lane);
            opened.add(new Lane(
                    settings,
                    courier,
                    server,
                    positions.get(lane),
                    (pause, task) -> link.later(pause, task),
                    () -> owner.ended(this, null)));
        }
        lanes = List.copyOf(opened);
        if (ended) {
            lanes.forEach(Lane::end);
        }
    }

    @Override
    public void onCreated(long revision) {
        stood = true;
        if (lanes.isEmpty()) {
            openAt(revision);
        }
        statistics.reached(lanes.stream().mapToLong(Lane::delivered).min().orElse(0));
        if (fresh && awaitIdle()) {
            // so that nothing is missed by who begins next, also when nothing ever comes
            fresh = !(offer(0, new Item.Begun(lanes.get(0).delivered())) && awaitIdle());
        }
    }

    @Override
    public void onBatch(RevisionBatch batch) {
        Map<Integer, EtcdBatch<byte[]>> parts =
                Batches.byLane(batch, lanes.size(), (lane, hash) -> isNew(lane, hash, batch.revision()));
        parts.forEach((lane, part) -> offer(lane, new Item.Changes(part)));
        nothingFor(lane -> !parts.containsKey(lane), batch.revision());
    }

    /** Before there was another number of lanes it may have been delivered; and lanes are not equally far when they begin. */
    private boolean isNew(int lane, int hash, long revision) {
        return begun.isEmpty() || !begun.get(lane).delivered(hash, revision);
    }

    @Override
    public void onProgress(long revision) {
        nothingFor(lane -> true, revision);
    }

    private void nothingFor(IntPredicate those, long revision) {
        boolean due = settings.isDurable() && System.nanoTime() - progressAt > PROGRESS_NANOS;
        if (due) {
            progressAt = System.nanoTime();
        }
        for (int lane = 0; lane < lanes.size(); lane++) {
            if (those.test(lane)) {
                if (due) {
                    offer(lane, new Item.Progress(revision));
                } else if (!settings.isDurable()) {
                    lanes.get(lane).nothingUpTo(revision);
                }
            }
        }
    }

    @Override
    public void onGap(EtcdGap gap) {
        if (lanes.isEmpty()) {
            openAt(gap.revision());
        }
        if (awaitIdle() && offer(0, new Item.Lost(gap)) && awaitIdle()) {
            lanes.forEach(lane -> lane.wentTo(gap.revision()));
            // revisions may begin anew there, and what is not is told by the gap
            begun = List.of();
            fresh = false;
        }
    }

    private boolean awaitIdle() {
        try {
            for (Lane lane : lanes) {
                if (!lane.awaitIdle()) {
                    return false;
                }
            }
            return true;
        } catch (InterruptedException e) {
            return interrupted();
        }
    }

    /** False when deliveries have ended: what the watch still brings is not taken, and is watched again from the checkpoint. */
    private boolean offer(int lane, Item item) {
        try {
            return lanes.get(lane).offer(item);
        } catch (InterruptedException e) {
            return interrupted();
        }
    }

    private boolean interrupted() {
        Thread.currentThread().interrupt();
        end();
        owner.ended(this, null);
        return false;
    }

    @Override
    public void onFailure(EtcdException failure) {
        owner.ended(this, failure);
    }

    boolean isEnded() {
        return ended;
    }

    /** Whether the watch has ever stood at etcd. */
    boolean hasStood() {
        return stood;
    }

    /** Begins no delivery any more; does not wait for those under way. */
    void end() {
        ended = true;
        lanes.forEach(Lane::end);
    }

    /**
     * Waits for deliveries under way, interrupts those that take longer, and waits for them once more.
     *
     * @return up to which everything is delivered; 0 when nothing has begun
     */
    long awaitEnd(Duration grace, Duration afterInterrupt) {
        end();
        closeWatch();
        List<Lane> running = running(lanes, grace);
        running.forEach(lane -> lane.interrupt(grace));
        running(running, afterInterrupt).forEach(lane -> LOG.log(Level.ERROR, InboundMessages.stillRunning(settings)));
        return lanes.stream().mapToLong(Lane::delivered).min().orElse(0);
    }

    /** Those that deliver still after that time. */
    private static List<Lane> running(List<Lane> ending, Duration most) {
        long began = System.nanoTime();
        List<Lane> running = new ArrayList<>();
        for (Lane lane : ending) {
            Duration left = most.minusNanos(System.nanoTime() - began);
            if (!lane.awaitEnd(left.isNegative() ? Duration.ZERO : left)) {
                running.add(lane);
            }
        }
        return running;
    }

    private void closeWatch() {
        Subscription running = subscription;
        if (running != null) {
            running.close();
        }
    }
}
