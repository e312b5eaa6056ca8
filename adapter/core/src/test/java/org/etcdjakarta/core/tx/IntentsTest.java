package org.etcdjakarta.core.tx;

import static javax.transaction.xa.XAException.XA_RBINTEGRITY;
import static javax.transaction.xa.XAResource.TMNOFLAGS;
import static javax.transaction.xa.XAResource.TMSUCCESS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.etcdjakarta.core.tx.Requests.done;
import static org.etcdjakarta.core.tx.Requests.get;
import static org.etcdjakarta.core.tx.Requests.prefix;
import static org.etcdjakarta.core.tx.Requests.put;
import static org.etcdjakarta.core.tx.XaAssertions.assertXa;

import com.google.protobuf.ByteString;
import io.etcd.jetcd.api.Compare;
import io.etcd.jetcd.api.DeleteRangeRequest;
import io.etcd.jetcd.api.PutRequest;
import io.etcd.jetcd.api.RangeRequest;
import io.etcd.jetcd.api.RequestOp;
import io.etcd.jetcd.api.ResponseOp;
import io.etcd.jetcd.api.TxnRequest;
import io.etcd.jetcd.api.TxnResponse;
import java.lang.reflect.Proxy;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import javax.transaction.xa.XAResource;
import javax.transaction.xa.Xid;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.etcdjakarta.EtcdConflictException;
import org.etcdjakarta.core.link.KvProtocol;
import org.junit.jupiter.api.Test;

/** What a prepared branch holds, against whom, and for how long. */
class IntentsTest {

    private final DirectEtcd etcd = new DirectEtcd();
    private final TxSession holder = FakeLinks.engine(etcd).newSession();
    /** Of another process, which learns of the branch from etcd. */
    private final FakeLinks links = new FakeLinks(etcd);

    private final TxEngine engine = TxEngine.over(links, FakeLinks.SETTINGS);
    private final TxSession other = engine.newSession();
    private final Xid held = new TestXid("held", "1");

    private interface Work {
        void in(TxSession session);
    }

    private static void prepare(TxSession session, Xid xid, Work work) throws Exception {
        XAResource xa = session.xaResource();
        xa.start(xid, TMNOFLAGS);
        work.in(session);
        xa.end(xid, TMSUCCESS);
        xa.prepare(xid);
    }

    /** Has read "read" and all of "range/", and will write "written" and delete "gone". */
    private void hold() throws Exception {
        etcd.put("gone", "0");
        prepare(holder, held, session -> {
            get(session.kv(), "read");
            Requests.keys(session.kv(), prefix("range/"));
            put(session.kv(), "written", "1");
            Requests.delete(session.kv(), "gone");
        });
    }

    private void local(Work work) {
        other.begin();
        work.in(other);
        other.commit();
    }

    /** Outside of transactions a write that waits is sent again by the link's timer. */
    private <T> T waited(CompletableFuture<T> call) {
        while (!call.isDone()) {
            links.runLater();
        }
        return done(call);
    }

    private void putAlone(String key) {
        waited(other.kv().put(Requests.put(key, "theirs").build()));
    }

    private static void assertHeld(ThrowingCallable write) {
        assertThatThrownBy(write)
                .isInstanceOf(EtcdConflictException.class)
                .hasMessageContaining("ETCD-00226")
                .hasMessageContaining("node-1");
    }

    @Test
    void nobodyWritesWhatItHasReadOrWillWrite() throws Exception {
        hold();
        for (String key : new String[] {"read", "range/new", "written", "gone"}) {
            assertHeld(() -> local(session -> put(session.kv(), key, "theirs")));
            assertHeld(() -> putAlone(key));
            assertHeld(() -> waited(other.kv()
                    .deleteRange(DeleteRangeRequest.newBuilder()
                            .setKey(Requests.bytes(key))
                            .build())));
            assertHeld(() -> waited(other.kv().txn(onlyIfNobodyIsThere(key))));
        }
        holder.xaResource().commit(held, false);
        assertThat(etcd.value("written")).isEqualTo("1");
        assertThat(etcd.keys()).containsExactly("written");
    }

    private static TxnRequest onlyIfNobodyIsThere(String key) {
        return TxnRequest.newBuilder()
                .addCompare(Compare.newBuilder()
                        .setKey(Requests.bytes("whatever"))
                        .setTarget(Compare.CompareTarget.CREATE)
                        .setCreateRevision(0))
                .addFailure(RequestOp.newBuilder()
                        .setRequestTxn(TxnRequest.newBuilder()
                                .addSuccess(RequestOp.newBuilder()
                                        .setRequestPut(PutRequest.newBuilder().setKey(Requests.bytes(key))))))
                .build();
    }

    @Test
    void rangeDeletesMeetItToo() throws Exception {
        hold();
        for (String prefix : new String[] {"range/", "ra", "wri", "g"}) {
            DeleteRangeRequest delete = DeleteRangeRequest.newBuilder()
                    .setKey(Requests.bytes(prefix))
                    .setRangeEnd(KeyRange.prefix(Requests.bytes(prefix)).rangeEnd())
                    .build();
            assertHeld(() -> waited(other.kv().deleteRange(delete)));
        }
    }

    @Test
    void whatItDoesNotHoldIsNotHeldOffAndReadsNeverAre() throws Exception {
        hold();
        put(other.kv(), "free", "1");
        local(session -> put(session.kv(), "free", "2"));
        done(other.kv()
                .txn(TxnRequest.newBuilder()
                        .addSuccess(RequestOp.newBuilder()
                                .setRequestPut(PutRequest.newBuilder().setKey(Requests.bytes("free"))))
                        .build()));
        assertThat(get(other.kv(), "written")).isEqualTo("(absent)");
        assertThat(etcd.kv("free").getVersion()).isEqualTo(3);
        local(session -> {
            get(session.kv(), "written");
            put(session.kv(), "free", "on the ground of what is there now");
        });
    }

    @Test
    void nobodyPreparesOnTheGroundOfWhatItWillWrite() throws Exception {
        hold();
        Xid xid = new TestXid("other", "1");
        other.xaResource().start(xid, TMNOFLAGS);
        get(other.kv(), "written");
        put(other.kv(), "free", "1");
        other.xaResource().end(xid, TMSUCCESS);
        assertThat(assertXa(XA_RBINTEGRITY, () -> other.xaResource().prepare(xid)))
                .hasMessageContaining("'written'");
    }

    @Test
    void twoMayHaveReadTheSame() throws Exception {
        hold();
        Xid xid = new TestXid("other", "1");
        prepare(other, xid, session -> {
            get(session.kv(), "read");
            put(session.kv(), "free", "1");
        });
        other.xaResource().commit(xid, false);
        holder.xaResource().commit(held, false);
    }

    @Test
    void itsEndSetsEveryoneFree() throws Exception {
        hold();
        assertHeld(() -> putAlone("written"));
        holder.xaResource().rollback(held);
        put(other.kv(), "written", "theirs");
        hold();
        holder.xaResource().commit(held, false);
        local(session -> put(session.kv(), "written", "theirs"));
        assertThat(etcd.value("written")).isEqualTo("theirs");
    }

    @Test
    void aWriteWaitsForItsEnd() throws Exception {
        hold();
        CompletableFuture<?> put = other.kv()
                .put(PutRequest.newBuilder()
                        .setKey(Requests.bytes("written"))
                        .setValue(Requests.bytes("theirs"))
                        .build());
        assertThat(put).isNotDone();
        holder.xaResource().commit(held, false);
        links.runLater();
        assertThat(put).isCompleted();
        assertThat(etcd.value("written")).isEqualTo("theirs");
        assertThat(etcd.kv("written").getVersion()).isEqualTo(2);
    }

    @Test
    void aWriteThatWaitsFailsWhenTheEngineIsClosed() throws Exception {
        hold();
        CompletableFuture<?> put = other.kv()
                .put(PutRequest.newBuilder().setKey(Requests.bytes("written")).build());
        engine.close();
        assertThat(put).isCompletedExceptionally();
    }

    @Test
    void branchesOfOneTransactionDoNotHoldEachOtherOff() throws Exception {
        hold();
        Xid second = new TestXid("held", "2");
        prepare(other, second, session -> {
            put(session.kv(), "read", "1");
            get(session.kv(), "written");
        });
        other.xaResource().commit(second, false);
        holder.xaResource().commit(held, false);
    }

    @Test
    void twoBranchesOfOneTransactionThatWriteTheSameKeyAreRefusedWithAClearText() throws Exception {
        hold();
        Xid second = new TestXid("held", "2");
        other.xaResource().start(second, TMNOFLAGS);
        put(other.kv(), "written", "2");
        other.xaResource().end(second, TMSUCCESS);
        assertThat(assertXa(XA_RBINTEGRITY, () -> other.xaResource().prepare(second)))
                .hasMessageContaining("two branches of one global transaction write the key 'written'");
    }

    /** Nothing newer than what is known: no look, no second try. */
    @Test
    void oneRoundTripWritesWhenNothingNewIsPrepared() throws Exception {
        hold();
        put(other.kv(), "free", "1");
        int txns = etcd.txns().size();
        int ranges = etcd.ranges().size();
        put(other.kv(), "free", "2");
        local(session -> put(session.kv(), "free", "3"));
        assertThat(etcd.txns()).hasSize(txns + 2);
        assertThat(etcd.ranges()).hasSize(ranges);
        assertThat(engine.admin().metrics().retries()).isEqualTo(1);
    }

    @Test
    void intentsThatNobodyCanReadHoldEverything() {
        String xid = BranchXid.of(held).text();
        done(etcd.put(PutRequest.newBuilder()
                .setKey(Requests.bytes("/_etcd-jakarta/i/" + xid))
                .setValue(ByteString.copyFrom(new byte[] {9}))
                .build()));
        assertThatThrownBy(() -> putAlone("anything"))
                .isInstanceOf(EtcdConflictException.class)
                .hasMessageContaining("ETCD-00226");
    }

    @Test
    void whatIsHeldSurvivesItsEncoding() {
        Intents intents = new Intents(
                BranchXid.of(held),
                "link",
                "node",
                1_234,
                Footprint.of(List.of(Requests.bytes("a"), ByteString.copyFrom(new byte[] {0, -1})), List.of()),
                Footprint.of(
                        List.of(Requests.bytes("r")),
                        List.of(
                                new KeyRange(Requests.bytes("b"), null),
                                new KeyRange(Requests.bytes("c"), Requests.bytes("d")))),
                "home");
        ByteString encoded = intents.encode();
        assertThat(Intents.decode(encoded)).isEqualTo(intents);

        ByteString withoutHome = encoded.substring(0, encoded.size() - 2 - "home".length());
        assertThat(Intents.decode(withoutHome))
                .as("as they were encoded before there were homes")
                .isEqualTo(new Intents(
                        intents.xid(),
                        intents.link(),
                        intents.node(),
                        intents.createdMillis(),
                        intents.written(),
                        intents.read(),
                        ""));
    }

    /** The guard takes one of the places that etcd gives a Txn. */
    @Test
    void aTxnOfAsManyOperationsAsEtcdAllowsIsStillOne() throws Exception {
        hold();
        TxnRequest.Builder full = TxnRequest.newBuilder();
        for (int i = 0; i < 128; i++) {
            full.addSuccess(RequestOp.newBuilder()
                    .setRequestPut(PutRequest.newBuilder()
                            .setKey(Requests.bytes("many/" + i))
                            .setPrevKv(true)));
        }
        TxnResponse answer = done(other.kv().txn(full.build()));
        assertThat(answer.getSucceeded()).isTrue();
        assertThat(answer.getResponsesList()).hasSize(128).allMatch(response -> response.hasResponsePut());
        assertThat(answer.getHeader().getRevision()).isEqualTo(etcd.revision());
        assertThat(etcd.kv("many/0").getModRevision())
                .isEqualTo(etcd.kv("many/127").getModRevision());
    }

    /** Its branches may be older than what is known of the etcd that is no more, and then the guard would not see them. */
    @Test
    void whatABackupHoldsIsLookedAtBeforeAnythingIsWrittenAfterItWasRestored() throws Exception {
        hold();
        DirectEtcd before = new DirectEtcd();
        for (int i = 0; i < 100; i++) {
            before.put("filler", "" + i);
        }
        AtomicReference<KvProtocol> now = new AtomicReference<>(before);
        KvProtocol whichever = (KvProtocol) Proxy.newProxyInstance(
                KvProtocol.class.getClassLoader(),
                new Class<?>[] {KvProtocol.class},
                (proxy, method, arguments) -> method.invoke(now.get(), arguments));
        TxSession session = FakeLinks.engine(whichever).newSession();
        session.begin();
        put(session.kv(), "written", "before");
        session.commit();
        now.set(etcd);
        session.begin();
        put(session.kv(), "written", "after");
        assertHeld(session::commit);
    }

    private static RequestOp putting(String key) {
        return RequestOp.newBuilder().setRequestPut(Requests.put(key, "theirs")).build();
    }

    private static Compare absent(String key) {
        return Compare.newBuilder()
                .setKey(Requests.bytes(key))
                .setTarget(Compare.CompareTarget.CREATE)
                .setResult(Compare.CompareResult.EQUAL)
                .setCreateRevision(0)
                .build();
    }

    /** Not every etcd looks at the permissions of what is in a nested Txn. */
    @Test
    void whatATxnDoesStandsInTheOuterTxn() {
        TxnResponse answer = done(other.kv()
                .txn(TxnRequest.newBuilder()
                        .addCompare(absent("new"))
                        .addSuccess(putting("new"))
                        .build()));
        assertThat(answer.getSucceeded()).isTrue();
        TxnRequest sent = etcd.txns().get(etcd.txns().size() - 1);
        assertThat(sent.getCompareList()).contains(absent("new"));
        assertThat(sent.getSuccessList()).containsExactly(putting("new"));
    }

    @Test
    void aCompareThatDoesNotHoldIsNoConflict() throws Exception {
        hold();
        etcd.put("there", "0");
        TxnResponse answer = done(other.kv()
                .txn(TxnRequest.newBuilder()
                        .addCompare(absent("there"))
                        .addSuccess(putting("free"))
                        .addFailure(RequestOp.newBuilder()
                                .setRequestRange(RangeRequest.newBuilder().setKey(Requests.bytes("there"))))
                        .build()));
        assertThat(answer.getSucceeded()).isFalse();
        assertThat(answer.getResponsesList()).singleElement().satisfies(response -> assertThat(
                        response.getResponseRange().getCount())
                .isEqualTo(1));
        assertThat(etcd.value("free")).isEqualTo("(absent)");
    }

    @Test
    void anElseBranchThatWritesIsHeldOffTooAndAppliedWhenItIsNot() throws Exception {
        etcd.put("there", "0");
        hold();
        assertHeld(() -> waited(other.kv()
                .txn(TxnRequest.newBuilder()
                        .addCompare(absent("there"))
                        .addSuccess(putting("free"))
                        .addFailure(putting("written"))
                        .build())));
        assertThat(etcd.value("written")).isEqualTo("(absent)");
        TxnResponse answer = done(other.kv()
                .txn(TxnRequest.newBuilder()
                        .addCompare(absent("there"))
                        .addSuccess(putting("written/not"))
                        .addFailure(putting("free"))
                        .build()));
        assertThat(answer.getSucceeded()).isFalse();
        assertThat(answer.getResponsesList()).singleElement().matches(ResponseOp::hasResponsePut);
        assertThat(answer.getHeader().getRevision()).isEqualTo(etcd.revision());
        assertThat(etcd.value("free")).isEqualTo("theirs");
    }

    /** As many of each as etcd takes of a Txn without a guard, but for the very last compare. */
    @Test
    void aTxnOfManyComparesAndManyOperationsFits() throws Exception {
        hold();
        for (int writing : new int[] {0, 1, 125}) {
            TxnRequest.Builder full = TxnRequest.newBuilder();
            for (int i = 0; i < 128; i++) {
                full.addSuccess(putting(writing + "many/" + i));
                if (i < 125) {
                    full.addCompare(absent(writing + "compared/" + i));
                }
                if (i < writing) {
                    full.addFailure(putting(writing + "otherwise/" + i));
                }
            }
            TxnResponse answer = done(other.kv().txn(full.build()));
            assertThat(answer.getSucceeded()).isTrue();
            assertThat(answer.getResponsesList()).hasSize(128).allMatch(ResponseOp::hasResponsePut);
            etcd.put(writing + "compared/7", "0");
            answer = done(other.kv().txn(full.build()));
            assertThat(answer.getSucceeded()).isFalse();
            assertThat(answer.getResponsesList()).hasSize(writing).allMatch(ResponseOp::hasResponsePut);
        }
    }
}
