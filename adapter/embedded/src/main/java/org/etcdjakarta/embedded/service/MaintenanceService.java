package org.etcdjakarta.embedded.service;

import io.etcd.jetcd.api.AlarmMember;
import io.etcd.jetcd.api.AlarmRequest;
import io.etcd.jetcd.api.AlarmResponse;
import io.etcd.jetcd.api.DefragmentRequest;
import io.etcd.jetcd.api.DefragmentResponse;
import io.etcd.jetcd.api.HashKVRequest;
import io.etcd.jetcd.api.HashKVResponse;
import io.etcd.jetcd.api.HashRequest;
import io.etcd.jetcd.api.HashResponse;
import io.etcd.jetcd.api.MaintenanceGrpc;
import io.etcd.jetcd.api.MoveLeaderRequest;
import io.etcd.jetcd.api.MoveLeaderResponse;
import io.etcd.jetcd.api.SnapshotRequest;
import io.etcd.jetcd.api.SnapshotResponse;
import io.etcd.jetcd.api.StatusRequest;
import io.etcd.jetcd.api.StatusResponse;
import io.grpc.BindableService;
import io.grpc.ServerServiceDefinition;
import io.grpc.stub.StreamObserver;
import java.util.List;
import org.etcdjakarta.embedded.protocol.DowngradeRequest;
import org.etcdjakarta.embedded.protocol.DowngradeResponse;
import org.etcdjakarta.embedded.store.ClusterState;
import org.etcdjakarta.embedded.store.ClusterStatus;
import org.etcdjakarta.embedded.store.Store;

/** etcd's Maintenance service. Without a file there is nothing to defragment and no snapshot to send. */
public final class MaintenanceService implements MaintenanceGrpc.AsyncService, BindableService {

    /** The one whose answers these are. */
    private static final String VERSION = "3.5.16";

    private final Store store;
    private final Headers headers;
    private final Admission admission;

    public MaintenanceService(Store store, Headers headers, Admission admission) {
        this.store = store;
        this.headers = headers;
        this.admission = admission;
    }

    @Override
    public ServerServiceDefinition bindService() {
        return EtcdMethods.add(MaintenanceGrpc.bindService(this), EtcdMethods.DOWNGRADE, this::downgrade);
    }

    @Override
    public void status(StatusRequest request, StreamObserver<StatusResponse> caller) {
        Answer.to(caller, () -> {
            long bytes = History.upTo(store.keyspace(), 0).bytes();
            // There is no log; what matters of its index is that it grows with each change.
            long index = headers.now().getRevision();
            StatusResponse.Builder answer = StatusResponse.newBuilder()
                    .setHeader(headers.now())
                    .setVersion(VERSION)
                    .setDbSize(bytes)
                    .setDbSizeInUse(bytes)
                    .setLeader(headers.memberId())
                    .setRaftTerm(headers.now().getRaftTerm())
                    .setRaftIndex(index)
                    .setRaftAppliedIndex(index);
            store.cluster().alarms().forEach(alarm -> answer.addErrors(text(alarm)));
            return answer.build();
        });
    }

    /** As etcd prints a message, with the space at its end. */
    private static String text(AlarmMember alarm) {
        return "memberID:" + Long.toUnsignedString(alarm.getMemberID()) + " alarm:" + Alarms.name(alarm.getAlarmValue())
                + " ";
    }

    @Override
    public void alarm(AlarmRequest request, StreamObserver<AlarmResponse> caller) {
        Answer.exclusively(store, caller, () -> AlarmResponse.newBuilder()
                .setHeader(headers.now())
                .addAllAlarms(alarms(request))
                .build());
    }

    private List<AlarmMember> alarms(AlarmRequest request) {
        admission.authenticated();
        int type = request.getAlarmValue();
        AlarmMember alarm = AlarmMember.newBuilder()
                .setMemberID(request.getMemberID())
                .setAlarmValue(type)
                .build();
        ClusterState before = store.cluster();
        return switch (request.getAction()) {
            case GET ->
                before.alarms().stream()
                        .filter(raised -> type == 0 || raised.getAlarmValue() == type)
                        .toList();
            case ACTIVATE -> {
                if (type == 0) {
                    yield List.of();
                }
                store.changeCluster(cluster -> cluster.plus(alarm));
                yield List.of(alarm);
            }
            case DEACTIVATE -> {
                store.changeCluster(cluster -> cluster.minus(alarm));
                yield before.alarms().contains(alarm) ? List.of(alarm) : List.of();
            }
            case UNRECOGNIZED -> List.of();
        };
    }

    @Override
    public void defragment(DefragmentRequest request, StreamObserver<DefragmentResponse> caller) {
        Answer.to(caller, () -> {
            admission.maintain();
            return DefragmentResponse.getDefaultInstance();
        });
    }

    /** Of the keys only: etcd hashes its whole file, which no other member's equals either. */
    @Override
    public void hash(HashRequest request, StreamObserver<HashResponse> caller) {
        Answer.to(caller, () -> {
            admission.maintain();
            return HashResponse.newBuilder()
                    .setHeader(headers.now())
                    .setHash(History.upTo(store.keyspace(), 0).hash())
                    .build();
        });
    }

    @Override
    public void hashKV(HashKVRequest request, StreamObserver<HashKVResponse> caller) {
        Answer.to(caller, () -> {
            admission.maintain();
            History history = History.upTo(store.keyspace(), request.getRevision());
            return HashKVResponse.newBuilder()
                    .setHeader(headers.now())
                    .setHash(history.hash())
                    .setCompactRevision(history.compacted())
                    .build();
        });
    }

    @Override
    public void snapshot(SnapshotRequest request, StreamObserver<SnapshotResponse> caller) {
        Answer.<SnapshotResponse>to(caller, () -> {
            admission.maintain();
            throw ClusterStatus.noSnapshot();
        });
    }

    @Override
    public void moveLeader(MoveLeaderRequest request, StreamObserver<MoveLeaderResponse> caller) {
        Answer.to(caller, () -> {
            if (request.getTargetID() != headers.memberId()) {
                throw ClusterStatus.badTransferee();
            }
            return MoveLeaderResponse.getDefaultInstance();
        });
    }

    private void downgrade(DowngradeRequest request, StreamObserver<DowngradeResponse> caller) {
        Answer.to(caller, () -> {
            store.changeCluster(cluster -> Downgrade.of(request, cluster));
            return DowngradeResponse.newBuilder()
                    .setHeader(headers.now())
                    .setVersion(Downgrade.CLUSTER_VERSION)
                    .build();
        });
    }
}
