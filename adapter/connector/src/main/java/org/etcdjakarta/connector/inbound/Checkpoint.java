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
    Staged stage(TxSession session, long revision) {
        Position next = position.at(revision, node);
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
     * @throws org.etcdjakarta.EtcdException etcd does not answer; it may still be another
     * @throws IllegalArgumentException what is there is no checkpoint of this watch
     */
    void refresh() {
        if (!stale) {
            return;
        }
        OwnRecord now = engine.readOwn(name);
        if (!now.isAbsent()) {
            Position there = Checkpoints.decode(name, now);
            if (there.lanes() != position.lanes() || !there.range().equals(position.range())) {
                throw InboundMessages.otherCheckpoint(name, there, position);
            }
            position = there;
        }
        seen = now;
        stale = false;
    }
}
