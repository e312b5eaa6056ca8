package org.etcdjakarta.embedded.service;

import io.etcd.jetcd.api.RequestOp;
import io.etcd.jetcd.api.TxnRequest;
import java.util.stream.Stream;
import org.etcdjakarta.embedded.store.ClusterStatus;
import org.etcdjakarta.embedded.store.EtcdStatus;
import org.etcdjakarta.embedded.store.Store;

/** etcd's alarms and what each of them forbids. Reading is always allowed: a corrupt or full member is still looked at. */
final class Alarms {

    /** etcd's numbers; jetcd's protocol classes lack the second. */
    static final int NOSPACE = 1;

    static final int CORRUPT = 2;

    private final Store store;

    Alarms(Store store) {
        this.store = store;
    }

    static String name(int type) {
        return switch (type) {
            case NOSPACE -> "NOSPACE";
            case CORRUPT -> "CORRUPT";
            default -> Integer.toString(type);
        };
    }

    /** What adds nothing: delete, compact, revoke. */
    void refuseChange() {
        if (store.cluster().raised(CORRUPT)) {
            throw ClusterStatus.corrupt();
        }
    }

    /** What needs room: put, grant. */
    void refuseGrowth() {
        refuseChange();
        if (store.cluster().raised(NOSPACE)) {
            throw EtcdStatus.noSpace();
        }
    }

    void refuse(TxnRequest txn) {
        if (operations(txn).anyMatch(RequestOp::hasRequestPut)) {
            refuseGrowth();
        } else if (!operations(txn).allMatch(RequestOp::hasRequestRange)) {
            refuseChange();
        }
    }

    /** Those of both branches: etcd does not wait for the compares. */
    private static Stream<RequestOp> operations(TxnRequest txn) {
        return Stream.concat(txn.getSuccessList().stream(), txn.getFailureList().stream())
                .flatMap(op -> op.hasRequestTxn() ? operations(op.getRequestTxn()) : Stream.of(op));
    }
}
