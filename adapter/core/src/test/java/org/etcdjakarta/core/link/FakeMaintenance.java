package org.etcdjakarta.core.link;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnknownFieldSet;
import io.etcd.jetcd.api.AlarmMember;
import io.etcd.jetcd.api.AlarmRequest;
import io.etcd.jetcd.api.AlarmResponse;
import io.etcd.jetcd.api.DefragmentRequest;
import io.etcd.jetcd.api.DefragmentResponse;
import io.etcd.jetcd.api.MaintenanceGrpc;
import io.etcd.jetcd.api.MoveLeaderRequest;
import io.etcd.jetcd.api.MoveLeaderResponse;
import io.etcd.jetcd.api.ResponseHeader;
import io.etcd.jetcd.api.SnapshotRequest;
import io.etcd.jetcd.api.SnapshotResponse;
import io.etcd.jetcd.api.StatusRequest;
import io.etcd.jetcd.api.StatusResponse;
import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

/** etcd's maintenance service of one member of several, with snapshots that break: the embedded etcd is alone and has none. */
final class FakeMaintenance extends MaintenanceGrpc.MaintenanceImplBase {

    static final int PART = 64 * 1024;

    final List<AlarmMember> alarms = new CopyOnWriteArrayList<>();
    final List<AlarmRequest> alarmRequests = new CopyOnWriteArrayList<>();
    final List<Long> leaderMoves = new CopyOnWriteArrayList<>();
    final AtomicInteger statuses = new AtomicInteger();
    final AtomicInteger partsSent = new AtomicInteger();
    final AtomicInteger snapshotsCancelled = new AtomicInteger();
    volatile long memberId = 1;
    volatile long leader = 1;
    volatile int parts = 4;
    volatile boolean truncated;
    volatile boolean damaged;
    volatile boolean silent;
    volatile boolean silentDefragment;
    volatile String version = "";

    @Override
    public void alarm(AlarmRequest request, StreamObserver<AlarmResponse> observer) {
        alarmRequests.add(request);
        AlarmResponse.Builder answer = AlarmResponse.newBuilder();
        if (request.getAction() == AlarmRequest.AlarmAction.GET) {
            answer.addAllAlarms(alarms);
        } else {
            alarms.stream()
                    .filter(alarm -> alarm.getMemberID() == request.getMemberID()
                            && alarm.getAlarmValue() == request.getAlarmValue())
                    .forEach(answer::addAlarms);
            alarms.removeAll(answer.getAlarmsList());
        }
        observer.onNext(answer.build());
        observer.onCompleted();
    }

    @Override
    public void status(StatusRequest request, StreamObserver<StatusResponse> observer) {
        statuses.incrementAndGet();
        observer.onNext(StatusResponse.newBuilder()
                .setHeader(ResponseHeader.newBuilder().setMemberId(memberId))
                .setLeader(leader)
                .setVersion("3.5.16")
                .build());
        observer.onCompleted();
    }

    @Override
    public void moveLeader(MoveLeaderRequest request, StreamObserver<MoveLeaderResponse> observer) {
        if (memberId != leader) {
            observer.onError(Status.FAILED_PRECONDITION
                    .withDescription("etcdserver: not leader")
                    .asRuntimeException());
            return;
        }
        leaderMoves.add(request.getTargetID());
        observer.onNext(MoveLeaderResponse.getDefaultInstance());
        observer.onCompleted();
    }

    @Override
    public void defragment(DefragmentRequest request, StreamObserver<DefragmentResponse> observer) {
        if (!silentDefragment) {
            observer.onNext(DefragmentResponse.getDefaultInstance());
            observer.onCompleted();
        }
    }

    /** Sends as long as the client takes. */
    @Override
    public void snapshot(SnapshotRequest request, StreamObserver<SnapshotResponse> observer) {
        var call = (ServerCallStreamObserver<SnapshotResponse>) observer;
        call.setOnCancelHandler(snapshotsCancelled::incrementAndGet);
        if (silent) {
            return;
        }
        MessageDigest digest = sha256();
        int all = parts;
        AtomicInteger next = new AtomicInteger();
        call.setOnReadyHandler(() -> {
            while (call.isReady() && next.get() <= all) {
                int number = next.getAndIncrement();
                if (number < all) {
                    byte[] part = new byte[PART];
                    part[0] = (byte) number;
                    digest.update(part);
                    call.onNext(part(part, (long) (all - number - 1) * PART));
                    partsSent.incrementAndGet();
                } else {
                    byte[] sum = digest.digest();
                    sum[0] += (byte) (damaged ? 1 : 0);
                    if (!truncated) {
                        call.onNext(part(sum, 0));
                    }
                    call.onCompleted();
                }
            }
        });
    }

    private SnapshotResponse part(byte[] bytes, long remaining) {
        SnapshotResponse.Builder part = SnapshotResponse.newBuilder()
                .setBlob(ByteString.copyFrom(bytes))
                .setRemainingBytes(remaining);
        if (!version.isEmpty()) {
            part.setUnknownFields(UnknownFieldSet.newBuilder()
                    .addField(
                            4,
                            UnknownFieldSet.Field.newBuilder()
                                    .addLengthDelimited(ByteString.copyFromUtf8(version))
                                    .build())
                    .build());
        }
        return part.build();
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
