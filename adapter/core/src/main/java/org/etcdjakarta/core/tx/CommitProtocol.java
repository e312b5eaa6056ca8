package org.etcdjakarta.core.tx;

import org.etcdjakarta.EtcdException;
import org.etcdjakarta.core.link.KvProtocol;
import org.etcdjakarta.core.tx.IntentGuard.Need;
import org.jspecify.annotations.Nullable;

/**
 * One-phase commit: one Txn, one round trip; the writes guarded by the reads, by the slot and by what others have prepared.
 *
 * <p>Nothing written: nothing sent. What was read is all of the revision R0, and that is where the transaction takes effect: a
 * prepared branch that has not been completed at R0 takes effect later, at the revision of its commit, and until then nobody can
 * have seen anything of it, since it has written nothing; and it could not have been completed earlier on the ground of something
 * that this transaction wrote, as it has written nothing either. So to put it at R0 is serializable, and strictly so, because the
 * first read was linearizable.
 */
final class CommitProtocol {

    private CommitProtocol() {}

    /**
     * Returns the revision at which it was applied; 0 when nothing was written.
     *
     * @param xid null for a local transaction
     * @throws org.etcdjakarta.EtcdConflictException nothing applied
     * @throws InDoubt answer lost, and etcd stayed away for the settling time
     * @throws EtcdException nothing applied
     */
    static long commit(SharedEngine engine, KvProtocol kv, Changes changes, @Nullable BranchXid xid) {
        return changes.isReadOnly() ? 0 : new Submission(engine, kv).submit(new OnePhase(engine, changes, xid));
    }

    private record OnePhase(SharedEngine engine, Changes changes, @Nullable BranchXid xid)
            implements Submission.Content {

        /** Only what it writes: it takes effect now, before what others have prepared and will write. */
        @Override
        public Need need() {
            return new Need(changes.written(), Footprint.NONE, xid);
        }

        @Override
        public Writes writes() {
            return Writes.APPLIED;
        }

        @Override
        public EtcdException fenced(EtcdException lost) {
            return TxErrors.commitFenced(engine.endpoint(), lost);
        }

        @Override
        public EtcdException inDoubt(Doubt doubt, EtcdException lost) {
            return TxErrors.commitInDoubt(
                    changes.writes().size(), doubt, engine.settlingTime(), engine.endpoint(), lost);
        }
    }
}
