package org.etcdjakarta.core.tx;

import io.etcd.jetcd.api.Compare;
import io.etcd.jetcd.api.RequestOp;
import io.etcd.jetcd.api.TxnRequest;
import java.util.List;
import org.etcdjakarta.EtcdException;

/** Stand-in. */
final class TxnComposer {
    record Frame(List<Compare> compares, List<RequestOp> success, List<RequestOp> failure) {}

    enum Writes {
        APPLIED,
        NAMED
    }

    TxnComposer(int max) {}

    TxnRequest compose(Frame frame, Guards guards, long r0, List<RequestOp> operations, Writes how) {
        TxnRequest.Builder txn = TxnRequest.newBuilder()
                .addAllCompare(frame.compares())
                .addAllSuccess(frame.success())
                .addAllFailure(frame.failure());
        guards.addTo(txn, r0);
        if (how == Writes.APPLIED) {
            txn.addAllSuccess(operations);
        }
        return txn.build();
    }

    static boolean isGuardConflict(EtcdException e) {
        return String.valueOf(e.getMessage()).contains("required revision is a future revision");
    }
}
