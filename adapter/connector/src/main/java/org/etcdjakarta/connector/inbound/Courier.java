package org.etcdjakarta.connector.inbound;

import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.etcdjakarta.EtcdAccessException;
import org.etcdjakarta.EtcdConflictException;
import org.etcdjakarta.EtcdException;
import org.etcdjakarta.EtcdInDoubtException;
import org.etcdjakarta.EtcdUnavailableException;
import org.etcdjakarta.connector.inbound.Checkpoint.Staged;
import org.etcdjakarta.connector.inbound.Outcome.Kind;
import org.etcdjakarta.core.fence.Fences.Fence;
import org.etcdjakarta.core.recipe.Leadership;
import org.etcdjakarta.core.tx.TxEngine;
import org.etcdjakarta.core.tx.TxSession;
import org.jspecify.annotations.Nullable;

/**
 * Brings the items of one lane to the bean, one at a time: once more when it fails, into the dead letters when it fails for good. Says what
 * is to be done next; waiting is left to the lane.
 *
 * <p>Where there is a checkpoint, the truth about a delivery is in it and not in what the server reports: after anything but a clean
 * commit it is read again. What is nobody's fault does not count as a failure of the bean: no endpoint free, etcd away, a checkpoint that
 * somebody else has moved. So a batch is not parked because etcd was restarted.
 */
final class Courier {

    private static final System.Logger LOG = System.getLogger(Courier.class.getName());

    /** What the lane does next. */
    sealed interface Step {
        /** Takes the next item. */
        record Done() implements Step {}

        /** Tries the same item again after a pause. */
        record Again(Duration pause) implements Step {}

        /** Ends: the checkpoint lies before what this watch has delivered, and what is between has to be watched again. */
        record Rewind() implements Step {}
    }

    private static final Step DONE = new Step.Done();

    private final ActivationSettings settings;
    private final EndpointDelivery delivery;
    private final TxEngine engine;
    private final @Nullable Leadership leadership;
    private final Statistics statistics;
    private final Redelivery redelivery;
    private final int lane;

    /** Of all lanes; empty when nothing is durable. Those of others are touched for gaps only, while they are idle. */
    private final List<Checkpoint> checkpoints;

    private final TxSession session;

    /** Of the item under way. */
    private int failures;

    private int waits;

    /** It may have been committed. */
    private boolean uncertain;

    Courier(
            ActivationSettings settings,
            EndpointDelivery delivery,
            TxEngine engine,
            @Nullable Leadership leadership,
            Statistics statistics,
            List<Checkpoint> checkpoints,
            int lane) {
        this.settings = settings;
        this.delivery = delivery;
        this.engine = engine;
        this.leadership = leadership;
        this.statistics = statistics;
        this.checkpoints = checkpoints;
        this.lane = lane;
        redelivery = new Redelivery(settings.maxRedeliveries(), settings.redeliveryDelay());
        session = engine.newSession();
    }

    /** One try. */
    Step deliver(Item item, long deliveredBefore) {
        Fence fence = leadership == null ? null : leadership.fence();
        Step step;
        try {
            step = tried(item, deliveredBefore);
        } catch (EtcdException | IllegalArgumentException e) {
            uncertain |= e instanceof EtcdInDoubtException;
            affected(item).forEach(Checkpoint::doubt);
            step = waitFor(item, e);
        } catch (RuntimeException | Error e) {
            // of the container: whoever lends the thread does not try again
            LOG.log(Level.ERROR, "an unexpected failure of a delivery", e);
            uncertain = true;
            affected(item).forEach(Checkpoint::doubt);
            step = waitFor(item, e);
        } finally {
            if (fence != null) {
                fence.close();
            }
        }
        if (!(step instanceof Step.Again)) {
            failures = 0;
            waits = 0;
            uncertain = false;
        }
        return step;
    }

    private Step tried(Item item, long deliveredBefore) {
        if (item instanceof Item.Lost lost) {
            // of a restored backup: a checkpoint may say anything, and does not tell that the gap has been delivered
            affected(item).forEach(Checkpoint::doubt);
            affected(item).forEach(Checkpoint::refresh);
            boolean tells = uncertain || !lost.isOfAnotherHistory();
            return tells && isRecorded(item) ? DONE : deliver(item);
        }
        for (Checkpoint checkpoint : affected(item)) {
            checkpoint.refresh();
            long recorded = checkpoint.position().revision();
            if (recorded < deliveredBefore) {
                return new Step.Rewind();
            }
            if (recorded >= item.revision() && (checkpoint.isRecorded() || item instanceof Item.Changes)) {
                return DONE;
            }
        }
        return item instanceof Item.Progress || item instanceof Item.Begun ? record(item) : deliver(item);
    }

    private boolean isRecorded(Item item) {
        return settings.isDurable()
                && affected(item).stream()
                        .allMatch(checkpoint ->
                                checkpoint.isRecorded() && checkpoint.position().revision() >= item.revision());
    }

    private List<Checkpoint> affected(Item item) {
        if (checkpoints.isEmpty() || item instanceof Item.Lost || item instanceof Item.Begun) {
            return checkpoints;
        }
        return List.of(checkpoints.get(lane));
    }

    private Step deliver(Item item) {
        boolean transacted = delivery.isTransacted(item);
        boolean within = transacted && settings.isDurable();
        List<Staged> staged = new ArrayList<>();
        Outcome outcome;
        try {
            outcome = delivery.deliver(item, within ? session.xaResource() : null, () -> {
                if (within) {
                    stage(item, staged);
                }
            });
        } finally {
            session.reset();
        }
        return switch (outcome.kind()) {
            case DELIVERED -> delivered(item, within, staged);
            case NOT_CALLED -> waitFor(item, outcome.cause());
            case FAILED, UNKNOWN -> failed(item, outcome);
        };
    }

    private void stage(Item item, List<Staged> staged) {
        if (!session.inTransaction()) {
            throw InboundMessages.notEnlisted(settings);
        }
        for (Checkpoint checkpoint : affected(item)) {
            staged.add(checkpoint.stage(session, item));
        }
    }

    private Step delivered(Item item, boolean within, List<Staged> staged) {
        if (within) {
            List<Checkpoint> moved = affected(item);
            for (int i = 0; i < moved.size(); i++) {
                moved.get(i).committed(staged.get(i));
            }
        } else if (settings.isDurable()) {
            write(item, inOwn -> {});
        }
        count(item);
        return DONE;
    }

    private void count(Item item) {
        if (item instanceof Item.Lost) {
            statistics.gaps.increment();
        } else {
            statistics.delivered.increment();
        }
        statistics.reached(item.revision());
    }

    private Step failed(Item item, Outcome outcome) {
        affected(item).forEach(Checkpoint::doubt);
        uncertain |= outcome.kind() == Kind.UNKNOWN;
        // throws when etcd is away: then nobody knows whether it was the bean's fault
        boolean moved = probe(item);
        // by this try, or by somebody else who was faster
        boolean done = uncertain
                ? isRecorded(item) || (!settings.isDurable() && outcome.cause() == null)
                : item instanceof Item.Changes && isRecorded(item);
        if (done) {
            count(item);
            return DONE;
        }
        uncertain = false;
        Throwable cause = outcome.cause() == null ? InboundMessages.rolledBack(settings) : outcome.cause();
        statistics.failure(cause);
        if (moved || isNobodysFault(cause) || lostLeadership()) {
            return waitFor(item, cause);
        }
        failures++;
        statistics.failed.increment();
        if (redelivery.givesUp(failures)) {
            LOG.log(Level.WARNING, InboundMessages.failed(settings, item, failures, null), cause);
            park(item, cause);
            return DONE;
        }
        Duration pause = redelivery.afterFailure(failures);
        LOG.log(Level.WARNING, InboundMessages.failed(settings, item, failures, pause), cause);
        return new Step.Again(pause);
    }

    /** Throws when etcd is away; true when somebody else has moved a checkpoint. */
    private boolean probe(Item item) {
        boolean moved = false;
        if (settings.isDurable()) {
            for (Checkpoint checkpoint : affected(item)) {
                moved |= checkpoint.refresh();
            }
        } else {
            try {
                var unused = engine.readOwn("c/");
            } catch (EtcdAccessException answered) {
                LOG.log(Level.DEBUG, "etcd is there, and the user may not read the adapter's records", answered);
            }
        }
        return moved;
    }

    private boolean lostLeadership() {
        return leadership != null && !leadership.isHeld();
    }

    /** etcd is away, or somebody else has changed what the bean has read; that one has come further, so it does not go on for ever. */
    private static boolean isNobodysFault(Throwable failure) {
        return Causes.of(failure).stream()
                .anyMatch(cause -> cause instanceof EtcdUnavailableException
                        || cause instanceof EtcdInDoubtException
                        || cause instanceof EtcdConflictException);
    }

    /** Together with the checkpoint: it is either delivered again or parked. What can't be parked is not lost, it is tried again. */
    private void park(Item item, Throwable reason) {
        String prefix = settings.deadLetterPrefix();
        if (prefix == null) {
            throw new IllegalStateException("a limit of redeliveries without dead letters");
        }
        DeadLetters letters = new DeadLetters(settings, prefix);
        int attempts = failures;
        write(item, inOwn -> letters.put(inOwn, item, lane, attempts, reason));
        statistics.parked.increment();
        statistics.reached(item.revision());
        LOG.log(Level.ERROR, InboundMessages.parked(settings, item, letters.key(item, lane), attempts));
    }

    private Step record(Item item) {
        write(item, inOwn -> {});
        return DONE;
    }

    private interface Writes {
        void in(TxSession own);
    }

    /** In a transaction of the adapter's own, with the checkpoints if there are any. */
    private void write(Item item, Writes writes) {
        session.begin();
        List<Staged> staged = new ArrayList<>();
        try {
            writes.in(session);
            if (settings.isDurable()) {
                for (Checkpoint checkpoint : affected(item)) {
                    staged.add(checkpoint.stage(session, item));
                }
            }
            session.commit();
        } finally {
            session.reset();
        }
        List<Checkpoint> moved = affected(item);
        for (int i = 0; i < moved.size(); i++) {
            moved.get(i).committed(staged.get(i));
        }
    }

    private Step waitFor(Item item, @Nullable Throwable cause) {
        waits++;
        statistics.waits.increment();
        statistics.failure(cause);
        Duration pause = Redelivery.afterWait(waits);
        LOG.log(
                waits == 5 ? Level.WARNING : Level.DEBUG,
                InboundMessages.waits(settings, item, pause, String.valueOf(cause)));
        return new Step.Again(pause);
    }

    /** What was left in the middle is rolled back. */
    void end() {
        session.reset();
    }
}
