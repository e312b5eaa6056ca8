package org.etcdjakarta.core.link;

import io.etcd.jetcd.Maintenance;
import io.etcd.jetcd.api.AlarmRequest;
import io.etcd.jetcd.api.DefragmentRequest;
import io.etcd.jetcd.api.HashKVRequest;
import io.etcd.jetcd.api.MaintenanceGrpc;
import io.etcd.jetcd.api.MoveLeaderRequest;
import io.etcd.jetcd.api.StatusRequest;
import io.etcd.jetcd.maintenance.AlarmMember;
import io.etcd.jetcd.maintenance.AlarmResponse;
import io.etcd.jetcd.maintenance.AlarmType;
import io.etcd.jetcd.maintenance.DefragmentResponse;
import io.etcd.jetcd.maintenance.HashKVResponse;
import io.etcd.jetcd.maintenance.MoveLeaderResponse;
import io.etcd.jetcd.maintenance.SnapshotResponse;
import io.etcd.jetcd.maintenance.StatusResponse;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;

/**
 * jetcd's {@link Maintenance}. Calls to one member go over a link of their own that lives as long as the call;
 * defragmentation and snapshots take as long as they take.
 */
final class MaintenanceClient implements Maintenance {

    private final Calls calls;

    MaintenanceClient(Calls calls) {
        this.calls = calls;
    }

    @Override
    public CompletableFuture<AlarmResponse> listAlarms() {
        AlarmRequest request = AlarmRequest.newBuilder()
                .setAction(AlarmRequest.AlarmAction.GET)
                .setAlarm(io.etcd.jetcd.api.AlarmType.NONE)
                .build();
        return calls.read(MaintenanceGrpc.getAlarmMethod(), request).thenApply(AlarmResponse::new);
    }

    @Override
    public CompletableFuture<AlarmResponse> alarmDisarm(AlarmMember member) {
        if (member.getMemberId() == 0 || member.getAlarmType() != AlarmType.NOSPACE) {
            throw new IllegalArgumentException("member: " + member.getMemberId() + " with alarm "
                    + member.getAlarmType() + "; allowed: the id of a member, not 0, and NOSPACE");
        }
        AlarmRequest request = AlarmRequest.newBuilder()
                .setAction(AlarmRequest.AlarmAction.DEACTIVATE)
                .setAlarm(io.etcd.jetcd.api.AlarmType.NOSPACE)
                .setMemberID(member.getMemberId())
                .build();
        return calls.write(MaintenanceGrpc.getAlarmMethod(), request).thenApply(AlarmResponse::new);
    }

    @Override
    public CompletableFuture<DefragmentResponse> defragmentMember(String target) {
        return at(
                target,
                member -> member.await(
                        MaintenanceGrpc.getDefragmentMethod(),
                        DefragmentRequest.getDefaultInstance(),
                        DefragmentResponse::new));
    }

    @Override
    public CompletableFuture<StatusResponse> statusMember(String target) {
        return at(target, member -> member.read(MaintenanceGrpc.getStatusMethod(), StatusRequest.getDefaultInstance())
                .thenApply(StatusResponse::new));
    }

    @Override
    public CompletableFuture<HashKVResponse> hashKV(String target, long rev) {
        HashKVRequest request = HashKVRequest.newBuilder().setRevision(rev).build();
        return at(target, member -> member.read(MaintenanceGrpc.getHashKVMethod(), request)
                .thenApply(HashKVResponse::new));
    }

    private <T> CompletableFuture<T> at(String target, Function<Calls, CompletableFuture<T>> call) {
        SharedLink member = SharedLink.acquire(calls.config().at(target));
        CompletableFuture<T> answer = call.apply(member.calls());
        var unused = answer.whenComplete((value, failure) -> member.release());
        return answer;
    }

    @Override
    public CompletableFuture<MoveLeaderResponse> moveLeader(long transfereeId) {
        MoveLeaderRequest request =
                MoveLeaderRequest.newBuilder().setTargetID(transfereeId).build();
        return calls.write(MaintenanceGrpc.getMoveLeaderMethod(), request).thenApply(MoveLeaderResponse::new);
    }

    /** The stream is written to on a thread of the link and is not closed; the answer is the number of bytes. */
    @Override
    public CompletableFuture<Long> snapshot(OutputStream outputStream) {
        CompletableFuture<Long> bytes = new CompletableFuture<>();
        snapshot(new StreamObserver<>() {
            private long count;

            @Override
            public void onNext(SnapshotResponse part) {
                try {
                    part.getBlob().writeTo(outputStream);
                    count += part.getBlob().size();
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            }

            @Override
            public void onError(Throwable failure) {
                bytes.completeExceptionally(failure);
            }

            @Override
            public void onCompleted() {
                bytes.complete(count);
            }
        });
        return bytes;
    }

    /** An observer that throws gets no more parts; what it threw goes to its onError. */
    @Override
    public void snapshot(StreamObserver<SnapshotResponse> observer) {
        new SnapshotStream(calls, observer).start();
    }
}
