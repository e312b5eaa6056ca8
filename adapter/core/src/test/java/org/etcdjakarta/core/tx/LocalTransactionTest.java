package org.etcdjakarta.core.tx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.etcdjakarta.core.tx.Requests.bytes;
import static org.etcdjakarta.core.tx.Requests.done;
import static org.etcdjakarta.core.tx.Requests.get;
import static org.etcdjakarta.core.tx.Requests.keys;
import static org.etcdjakarta.core.tx.Requests.prefix;
import static org.etcdjakarta.core.tx.Requests.put;

import io.etcd.jetcd.api.CompactionRequest;
import io.etcd.jetcd.api.DeleteRangeRequest;
import io.etcd.jetcd.api.PutRequest;
import io.etcd.jetcd.api.RangeRequest;
import io.etcd.jetcd.api.RequestOp;
import io.etcd.jetcd.api.TxnRequest;
import org.etcdjakarta.EtcdConflictException;
import org.etcdjakarta.EtcdException;
import org.etcdjakarta.EtcdUnavailableException;
import org.etcdjakarta.core.link.KvProtocol;
import org.etcdjakarta.core.tx.DirectEtcd.Fault;
import org.junit.jupiter.api.Test;

class LocalTransactionTest {

    private final DirectEtcd etcd = new DirectEtcd();
    private final TxSession session = FakeLinks.engine(etcd).newSession();

    @Test
    void commitWritesAllAtOneRevision() {
        session.begin();
        put(session.kv(), "a", "1");
        put(session.kv(), "b", "2");
        assertThat(etcd.keys()).isEmpty();
        session.commit();
        assertThat(etcd.kv("a").getModRevision()).isEqualTo(etcd.kv("b").getModRevision());
        assertThat(etcd.value("a") + etcd.value("b")).isEqualTo("12");
        assertThat(session.inTransaction()).isFalse();
    }

    @Test
    void rollbackLeavesNothing() {
        session.begin();
        put(session.kv(), "a", "1");
        session.rollback();
        assertThat(etcd.keys()).isEmpty();
        assertThat(etcd.txns()).isEmpty();
        assertThat(get(session.kv(), "a")).isEqualTo("(absent)");
    }

    @Test
    void aFailedWriteWhoseFutureNobodyReadsTakesTheTransactionWithIt() {
        session.begin();
        put(session.kv(), "a", "1");
        var thrownAway = session.kv()
                .put(PutRequest.newBuilder()
                        .setKey(bytes("/_etcd-jakarta/p/x"))
                        .setValue(bytes("2"))
                        .build());
        assertThat(thrownAway).isCompletedExceptionally();
        assertThatThrownBy(session::commit).isInstanceOf(EtcdException.class).hasMessageContaining("ETCD-00207");
        assertThat(etcd.keys()).isEmpty();
    }

    @Test
    void aFailedReadLeavesTheTransactionAlone() {
        session.begin();
        put(session.kv(), "a", "1");
        var reserved = session.kv()
                .range(RangeRequest.newBuilder()
                        .setKey(bytes("/_etcd-jakarta/p/x"))
                        .build());
        assertThat(reserved).isCompletedExceptionally();
        session.commit();
        assertThat(etcd.value("a")).isEqualTo("1");
    }

    @Test
    void conflictOnAKeyReadNamesItAndWritesNothing() {
        etcd.put("stock", "5");
        session.begin();
        get(session.kv(), "stock");
        put(session.kv(), "order", "1");
        etcd.put("stock", "0");
        assertThatThrownBy(session::commit)
                .isInstanceOf(EtcdConflictException.class)
                .hasMessageContaining("'stock'")
                .hasMessageContaining("http://fake:2379");
        assertThat(etcd.value("order")).isEqualTo("(absent)");
    }

    @Test
    void aKeySeenAbsentMustStayAbsent() {
        session.begin();
        get(session.kv(), "once");
        put(session.kv(), "once", "mine");
        etcd.put("once", "theirs");
        assertThatThrownBy(session::commit).isInstanceOf(EtcdConflictException.class);
        assertThat(etcd.value("once")).isEqualTo("theirs");
    }

    @Test
    void aPhantomByInsertConflicts() {
        etcd.put("/o/1", "x");
        session.begin();
        keys(session.kv(), prefix("/o/"));
        put(session.kv(), "count", "1");
        etcd.put("/o/2", "x");
        assertThatThrownBy(session::commit)
                .isInstanceOf(EtcdConflictException.class)
                .hasMessageContaining("'/o/2'");
    }

    /** A range compare alone does not notice it: that is what the compare of each key is for. */
    @Test
    void aPhantomByDeleteConflicts() {
        etcd.put("/o/1", "x");
        etcd.put("/o/2", "x");
        session.begin();
        keys(session.kv(), prefix("/o/"));
        put(session.kv(), "count", "2");
        etcd.delete("/o/2");
        assertThatThrownBy(session::commit)
                .isInstanceOf(EtcdConflictException.class)
                .hasMessageContaining("'/o/2'");
    }

    @Test
    void aCountReadsTheKeys() {
        etcd.put("/o/1", "x");
        session.begin();
        done(session.kv().range(prefix("/o/").setCountOnly(true).build()));
        put(session.kv(), "count", "1");
        etcd.delete("/o/1");
        assertThatThrownBy(session::commit).isInstanceOf(EtcdConflictException.class);
    }

    @Test
    void aLimitedReadIsGuardedUpToTheLastKeyReturned() {
        etcd.put("/o/1", "x");
        etcd.put("/o/3", "x");
        etcd.put("/o/5", "x");
        session.begin();
        assertThat(keys(session.kv(), prefix("/o/").setLimit(2))).containsExactly("/o/1", "/o/3");
        put(session.kv(), "first", "1");
        etcd.put("/o/4", "x");
        etcd.delete("/o/5");
        session.commit();

        session.begin();
        keys(session.kv(), prefix("/o/").setLimit(2));
        put(session.kv(), "first", "2");
        etcd.put("/o/2", "x");
        assertThatThrownBy(session::commit).isInstanceOf(EtcdConflictException.class);
    }

    @Test
    void aDescendingLimitedReadIsGuardedDownToTheLastKeyReturned() {
        etcd.put("/o/1", "x");
        etcd.put("/o/3", "x");
        etcd.put("/o/5", "x");
        RangeRequest.Builder last = prefix("/o/").setLimit(1).setSortOrder(RangeRequest.SortOrder.DESCEND);
        session.begin();
        assertThat(keys(session.kv(), last)).containsExactly("/o/5");
        put(session.kv(), "last", "5");
        etcd.put("/o/2", "x");
        session.commit();

        session.begin();
        keys(session.kv(), last);
        put(session.kv(), "last", "5");
        etcd.put("/o/6", "x");
        assertThatThrownBy(session::commit).isInstanceOf(EtcdConflictException.class);
    }

    @Test
    void aBlindWriteConflictsWithNobodyAndReadsNothing() {
        etcd.put("a", "theirs");
        session.begin();
        put(session.kv(), "a", "mine");
        etcd.put("a", "theirs again");
        session.commit();
        assertThat(etcd.value("a")).isEqualTo("mine");
        assertThat(etcd.ranges()).isEmpty();
        assertThat(etcd.txns()).singleElement().satisfies(txn -> assertThat(txn.getCompareCount())
                .as("slot and intents")
                .isEqualTo(2));
    }

    @Test
    void nothingWrittenMeansNothingSent() {
        etcd.put("a", "1");
        session.begin();
        get(session.kv(), "a");
        etcd.put("a", "2");
        session.commit();
        assertThat(etcd.txns()).isEmpty();
    }

    @Test
    void allReadsAreOfTheRevisionOfTheFirst() {
        etcd.put("a", "1");
        etcd.put("b", "1");
        session.begin();
        assertThat(get(session.kv(), "a")).isEqualTo("1");
        etcd.put("b", "2");
        assertThat(get(session.kv(), "b")).isEqualTo("1");
        assertThat(etcd.ranges().get(0).getRevision()).isZero();
        assertThat(etcd.ranges().get(0).getSerializable()).isFalse();
        assertThat(etcd.ranges().get(1).getRevision()).isEqualTo(3);
        session.rollback();
    }

    @Test
    void whatWasReadOnceIsNotReadAgain() {
        etcd.put("/o/1", "x");
        session.begin();
        for (int i = 0; i < 3; i++) {
            keys(session.kv(), prefix("/o/"));
            get(session.kv(), "/o/1");
            get(session.kv(), "/o/absent");
            get(session.kv(), "elsewhere");
            keys(session.kv(), prefix("/o/").setLimit(1));
        }
        assertThat(etcd.ranges()).as("the prefix and the key elsewhere").hasSize(2);
        session.rollback();
    }

    @Test
    void anExplicitRevisionReadsHistoryWithoutGuard() {
        etcd.put("a", "old");
        long then = etcd.revision();
        etcd.put("a", "new");
        session.begin();
        put(session.kv(), "a", "mine");
        assertThat(done(session.kv()
                                .range(RangeRequest.newBuilder()
                                        .setKey(bytes("a"))
                                        .setRevision(then)
                                        .build()))
                        .getKvs(0)
                        .getValue()
                        .toStringUtf8())
                .isEqualTo("old");
        session.commit();
        assertThat(etcd.txns().get(0).getCompareCount()).as("slot and intents").isEqualTo(2);
    }

    @Test
    void anExplicitRevisionInATxnReadsHistoryToo() {
        etcd.put("a", "old");
        long then = etcd.revision();
        session.begin();
        TxnRequest txn = TxnRequest.newBuilder()
                .addSuccess(RequestOp.newBuilder().setRequestPut(put("a", "mine")))
                .addSuccess(RequestOp.newBuilder()
                        .setRequestRange(
                                RangeRequest.newBuilder().setKey(bytes("a")).setRevision(then)))
                .addSuccess(RequestOp.newBuilder()
                        .setRequestRange(RangeRequest.newBuilder().setKey(bytes("a"))))
                .build();
        assertThat(done(session.kv().txn(txn)).getResponsesList().stream()
                        .skip(1)
                        .map(answer ->
                                answer.getResponseRange().getKvs(0).getValue().toStringUtf8()))
                .containsExactly("old", "mine");
        session.rollback();
    }

    @Test
    void aCompactedExplicitRevisionIsNotTheSnapshot() {
        etcd.put("a", "1");
        etcd.put("a", "2");
        session.begin();
        get(session.kv(), "a");
        done(etcd.compact(
                CompactionRequest.newBuilder().setRevision(etcd.revision()).build()));
        KvProtocol kv = session.kv();
        assertThatThrownBy(() -> done(kv.range(RangeRequest.newBuilder()
                        .setKey(bytes("a"))
                        .setRevision(2)
                        .build())))
                .hasMessageContaining("compacted");
        put(kv, "b", "1");
        session.commit();
        assertThat(etcd.value("b")).isEqualTo("1");
    }

    @Test
    void aCompactedSnapshotCanOnlyBeRolledBack() {
        etcd.put("a", "1");
        session.begin();
        get(session.kv(), "a");
        put(session.kv(), "b", "1");
        etcd.put("a", "2");
        etcd.put("a", "3");
        done(etcd.compact(
                CompactionRequest.newBuilder().setRevision(etcd.revision()).build()));
        KvProtocol kv = session.kv();
        assertThatThrownBy(() -> get(kv, "c")).hasMessageContaining("compacted");
        assertThatThrownBy(() -> put(kv, "c", "1"))
                .hasMessageContaining("rolled back")
                .hasMessageContaining("compacted");
        assertThatThrownBy(session::commit).hasMessageContaining("compacted");
        assertThat(etcd.txns()).isEmpty();
    }

    @Test
    void aLostAnswerIsFoundOut() {
        session.begin();
        put(session.kv(), "a", "1");
        etcd.failNext(Fault.APPLIED_AND_LOST);
        session.commit();
        assertThat(etcd.kv("a").getVersion()).isEqualTo(1);

        session.begin();
        put(session.kv(), "b", "1");
        etcd.failNext(Fault.NOT_APPLIED_AND_LOST);
        assertThatThrownBy(session::commit)
                .isInstanceOfSatisfying(
                        EtcdException.class, e -> assertThat(e.effect()).isEqualTo(EtcdException.Effect.NOT_APPLIED))
                .hasMessageContaining("fenced");
        assertThat(etcd.keys()).containsExactly("a");
    }

    @Test
    void whenEtcdIsAwayNothingIsApplied() {
        session.begin();
        put(session.kv(), "a", "1");
        etcd.failNext(Fault.UNAVAILABLE);
        assertThatThrownBy(session::commit).isInstanceOf(EtcdUnavailableException.class);
        assertThat(session.inTransaction()).isFalse();
    }

    @Test
    void aDeleteThenAPutIsOnePut() {
        etcd.put("a", "1");
        session.begin();
        done(session.kv()
                .deleteRange(DeleteRangeRequest.newBuilder().setKey(bytes("a")).build()));
        assertThat(get(session.kv(), "a")).isEqualTo("(absent)");
        put(session.kv(), "a", "2");
        put(session.kv(), "a", "3");
        session.commit();
        assertThat(etcd.txns().get(0).getSuccessCount()).as("and the slot").isEqualTo(2);
        assertThat(etcd.value("a")).isEqualTo("3");
    }

    @Test
    void callsAfterTheEndFail() {
        session.begin();
        KvProtocol kv = session.kv();
        put(kv, "a", "1");
        session.commit();
        assertThatThrownBy(() -> put(kv, "b", "1"))
                .isInstanceOf(EtcdException.class)
                .hasMessageContaining("ended");
        assertThatThrownBy(() -> get(kv, "a")).hasMessageContaining("ended");
        assertThat(etcd.keys()).containsExactly("a");
    }

    @Test
    void beginTwiceAndEndWithoutBeginAreRefused() {
        session.begin();
        assertThatThrownBy(session::begin).isInstanceOf(IllegalStateException.class);
        session.rollback();
        assertThatThrownBy(session::rollback).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(session::commit).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void resetForgetsTheTransaction() {
        session.begin();
        KvProtocol kv = session.kv();
        put(kv, "a", "1");
        session.reset();
        assertThat(session.inTransaction()).isFalse();
        assertThatThrownBy(() -> put(kv, "b", "1")).hasMessageContaining("ended");
        session.begin();
        session.commit();
        assertThat(etcd.keys()).isEmpty();
    }

    @Test
    void theEngineKeepsItsLinkUntilItIsClosed() {
        FakeLinks links = new FakeLinks(etcd);
        TxEngine engine = TxEngine.over(links, FakeLinks.SETTINGS);
        TxSession local = engine.newSession();
        local.begin();
        put(local.kv(), "a", "1");
        local.commit();
        assertThat(links.open()).isEqualTo(1);
        engine.close();
        engine.close();
        assertThat(links.open()).isZero();
        assertThatThrownBy(engine::newSession).isInstanceOf(IllegalStateException.class);
    }
}
