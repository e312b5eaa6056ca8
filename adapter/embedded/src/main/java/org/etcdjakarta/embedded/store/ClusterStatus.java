package org.etcdjakarta.embedded.store;

import io.grpc.Status;
import io.grpc.StatusRuntimeException;

/** etcd's refusals of what an administrator asks for, in its codes and words. */
public final class ClusterStatus {

    private ClusterStatus() {}

    public static StatusRuntimeException corrupt() {
        return EtcdStatus.of(Status.DATA_LOSS, "corrupt cluster");
    }

    public static StatusRuntimeException unhealthy() {
        return EtcdStatus.of(Status.UNAVAILABLE, "unhealthy cluster");
    }

    /** With the code that it has on the wire: etcd 3.5 forgets to translate this one. */
    public static StatusRuntimeException notEnoughStarted() {
        return EtcdStatus.of(Status.UNKNOWN, "re-configuration failed due to not enough started members");
    }

    public static StatusRuntimeException badUrls() {
        return EtcdStatus.of(Status.INVALID_ARGUMENT, "given member URLs are invalid");
    }

    public static StatusRuntimeException peerUrlExists() {
        return EtcdStatus.of(Status.FAILED_PRECONDITION, "Peer URLs already exists");
    }

    public static StatusRuntimeException memberNotFound() {
        return EtcdStatus.of(Status.NOT_FOUND, "member not found");
    }

    public static StatusRuntimeException notLearner() {
        return EtcdStatus.of(Status.FAILED_PRECONDITION, "can only promote a learner member");
    }

    public static StatusRuntimeException learnerNotReady() {
        return EtcdStatus.of(
                Status.FAILED_PRECONDITION, "can only promote a learner member which is in sync with leader");
    }

    public static StatusRuntimeException tooManyLearners() {
        return EtcdStatus.of(Status.FAILED_PRECONDITION, "too many learner members in cluster");
    }

    public static StatusRuntimeException badTransferee() {
        return EtcdStatus.of(Status.FAILED_PRECONDITION, "bad leader transferee");
    }

    public static StatusRuntimeException wrongVersionFormat() {
        return EtcdStatus.of(Status.INVALID_ARGUMENT, "wrong downgrade target version format");
    }

    public static StatusRuntimeException invalidVersion() {
        return EtcdStatus.of(Status.INVALID_ARGUMENT, "invalid downgrade target version");
    }

    public static StatusRuntimeException downgradeInProcess() {
        return EtcdStatus.of(Status.FAILED_PRECONDITION, "cluster has a downgrade job in progress");
    }

    public static StatusRuntimeException noDowngrade() {
        return EtcdStatus.of(Status.FAILED_PRECONDITION, "no inflight downgrade job");
    }

    public static StatusRuntimeException unknownMethod() {
        return EtcdStatus.of(Status.UNKNOWN, "unknown method");
    }

    /** Not etcd's: it would send its file. */
    public static StatusRuntimeException noSnapshot() {
        return Status.UNIMPLEMENTED
                .withDescription(
                        "the embedded etcd keeps nothing on disk, so there is no snapshot to send: use a real etcd")
                .asRuntimeException();
    }
}
