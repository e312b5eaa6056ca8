package org.etcdjakarta.embedded.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.etcdjakarta.embedded.service.Embedded.assertRefused;
import static org.etcdjakarta.embedded.service.Embedded.deleteRequest;
import static org.etcdjakarta.embedded.service.Embedded.putRequest;

import io.etcd.jetcd.api.AlarmMember;
import io.etcd.jetcd.api.AlarmRequest;
import io.etcd.jetcd.api.AlarmRequest.AlarmAction;
import io.etcd.jetcd.api.CompactionRequest;
import io.etcd.jetcd.api.DefragmentRequest;
import io.etcd.jetcd.api.HashKVRequest;
import io.etcd.jetcd.api.HashRequest;
import io.etcd.jetcd.api.LeaseRevokeRequest;
import io.etcd.jetcd.api.MaintenanceGrpc;
import io.etcd.jetcd.api.MoveLeaderRequest;
import io.etcd.jetcd.api.RequestOp;
import io.etcd.jetcd.api.SnapshotRequest;
import io.etcd.jetcd.api.StatusRequest;
import io.etcd.jetcd.api.StatusResponse;
import io.etcd.jetcd.api.TxnRequest;
import io.grpc.CallOptions;
import io.grpc.Status;
import io.grpc.stub.ClientCalls;
import java.util.List;
import org.etcdjakarta.embedded.protocol.DowngradeRequest;
import org.etcdjakarta.embedded.protocol.DowngradeRequest.DowngradeAction;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class MaintenanceServiceTest {

    private static final int NOSPACE = 1;
    private static final int CORRUPT = 2;

    private final Embedded embedded = new Embedded();
    private final MaintenanceGrpc.MaintenanceBlockingStub maintenance =
            MaintenanceGrpc.newBlockingStub(embedded.channel);

    @AfterEach
    void close() {
        embedded.close();
    }

    @Test
    void theStatusTellsOfALeaderThatGrowsWithItsData() {
        StatusResponse before = status();
        embedded.put("k", "x".repeat(10_000));
        StatusResponse after = status();

        assertThat(before.getVersion()).startsWith("3.5.");
        assertThat(before.getLeader()).isEqualTo(before.getHeader().getMemberId());
        assertThat(before.getRaftTerm()).isEqualTo(before.getHeader().getRaftTerm());
        assertThat(before.getIsLearner()).isFalse();
        assertThat(before.getErrorsList()).isEmpty();
        assertThat(after.getDbSize()).isGreaterThan(before.getDbSize() + 10_000);
        assertThat(after.getDbSizeInUse()).isEqualTo(after.getDbSize());
        assertThat(after.getRaftIndex()).isGreaterThan(before.getRaftIndex());
        assertThat(after.getRaftAppliedIndex()).isEqualTo(after.getRaftIndex());
    }

    @Test
    void alarmsAreRaisedOnceListedByKindAndDisarmed() {
        assertThat(alarm(AlarmAction.ACTIVATE, 5, NOSPACE)).hasSize(1);
        assertThat(alarm(AlarmAction.ACTIVATE, 5, NOSPACE)).hasSize(1);
        assertThat(alarm(AlarmAction.ACTIVATE, 6, CORRUPT)).hasSize(1);

        assertThat(alarm(AlarmAction.GET, 0, 0))
                .extracting(AlarmMember::getMemberID)
                .containsExactly(5L, 6L);
        assertThat(alarm(AlarmAction.GET, 0, CORRUPT)).singleElement().satisfies(raised -> {
            assertThat(raised.getAlarmValue()).isEqualTo(CORRUPT);
            assertThat(raised.getMemberID()).isEqualTo(6);
        });
        assertThat(status().getErrorsList()).containsExactly("memberID:5 alarm:NOSPACE ", "memberID:6 alarm:CORRUPT ");

        assertThat(alarm(AlarmAction.DEACTIVATE, 6, NOSPACE)).isEmpty();
        assertThat(alarm(AlarmAction.DEACTIVATE, 5, NOSPACE)).hasSize(1);
        assertThat(alarm(AlarmAction.DEACTIVATE, 6, CORRUPT)).hasSize(1);
        assertThat(alarm(AlarmAction.GET, 0, 0)).isEmpty();
        assertThat(alarm(AlarmAction.ACTIVATE, 5, 0)).isEmpty();
    }

    @Test
    void withoutSpaceNothingGrowsButDeletesAndReadsGoOn() {
        embedded.put("k", "1");
        alarm(AlarmAction.ACTIVATE, 0, NOSPACE);

        for (Runnable growth : List.<Runnable>of(
                () -> embedded.put("k", "2"), () -> embedded.kv.txn(putInElse()), () -> embedded.grant(10))) {
            assertRefused(growth, Status.Code.RESOURCE_EXHAUSTED, "etcdserver: mvcc: database space exceeded");
        }
        assertThat(embedded.get("k")).hasSize(1);
        assertThat(embedded.kv.txn(deletion()).getSucceeded()).isTrue();
        assertThat(embedded.get("k")).isEmpty();

        alarm(AlarmAction.DEACTIVATE, 0, NOSPACE);
        assertThat(embedded.put("k", "3")).isEqualTo(4);
    }

    @Test
    void whenCorruptNothingChangesButReadsGoOn() {
        long revision = embedded.put("k", "1");
        long lease = embedded.grant(10);
        alarm(AlarmAction.ACTIVATE, 0, CORRUPT);

        for (Runnable change : List.<Runnable>of(
                () -> embedded.put("k", "2"),
                () -> embedded.kv.deleteRange(deleteRequest("k")),
                () -> embedded.kv.txn(deletion()),
                () -> embedded.kv.compact(
                        CompactionRequest.newBuilder().setRevision(revision).build()),
                () -> embedded.grant(10),
                () -> embedded.lease.leaseRevoke(
                        LeaseRevokeRequest.newBuilder().setID(lease).build()))) {
            assertRefused(change, Status.Code.DATA_LOSS, "etcdserver: corrupt cluster");
        }
        assertThat(embedded.get("k")).hasSize(1);
        assertThat(embedded.kv.txn(reading()).getResponsesCount()).isOne();
    }

    /** The numbers are what an etcd 3.5.16 with the same history says. */
    @Test
    void theHashOfAHistoryIsEtcds() {
        embedded.put("k", "1");
        embedded.put("k", "2");
        var unused = embedded.kv.deleteRange(deleteRequest("k"));

        assertThat(hash(2)).isEqualTo(1_336_084_322L);
        assertThat(hash(3)).isEqualTo(2_308_752_286L);
        assertThat(hash(4)).isEqualTo(1_215_411_969L);
        assertThat(hash(0)).isEqualTo(hash(4));
        assertThat(Integer.toUnsignedLong(
                        maintenance.hash(HashRequest.getDefaultInstance()).getHash()))
                .isEqualTo(hash(4));
    }

    @Test
    void theHashIsRefusedForRevisionsThatAreNotThere() {
        embedded.put("k", "1");
        embedded.put("k", "2");
        assertThat(maintenance.hashKV(HashKVRequest.getDefaultInstance()).getCompactRevision())
                .isEqualTo(-1);
        var unused = embedded.kv.compact(
                CompactionRequest.newBuilder().setRevision(3).build());

        assertThat(maintenance.hashKV(HashKVRequest.getDefaultInstance()).getCompactRevision())
                .isEqualTo(3);
        assertRefused(
                () -> hash(2), Status.Code.OUT_OF_RANGE, "etcdserver: mvcc: required revision has been compacted");
        assertRefused(
                () -> hash(4), Status.Code.OUT_OF_RANGE, "etcdserver: mvcc: required revision is a future revision");
    }

    @Test
    void defragmentDoesNothingAndASnapshotIsRefusedWithItsReason() {
        assertThat(maintenance
                        .defragment(DefragmentRequest.getDefaultInstance())
                        .hasHeader())
                .isFalse();
        assertRefused(
                () -> maintenance.snapshot(SnapshotRequest.getDefaultInstance()).forEachRemaining(piece -> {}),
                Status.Code.UNIMPLEMENTED,
                "the embedded etcd keeps nothing on disk, so there is no snapshot to send: use a real etcd");
    }

    @Test
    void theLeaderMovesToItselfAndToNobodyElse() {
        long member = status().getLeader();
        assertThat(maintenance
                        .moveLeader(MoveLeaderRequest.newBuilder()
                                .setTargetID(member)
                                .build())
                        .hasHeader())
                .isFalse();
        assertRefused(
                () -> maintenance.moveLeader(
                        MoveLeaderRequest.newBuilder().setTargetID(7).build()),
                Status.Code.FAILED_PRECONDITION,
                "etcdserver: bad leader transferee");
    }

    @Test
    void aDowngradeToTheVersionBeforeIsAnnouncedAndCancelled() {
        assertThat(downgrade(DowngradeAction.VALIDATE, "3.4")).isEqualTo("3.5.0");
        assertThat(downgrade(DowngradeAction.ENABLE, "3.4.1")).isEqualTo("3.5.0");
        assertRefused(
                () -> downgrade(DowngradeAction.VALIDATE, "3.4.0"),
                Status.Code.FAILED_PRECONDITION,
                "etcdserver: cluster has a downgrade job in progress");
        assertThat(downgrade(DowngradeAction.CANCEL, "")).isEqualTo("3.5.0");
        assertRefused(
                () -> downgrade(DowngradeAction.CANCEL, ""),
                Status.Code.FAILED_PRECONDITION,
                "etcdserver: no inflight downgrade job");
        assertRefused(
                () -> downgrade(DowngradeAction.ENABLE, "3.3.0"),
                Status.Code.INVALID_ARGUMENT,
                "etcdserver: invalid downgrade target version");
        assertRefused(
                () -> downgrade(DowngradeAction.ENABLE, "three"),
                Status.Code.INVALID_ARGUMENT,
                "etcdserver: wrong downgrade target version format");
    }

    private StatusResponse status() {
        return maintenance.status(StatusRequest.getDefaultInstance());
    }

    private List<AlarmMember> alarm(AlarmAction action, long member, int type) {
        return maintenance
                .alarm(AlarmRequest.newBuilder()
                        .setAction(action)
                        .setMemberID(member)
                        .setAlarmValue(type)
                        .build())
                .getAlarmsList();
    }

    private long hash(long revision) {
        return Integer.toUnsignedLong(maintenance
                .hashKV(HashKVRequest.newBuilder().setRevision(revision).build())
                .getHash());
    }

    private String downgrade(DowngradeAction action, String version) {
        return ClientCalls.blockingUnaryCall(
                        embedded.channel,
                        EtcdMethods.DOWNGRADE,
                        CallOptions.DEFAULT,
                        DowngradeRequest.newBuilder()
                                .setAction(action)
                                .setVersion(version)
                                .build())
                .getVersion();
    }

    private static TxnRequest putInElse() {
        return TxnRequest.newBuilder()
                .addFailure(RequestOp.newBuilder()
                        .setRequestTxn(TxnRequest.newBuilder()
                                .addSuccess(RequestOp.newBuilder().setRequestPut(putRequest("k", "2")))))
                .build();
    }

    private static TxnRequest deletion() {
        return TxnRequest.newBuilder()
                .addSuccess(RequestOp.newBuilder().setRequestDeleteRange(deleteRequest("k")))
                .build();
    }

    private static TxnRequest reading() {
        return TxnRequest.newBuilder()
                .addSuccess(RequestOp.newBuilder().setRequestRange(Embedded.rangeRequest("k")))
                .build();
    }
}
