package org.etcdjakarta.embedded.service;

import io.etcd.jetcd.api.LeaseGrantRequest;
import io.etcd.jetcd.api.LeaseGrantResponse;
import io.etcd.jetcd.api.LeaseGrpc;
import io.etcd.jetcd.api.LeaseKeepAliveRequest;
import io.etcd.jetcd.api.LeaseKeepAliveResponse;
import io.etcd.jetcd.api.LeaseRevokeRequest;
import io.etcd.jetcd.api.LeaseRevokeResponse;
import io.etcd.jetcd.api.LeaseTimeToLiveRequest;
import io.etcd.jetcd.api.LeaseTimeToLiveResponse;
import io.grpc.BindableService;
import io.grpc.ServerServiceDefinition;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.StreamObserver;
import java.util.Comparator;
import org.etcdjakarta.embedded.protocol.LeaseLeasesRequest;
import org.etcdjakarta.embedded.protocol.LeaseLeasesResponse;
import org.etcdjakarta.embedded.protocol.LeaseStatus;
import org.etcdjakarta.embedded.store.EtcdStatus;
import org.etcdjakarta.embedded.store.LeaseRecord;
import org.etcdjakarta.embedded.store.Store;

/** etcd's Lease service. What expires is ended by the server's clock, see {@link Store#expireLeases()}. */
public final class LeaseService implements LeaseGrpc.AsyncService, BindableService {

    /** As etcd with its default election timeout of one second: a shorter lease could not survive a change of the leader. */
    private static final long SHORTEST_TTL = 2;

    private static final long LONGEST_TTL = 9_000_000_000L;

    private final Store store;
    private final Headers headers;
    private final Admission admission;

    public LeaseService(Store store, Headers headers, Admission admission) {
        this.store = store;
        this.headers = headers;
        this.admission = admission;
    }

    @Override
    public ServerServiceDefinition bindService() {
        return EtcdMethods.add(LeaseGrpc.bindService(this), EtcdMethods.LEASE_LEASES, this::leaseLeases);
    }

    @Override
    public void leaseGrant(LeaseGrantRequest request, StreamObserver<LeaseGrantResponse> caller) {
        Answer.exclusively(store, caller, () -> {
            if (request.getTTL() > LONGEST_TTL) {
                throw EtcdStatus.ttlTooLarge();
            }
            admission.leaseGrant();
            LeaseRecord lease = store.grant(request.getID(), Math.max(SHORTEST_TTL, request.getTTL()));
            if (lease == null) {
                throw EtcdStatus.leaseExists();
            }
            return LeaseGrantResponse.newBuilder()
                    .setHeader(headers.now())
                    .setID(lease.id())
                    .setTTL(lease.grantedTtl())
                    .build();
        });
    }

    @Override
    public void leaseRevoke(LeaseRevokeRequest request, StreamObserver<LeaseRevokeResponse> caller) {
        Answer.exclusively(store, caller, () -> {
            admission.leaseRevoke(request.getID());
            if (!store.revoke(request.getID())) {
                throw EtcdStatus.leaseNotFound();
            }
            return LeaseRevokeResponse.newBuilder().setHeader(headers.now()).build();
        });
    }

    @Override
    public StreamObserver<LeaseKeepAliveRequest> leaseKeepAlive(StreamObserver<LeaseKeepAliveResponse> caller) {
        return new StreamObserver<>() {
            @Override
            public void onNext(LeaseKeepAliveRequest request) {
                try {
                    caller.onNext(store.exclusively(() -> renew(request.getID())));
                } catch (StatusRuntimeException stopped) {
                    caller.onError(stopped);
                }
            }

            @Override
            public void onError(Throwable cut) {
                // The caller is gone; his leases live as long as they may.
            }

            @Override
            public void onCompleted() {
                caller.onCompleted();
            }
        };
    }

    /** A lease that is gone is answered with the time it has left: none. */
    private LeaseKeepAliveResponse renew(long id) {
        LeaseRecord lease = store.keepAlive(id);
        return LeaseKeepAliveResponse.newBuilder()
                .setHeader(headers.now())
                .setID(id)
                .setTTL(lease == null ? 0 : lease.grantedTtl())
                .build();
    }

    @Override
    public void leaseTimeToLive(LeaseTimeToLiveRequest request, StreamObserver<LeaseTimeToLiveResponse> caller) {
        Answer.exclusively(store, caller, () -> {
            if (request.getKeys()) {
                admission.leaseKeys(request.getID());
            }
            LeaseTimeToLiveResponse.Builder answer = LeaseTimeToLiveResponse.newBuilder()
                    .setHeader(headers.now())
                    .setID(request.getID());
            LeaseRecord lease = store.lease(request.getID());
            if (lease == null) {
                return answer.setTTL(-1).build();
            }
            answer.setTTL(lease.remainingTtl(store.now())).setGrantedTTL(lease.grantedTtl());
            return (request.getKeys() ? answer.addAllKeys(store.keysOf(lease.id())) : answer).build();
        });
    }

    private void leaseLeases(LeaseLeasesRequest request, StreamObserver<LeaseLeasesResponse> caller) {
        Answer.exclusively(store, caller, () -> {
            LeaseLeasesResponse.Builder answer =
                    LeaseLeasesResponse.newBuilder().setHeader(headers.now());
            store.leases().stream()
                    .sorted(Comparator.comparing(LeaseRecord::deadline))
                    .forEach(lease -> answer.addLeases(LeaseStatus.newBuilder().setID(lease.id())));
            return answer.build();
        });
    }
}
