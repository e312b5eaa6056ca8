package org.etcdjakarta.core.link;

import io.etcd.jetcd.api.LeaseGrantRequest;
import io.etcd.jetcd.api.LeaseGrantResponse;
import io.etcd.jetcd.api.LeaseGrpc;
import io.etcd.jetcd.api.LeaseKeepAliveRequest;
import io.etcd.jetcd.api.LeaseKeepAliveResponse;
import io.etcd.jetcd.api.LeaseRevokeRequest;
import io.etcd.jetcd.api.LeaseRevokeResponse;
import io.etcd.jetcd.api.LeaseTimeToLiveRequest;
import io.etcd.jetcd.api.LeaseTimeToLiveResponse;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * etcd's lease service as a set of ids, for answers at moments at which no etcd gives them on demand: before a close, late,
 * numbered. Other tests have the leases of the embedded etcd.
 */
final class FakeLeases extends LeaseGrpc.LeaseImplBase {

    /** What etcd makes of the TTL asked for. */
    static final long GRANTED_TTL = 7;

    final List<Long> asked = new CopyOnWriteArrayList<>();
    final Set<Long> living = ConcurrentHashMap.newKeySet();
    final List<StreamObserver<LeaseKeepAliveResponse>> streams = new CopyOnWriteArrayList<>();
    final List<Long> keptAlive = new CopyOnWriteArrayList<>();
    volatile Runnable afterGrant = () -> {};
    final AtomicInteger lostAnswers = new AtomicInteger();
    final AtomicInteger silentQuestions = new AtomicInteger();

    @Override
    public void leaseGrant(LeaseGrantRequest request, StreamObserver<LeaseGrantResponse> observer) {
        asked.add(request.getID());
        boolean added = living.add(request.getID());
        afterGrant.run();
        if (lostAnswers.getAndDecrement() > 0) {
            observer.onError(Status.UNAVAILABLE.withDescription("cut").asRuntimeException());
        } else if (!added) {
            observer.onError(Status.FAILED_PRECONDITION
                    .withDescription("etcdserver: lease already exists")
                    .asRuntimeException());
        } else {
            observer.onNext(LeaseGrantResponse.newBuilder()
                    .setID(request.getID())
                    .setTTL(GRANTED_TTL)
                    .build());
            observer.onCompleted();
        }
    }

    @Override
    public void leaseRevoke(LeaseRevokeRequest request, StreamObserver<LeaseRevokeResponse> observer) {
        if (living.remove(request.getID())) {
            observer.onNext(LeaseRevokeResponse.getDefaultInstance());
            observer.onCompleted();
        } else {
            observer.onError(Status.NOT_FOUND
                    .withDescription("etcdserver: requested lease not found")
                    .asRuntimeException());
        }
    }

    @Override
    public void leaseTimeToLive(LeaseTimeToLiveRequest request, StreamObserver<LeaseTimeToLiveResponse> observer) {
        observer.onNext(LeaseTimeToLiveResponse.newBuilder()
                .setID(request.getID())
                .setGrantedTTL(GRANTED_TTL)
                .setTTL(GRANTED_TTL)
                .build());
        observer.onCompleted();
    }

    /** The TTLs of the answers count up from 1, so that a test sees which answer went to which question. */
    @Override
    public StreamObserver<LeaseKeepAliveRequest> leaseKeepAlive(StreamObserver<LeaseKeepAliveResponse> answers) {
        streams.add(answers);
        return new StreamObserver<>() {
            @Override
            public void onNext(LeaseKeepAliveRequest request) {
                keptAlive.add(request.getID());
                if (silentQuestions.getAndDecrement() <= 0) {
                    answers.onNext(LeaseKeepAliveResponse.newBuilder()
                            .setID(request.getID())
                            .setTTL(keptAlive.size())
                            .build());
                }
            }

            @Override
            public void onError(Throwable failure) {}

            @Override
            public void onCompleted() {
                answers.onCompleted();
            }
        };
    }
}
