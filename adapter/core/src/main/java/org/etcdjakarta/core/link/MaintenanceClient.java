package org.etcdjakarta.core.link;

import io.etcd.jetcd.api.AlarmRequest;
import io.etcd.jetcd.api.AlarmRequest.AlarmAction;
import io.etcd.jetcd.api.DefragmentRequest;
import io.etcd.jetcd.api.HashKVRequest;
import io.etcd.jetcd.api.HashRequest;
import io.etcd.jetcd.api.HashResponse;
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
import io.grpc.Deadline;
import io.grpc.stub.StreamObserver;
import java.io.OutputStream;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import org.etcdjakarta.EtcdException;
import org.etcdjakarta.EtcdMaintenance;
import org.etcdjakarta.core.link.protocol.DowngradeRequest;
import org.etcdjakarta.core.link.protocol.DowngradeResponse;

/** {@link EtcdMaintenance}. Defragmentation and snapshots take as long as they take. */
final class MaintenanceClient implements EtcdMaintenance {

    private static final int NONE = 0;
    private static final int NOSPACE = 1;

    /** jetcd's messages have no name for it, and its public type calls it UNRECOGNIZED. */
    private static final int CORRUPT = 2;

    private final Calls calls;
    private final Waiting waiting;
    private final Members members;

    MaintenanceClient(SharedLink link, Waiting waiting) {
        calls = link.calls();
        this.waiting = waiting;
        members = new Members(link, waiting);
    }

    // ---- alarms

    @Override
    public CompletableFuture<AlarmResponse> listAlarms() {
        return list().thenApply(AlarmResponse::new);
    }

    @Override
    public CompletableFuture<List<Alarm>> alarms() {
        return list().thenApply(MaintenanceClient::known);
    }

    @Override
    public CompletableFuture<AlarmResponse> alarmDisarm(AlarmMember member) {
        long id = member.getMemberId();
        AlarmType type = member.getAlarmType();
        if ((id == 0) != (type == AlarmType.NONE)) {
            throw new IllegalArgumentException(
                    "member: " + id + " with alarm " + type
                            + "; allowed: the id of a member with NOSPACE or UNRECOGNIZED (CORRUPT), or 0 with NONE for all alarms");
        }
        return switch (type) {
            case NONE -> disarmEach().thenApply(AlarmResponse::new);
            case NOSPACE -> disarm(id, NOSPACE).thenApply(AlarmResponse::new);
            case UNRECOGNIZED -> disarm(id, CORRUPT).thenApply(AlarmResponse::new);
        };
    }

    @Override
    public CompletableFuture<List<Alarm>> disarm(Alarm alarm) {
        int kind =
                switch (alarm.kind()) {
                    case NOSPACE -> NOSPACE;
                    case CORRUPT -> CORRUPT;
                };
        return disarm(alarm.memberId(), kind).thenApply(MaintenanceClient::known);
    }

    @Override
    public CompletableFuture<List<Alarm>> disarmAll() {
        return disarmEach().thenApply(MaintenanceClient::known);
    }

    private CompletableFuture<io.etcd.jetcd.api.AlarmResponse> list() {
        return calls.read(MaintenanceGrpc.getAlarmMethod(), request(AlarmAction.GET, 0, NONE));
    }

    private CompletableFuture<io.etcd.jetcd.api.AlarmResponse> disarm(long memberId, int kind) {
        return calls.write(MaintenanceGrpc.getAlarmMethod(), request(AlarmAction.DEACTIVATE, memberId, kind));
    }

    /** One after the other, as Go does it: etcd knows no call for all. The answer is that of the last, with all alarms. */
    private CompletableFuture<io.etcd.jetcd.api.AlarmResponse> disarmEach() {
        return calls.whole(
                calls.readPart(MaintenanceGrpc.getAlarmMethod(), request(AlarmAction.GET, 0, NONE), calls.deadline())
                        .thenCompose(this::disarmEach));
    }

    private CompletableFuture<io.etcd.jetcd.api.AlarmResponse> disarmEach(io.etcd.jetcd.api.AlarmResponse listed) {
        var none = listed.toBuilder().clearAlarms().build();
        CompletableFuture<io.etcd.jetcd.api.AlarmResponse> all = CompletableFuture.completedFuture(none);
        for (io.etcd.jetcd.api.AlarmMember alarm : listed.getAlarmsList()) {
            all = all.thenCompose(before -> calls.writePart(
                            MaintenanceGrpc.getAlarmMethod(),
                            request(AlarmAction.DEACTIVATE, alarm.getMemberID(), alarm.getAlarmValue()),
                            calls.deadline())
                    .thenApply(answer -> before.toBuilder().mergeFrom(answer).build()));
        }
        return all;
    }

    private static AlarmRequest request(AlarmAction action, long memberId, int kind) {
        return AlarmRequest.newBuilder()
                .setAction(action)
                .setMemberID(memberId)
                .setAlarmValue(kind)
                .build();
    }

    private static List<Alarm> known(io.etcd.jetcd.api.AlarmResponse answer) {
        return answer.getAlarmsList().stream()
                .filter(alarm -> alarm.getAlarmValue() == NOSPACE || alarm.getAlarmValue() == CORRUPT)
                .map(alarm -> new Alarm(
                        alarm.getMemberID(),
                        alarm.getAlarmValue() == NOSPACE ? Alarm.Kind.NOSPACE : Alarm.Kind.CORRUPT))
                .toList();
    }

    // ---- one member

    @Override
    public CompletableFuture<DefragmentResponse> defragmentMember(String target) {
        return members.at(
                target,
                member -> member.await(
                        MaintenanceGrpc.getDefragmentMethod(),
                        DefragmentRequest.getDefaultInstance(),
                        DefragmentResponse::new));
    }

    @Override
    public CompletableFuture<StatusResponse> statusMember(String target) {
        return members.at(
                target, member -> member.read(MaintenanceGrpc.getStatusMethod(), StatusRequest.getDefaultInstance())
                        .thenApply(StatusResponse::new));
    }

    @Override
    public CompletableFuture<HashKVResponse> hashKV(String target, long rev) {
        HashKVRequest request = HashKVRequest.newBuilder().setRevision(rev).build();
        return members.at(target, member -> member.read(MaintenanceGrpc.getHashKVMethod(), request)
                .thenApply(HashKVResponse::new));
    }

    @Override
    public CompletableFuture<Integer> hash(String endpoint) {
        return members.at(
                endpoint, member -> member.read(MaintenanceGrpc.getHashMethod(), HashRequest.getDefaultInstance())
                        .thenApply(HashResponse::getHash));
    }

    // ---- the leader

    @Override
    public CompletableFuture<MoveLeaderResponse> moveLeader(long transfereeId) {
        Deadline deadline = calls.deadline();
        return calls.whole(moveFromLeader(transfereeId, deadline).exceptionallyCompose(failure -> {
            Throwable cause = LinkErrors.unwrapped(failure);
            // Another one leads since we asked who does. Nothing was done, so once more.
            return cause instanceof EtcdException refused && refused.code().equals(LinkErrors.NOT_LEADER)
                    ? moveFromLeader(transfereeId, deadline)
                    : CompletableFuture.failedFuture(cause);
        }));
    }

    private CompletableFuture<MoveLeaderResponse> moveFromLeader(long transfereeId, Deadline deadline) {
        return members.leader(deadline)
                .thenCompose(leader -> members.at(leader, member -> member.writePart(
                                MaintenanceGrpc.getMoveLeaderMethod(), moveTo(transfereeId), deadline)
                        .thenApply(MoveLeaderResponse::new)));
    }

    @Override
    public CompletableFuture<MoveLeaderResponse> moveLeader(String endpoint, long transfereeId) {
        return members.at(endpoint, member -> member.write(MaintenanceGrpc.getMoveLeaderMethod(), moveTo(transfereeId))
                .thenApply(MoveLeaderResponse::new));
    }

    private static MoveLeaderRequest moveTo(long transfereeId) {
        return MoveLeaderRequest.newBuilder().setTargetID(transfereeId).build();
    }

    // ---- the cluster

    @Override
    public CompletableFuture<String> downgrade(DowngradeAction action, String version) {
        DowngradeRequest request = DowngradeRequest.newBuilder()
                .setAction(DowngradeRequest.DowngradeAction.valueOf(action.name()))
                .setVersion(version)
                .build();
        var answer = action == DowngradeAction.VALIDATE
                ? calls.read(EtcdMethods.DOWNGRADE, request)
                : calls.write(EtcdMethods.DOWNGRADE, request);
        return answer.thenApply(DowngradeResponse::getVersion);
    }

    // ---- snapshots

    /** An observer that throws gets no more parts; what it threw goes to its onError. */
    @Override
    public void snapshot(StreamObserver<SnapshotResponse> observer) {
        waiting.checkOpen();
        var unused = waiting.guard(new SnapshotStream(calls, SnapshotStream.of(observer)).start());
    }

    @Override
    public CompletableFuture<Long> snapshot(OutputStream outputStream) {
        return write(outputStream, Snapshot::bytes);
    }

    @Override
    public CompletableFuture<Snapshot> snapshotWithVersion(OutputStream outputStream) {
        return write(outputStream, snapshot -> snapshot);
    }

    private <T> CompletableFuture<T> write(OutputStream target, Function<Snapshot, T> mapping) {
        waiting.checkOpen();
        SnapshotWriter writer = new SnapshotWriter(target, calls.errors);
        CompletableFuture<Void> end = waiting.guard(new SnapshotStream(calls, writer).start());
        CompletableFuture<T> written = writer.written().thenApply(mapping);
        var unused = written.whenComplete((snapshot, failure) -> {
            if (written.isCancelled()) {
                end.cancel(false);
            }
        });
        return written;
    }
}
