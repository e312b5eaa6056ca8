package org.etcdjakarta.embedded.service;

import io.etcd.jetcd.api.WatchGrpc;
import io.etcd.jetcd.api.WatchRequest;
import io.etcd.jetcd.api.WatchResponse;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import org.etcdjakarta.embedded.store.Store;

/** etcd's Watch service: any number of watches on a stream. */
public final class WatchService extends WatchGrpc.WatchImplBase {

    private final Store store;
    private final Headers headers;
    private final Admission admission;

    public WatchService(Store store, Headers headers, Admission admission) {
        this.store = store;
        this.headers = headers;
        this.admission = admission;
    }

    @Override
    public StreamObserver<WatchRequest> watch(StreamObserver<WatchResponse> caller) {
        WatchStream stream = new WatchStream(store, headers, admission, caller);
        // Without a handler of its own gRPC would throw at the next event for a caller who has gone.
        ((ServerCallStreamObserver<WatchResponse>) caller).setOnCancelHandler(stream::end);
        return new StreamObserver<>() {
            @Override
            public void onNext(WatchRequest request) {
                try {
                    handle(request);
                } catch (StatusRuntimeException stopped) {
                    caller.onError(stopped);
                }
            }

            private void handle(WatchRequest request) {
                switch (request.getRequestUnionCase()) {
                    case CREATE_REQUEST -> stream.create(request.getCreateRequest());
                    case CANCEL_REQUEST -> stream.cancel(request.getCancelRequest());
                    case PROGRESS_REQUEST -> stream.progress();
                    case REQUESTUNION_NOT_SET -> {
                        // etcd reads over it.
                    }
                }
            }

            @Override
            public void onError(Throwable cut) {
                stream.end();
            }

            @Override
            public void onCompleted() {
                // As etcd: who only stops asking goes on hearing; a watch stream ends when its call is cancelled.
            }
        };
    }
}
