package org.etcdjakarta.core.tx;

import io.etcd.jetcd.api.TxnResponse;
import org.etcdjakarta.EtcdException;
import org.etcdjakarta.EtcdInDoubtException;
import org.etcdjakarta.core.link.KvProtocol;

/** One-phase commit: one Txn, the writes guarded by the reads. */
final class CommitProtocol {

    private CommitProtocol() {}

    /**
     * Nothing written: nothing sent, as the reads were all of one revision. A lost answer is not followed by a second try: the
     * first one may be applied at any moment, and its own writes would look like somebody else's.
     *
     * @throws org.etcdjakarta.EtcdConflictException nothing applied
     * @throws EtcdInDoubtException answer lost
     */
    static void commit(KvProtocol kv, String endpoint, Changes changes) {
        if (changes.isReadOnly()) {
            return;
        }
        TxnResponse answer;
        try {
            answer = Await.answer(
                    kv.txn(changes.guarded().addAllSuccess(changes.operations()).build()));
        } catch (EtcdException e) {
            if (e.effect() == EtcdException.Effect.IN_DOUBT) {
                throw TxErrors.commitInDoubt(changes.writes().size(), endpoint, e);
            }
            throw e;
        }
        if (!answer.getSucceeded()) {
            throw TxErrors.conflict(changes, changes.guards().broken(answer.getResponsesList()), endpoint);
        }
    }
}
