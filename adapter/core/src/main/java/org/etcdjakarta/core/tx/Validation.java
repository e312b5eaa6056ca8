package org.etcdjakarta.core.tx;

import com.google.protobuf.ByteString;

/** Chooses, of what a transaction reads and writes, what its commit compares: the {@link Isolation}, as it is carried out. */
final class Validation {

    private final Isolation isolation;
    private final Snapshot snapshot;
    private final Guards guards;

    Validation(Isolation isolation, Snapshot snapshot, Guards guards) {
        this.isolation = isolation;
        this.snapshot = snapshot;
        this.guards = guards;
    }

    /** @param seen mod revision, 0 when absent */
    void read(ByteString key, long seen) {
        if (isolation == Isolation.SERIALIZABLE) {
            guards.key(key, seen);
        }
    }

    void read(KeyRange range) {
        if (isolation == Isolation.SERIALIZABLE) {
            guards.range(range);
        }
    }

    /** At SNAPSHOT asks etcd for the key, without its value, unless the snapshot knows it. */
    void written(ByteString key) {
        if (isolation == Isolation.SNAPSHOT) {
            guards.key(key, snapshot.modRevision(key));
        }
    }

    /** A key that is absent in the snapshot is not written any more. */
    void takenBack(ByteString key) {
        if (isolation == Isolation.SNAPSHOT) {
            guards.forgetAbsent(key);
        }
    }

    /** The writes of the operation under way are taken back. What it has read counts: the failure itself may have told of it. */
    void failed() {
        if (isolation != Isolation.SERIALIZABLE) {
            guards.undo();
        }
    }
}
