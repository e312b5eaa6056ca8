package org.etcdjakarta.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.ByteString;
import io.etcd.jetcd.api.CompactionRequest;
import io.etcd.jetcd.api.Compare;
import io.etcd.jetcd.api.DeleteRangeRequest;
import io.etcd.jetcd.api.Event;
import io.etcd.jetcd.api.KVGrpc;
import io.etcd.jetcd.api.KeyValue;
import io.etcd.jetcd.api.LeaseGrantRequest;
import io.etcd.jetcd.api.LeaseGrpc;
import io.etcd.jetcd.api.LeaseRevokeRequest;
import io.etcd.jetcd.api.LeaseTimeToLiveRequest;
import io.etcd.jetcd.api.PutRequest;
import io.etcd.jetcd.api.RangeRequest;
import io.etcd.jetcd.api.RangeResponse;
import io.etcd.jetcd.api.RequestOp;
import io.etcd.jetcd.api.TxnRequest;
import io.etcd.jetcd.api.TxnResponse;
import io.etcd.jetcd.api.WatchCancelRequest;
import io.etcd.jetcd.api.WatchCreateRequest;
import io.etcd.jetcd.api.WatchGrpc;
import io.etcd.jetcd.api.WatchRequest;
import io.etcd.jetcd.api.WatchResponse;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.StreamObserver;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Over a real port, with the bare stubs. */
class EmbeddedEtcdTest {

    private final ManualClock clock = new ManualClock();
    private final EmbeddedEtcd etcd = EmbeddedEtcd.start(clock);
    private final ManagedChannel channel = NettyChannelBuilder.forTarget(
                    etcd.endpoint().replace("http://", "dns:///"))
            .usePlaintext()
            .build();
    private final KVGrpc.KVBlockingStub kv = KVGrpc.newBlockingStub(channel);
    private final LeaseGrpc.LeaseBlockingStub lease = LeaseGrpc.newBlockingStub(channel);
    private final Queue<WatchResponse> watched = new ConcurrentLinkedQueue<>();

    @AfterEach
    void close() throws InterruptedException {
        channel.shutdownNow();
        assertThat(channel.awaitTermination(30, TimeUnit.SECONDS)).isTrue();
        etcd.close();
    }

    @Test
    void aKeyRemembersItsRevisionsAndIsReadAtAnyOfThem() {
        assertThat(put("k", "1").getHeader().getRevision()).isEqualTo(2);
        put("k", "2");

        KeyValue now = range(RangeRequest.newBuilder().setKey(bytes("k"))).getKvs(0);
        KeyValue before = range(RangeRequest.newBuilder().setKey(bytes("k")).setRevision(2))
                .getKvs(0);

        assertThat(now.getValue()).isEqualTo(bytes("2"));
        assertThat(now.getVersion()).isEqualTo(2);
        assertThat(now.getCreateRevision()).isEqualTo(2);
        assertThat(now.getModRevision()).isEqualTo(3);
        assertThat(before.getValue()).isEqualTo(bytes("1"));
    }

    @Test
    void whatIsCompactedOrNotYetThereIsRefusedInTheWordsOfEtcd() {
        put("k", "1");
        put("k", "2");
        var unused = kv.compact(CompactionRequest.newBuilder().setRevision(3).build());

        assertRefused(
                () -> range(RangeRequest.newBuilder().setKey(bytes("k")).setRevision(2)),
                Status.Code.OUT_OF_RANGE,
                "etcdserver: mvcc: required revision has been compacted");
        assertRefused(
                () -> range(RangeRequest.newBuilder().setKey(bytes("k")).setRevision(4)),
                Status.Code.OUT_OF_RANGE,
                "etcdserver: mvcc: required revision is a future revision");
        assertThat(range(RangeRequest.newBuilder().setKey(bytes("k")).setRevision(3))
                        .getCount())
                .isOne();
    }

    @Test
    void rangesLimitCountAndSort() {
        List.of("a", "b", "c").forEach(key -> put(key, "x"));
        put("a", "y");

        RangeResponse two = range(
                RangeRequest.newBuilder().setKey(bytes("a")).setRangeEnd(zero()).setLimit(2));
        RangeResponse byRevision = range(RangeRequest.newBuilder()
                .setKey(bytes("a"))
                .setRangeEnd(bytes("c"))
                .setSortOrder(RangeRequest.SortOrder.DESCEND)
                .setSortTarget(RangeRequest.SortTarget.MOD));

        assertThat(two.getKvsList()).extracting(KeyValue::getKey).containsExactly(bytes("a"), bytes("b"));
        assertThat(two.getMore()).isTrue();
        assertThat(two.getCount()).isEqualTo(3);
        assertThat(byRevision.getKvsList()).extracting(KeyValue::getKey).containsExactly(bytes("a"), bytes("b"));
    }

    @Test
    void aTxnIsOneRevisionAndItsBranchFollowsItsCompares() {
        put("k", "1");
        TxnRequest.Builder txn = TxnRequest.newBuilder()
                .addCompare(Compare.newBuilder()
                        .setKey(bytes("k"))
                        .setTarget(Compare.CompareTarget.MOD)
                        .setModRevision(2))
                .addSuccess(putOp("k", "2"))
                .addSuccess(putOp("l", "2"))
                .addFailure(RequestOp.newBuilder()
                        .setRequestRange(RangeRequest.newBuilder().setKey(bytes("k"))));

        TxnResponse first = kv.txn(txn.build());
        TxnResponse second = kv.txn(txn.build());

        assertThat(first.getSucceeded()).isTrue();
        assertThat(first.getHeader().getRevision()).isEqualTo(3);
        assertThat(second.getSucceeded()).isFalse();
        assertThat(second.getHeader().getRevision()).isEqualTo(3);
        assertThat(second.getResponses(0).getResponseRange().getKvs(0).getValue())
                .isEqualTo(bytes("2"));
    }

    @Test
    void aRefusedTxnHasChangedNothing() {
        TxnRequest txn = TxnRequest.newBuilder()
                .addSuccess(putOp("k", "1"))
                .addSuccess(RequestOp.newBuilder()
                        .setRequestRange(
                                RangeRequest.newBuilder().setKey(bytes("k")).setRevision(99)))
                .build();

        assertRefused(
                () -> kv.txn(txn),
                Status.Code.OUT_OF_RANGE,
                "etcdserver: mvcc: required revision is a future revision");
        assertThat(range(RangeRequest.newBuilder().setKey(bytes("k"))).getCount())
                .isZero();
    }

    @Test
    void aTxnIsAsWideAsEtcdAllowsAndWritesNoKeyTwice() {
        TxnRequest.Builder wide = TxnRequest.newBuilder();
        for (int i = 0; i < 128; i++) {
            wide.addSuccess(putOp("k" + i, "1"));
        }
        assertThat(kv.txn(wide.build()).getSucceeded()).isTrue();

        assertRefused(
                () -> kv.txn(wide.addSuccess(putOp("one more", "1")).build()),
                Status.Code.INVALID_ARGUMENT,
                "etcdserver: too many operations in txn request");
        assertRefused(
                () -> kv.txn(TxnRequest.newBuilder()
                        .addSuccess(putOp("k", "1"))
                        .addSuccess(putOp("k", "2"))
                        .build()),
                Status.Code.INVALID_ARGUMENT,
                "etcdserver: duplicate key given in txn request");
        assertRefused(
                () -> put("k", "x".repeat(1600 * 1024)),
                Status.Code.INVALID_ARGUMENT,
                "etcdserver: request is too large");
    }

    @Test
    void aWatchReplaysHistoryAndGoesOnWithoutGapOrRepetition() {
        put("/a/1", "1");
        put("/b/1", "not watched");
        put("/a/2", "2");
        StreamObserver<WatchRequest> requests = watch();
        requests.onNext(create("/a/", "/a0", 2));
        // The history comes in one answer.
        await().until(() -> watched.size() == 2);

        put("/a/1", "3");
        var unused = kv.deleteRange(
                DeleteRangeRequest.newBuilder().setKey(bytes("/a/2")).build());

        await().until(() -> watched.size() == 4);
        assertThat(watched.peek().getCreated()).isTrue();
        assertThat(watched.stream().flatMap(answer -> answer.getEventsList().stream()))
                .extracting(event -> event.getKv().getModRevision())
                .containsExactly(2L, 4L, 5L, 6L);
        assertThat(watched.stream().flatMap(answer -> answer.getEventsList().stream()))
                .last()
                .extracting(Event::getType)
                .isEqualTo(Event.EventType.DELETE);
        requests.onCompleted();
    }

    @Test
    void manyWatchesOfOneStreamAreToldApartAndEndOneByOne() {
        StreamObserver<WatchRequest> requests = watch();
        requests.onNext(create("a", "", 0));
        requests.onNext(create("b", "", 0));
        await().until(() -> watched.size() == 2);
        requests.onNext(WatchRequest.newBuilder()
                .setCancelRequest(WatchCancelRequest.newBuilder().setWatchId(0))
                .build());
        await().until(() -> watched.size() == 3);

        put("a", "1");
        put("b", "1");

        await().until(() -> watched.size() == 4);
        assertThat(watched).element(2).matches(WatchResponse::getCanceled);
        assertThat(watched).element(3).matches(answer -> answer.getWatchId() == 1 && answer.getEventsCount() == 1);
        requests.onCompleted();
    }

    @Test
    void aWatchThatBeginsInCompactedHistoryIsToldSo() {
        put("k", "1");
        put("k", "2");
        var unused = kv.compact(CompactionRequest.newBuilder().setRevision(3).build());
        StreamObserver<WatchRequest> requests = watch();

        requests.onNext(create("k", "", 2));

        await().until(() -> watched.size() == 2);
        assertThat(watched).last().matches(answer -> answer.getCanceled() && answer.getCompactRevision() == 3);
        requests.onCompleted();
    }

    @Test
    void aLeaseThatOutlivesItsTimeTakesItsKeysAlong() {
        long id = lease.leaseGrant(LeaseGrantRequest.newBuilder().setTTL(10).build())
                .getID();
        var unused = kv.put(PutRequest.newBuilder()
                .setKey(bytes("k"))
                .setValue(bytes("leased"))
                .setLease(id)
                .build());

        clock.advance(Duration.ofSeconds(9));
        assertThat(timeToLive(id)).isEqualTo(1);
        assertThat(range(RangeRequest.newBuilder().setKey(bytes("k"))).getCount())
                .isOne();

        clock.advance(Duration.ofSeconds(1));
        assertThat(timeToLive(id)).isEqualTo(-1);
        assertThat(range(RangeRequest.newBuilder().setKey(bytes("k"))).getCount())
                .isZero();
    }

    @Test
    void aLeaseIsRevokedOnceAndWhatIsNotThereIsRefused() {
        long id = lease.leaseGrant(
                        LeaseGrantRequest.newBuilder().setTTL(10).setID(7).build())
                .getID();
        assertThat(id).isEqualTo(7);
        assertRefused(
                () -> lease.leaseGrant(
                        LeaseGrantRequest.newBuilder().setTTL(10).setID(7).build()),
                Status.Code.FAILED_PRECONDITION,
                "etcdserver: lease already exists");

        LeaseRevokeRequest revoke = LeaseRevokeRequest.newBuilder().setID(7).build();
        var unused = lease.leaseRevoke(revoke);

        assertRefused(() -> lease.leaseRevoke(revoke), Status.Code.NOT_FOUND, "etcdserver: requested lease not found");
        assertRefused(
                () -> kv.put(
                        PutRequest.newBuilder().setKey(bytes("k")).setLease(7).build()),
                Status.Code.NOT_FOUND,
                "etcdserver: requested lease not found");
    }

    private StreamObserver<WatchRequest> watch() {
        return WatchGrpc.newStub(channel).watch(new StreamObserver<>() {
            @Override
            public void onNext(WatchResponse answer) {
                watched.add(answer);
            }

            @Override
            public void onError(Throwable cut) {
                // Of the end of the test.
            }

            @Override
            public void onCompleted() {
                // As asked for.
            }
        });
    }

    private static WatchRequest create(String key, String end, long start) {
        return WatchRequest.newBuilder()
                .setCreateRequest(WatchCreateRequest.newBuilder()
                        .setKey(bytes(key))
                        .setRangeEnd(bytes(end))
                        .setStartRevision(start))
                .build();
    }

    private io.etcd.jetcd.api.PutResponse put(String key, String value) {
        return kv.put(PutRequest.newBuilder()
                .setKey(bytes(key))
                .setValue(bytes(value))
                .build());
    }

    private static RequestOp putOp(String key, String value) {
        return RequestOp.newBuilder()
                .setRequestPut(PutRequest.newBuilder().setKey(bytes(key)).setValue(bytes(value)))
                .build();
    }

    private RangeResponse range(RangeRequest.Builder request) {
        return kv.range(request.build());
    }

    private long timeToLive(long id) {
        return lease.leaseTimeToLive(
                        LeaseTimeToLiveRequest.newBuilder().setID(id).build())
                .getTTL();
    }

    private static void assertRefused(Runnable call, Status.Code code, String text) {
        assertThatThrownBy(call::run).isInstanceOfSatisfying(StatusRuntimeException.class, refused -> {
            assertThat(refused.getStatus().getCode()).isEqualTo(code);
            assertThat(refused.getStatus().getDescription()).isEqualTo(text);
        });
    }

    private static ByteString bytes(String text) {
        return ByteString.copyFromUtf8(text);
    }

    private static ByteString zero() {
        return ByteString.copyFrom(new byte[1]);
    }
}
