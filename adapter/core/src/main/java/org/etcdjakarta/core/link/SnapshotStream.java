package org.etcdjakarta.core.link;

import io.etcd.jetcd.api.MaintenanceGrpc;
import io.etcd.jetcd.api.SnapshotRequest;
import io.etcd.jetcd.api.SnapshotResponse;
import io.grpc.stub.StreamObserver;
import org.etcdjakarta.EtcdException;

/** Hands a member's snapshot on, part by part, as fast as the observer takes it. A broken snapshot is not resumed. */
final class SnapshotStream implements StreamCall.Events<SnapshotResponse> {

    private final StreamObserver<io.etcd.jetcd.maintenance.SnapshotResponse> observer;
    private final StreamCall<SnapshotRequest, SnapshotResponse> stream;

    SnapshotStream(Calls calls, StreamObserver<io.etcd.jetcd.maintenance.SnapshotResponse> observer) {
        this.observer = observer;
        stream = new StreamCall<>(calls, MaintenanceGrpc.getSnapshotMethod(), this);
    }

    void start() {
        stream.send(SnapshotRequest.getDefaultInstance());
        stream.halfClose();
        stream.request(1);
        stream.start();
    }

    @Override
    public void onMessage(SnapshotResponse message) {
        try {
            observer.onNext(new io.etcd.jetcd.maintenance.SnapshotResponse(message));
        } catch (RuntimeException e) {
            stream.cancel();
            observer.onError(e);
            return;
        }
        stream.request(1);
    }

    @Override
    public void onCompleted() {
        observer.onCompleted();
    }

    @Override
    public void onFailure(EtcdException failure, boolean mayResume) {
        observer.onError(failure);
    }
}
