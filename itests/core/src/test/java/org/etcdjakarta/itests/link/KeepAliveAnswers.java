package org.etcdjakarta.itests.link;

import io.etcd.jetcd.lease.LeaseKeepAliveResponse;
import io.grpc.stub.StreamObserver;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** Keeps what a keep-alive delivers. */
final class KeepAliveAnswers implements StreamObserver<LeaseKeepAliveResponse> {

    private final List<Long> ttls = new CopyOnWriteArrayList<>();
    private final List<Throwable> errors = new CopyOnWriteArrayList<>();

    @Override
    public void onNext(LeaseKeepAliveResponse response) {
        ttls.add(response.getTTL());
    }

    @Override
    public void onError(Throwable failure) {
        errors.add(failure);
    }

    @Override
    public void onCompleted() {}

    List<Long> ttls() {
        return List.copyOf(ttls);
    }

    List<Throwable> errors() {
        return List.copyOf(errors);
    }
}
