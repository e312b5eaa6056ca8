package org.etcdjakarta.embedded.service;

import com.google.protobuf.ByteString;
import io.etcd.jetcd.api.DeleteRangeRequest;
import io.etcd.jetcd.api.lock.LockGrpc;
import io.etcd.jetcd.api.lock.LockRequest;
import io.etcd.jetcd.api.lock.LockResponse;
import io.etcd.jetcd.api.lock.UnlockRequest;
import io.etcd.jetcd.api.lock.UnlockResponse;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import org.etcdjakarta.embedded.store.Revision;
import org.etcdjakarta.embedded.store.Store;

/** etcd's Lock service: the first in the {@link Queue} of a name holds its lock. */
public final class LockService extends LockGrpc.LockImplBase {

    private final Store store;
    private final Headers headers;
    private final Admission admission;
    private final Queue queue;

    public LockService(Store store, Headers headers, Admission admission) {
        this.store = store;
        this.headers = headers;
        this.admission = admission;
        this.queue = new Queue(store, admission);
    }

    @Override
    public void lock(LockRequest request, StreamObserver<LockResponse> caller) {
        try {
            Queue.Turn turn = store.exclusively(() -> {
                Queue.Place place = queue.join(request.getName(), queue.session(request.getLease()), ByteString.EMPTY);
                return queue.await(place, revision -> answer(place, revision, caller));
            });
            ((ServerCallStreamObserver<LockResponse>) caller).setOnCancelHandler(turn::abandon);
        } catch (StatusRuntimeException refused) {
            caller.onError(Answer.secondHand(refused));
        }
    }

    /** Whose lease ended while he waited has his turn like everybody, and hears of it only then, as in etcd. */
    private void answer(Queue.Place place, Revision revision, StreamObserver<LockResponse> caller) {
        if (!revision.keys().containsKey(place.key())) {
            caller.onError(Answer.unknown("mutex: session is expired"));
            return;
        }
        caller.onNext(LockResponse.newBuilder()
                .setHeader(headers.at(revision.number()))
                .setKey(place.key())
                .build());
        caller.onCompleted();
    }

    /** Deletes the key, and is content when there is none. */
    @Override
    public void unlock(UnlockRequest request, StreamObserver<UnlockResponse> caller) {
        Answer.to(caller, () -> {
            DeleteRangeRequest delete =
                    DeleteRangeRequest.newBuilder().setKey(request.getKey()).build();
            try {
                RequestChecks.deleteRange(delete);
                long revision = store.write(draft -> {
                    admission.deleteRange(delete);
                    return new Operations(store, draft)
                            .deleteRange(delete)
                            .getHeader()
                            .getRevision();
                });
                return UnlockResponse.newBuilder()
                        .setHeader(headers.at(revision))
                        .build();
            } catch (StatusRuntimeException refused) {
                throw Answer.secondHand(refused);
            }
        });
    }
}
