package org.etcdjakarta.core.link;

import com.google.common.util.concurrent.MoreExecutors;
import io.etcd.jetcd.api.MaintenanceGrpc;
import io.etcd.jetcd.api.SnapshotRequest;
import io.etcd.jetcd.api.SnapshotResponse;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import org.etcdjakarta.EtcdException;

/**
 * Hands a member's snapshot on, part by part: the next one is asked for when the observer has taken the last, so what it does
 * not take stays at etcd but for gRPC's flow-control window. A broken snapshot is not resumed: another one is of another
 * revision.
 */
final class SnapshotStream implements StreamCall.Events<SnapshotResponse> {

    private final Calls calls;
    private final StreamObserver<SnapshotResponse> observer;
    private final Executor turn;
    private volatile StreamCall<SnapshotRequest, SnapshotResponse> stream;
    private final CompletableFuture<Void> end = new CompletableFuture<>();
    private volatile boolean begun;
    private boolean repeated;

    SnapshotStream(Calls calls, StreamObserver<SnapshotResponse> observer) {
        this.calls = calls;
        this.observer = observer;
        turn = MoreExecutors.newSequentialExecutor(calls.pool);
        stream = newStream();
    }

    private StreamCall<SnapshotRequest, SnapshotResponse> newStream() {
        return new StreamCall<>(calls, MaintenanceGrpc.getSnapshotMethod(), this);
    }

    /** The future is done when the observer has been told of the end, whichever it was; cancelling it is an end as well. */
    CompletableFuture<Void> start() {
        Runnable cancelTimer = calls.at(calls.deadline(), this::giveUpIfSilent);
        var unused = end.whenComplete((done, failure) -> {
            cancelTimer.run();
            if (end.isCancelled()) {
                stream.cancel();
                EtcdException closed = calls.errors.closed(MaintenanceGrpc.getSnapshotMethod(), false, false);
                turn.execute(() -> observer.onError(closed));
            }
        });
        begin(stream);
        return end;
    }

    private static void begin(StreamCall<SnapshotRequest, SnapshotResponse> stream) {
        stream.send(SnapshotRequest.getDefaultInstance());
        stream.halfClose();
        stream.request(1);
        stream.start();
    }

    /** A snapshot may take long, but etcd begins at once. */
    private void giveUpIfSilent() {
        if (!begun) {
            stream.cancel();
            EtcdException silent =
                    calls.errors.of(MaintenanceGrpc.getSnapshotMethod(), Status.DEADLINE_EXCEEDED, false, false);
            finish(() -> observer.onError(silent));
        }
    }

    @Override
    public void onMessage(SnapshotResponse message) {
        begun = true;
        turn.execute(() -> {
            if (end.isDone()) {
                stream.cancel();
                return;
            }
            try {
                observer.onNext(message);
            } catch (RuntimeException | Error e) {
                stream.cancel();
                finish(() -> observer.onError(e));
                return;
            }
            stream.request(1);
        });
    }

    @Override
    public void onCompleted() {
        finish(observer::onCompleted);
    }

    @Override
    public void onFailure(EtcdException failure, boolean mayResume) {
        // As long as nothing has come, another stream is as good: the token had expired, or the connection was an old
        // one.
        if (mayResume && !begun && !repeated) {
            repeated = true;
            var another = newStream();
            stream = another;
            begin(another);
            if (end.isDone()) {
                // Cancelled or given up in between, and only the first stream with it.
                another.cancel();
            }
            return;
        }
        finish(() -> observer.onError(failure));
    }

    private void finish(Runnable tell) {
        turn.execute(() -> {
            if (end.complete(null)) {
                // The one that was begun anew while the first was given up, too.
                stream.cancel();
                tell.run();
            }
        });
    }

    /** For jetcd's observers. */
    static StreamObserver<SnapshotResponse> of(StreamObserver<io.etcd.jetcd.maintenance.SnapshotResponse> observer) {
        return new StreamObserver<>() {
            @Override
            public void onNext(SnapshotResponse part) {
                observer.onNext(new io.etcd.jetcd.maintenance.SnapshotResponse(part));
            }

            @Override
            public void onError(Throwable failure) {
                observer.onError(failure);
            }

            @Override
            public void onCompleted() {
                observer.onCompleted();
            }
        };
    }
}
