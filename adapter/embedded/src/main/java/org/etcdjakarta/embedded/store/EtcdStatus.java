package org.etcdjakarta.embedded.store;

import io.grpc.Status;
import io.grpc.StatusRuntimeException;

/** etcd's own refusals, in its codes and words: clients look at both. */
public final class EtcdStatus {

    private EtcdStatus() {}

    static StatusRuntimeException of(Status status, String text) {
        return status.withDescription("etcdserver: " + text).asRuntimeException();
    }

    public static StatusRuntimeException emptyKey() {
        return of(Status.INVALID_ARGUMENT, "key is not provided");
    }

    public static StatusRuntimeException keyNotFound() {
        return of(Status.INVALID_ARGUMENT, "key not found");
    }

    public static StatusRuntimeException valueProvided() {
        return of(Status.INVALID_ARGUMENT, "value is provided");
    }

    public static StatusRuntimeException leaseProvided() {
        return of(Status.INVALID_ARGUMENT, "lease is provided");
    }

    public static StatusRuntimeException invalidSortOption() {
        return of(Status.INVALID_ARGUMENT, "invalid sort option");
    }

    public static StatusRuntimeException tooManyOps() {
        return of(Status.INVALID_ARGUMENT, "too many operations in txn request");
    }

    public static StatusRuntimeException duplicateKey() {
        return of(Status.INVALID_ARGUMENT, "duplicate key given in txn request");
    }

    public static StatusRuntimeException requestTooLarge() {
        return of(Status.INVALID_ARGUMENT, "request is too large");
    }

    public static StatusRuntimeException compacted() {
        return of(Status.OUT_OF_RANGE, "mvcc: required revision has been compacted");
    }

    public static StatusRuntimeException futureRevision() {
        return of(Status.OUT_OF_RANGE, "mvcc: required revision is a future revision");
    }

    public static StatusRuntimeException leaseNotFound() {
        return of(Status.NOT_FOUND, "requested lease not found");
    }

    public static StatusRuntimeException leaseExists() {
        return of(Status.FAILED_PRECONDITION, "lease already exists");
    }

    public static StatusRuntimeException ttlTooLarge() {
        return of(Status.OUT_OF_RANGE, "too large lease TTL");
    }

    public static StatusRuntimeException noSpace() {
        return of(Status.RESOURCE_EXHAUSTED, "mvcc: database space exceeded");
    }

    public static StatusRuntimeException noLeader() {
        return of(Status.UNAVAILABLE, "no leader");
    }

    public static StatusRuntimeException stopped() {
        return of(Status.UNAVAILABLE, "server stopped");
    }

    public static StatusRuntimeException tooManyRequests() {
        return of(Status.RESOURCE_EXHAUSTED, "too many requests");
    }
}
