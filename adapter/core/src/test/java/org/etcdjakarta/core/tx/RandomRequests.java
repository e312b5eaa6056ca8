package org.etcdjakarta.core.tx;

import com.google.protobuf.ByteString;
import io.etcd.jetcd.api.Compare;
import io.etcd.jetcd.api.DeleteRangeRequest;
import io.etcd.jetcd.api.PutRequest;
import io.etcd.jetcd.api.RangeRequest;
import io.etcd.jetcd.api.RequestOp;
import io.etcd.jetcd.api.TxnRequest;
import java.util.List;
import java.util.Random;
import org.etcdjakarta.core.link.LeaseCompare;

/** Requests with all their options, over few keys so that they meet. */
final class RandomRequests {

    /** Around the reserved prefix /r/, so that many ranges span it. */
    static final List<String> KEYS = List.of("/a", "/b", "/b/1", "/b/2", "/q", "/s", "/t", "/t/1", "b", "c");

    /** What puts hang their keys on. */
    static final List<Long> LEASES = List.of(1L, 2L, 3L);

    private static final List<String> BOUNDS =
            List.of("\0", "/", "/a", "/b", "/b/", "/b/2", "/r", "/s", "/t", "b", "d");

    private final Random random;
    private final long revisions;

    /** @param revisions bounds and compares are about revisions up to this one */
    RandomRequests(Random random, long revisions) {
        this.random = random;
        this.revisions = revisions;
    }

    RangeRequest range() {
        RangeRequest.Builder range = RangeRequest.newBuilder()
                .setLimit(one(3) ? 1 + random.nextInt(5) : 0)
                .setSortOrderValue(random.nextInt(3))
                .setSortTargetValue(one(2) ? 0 : random.nextInt(5))
                .setSerializable(one(5))
                .setKeysOnly(one(5))
                .setCountOnly(one(8));
        if (one(4)) {
            range.setMinModRevision(revision()).setMaxModRevision(revision());
        }
        if (one(4)) {
            range.setMinCreateRevision(revision()).setMaxCreateRevision(revision());
        }
        if (one(3)) {
            return range.setKey(key()).build();
        }
        return range.setKey(bound()).setRangeEnd(bound()).build();
    }

    PutRequest put() {
        PutRequest.Builder put = PutRequest.newBuilder().setKey(key()).setPrevKv(one(3));
        if (one(8)) {
            put.setIgnoreValue(true);
        } else {
            put.setValue(value());
        }
        if (one(8)) {
            put.setIgnoreLease(true);
        } else if (one(3)) {
            put.setLease(LEASES.get(random.nextInt(LEASES.size())));
        }
        return put.build();
    }

    DeleteRangeRequest delete() {
        DeleteRangeRequest.Builder delete = DeleteRangeRequest.newBuilder().setPrevKv(one(2));
        return one(2)
                ? delete.setKey(key()).build()
                : delete.setKey(bound()).setRangeEnd(bound()).build();
    }

    TxnRequest txn(int depth) {
        TxnRequest.Builder txn = TxnRequest.newBuilder();
        for (int i = random.nextInt(3); i > 0; i--) {
            txn.addCompare(compare());
        }
        for (int i = random.nextInt(4); i > 0; i--) {
            txn.addSuccess(operation(depth));
        }
        for (int i = random.nextInt(3); i > 0; i--) {
            txn.addFailure(operation(depth));
        }
        return txn.build();
    }

    private RequestOp operation(int depth) {
        RequestOp.Builder operation = RequestOp.newBuilder();
        switch (random.nextInt(depth > 0 ? 4 : 3)) {
            case 0 -> operation.setRequestRange(range());
            case 1 -> operation.setRequestPut(put());
            case 2 -> operation.setRequestDeleteRange(delete());
            default -> operation.setRequestTxn(txn(depth - 1));
        }
        return operation.build();
    }

    private Compare compare() {
        Compare.Builder compare = Compare.newBuilder()
                .setKey(key())
                .setResultValue(random.nextInt(4))
                .setTargetValue(random.nextInt(5));
        switch (compare.getTarget()) {
            case VERSION -> compare.setVersion(random.nextInt(3));
            case CREATE -> compare.setCreateRevision(revision());
            case MOD -> compare.setModRevision(revision());
            case VALUE -> compare.setValue(value());
            case UNRECOGNIZED -> LeaseCompare.set(compare, random.nextInt(4));
        }
        if (one(4)) {
            compare.setKey(bound()).setRangeEnd(bound());
        }
        return compare.build();
    }

    ByteString key() {
        return ByteString.copyFromUtf8(KEYS.get(random.nextInt(KEYS.size())));
    }

    ByteString value() {
        return ByteString.copyFromUtf8("v" + random.nextInt(6));
    }

    boolean one(int of) {
        return random.nextInt(of) == 0;
    }

    private ByteString bound() {
        return ByteString.copyFromUtf8(BOUNDS.get(random.nextInt(BOUNDS.size())));
    }

    private long revision() {
        return random.nextInt((int) revisions + 1);
    }
}
