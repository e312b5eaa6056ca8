package org.etcdjakarta.embedded.faults;

import io.etcd.jetcd.api.LeaseGrantRequest;
import io.etcd.jetcd.api.PutRequest;
import io.etcd.jetcd.api.RequestOp;
import io.etcd.jetcd.api.TxnRequest;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.util.List;
import java.util.stream.Stream;
import org.etcdjakarta.embedded.store.EtcdStatus;

/** Why etcd refuses a call that it has not applied; with etcd's codes and words. */
public enum Refusal {
    /** UNAVAILABLE, {@code etcdserver: server stopped}. */
    UNAVAILABLE,

    /** UNAVAILABLE, {@code etcdserver: no leader}. */
    NO_LEADER,

    /** RESOURCE_EXHAUSTED, {@code etcdserver: too many requests}. */
    TOO_MANY_REQUESTS,

    /**
     * RESOURCE_EXHAUSTED, {@code etcdserver: mvcc: database space exceeded}. Only of what needs space: a put, a Txn with one, a
     * new lease; a full etcd goes on to read and to delete.
     */
    NO_SPACE;

    Status status() {
        StatusRuntimeException refused =
                switch (this) {
                    case UNAVAILABLE -> EtcdStatus.stopped();
                    case NO_LEADER -> EtcdStatus.noLeader();
                    case TOO_MANY_REQUESTS -> EtcdStatus.tooManyRequests();
                    case NO_SPACE -> EtcdStatus.noSpace();
                };
        return refused.getStatus();
    }

    boolean concerns(Object request) {
        return this != NO_SPACE
                || request instanceof LeaseGrantRequest
                || request instanceof PutRequest
                || (request instanceof TxnRequest txn && puts(txn));
    }

    private static boolean puts(TxnRequest txn) {
        return Stream.of(txn.getSuccessList(), txn.getFailureList())
                .flatMap(List::stream)
                .anyMatch(Refusal::puts);
    }

    private static boolean puts(RequestOp operation) {
        return operation.hasRequestPut() || (operation.hasRequestTxn() && puts(operation.getRequestTxn()));
    }
}
