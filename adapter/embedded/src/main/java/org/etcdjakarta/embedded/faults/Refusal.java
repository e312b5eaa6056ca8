package org.etcdjakarta.embedded.faults;

import io.etcd.jetcd.api.CampaignRequest;
import io.etcd.jetcd.api.LeaseGrantRequest;
import io.etcd.jetcd.api.ProclaimRequest;
import io.etcd.jetcd.api.PutRequest;
import io.etcd.jetcd.api.RequestOp;
import io.etcd.jetcd.api.TxnRequest;
import io.etcd.jetcd.api.lock.LockRequest;
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
     * new lease, and Lock, Campaign and Proclaim, which make such calls and lose the code: theirs is UNKNOWN. A full etcd goes on
     * to read and to delete.
     */
    NO_SPACE;

    /** As the call of this request is told. */
    Status status(Object request) {
        StatusRuntimeException refused =
                switch (this) {
                    case UNAVAILABLE -> EtcdStatus.stopped();
                    case NO_LEADER -> EtcdStatus.noLeader();
                    case TOO_MANY_REQUESTS -> EtcdStatus.tooManyRequests();
                    case NO_SPACE -> EtcdStatus.noSpace();
                };
        return this == NO_SPACE && isSecondHand(request)
                ? Status.UNKNOWN.withDescription(refused.getStatus().getDescription())
                : refused.getStatus();
    }

    boolean concerns(Object request) {
        return this != NO_SPACE
                || request instanceof LeaseGrantRequest
                || request instanceof PutRequest
                || isSecondHand(request)
                || (request instanceof TxnRequest txn && puts(txn));
    }

    private static boolean isSecondHand(Object request) {
        return request instanceof LockRequest
                || request instanceof CampaignRequest
                || request instanceof ProclaimRequest;
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
