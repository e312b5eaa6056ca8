package org.etcdjakarta.embedded.service;

import com.google.protobuf.ByteString;
import com.google.protobuf.MessageLite;
import io.etcd.jetcd.api.Compare;
import io.etcd.jetcd.api.DeleteRangeRequest;
import io.etcd.jetcd.api.PutRequest;
import io.etcd.jetcd.api.RangeRequest;
import io.etcd.jetcd.api.RequestOp;
import io.etcd.jetcd.api.TxnRequest;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.etcdjakarta.embedded.store.EtcdStatus;
import org.etcdjakarta.embedded.store.KeyRange;

/** What etcd refuses before it looks at a single key. */
final class RequestChecks {

    /** etcd's defaults of --max-txn-ops and --max-request-bytes. */
    private static final int MAX_TXN_OPS = 128;

    private static final int MAX_REQUEST_BYTES = 1536 * 1024;

    /** What etcd's log adds to a request before it counts: its number and the field's header. */
    private static final int ENVELOPE_BYTES = 18;

    private RequestChecks() {}

    static void range(RangeRequest request) {
        key(request.getKey());
        // etcd 3.5 ends with a panic here; the words are those of 3.6.
        if (request.getSortTarget() == RangeRequest.SortTarget.UNRECOGNIZED) {
            throw EtcdStatus.invalidSortOption();
        }
    }

    static void put(PutRequest request) {
        key(request.getKey());
        if (request.getIgnoreValue() && !request.getValue().isEmpty()) {
            throw EtcdStatus.valueProvided();
        }
        if (request.getIgnoreLease() && request.getLease() != 0) {
            throw EtcdStatus.leaseProvided();
        }
    }

    static void deleteRange(DeleteRangeRequest request) {
        key(request.getKey());
    }

    static void txn(TxnRequest request) {
        operations(request, MAX_TXN_OPS);
        Written.by(request.getSuccessList());
        Written.by(request.getFailureList());
    }

    /** Only a Txn of nothing but ranges does not go through the log. */
    static void size(TxnRequest request) {
        boolean reads = request.getSuccessList().stream().allMatch(RequestOp::hasRequestRange)
                && request.getFailureList().stream().allMatch(RequestOp::hasRequestRange);
        if (!reads) {
            size((MessageLite) request);
        }
    }

    /** Of what goes through the log, so of everything that may write. */
    static void size(MessageLite request) {
        if (request.getSerializedSize() + ENVELOPE_BYTES > MAX_REQUEST_BYTES) {
            throw EtcdStatus.requestTooLarge();
        }
    }

    private static void key(ByteString key) {
        if (key.isEmpty()) {
            throw EtcdStatus.emptyKey();
        }
    }

    /** A level counts its widest list; what is nested in it may be as wide as what it leaves over. */
    private static void operations(TxnRequest txn, int allowed) {
        int width = Math.max(txn.getCompareCount(), Math.max(txn.getSuccessCount(), txn.getFailureCount()));
        if (width > allowed) {
            throw EtcdStatus.tooManyOps();
        }
        for (Compare compare : txn.getCompareList()) {
            key(compare.getKey());
        }
        for (RequestOp operation : txn.getSuccessList()) {
            operation(operation, allowed - width);
        }
        for (RequestOp operation : txn.getFailureList()) {
            operation(operation, allowed - width);
        }
    }

    private static void operation(RequestOp operation, int allowed) {
        switch (operation.getRequestCase()) {
            case REQUEST_RANGE -> range(operation.getRequestRange());
            case REQUEST_PUT -> put(operation.getRequestPut());
            case REQUEST_DELETE_RANGE -> deleteRange(operation.getRequestDeleteRange());
            case REQUEST_TXN -> operations(operation.getRequestTxn(), allowed);
            case REQUEST_NOT_SET -> throw EtcdStatus.keyNotFound();
        }
    }

    /** No key may be written twice in one Txn, on whatever levels; the two branches of a nested one exclude each other. */
    private record Written(Set<ByteString> puts, List<KeyRange> deletes) {

        static Written by(List<RequestOp> operations) {
            Written written = new Written(new HashSet<>(), new ArrayList<>());
            for (RequestOp operation : operations) {
                // etcd takes the end "\0" for an ordinary one here, so a delete of all keys from one on is in nobody's
                // way.
                if (operation.hasRequestDeleteRange()
                        && !operation.getRequestDeleteRange().getRangeEnd().equals(KeyRange.OPEN_END)) {
                    DeleteRangeRequest delete = operation.getRequestDeleteRange();
                    written.deletes.add(new KeyRange(delete.getKey(), delete.getRangeEnd()));
                }
            }
            for (RequestOp operation : operations) {
                if (operation.hasRequestTxn()) {
                    written.add(operation.getRequestTxn());
                }
            }
            for (RequestOp operation : operations) {
                if (operation.hasRequestPut()) {
                    written.add(operation.getRequestPut().getKey(), Set.of());
                }
            }
            return written;
        }

        private void add(TxnRequest nested) {
            Written then = by(nested.getSuccessList());
            Written otherwise = by(nested.getFailureList());
            then.puts.forEach(key -> add(key, Set.of()));
            otherwise.puts.forEach(key -> add(key, then.puts));
            deletes.addAll(then.deletes);
            deletes.addAll(otherwise.deletes);
        }

        private void add(ByteString key, Set<ByteString> exclusive) {
            boolean twice = !puts.add(key) && !exclusive.contains(key);
            if (twice || deletes.stream().anyMatch(range -> range.contains(key))) {
                throw EtcdStatus.duplicateKey();
            }
        }
    }
}
