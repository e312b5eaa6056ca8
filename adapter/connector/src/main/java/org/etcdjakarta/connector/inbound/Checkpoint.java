package org.etcdjakarta.connector.inbound;

import org.etcdjakarta.core.tx.OwnRecord;
import org.etcdjakarta.core.tx.OwnWrite;
import org.etcdjakarta.core.tx.TxEngine;
import org.etcdjakarta.core.tx.TxSession;

/**
 * Where one lane of a durable watch keeps how far it has come. It is written in the transaction in which the bean gets what moves it, so
 * that both happen or none; and that transaction commits only if the checkpoint is still the one that was seen. So of two who deliver the
 * same, in two processes or in one that believes to be alone, only one has an effect.
 *
 * <p>Confined to whoever delivers in the lane.
 */
final class Checkpoint {

    /** A write that its transaction may or may not have brought to etcd. */
    record Staged(Position position, OwnWrite write) {}

    private final TxEngine engine;
    private final String name;
    private final String node;
    private OwnRecord seen;
    private Position position;
    private boolean stale;

    Checkpoint(TxEngine engine, String name, String node, OwnRecord seen, Position position) {
        this.engine = engine;
        this.name = name;
        this.node = node;
        this.seen = seen;
        this.position = position;
    }

    /** As last seen in etcd or written. */
    Position position() {
        return position;
    }

    boolean isRecorded() {
        return !seen.isAbsent();
    }

    /** In the transaction that the session is in. */
    Staged stage(TxSession session, Item item) {
        return stage(
                session,
                item instanceof Item.Lost lost
                        ? position.behindGap(behind(lost), node)
                        : position.at(item.revision(), node));
    }

    /** Somebody else may have told the gap, and what follows: only another history takes that back. */
    private long behind(Item.Lost lost) {
        return lost.isOfAnotherHistory() ? lost.revision() : Math.max(lost.revision(), position.revision());
    }

    private Staged stage(TxSession session, Position next) {
        return new Staged(next, session.replaceOwn(name, seen, next.encode()));
    }

    /** Its transaction has committed. */
    void committed(Staged staged) {
        position = staged.position();
        staged.write().committed().ifPresentOrElse(written -> seen = written, this::doubt);
    }

    /** What is in etcd may be another by now. */
    void doubt() {
        stale = true;
    }

    /**
     * Reads it if it may be another. One that somebody has deleted is as it was last seen.
     *
     * @return true when it is another than was last seen or written
     * @throws org.etcdjakarta.EtcdException etcd does not answer; it may still be another
     * @throws IllegalArgumentException what is there is no checkpoint of this watch
     */
    boolean refresh() {
        if (!stale) {
            return false;
        }
        OwnRecord now = engine.readOwn(name);
        if (!now.isAbsent()) {
            Position there = Checkpoints.decode(name, now);
            if (there.lanes() != position.lanes() || !there.range().equals(position.range())) {
                throw InboundMessages.otherCheckpoint(name, there, position);
            }
            position = there;
        }
        boolean moved = now.modRevision() != seen.modRevision();
        seen = now;
        stale = false;
        return moved;
    }
}
