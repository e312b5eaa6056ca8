package org.etcdjakarta.core.tx;

import com.google.protobuf.ByteString;
import io.etcd.jetcd.api.KeyValue;
import io.etcd.jetcd.api.RangeRequest;
import io.etcd.jetcd.api.RangeResponse;
import io.etcd.jetcd.api.RequestOp;
import java.util.List;
import org.etcdjakarta.EtcdException;
import org.etcdjakarta.core.link.KvProtocol;
import org.etcdjakarta.core.tx.PreparedBranches.Completion;
import org.jspecify.annotations.Nullable;

/**
 * How somebody else has ended a branch, found out in etcd's history: its record was deleted by the Txn that committed it, which
 * put its keys at the same revision, or by one that did nothing else. A few reads for a case that is rare: recovery by another
 * process, while the one that had prepared the branch was cut off, or an operator who has forgotten it at once.
 */
final class PostMortem {

    private final KvProtocol kv;

    PostMortem(KvProtocol kv) {
        this.kv = kv;
    }

    /**
     * DONE when it was committed, HEURISTICALLY_ROLLED_BACK when it was rolled back, UNKNOWN when etcd has compacted the history.
     *
     * @param record key of the prepare record, which is not there any more
     * @throws EtcdException etcd does not answer
     */
    Completion of(ByteString record, long preparedAt, List<RequestOp> operations) {
        try {
            long deleted = deletion(record, preparedAt);
            boolean applied = operations.stream().allMatch(operation -> wasApplied(operation, deleted));
            return applied ? Completion.DONE : Completion.HEURISTICALLY_ROLLED_BACK;
        } catch (EtcdException e) {
            if (TxErrors.isCompacted(e)) {
                return Completion.UNKNOWN;
            }
            throw e;
        }
    }

    /** The first revision without the record: it is there at one, and is not at the other, and was never put again. */
    private long deletion(ByteString record, long preparedAt) {
        long there = preparedAt;
        long gone = read(record, 0).getHeader().getRevision();
        while (gone - there > 1) {
            long middle = there + (gone - there) / 2;
            if (found(record, middle) == null) {
                gone = middle;
            } else {
                there = middle;
            }
        }
        return gone;
    }

    private boolean wasApplied(RequestOp operation, long revision) {
        if (operation.hasRequestPut()) {
            KeyValue then = found(operation.getRequestPut().getKey(), revision);
            return then != null && then.getModRevision() == revision;
        }
        return found(operation.getRequestDeleteRange().getKey(), revision) == null;
    }

    private @Nullable KeyValue found(ByteString key, long revision) {
        return read(key, revision).getKvsList().stream().findFirst().orElse(null);
    }

    private RangeResponse read(ByteString key, long revision) {
        return Await.answer(kv.range(RangeRequest.newBuilder()
                .setKey(key)
                .setKeysOnly(true)
                .setRevision(revision)
                .build()));
    }
}
