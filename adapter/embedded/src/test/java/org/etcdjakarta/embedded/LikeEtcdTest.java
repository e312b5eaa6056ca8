package org.etcdjakarta.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;
import static org.etcdjakarta.embedded.TestClient.bytes;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnknownFieldSet;
import io.etcd.jetcd.api.CompactionRequest;
import io.etcd.jetcd.api.DeleteRangeRequest;
import io.etcd.jetcd.api.Event;
import io.etcd.jetcd.api.PutRequest;
import io.etcd.jetcd.api.RangeRequest;
import io.etcd.jetcd.api.RequestOp;
import io.etcd.jetcd.api.TxnRequest;
import io.etcd.jetcd.api.TxnResponse;
import io.etcd.jetcd.api.WatchCancelRequest;
import io.etcd.jetcd.api.WatchCreateRequest;
import io.etcd.jetcd.api.WatchProgressRequest;
import io.etcd.jetcd.api.WatchRequest;
import io.etcd.jetcd.api.WatchResponse;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * Where etcd is not what one would expect: each was found by asking a real one the same, which itests/core does at random, and
 * stands here in its smallest form.
 */
class LikeEtcdTest {

    private static final ByteString OPEN_END = ByteString.copyFrom(new byte[1]);

    private final EmbeddedEtcd etcd = EmbeddedEtcd.start();
    private final TestClient client = TestClient.inProcess(etcd);

    @AfterEach
    void close() {
        client.close();
        etcd.close();
    }

    @Test
    void aPutAloneMissesItsLeaseFirstAndOneInATxnItsPreviousValue() {
        PutRequest put = PutRequest.newBuilder()
                .setKey(bytes("k"))
                .setLease(7)
                .setIgnoreValue(true)
                .build();

        assertRefused(() -> client.kv().put(put), Status.Code.NOT_FOUND, "requested lease not found");
        assertRefused(() -> txn(op(put)), Status.Code.INVALID_ARGUMENT, "key not found");
    }

    @Test
    void theLaterPutOfATxnIsCheckedBeforeTheEarlierRange() {
        RangeRequest future =
                RangeRequest.newBuilder().setKey(bytes("k")).setRevision(99).build();
        PutRequest put = PutRequest.newBuilder().setKey(bytes("k")).setLease(7).build();

        assertRefused(() -> txn(op(future), op(put)), Status.Code.NOT_FOUND, "requested lease not found");
    }

    @Test
    void aNegativeRevisionIsTheCurrentOneForARangeAloneAndCompactedForOneInATxn() {
        client.put("k");
        RangeRequest negative =
                RangeRequest.newBuilder().setKey(bytes("k")).setRevision(-2).build();

        assertThat(client.kv().range(negative).getCount()).isOne();
        assertRefused(() -> txn(op(negative)), Status.Code.OUT_OF_RANGE, "mvcc: required revision has been compacted");
    }

    @Test
    void theAnswerToANestedTxnHasAnEmptyHeader() {
        TxnResponse answer = txn(
                op(TxnRequest.newBuilder().addSuccess(op(TestClient.putOf("k"))).build()));

        TxnResponse nested = answer.getResponses(0).getResponseTxn();
        assertThat(nested.hasHeader()).isTrue();
        assertThat(nested.getHeader().getRevision()).isZero();
        assertThat(nested.getResponses(0).getResponsePut().getHeader().getRevision())
                .isEqualTo(2);
    }

    @Test
    void anUnknownSortOrderLeavesTheKeysAsTheyAre() {
        Stream.of("b", "a").forEach(client::put);

        assertThat(client.kv()
                        .range(RangeRequest.newBuilder()
                                .setKey(bytes("a"))
                                .setRangeEnd(OPEN_END)
                                .setSortOrderValue(9)
                                .setSortTarget(RangeRequest.SortTarget.CREATE)
                                .build())
                        .getKvsList())
                .extracting(kv -> kv.getKey().toStringUtf8())
                .containsExactly("a", "b");
    }

    @Test
    void aTxnMayPutWhatItDeletesTogetherWithAllKeysFromOneOn() {
        TxnResponse answer = txn(op(deleteFrom("a")), op(TestClient.putOf("k")));

        assertThat(answer.getSucceeded()).isTrue();
        assertThat(client.has("k")).isTrue();
        assertRefused(
                () -> txn(op(deleteRange("a", "z")), op(TestClient.putOf("k"))),
                Status.Code.INVALID_ARGUMENT,
                "duplicate key given in txn request");
    }

    @Test
    void aPutThatNeedsWhatItsTxnHasDeletedIsRefusedAndNothingIsChanged() {
        client.put("k");
        PutRequest put =
                PutRequest.newBuilder().setKey(bytes("k")).setIgnoreValue(true).build();

        assertRefused(() -> txn(op(deleteFrom("a")), op(put)), Status.Code.INVALID_ARGUMENT, "key not found");
        assertThat(client.has("k")).isTrue();
    }

    @Test
    void onlyATxnThatMayWriteIsLimitedInSize() {
        ByteString big = ByteString.copyFrom(new byte[1600 * 1024]);
        RangeRequest range = RangeRequest.newBuilder().setKey(big).build();

        assertThat(txn(op(range)).getSucceeded()).isTrue();
        assertRefused(
                () -> txn(op(range), op(TestClient.putOf("k"))), Status.Code.INVALID_ARGUMENT, "request is too large");
    }

    @Test
    void revisionZeroIsCompactedOnce() {
        CompactionRequest compaction = CompactionRequest.getDefaultInstance();
        var unused = client.kv().compact(compaction);

        assertRefused(
                () -> client.kv().compact(compaction),
                Status.Code.OUT_OF_RANGE,
                "mvcc: required revision has been compacted");
    }

    @Test
    void thePreviousValueOfAnEventIsThatOfThePreviousRevision() {
        client.put("old");
        var stream = client.watching("barrier");
        stream.send(create(watch("a").setRangeEnd(OPEN_END).setPrevKv(true)));
        TestClient.patiently().until(() -> stream.answers().size() == 2);
        var unused = txn(
                op(TxnRequest.newBuilder()
                        .addSuccess(op(TestClient.putOf("new")))
                        .build()),
                op(deleteFrom("a")));

        TestClient.patiently().until(() -> stream.answers().size() == 3);
        assertThat(stream.answers().get(2).getEventsList())
                .extracting(Event::getType, event -> event.getKv().getKey().toStringUtf8(), Event::hasPrevKv)
                .containsExactly(
                        tuple(Event.EventType.PUT, "new", false),
                        tuple(Event.EventType.DELETE, "new", false),
                        tuple(Event.EventType.DELETE, "old", true));
    }

    @Test
    void historyComesInOneAnswerAtTheCurrentRevisionAndWithoutTheValuesBeforeACompaction() {
        client.put("k");
        client.put("k");
        client.put("k");
        var unused = client.kv()
                .compact(CompactionRequest.newBuilder().setRevision(3).build());
        client.put("other");

        var stream = client.watching("barrier");
        stream.send(create(watch("k").setStartRevision(3).setPrevKv(true)));

        TestClient.patiently().until(() -> stream.answers().size() == 3);
        WatchResponse history = stream.answers().get(2);
        assertThat(history.getHeader().getRevision()).isEqualTo(5);
        assertThat(history.getEventsList())
                .extracting(event -> event.getKv().getModRevision())
                .containsExactly(3L, 4L);
        assertThat(history.getEventsList()).extracting(Event::hasPrevKv).containsExactly(false, true);
    }

    @Test
    void aRangeWithoutKeysIsNotWatched() {
        var stream = client.watching("barrier");

        stream.send(create(watch("b").setRangeEnd(bytes("a"))));

        TestClient.patiently().until(() -> stream.answers().size() == 2);
        assertThat(stream.answers().get(1))
                .matches(answer -> answer.getCreated() && answer.getCanceled() && answer.getWatchId() == -1)
                .extracting(WatchResponse::getCancelReason)
                .isEqualTo("mvcc: watcher range is empty");
    }

    @Test
    void aCompactedWatchKeepsItsIdAndTheStreamsProgressUntilItsClientCancelsIt() {
        client.put("k");
        client.put("k");
        var unused = client.kv()
                .compact(CompactionRequest.newBuilder().setRevision(3).build());
        var stream = client.watching("k");

        stream.send(create(watchWithId(5).setStartRevision(2)));
        TestClient.patiently().until(() -> stream.answers().size() == 3);
        assertThat(stream.answers().get(2)).satisfies(compacted -> {
            assertThat(compacted.getCanceled()).isTrue();
            assertThat(compacted.getCompactRevision()).isEqualTo(3);
            assertThat(compacted.getHeader().getRevision()).isZero();
            assertThat(compacted.getCancelReason()).isEmpty();
        });
        stream.send(progress());
        stream.send(create(watchWithId(5)));
        stream.send(WatchRequest.newBuilder()
                .setCancelRequest(WatchCancelRequest.newBuilder().setWatchId(5))
                .build());
        stream.send(progress());

        TestClient.patiently().until(() -> stream.answers().size() == 6);
        assertThat(stream.answers().get(3).getCancelReason())
                .isEqualTo("mvcc: duplicate watch ID provided on the WatchStream");
        assertThat(stream.answers().get(4)).matches(answer -> answer.getWatchId() == 5 && answer.getCanceled());
        assertThat(stream.answers().get(5)).matches(answer -> answer.getWatchId() == -1 && !answer.getCanceled());
    }

    @Test
    void whoOnlyStopsAskingGoesOnHearing() {
        var stream = client.watching("k");

        stream.stopAsking();
        client.put("k");

        TestClient.patiently().until(() -> stream.answers().size() == 2);
        assertThat(stream.isOpen()).isTrue();
    }

    @Test
    void aBigAnswerIsCutAtTwoMebibytesForWhoTakesFragments() {
        var stream = client.watching("barrier");
        stream.send(create(watch("a").setRangeEnd(OPEN_END).setPrevKv(true).setUnknownFields(field(8))));
        TestClient.patiently().until(() -> stream.answers().size() == 2);
        TxnRequest txn = TxnRequest.newBuilder()
                .addSuccess(op(big("k1")))
                .addSuccess(op(big("k2")))
                .build();

        var first = client.kv().txn(txn);
        var second = client.kv().txn(txn);

        // 1.4 MiB fit; with the values before they are 2.8.
        TestClient.patiently().until(() -> stream.answers().size() == 5);
        assertThat(first.getHeader().getRevision()).isEqualTo(2);
        assertThat(stream.answers().subList(2, 5))
                .extracting(WatchResponse::getEventsCount)
                .containsExactly(2, 1, 1);
        assertThat(stream.answers().subList(2, 5))
                .extracting(answer -> answer.getUnknownFields().hasField(7))
                .containsExactly(false, true, false);
        assertThat(second.getHeader().getRevision()).isEqualTo(3);
    }

    private static PutRequest big(String key) {
        return PutRequest.newBuilder()
                .setKey(bytes(key))
                .setValue(ByteString.copyFrom(new byte[700 * 1024]))
                .build();
    }

    private static UnknownFieldSet field(int number) {
        return field(number, 1);
    }

    private static UnknownFieldSet field(int number, long value) {
        return UnknownFieldSet.newBuilder()
                .addField(
                        number,
                        UnknownFieldSet.Field.newBuilder().addVarint(value).build())
                .build();
    }

    private static WatchCreateRequest.Builder watch(String key) {
        return WatchCreateRequest.newBuilder().setKey(bytes(key));
    }

    private static WatchCreateRequest.Builder watchWithId(long id) {
        return watch("k").setUnknownFields(field(7, id));
    }

    private static WatchRequest create(WatchCreateRequest.Builder watch) {
        return WatchRequest.newBuilder().setCreateRequest(watch).build();
    }

    private static WatchRequest progress() {
        return WatchRequest.newBuilder()
                .setProgressRequest(WatchProgressRequest.getDefaultInstance())
                .build();
    }

    private TxnResponse txn(RequestOp... operations) {
        return client.kv()
                .txn(TxnRequest.newBuilder().addAllSuccess(List.of(operations)).build());
    }

    private static RequestOp op(PutRequest put) {
        return RequestOp.newBuilder().setRequestPut(put).build();
    }

    private static RequestOp op(RangeRequest range) {
        return RequestOp.newBuilder().setRequestRange(range).build();
    }

    private static RequestOp op(DeleteRangeRequest delete) {
        return RequestOp.newBuilder().setRequestDeleteRange(delete).build();
    }

    private static RequestOp op(TxnRequest nested) {
        return RequestOp.newBuilder().setRequestTxn(nested).build();
    }

    private static DeleteRangeRequest deleteFrom(String key) {
        return DeleteRangeRequest.newBuilder()
                .setKey(bytes(key))
                .setRangeEnd(OPEN_END)
                .build();
    }

    private static DeleteRangeRequest deleteRange(String key, String end) {
        return DeleteRangeRequest.newBuilder()
                .setKey(bytes(key))
                .setRangeEnd(bytes(end))
                .build();
    }

    private static void assertRefused(Runnable call, Status.Code code, String text) {
        assertThatThrownBy(call::run).isInstanceOfSatisfying(StatusRuntimeException.class, refused -> {
            assertThat(refused.getStatus().getCode()).isEqualTo(code);
            assertThat(refused.getStatus().getDescription()).isEqualTo("etcdserver: " + text);
        });
    }
}
