package org.etcdjakarta.embedded.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.etcdjakarta.embedded.TestClient.bytes;
import static org.etcdjakarta.embedded.TestClient.keepAliveOf;
import static org.etcdjakarta.embedded.TestClient.patiently;
import static org.etcdjakarta.embedded.TestClient.putOf;

import io.etcd.jetcd.api.CampaignRequest;
import io.etcd.jetcd.api.DeleteRangeRequest;
import io.etcd.jetcd.api.KVGrpc;
import io.etcd.jetcd.api.LeaseGrpc;
import io.etcd.jetcd.api.ProclaimRequest;
import io.etcd.jetcd.api.PutRequest;
import io.etcd.jetcd.api.PutResponse;
import io.etcd.jetcd.api.RangeRequest;
import io.etcd.jetcd.api.RequestOp;
import io.etcd.jetcd.api.TxnRequest;
import io.etcd.jetcd.api.WatchGrpc;
import io.etcd.jetcd.api.WatchRequest;
import io.etcd.jetcd.api.WatchResponse;
import io.etcd.jetcd.api.lock.LockRequest;
import io.etcd.jetcd.api.lock.UnlockRequest;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.time.Duration;
import java.util.concurrent.Future;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.etcdjakarta.embedded.EmbeddedEtcd;
import org.etcdjakarta.embedded.ManualClock;
import org.etcdjakarta.embedded.TestClient;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Over a real port. Each test shows a call that is struck, and one beside it that is not. */
class FaultsTest {

    private final EmbeddedEtcd etcd = EmbeddedEtcd.start(new ManualClock());
    private final Faults faults = etcd.faults();
    private final TestClient client = connect(etcd);

    TestClient connect(EmbeddedEtcd to) {
        return TestClient.onPort(to);
    }

    @AfterEach
    void close() {
        client.close();
        etcd.close();
    }

    @ParameterizedTest
    @CsvSource({
        "UNAVAILABLE, UNAVAILABLE, etcdserver: server stopped",
        "NO_LEADER, UNAVAILABLE, etcdserver: no leader",
        "TOO_MANY_REQUESTS, RESOURCE_EXHAUSTED, etcdserver: too many requests",
        "NO_SPACE, RESOURCE_EXHAUSTED, etcdserver: mvcc: database space exceeded"
    })
    void aRefusedCallIsNotAppliedAndIsToldInTheWordsOfEtcd(Refusal refusal, Status.Code code, String text) {
        Fault fault = faults.on(KVGrpc.getPutMethod()).next(1).refuse(refusal);

        assertEnds(() -> client.put("k"), code, text);

        assertThat(client.has("k")).isFalse();
        client.put("k");
        assertThat(client.has("k")).isTrue();
        assertThat(fault.hits()).isOne();
        assertThat(fault.seen()).isEqualTo(2);
    }

    @Test
    void whoHasNoSpaceGoesOnToReadAndToDelete() {
        client.put("k");
        TxnRequest nested = txn(
                RequestOp.newBuilder().setRequestTxn(txn(RequestOp.newBuilder().setRequestPut(putOf("l")))));
        TxnRequest reading = txn(
                RequestOp.newBuilder().setRequestRange(RangeRequest.newBuilder().setKey(bytes("k"))));
        Fault fault = faults.onEveryCall().refuse(Refusal.NO_SPACE);

        assertEnds(() -> client.put("l"), Status.Code.RESOURCE_EXHAUSTED);
        assertEnds(() -> client.grant(10), Status.Code.RESOURCE_EXHAUSTED);
        assertEnds(() -> client.kv().txn(nested), Status.Code.RESOURCE_EXHAUSTED);

        assertThat(client.kv().txn(reading).getSucceeded()).isTrue();
        assertThat(client.kv()
                        .deleteRange(DeleteRangeRequest.newBuilder()
                                .setKey(bytes("k"))
                                .build())
                        .getDeleted())
                .isOne();
        assertThat(fault.hits()).isEqualTo(3);
    }

    @Test
    void whoHasNoSpaceNeitherLocksNorIsElected() {
        long lease = client.grant(10);
        Fault fault = faults.onEveryCall().refuse(Refusal.NO_SPACE);
        LockRequest lock =
                LockRequest.newBuilder().setName(bytes("l")).setLease(lease).build();
        CampaignRequest campaign =
                CampaignRequest.newBuilder().setName(bytes("e")).setLease(lease).build();

        // As with the alarm: these services are clients of their own, and lose the code.
        String text = "etcdserver: mvcc: database space exceeded";
        assertEnds(() -> client.locks().lock(lock), Status.Code.UNKNOWN, text);
        assertEnds(() -> client.elections().campaign(campaign), Status.Code.UNKNOWN, text);
        assertEnds(() -> client.elections().proclaim(ProclaimRequest.getDefaultInstance()), Status.Code.UNKNOWN, text);

        assertThat(client.locks()
                        .unlock(UnlockRequest.newBuilder().setKey(bytes("l")).build()))
                .isNotNull();
        assertThat(fault.hits()).isEqualTo(3);
    }

    @Test
    void aCallWhoseAnswerIsLostWasApplied() {
        var watch = client.watching("k");
        Fault fault = faults.on(KVGrpc.getPutMethod()).next(1).loseAnswer(LostAnswer.UNAVAILABLE);

        assertEnds(() -> client.put("k"), Status.Code.UNAVAILABLE);

        assertThat(client.has("k")).isTrue();
        assertThat(client.put("k").getHeader().getRevision()).isEqualTo(3);
        patiently().until(() -> watch.answers().size() == 3);
        assertThat(watch.isOpen()).isTrue();
        assertThat(fault.hits()).isOne();
    }

    @Test
    void aCallThatNeverEndsWasAppliedAndLetsOthersPass() {
        faults.on(KVGrpc.getPutMethod()).next(1).loseAnswer(LostAnswer.NEVER_ENDS);

        Future<PutResponse> lost = client.putLater("k");
        patiently().until(() -> client.has("k"));

        client.put("l");
        assertThat(lost.isDone()).isFalse();
    }

    @Test
    void aCutConnectionTakesItsStreamsAlongAndThePutWasApplied() {
        var watch = client.watching("k");
        faults.on(KVGrpc.getPutMethod()).next(1).loseAnswer(LostAnswer.CONNECTION_CUT);

        assertEnds(() -> client.put("k"), Status.Code.UNAVAILABLE);

        assertThat(watch.end()).isEqualTo(Status.Code.UNAVAILABLE);
        assertThat(client.has("k")).isTrue();
        assertThat(client.put("k").getHeader().getRevision()).isEqualTo(3);
    }

    @Test
    void aRefusalIsLostAsWell() {
        PutRequest bad = PutRequest.newBuilder().setValue(bytes("no key")).build();
        faults.on(KVGrpc.getPutMethod()).next(1).loseAnswer(LostAnswer.UNAVAILABLE);

        assertEnds(() -> client.kv().put(bad), Status.Code.UNAVAILABLE);
        assertEnds(() -> client.kv().put(bad), Status.Code.INVALID_ARGUMENT);
    }

    @ParameterizedTest
    @EnumSource
    void anAnswerInAStreamIsLostOnce(LostAnswer how) {
        long id = client.grant(10);
        faults.on(LeaseGrpc.getLeaseKeepAliveMethod())
                .when(request -> request.getID() == id)
                .next(1)
                .loseAnswer(how);

        var struck = client.keepAlive();
        struck.send(keepAliveOf(id));

        if (how == LostAnswer.NEVER_ENDS) {
            struck.send(keepAliveOf(99));
            patiently().until(() -> !struck.answers().isEmpty());
            assertThat(struck.answers()).extracting(answer -> answer.getID()).containsExactly(99L);
            assertThat(struck.isOpen()).isTrue();
        } else {
            assertThat(struck.end()).isEqualTo(Status.Code.UNAVAILABLE);
            assertThat(struck.answers()).isEmpty();
        }
        var next = client.keepAlive();
        next.send(keepAliveOf(id));
        patiently().until(() -> next.answers().size() == 1);
    }

    @Test
    void allOpenStreamsAreCutAndNewOnesAreNot() {
        var watch = client.watching("k");
        var keepAlive = client.keepAlive();
        keepAlive.send(keepAliveOf(client.grant(10)));
        patiently().until(() -> !keepAlive.answers().isEmpty());

        assertThat(faults.cutStreams()).isEqualTo(2);

        assertThat(watch.end()).isEqualTo(Status.Code.UNAVAILABLE);
        assertThat(keepAlive.end()).isEqualTo(Status.Code.UNAVAILABLE);
        var next = client.watching("k");
        client.put("k");
        patiently().until(() -> next.answers().size() == 2);
        assertThat(watch.answers()).hasSize(1);
    }

    @Test
    void theStreamsOfOneMethodAreCutAndOthersLive() {
        var watch = client.watching("k");
        var keepAlive = client.keepAlive();
        long id = client.grant(10);
        keepAlive.send(keepAliveOf(id));
        patiently().until(() -> !keepAlive.answers().isEmpty());

        assertThat(faults.cutStreams(WatchGrpc.getWatchMethod())).isOne();

        assertThat(watch.end()).isEqualTo(Status.Code.UNAVAILABLE);
        keepAlive.send(keepAliveOf(id));
        patiently().until(() -> keepAlive.answers().size() == 2);
        patiently().until(() -> faults.cutStreams(WatchGrpc.getWatchMethod()) == 0);
    }

    @Test
    void aWatchIsCutExactlyAfterItWasCreated() {
        client.put("k");
        faults.on(WatchGrpc.getWatchMethod())
                .when(WatchRequest::hasCreateRequest)
                .next(1)
                .cutAfterAnswer();

        var struck = client.watch("k");

        assertThat(struck.end()).isEqualTo(Status.Code.UNAVAILABLE);
        assertThat(struck.answers()).singleElement().matches(WatchResponse::getCreated);
        var next = client.watching("k");
        client.put("k");
        patiently().until(() -> next.answers().size() == 2);
        assertThat(struck.answers()).hasSize(1);
    }

    @Test
    void allConnectionsAreCutAndComeAgain() {
        var watch = client.watching("k");

        faults.cutConnections();

        assertThat(watch.end()).isEqualTo(Status.Code.UNAVAILABLE);
        client.put("k");
        assertThat(client.has("k")).isTrue();
    }

    @Test
    void aDelayedCallWaitsAndOthersPass() {
        faults.on(KVGrpc.getPutMethod())
                .when(request -> request.getKey().equals(bytes("slow")))
                .delay(Duration.ofHours(1));

        Future<PutResponse> slow = client.putLater("slow");
        client.put("fast");

        assertThat(slow.isDone()).isFalse();
        assertThat(client.has("slow")).isFalse();
    }

    @Test
    void aDelayedCallIsAppliedInTheEndAndTheOrderOfAStreamStays() {
        Fault puts = faults.on(KVGrpc.getPutMethod()).next(1).delay(Duration.ofMillis(20));
        client.put("k");
        assertThat(client.has("k")).isTrue();
        assertThat(puts.hits()).isOne();

        long first = client.grant(10);
        faults.on(LeaseGrpc.getLeaseKeepAliveMethod()).next(1).delay(Duration.ofMillis(20));
        var keepAlive = client.keepAlive();
        keepAlive.send(keepAliveOf(first));
        keepAlive.send(keepAliveOf(99));
        patiently().until(() -> keepAlive.answers().size() == 2);
        assertThat(keepAlive.answers()).extracting(answer -> answer.getID()).containsExactly(first, 99L);
    }

    @Test
    void onlyTheCallsOfTheMethodThatMeetTheConditionAreStruckAndAllOfThemAreCounted() {
        Fault fault = faults.on(KVGrpc.getPutMethod())
                .when(request -> request.getKey().equals(bytes("k")))
                .when(request -> !request.getPrevKv())
                .next(2)
                .refuse(Refusal.NO_LEADER);

        client.put("other");
        assertThat(client.has("k")).isFalse();
        var unused = client.kv().put(putOf("k").toBuilder().setPrevKv(true).build());
        assertEnds(() -> client.put("k"), Status.Code.UNAVAILABLE);
        assertEnds(() -> client.put("k"), Status.Code.UNAVAILABLE);
        client.put("k");

        assertThat(fault.hits()).isEqualTo(2);
        assertThat(fault.seen()).isEqualTo(5);
        assertThat(faults.seen(KVGrpc.getPutMethod())).isEqualTo(5);
        assertThat(faults.seen(KVGrpc.getRangeMethod())).isOne();
        assertThat(faults.seen(KVGrpc.getTxnMethod())).isZero();
    }

    @Test
    void aFaultStrikesUntilItIsCleared() {
        Fault puts = faults.on(KVGrpc.getPutMethod()).refuse(Refusal.NO_LEADER);
        faults.onEveryCall().refuse(Refusal.TOO_MANY_REQUESTS);

        assertEnds(() -> client.put("k"), Status.Code.UNAVAILABLE);
        assertEnds(() -> client.put("k"), Status.Code.UNAVAILABLE);
        puts.clear();
        assertEnds(() -> client.put("k"), Status.Code.RESOURCE_EXHAUSTED);
        faults.clear();
        client.put("k");

        assertThat(puts.hits()).isEqualTo(2);
    }

    @Test
    void delaysAddUpAndTheFirstOtherFaultDecides() {
        Fault delay = faults.on(KVGrpc.getPutMethod()).delay(Duration.ofMillis(1));
        Fault refusal = faults.on(KVGrpc.getPutMethod()).refuse(Refusal.NO_LEADER);
        Fault late = faults.on(KVGrpc.getPutMethod()).refuse(Refusal.TOO_MANY_REQUESTS);

        assertEnds(() -> client.put("k"), Status.Code.UNAVAILABLE, "etcdserver: no leader");

        assertThat(delay.hits()).isOne();
        assertThat(refusal.hits()).isOne();
        assertThat(late.seen()).isZero();
    }

    @Test
    void historyIsCompactedNow() {
        client.put("k");
        client.put("k");
        RangeRequest old =
                RangeRequest.newBuilder().setKey(bytes("k")).setRevision(2).build();
        assertThat(client.kv().range(old).getCount()).isOne();

        assertThat(faults.compact()).isEqualTo(3);
        assertThat(faults.compact()).isEqualTo(3);

        assertEnds(
                () -> client.kv().range(old),
                Status.Code.OUT_OF_RANGE,
                "etcdserver: mvcc: required revision has been compacted");
        assertThat(client.has("k")).isTrue();
    }

    @Test
    void aLeaseExpiresNowAndOthersDoNot() {
        long doomed = client.grant(10);
        client.putWithLease("doomed", doomed);
        client.putWithLease("other", client.grant(10));

        faults.expire(doomed);

        assertThat(client.has("doomed")).isFalse();
        assertThat(client.has("other")).isTrue();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> faults.expire(doomed))
                .withMessageContaining("leaseId")
                .withMessageContaining(Long.toString(doomed));
    }

    @Test
    void whatCannotBeAFaultIsRefused() {
        Calls<PutRequest> puts = faults.on(KVGrpc.getPutMethod());

        assertThatIllegalArgumentException()
                .isThrownBy(() -> puts.next(0))
                .withMessageContaining("calls: 0")
                .withMessageContaining("one call or more");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> puts.delay(Duration.ofMillis(-1)))
                .withMessageContaining("duration: PT-0.001S")
                .withMessageContaining("zero or longer");
        client.put("k");
    }

    private static TxnRequest txn(RequestOp.Builder success) {
        return TxnRequest.newBuilder().addSuccess(success).build();
    }

    private static void assertEnds(ThrowingCallable call, Status.Code code) {
        assertThatThrownBy(call).isInstanceOfSatisfying(StatusRuntimeException.class, ended -> assertThat(
                        ended.getStatus().getCode())
                .isEqualTo(code));
    }

    private static void assertEnds(ThrowingCallable call, Status.Code code, String text) {
        assertThatThrownBy(call).isInstanceOfSatisfying(StatusRuntimeException.class, ended -> {
            assertThat(ended.getStatus().getCode()).isEqualTo(code);
            assertThat(ended.getStatus().getDescription()).isEqualTo(text);
        });
    }
}
