package org.etcdjakarta.embedded.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.etcdjakarta.embedded.service.Embedded.assertRefused;
import static org.etcdjakarta.embedded.service.Embedded.bytes;
import static org.etcdjakarta.embedded.service.Embedded.deleteRequest;
import static org.etcdjakarta.embedded.service.Embedded.putRequest;
import static org.etcdjakarta.embedded.service.Embedded.rangeRequest;

import io.etcd.jetcd.api.AlarmRequest;
import io.etcd.jetcd.api.ClusterGrpc;
import io.etcd.jetcd.api.CompactionRequest;
import io.etcd.jetcd.api.Compare;
import io.etcd.jetcd.api.DefragmentRequest;
import io.etcd.jetcd.api.HashRequest;
import io.etcd.jetcd.api.KVGrpc;
import io.etcd.jetcd.api.LeaseGrantRequest;
import io.etcd.jetcd.api.LeaseGrpc;
import io.etcd.jetcd.api.LeaseRevokeRequest;
import io.etcd.jetcd.api.LeaseTimeToLiveRequest;
import io.etcd.jetcd.api.MaintenanceGrpc;
import io.etcd.jetcd.api.MemberListRequest;
import io.etcd.jetcd.api.MemberRemoveRequest;
import io.etcd.jetcd.api.Permission;
import io.etcd.jetcd.api.RangeRequest;
import io.etcd.jetcd.api.RequestOp;
import io.etcd.jetcd.api.StatusRequest;
import io.etcd.jetcd.api.TxnRequest;
import io.etcd.jetcd.api.WatchCreateRequest;
import io.etcd.jetcd.api.WatchGrpc;
import io.etcd.jetcd.api.WatchRequest;
import io.etcd.jetcd.api.WatchResponse;
import io.etcd.jetcd.api.lock.LockGrpc;
import io.etcd.jetcd.api.lock.LockRequest;
import io.grpc.Channel;
import io.grpc.Status;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A user who may read b to d in two pieces, write b to c, and write x. */
class PermissionsTest {

    private final Embedded embedded = new Embedded();
    private final Administrator admin = new Administrator(embedded.channel);
    private Channel user = embedded.channel;
    private Channel root = embedded.channel;

    @BeforeEach
    void secure() {
        admin.addRole("r");
        admin.grant("r", Permission.Type.READWRITE, "b", "c");
        admin.grant("r", Permission.Type.READ, "c", "d");
        admin.grant("r", Permission.Type.WRITE, "x", "");
        admin.addUser("u", "p");
        admin.grantRole("u", "r");
        admin.secure("secret");
        user = embedded.withToken(admin.token("u", "p"));
        root = embedded.withToken(admin.token("root", "secret"));
    }

    @AfterEach
    void close() {
        embedded.close();
    }

    @Test
    void rangesMustBeCoveredByWhatAllRolesPermitTogether() {
        allowed(() -> kv().range(range("b", "")));
        allowed(() -> kv().range(range("b", "d")));
        allowed(() -> kv().range(range("c", "c5")));
        denied(() -> kv().range(range("a", "c")));
        denied(() -> kv().range(range("b", "d0")));
        denied(() -> kv().range(range("b", "\0")));
        denied(() -> kv().range(range("x", "")));
        denied(() -> kv().range(range("d", "")));
    }

    @Test
    void anOpenPermissionReachesToTheEnd() {
        new Administrator(root).grant("r", Permission.Type.READ, "y", "\0");

        allowed(() -> kv().range(range("y", "\0")));
        allowed(() -> kv().range(range("z", "zz")));
        denied(() -> kv().range(range("x", "\0")));
    }

    @Test
    void writingIsPermittedApartFromReading() {
        allowed(() -> kv().put(putRequest("b", "1")));
        allowed(() -> kv().put(putRequest("x", "1")));
        denied(() -> kv().put(putRequest("c", "1")));
        denied(() -> kv().put(putRequest("x", "1").toBuilder().setPrevKv(true).build()));
        allowed(() -> kv().deleteRange(deleteRequest("x")));
        denied(() ->
                kv().deleteRange(deleteRequest("x").toBuilder().setPrevKv(true).build()));
        denied(() -> kv().deleteRange(
                        deleteRequest("b").toBuilder().setRangeEnd(bytes("d")).build()));
    }

    @Test
    void aTxnIsPermittedWithBothItsBranchesAndAllThatIsInThem() {
        RequestOp forbidden =
                RequestOp.newBuilder().setRequestPut(putRequest("c", "1")).build();
        RequestOp nested = RequestOp.newBuilder()
                .setRequestTxn(TxnRequest.newBuilder().addFailure(forbidden))
                .build();

        allowed(() -> kv().txn(TxnRequest.newBuilder()
                .addCompare(Compare.newBuilder().setKey(bytes("b")))
                .addSuccess(RequestOp.newBuilder().setRequestPut(putRequest("b", "1")))
                .build()));
        denied(() -> kv().txn(TxnRequest.newBuilder()
                .addCompare(Compare.newBuilder().setKey(bytes("x")))
                .build()));
        denied(() -> kv().txn(TxnRequest.newBuilder().addFailure(forbidden).build()));
        denied(() -> kv().txn(TxnRequest.newBuilder().addSuccess(nested).build()));
        denied(() -> kv().txn(TxnRequest.newBuilder()
                .addSuccess(RequestOp.newBuilder().setRequestRange(rangeRequest("a")))
                .build()));
        denied(() -> kv().txn(TxnRequest.newBuilder()
                .addSuccess(RequestOp.newBuilder().setRequestDeleteRange(deleteRequest("a")))
                .build()));
    }

    @Test
    void aWatchOfWhatMayNotBeReadIsCanceledWithItsReason() {
        assertThat(watch(user, "b", "d")).satisfies(answer -> {
            assertThat(answer.getCreated()).isTrue();
            assertThat(answer.getCanceled()).isFalse();
        });
        assertThat(watch(user, "a", "")).satisfies(answer -> {
            assertThat(answer.getCreated()).isTrue();
            assertThat(answer.getCanceled()).isTrue();
            assertThat(answer.getWatchId()).isEqualTo(-1);
            assertThat(answer.getCancelReason())
                    .isEqualTo("rpc error: code = PermissionDenied desc = etcdserver: permission denied");
        });
        assertThat(watch(embedded.channel, "b", "").getCancelReason())
                .isEqualTo("rpc error: code = InvalidArgument desc = etcdserver: user name is empty");
        assertThat(watch(embedded.withToken("x.1"), "b", "").getCancelReason())
                .isEqualTo("rpc error: code = Unauthenticated desc = etcdserver: invalid auth token");
    }

    @Test
    void aLeaseBelongsToWhoMayWriteAndReadAllItsKeys() {
        long mine = grant(user);
        var unused = kv().put(putRequest("x", "1").toBuilder().setLease(mine).build());
        long foreign = grant(user);
        var unused2 = KVGrpc.newBlockingStub(root)
                .put(putRequest("a", "1").toBuilder().setLease(foreign).build());
        LeaseGrpc.LeaseBlockingStub lease = LeaseGrpc.newBlockingStub(user);

        denied(() -> lease.leaseTimeToLive(keysOf(mine)));
        allowed(() ->
                lease.leaseTimeToLive(keysOf(mine).toBuilder().setKeys(false).build()));
        assertThat(LeaseGrpc.newBlockingStub(root).leaseTimeToLive(keysOf(mine)).getKeysList())
                .containsExactly(bytes("x"));
        denied(() -> kv().put(putRequest("b", "1").toBuilder().setLease(foreign).build()));
        denied(() -> lease.leaseRevoke(revocation(foreign)));
        allowed(() -> lease.leaseRevoke(revocation(mine)));
    }

    @Test
    void locksAreKeysAndPermittedAsSuch() {
        LockGrpc.LockBlockingStub lock = LockGrpc.newBlockingStub(user);

        allowed(() -> lock.lock(LockRequest.newBuilder().setName(bytes("b1")).build()));
        assertRefused(
                () -> lock.lock(LockRequest.newBuilder().setName(bytes("x")).build()),
                Status.Code.UNKNOWN,
                "etcdserver: permission denied");
    }

    @Test
    void rootMayEverything() {
        KVGrpc.KVBlockingStub kv = KVGrpc.newBlockingStub(root);

        allowed(() -> kv.put(putRequest("a", "1")));
        assertThat(kv.range(range("\0", "\0")).getCount()).isOne();
        allowed(() -> MaintenanceGrpc.newBlockingStub(root).hash(HashRequest.getDefaultInstance()));
        assertRefused(
                () -> ClusterGrpc.newBlockingStub(root).memberRemove(removal()),
                Status.Code.NOT_FOUND,
                "etcdserver: member not found");
    }

    @Test
    void onlyRootMaintainsAndChangesMembers() {
        MaintenanceGrpc.MaintenanceBlockingStub nobodys = MaintenanceGrpc.newBlockingStub(embedded.channel);
        MaintenanceGrpc.MaintenanceBlockingStub users = MaintenanceGrpc.newBlockingStub(user);

        assertRefused(
                () -> users.hash(HashRequest.getDefaultInstance()), Status.Code.UNKNOWN, "auth: permission denied");
        assertRefused(
                () -> nobodys.defragment(DefragmentRequest.getDefaultInstance()),
                Status.Code.UNKNOWN,
                "auth: user name is empty");
        denied(() -> ClusterGrpc.newBlockingStub(user).memberRemove(removal()));
        assertRefused(
                () -> ClusterGrpc.newBlockingStub(embedded.channel).memberRemove(removal()),
                Status.Code.INVALID_ARGUMENT,
                "etcdserver: user name is empty");
    }

    @Test
    void whatEtcdAsksNoTokenForNeedsNoneButMostOfItNoWrongOne() {
        allowed(() -> MaintenanceGrpc.newBlockingStub(embedded.channel).status(StatusRequest.getDefaultInstance()));
        allowed(() -> ClusterGrpc.newBlockingStub(embedded.channel).memberList(MemberListRequest.getDefaultInstance()));
        allowed(() -> grant(embedded.channel));

        Channel wrong = embedded.withToken("wrong.1");
        allowed(() -> MaintenanceGrpc.newBlockingStub(wrong).status(StatusRequest.getDefaultInstance()));
        for (Runnable call : List.<Runnable>of(
                () -> grant(wrong),
                () -> KVGrpc.newBlockingStub(wrong).range(rangeRequest("b")),
                () -> KVGrpc.newBlockingStub(wrong).compact(CompactionRequest.getDefaultInstance()),
                () -> MaintenanceGrpc.newBlockingStub(wrong).alarm(AlarmRequest.getDefaultInstance()))) {
            assertRefused(call, Status.Code.UNAUTHENTICATED, "etcdserver: invalid auth token");
        }
    }

    @Test
    void aPermissionThatIsRevokedIsGoneAtOnce() {
        allowed(() -> kv().put(putRequest("x", "1")));

        new Administrator(root).revoke("r", "x", "");

        denied(() -> kv().put(putRequest("x", "1")));
    }

    private KVGrpc.KVBlockingStub kv() {
        return KVGrpc.newBlockingStub(user);
    }

    private static long grant(Channel caller) {
        return LeaseGrpc.newBlockingStub(caller)
                .leaseGrant(LeaseGrantRequest.newBuilder().setTTL(60).build())
                .getID();
    }

    private static WatchResponse watch(Channel caller, String key, String end) {
        Answers<WatchResponse> answers = new Answers<>();
        var requests = WatchGrpc.newStub(caller).watch(answers);
        requests.onNext(WatchRequest.newBuilder()
                .setCreateRequest(
                        WatchCreateRequest.newBuilder().setKey(bytes(key)).setRangeEnd(bytes(end)))
                .build());
        WatchResponse first = answers.atLeast(1).get(0);
        requests.onCompleted();
        return first;
    }

    private static RangeRequest range(String key, String end) {
        return RangeRequest.newBuilder()
                .setKey(bytes(key))
                .setRangeEnd(bytes(end))
                .build();
    }

    private static LeaseTimeToLiveRequest keysOf(long lease) {
        return LeaseTimeToLiveRequest.newBuilder().setID(lease).setKeys(true).build();
    }

    private static LeaseRevokeRequest revocation(long lease) {
        return LeaseRevokeRequest.newBuilder().setID(lease).build();
    }

    private static MemberRemoveRequest removal() {
        return MemberRemoveRequest.newBuilder().setID(7).build();
    }

    private static void allowed(Runnable call) {
        assertThatCode(call::run).doesNotThrowAnyException();
    }

    private static void denied(Runnable call) {
        assertRefused(call, Status.Code.PERMISSION_DENIED, "etcdserver: permission denied");
    }
}
