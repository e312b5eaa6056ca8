package org.etcdjakarta.core.tx;

import static javax.transaction.xa.XAException.XAER_NOTA;
import static javax.transaction.xa.XAException.XAER_RMFAIL;
import static javax.transaction.xa.XAException.XA_HEURRB;
import static javax.transaction.xa.XAException.XA_RBINTEGRITY;
import static javax.transaction.xa.XAException.XA_RBOTHER;
import static javax.transaction.xa.XAException.XA_RBROLLBACK;
import static javax.transaction.xa.XAException.XA_RETRY;
import static javax.transaction.xa.XAResource.TMNOFLAGS;
import static javax.transaction.xa.XAResource.TMSTARTRSCAN;
import static javax.transaction.xa.XAResource.TMSUCCESS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.etcdjakarta.core.tx.DirectEtcd.Fault.APPLIED_AND_LOST;
import static org.etcdjakarta.core.tx.DirectEtcd.Fault.LATE_AND_LOST;
import static org.etcdjakarta.core.tx.DirectEtcd.Fault.NONE;
import static org.etcdjakarta.core.tx.DirectEtcd.Fault.NOT_APPLIED_AND_LOST;
import static org.etcdjakarta.core.tx.DirectEtcd.Fault.UNAVAILABLE;
import static org.etcdjakarta.core.tx.Requests.done;
import static org.etcdjakarta.core.tx.Requests.get;
import static org.etcdjakarta.core.tx.Requests.put;
import static org.etcdjakarta.core.tx.XaAssertions.assertXa;

import com.google.protobuf.ByteString;
import io.etcd.jetcd.api.CompactionRequest;
import io.etcd.jetcd.api.PutRequest;
import javax.transaction.xa.XAResource;
import javax.transaction.xa.Xid;
import org.etcdjakarta.EtcdConflictException;
import org.etcdjakarta.EtcdException;
import org.etcdjakarta.EtcdInDoubtException;
import org.junit.jupiter.api.Test;

class TwoPhaseTest {

    private static final String RECORDS = "/_etcd-jakarta/p/";

    private final DirectEtcd etcd = new DirectEtcd();
    private final TxSession session = FakeLinks.engine(etcd).newSession();
    private final XAResource xa = session.xaResource();
    private final Xid xid = new TestXid("gtrid", "bqual");

    private void work() throws Exception {
        etcd.put("read", "1");
        xa.start(xid, TMNOFLAGS);
        get(session.kv(), "read");
        put(session.kv(), "a", "1");
        etcd.put("unrelated", "1");
        xa.end(xid, TMSUCCESS);
    }

    /** In another process: nothing but etcd is left of the branch. */
    private XAResource fresh() {
        return FakeLinks.engine(etcd).newSession().xaResource();
    }

    private void assertNothingReserved() {
        assertThat(etcd.keys()).noneMatch(key -> key.startsWith("/_etcd-jakarta/"));
        assertThat(etcd.slots()).hasSizeLessThan(3);
    }

    @Test
    void prepareIsDurableAndCommitAppliesAndCleansUp() throws Exception {
        work();
        assertThat(xa.prepare(xid)).isEqualTo(XAResource.XA_OK);
        assertThat(etcd.value("a")).isEqualTo("(absent)");
        assertThat(etcd.keys()).contains(RECORDS + "fffdfffb.6774726964.627175616c");
        xa.commit(xid, false);
        assertThat(etcd.value("a")).isEqualTo("1");
        assertNothingReserved();
    }

    @Test
    void rollbackOfAPreparedBranchLeavesNothing() throws Exception {
        work();
        xa.prepare(xid);
        xa.rollback(xid);
        assertThat(etcd.value("a")).isEqualTo("(absent)");
        assertNothingReserved();
        assertThat(etcd.txns().get(1).getSuccessList())
                .as("delete-only, so that it works when etcd has no space left")
                .allMatch(operation -> operation.hasRequestDeleteRange());
    }

    @Test
    void aConflictAtPrepareRollsBack() throws Exception {
        work();
        etcd.put("read", "2");
        assertThat(assertXa(XA_RBINTEGRITY, () -> xa.prepare(xid)))
                .hasCauseInstanceOf(EtcdConflictException.class)
                .hasMessageContaining("'read'");
        assertNothingReserved();
        assertXa(XAER_NOTA, () -> xa.commit(xid, false));
    }

    @Test
    void readOnlyEndsAtPrepare() throws Exception {
        etcd.put("read", "1");
        xa.start(xid, TMNOFLAGS);
        get(session.kv(), "read");
        etcd.put("read", "2");
        xa.end(xid, TMSUCCESS);
        assertThat(xa.prepare(xid)).isEqualTo(XAResource.XA_RDONLY);
        assertThat(etcd.txns()).isEmpty();
        assertXa(XAER_NOTA, () -> xa.commit(xid, false));
    }

    @Test
    void whatOthersWriteAfterPrepareDoesNotKeepItFromCommitting() throws Exception {
        work();
        xa.prepare(xid);
        etcd.put("read", "2");
        etcd.put("a", "theirs");
        xa.commit(xid, false);
        assertThat(etcd.value("a")).isEqualTo("1");
    }

    @Test
    void leasedPutsAreRefusedAtPrepareAndAllowedInOnePhase() throws Exception {
        etcd.grant(7);
        PutRequest leased = put("a", "1").setLease(7).build();
        xa.start(xid, TMNOFLAGS);
        done(session.kv().put(leased));
        xa.end(xid, TMSUCCESS);
        assertThat(assertXa(XA_RBOTHER, () -> xa.prepare(xid))).hasMessageContaining("lease");
        assertThat(etcd.keys()).isEmpty();

        xa.start(xid, TMNOFLAGS);
        done(session.kv().put(leased));
        xa.end(xid, TMSUCCESS);
        xa.commit(xid, true);
        assertThat(etcd.kv("a").getLease()).isEqualTo(7);
    }

    @Test
    void aFreshEngineCommits() throws Exception {
        work();
        xa.prepare(xid);
        XAResource recovery = fresh();
        Xid[] found = recovery.recover(TMSTARTRSCAN);
        assertThat(found).hasSize(1);
        assertThat(found[0].getFormatId()).isEqualTo(xid.getFormatId());
        assertThat(found[0].getGlobalTransactionId()).isEqualTo(xid.getGlobalTransactionId());
        assertThat(found[0].getBranchQualifier()).isEqualTo(xid.getBranchQualifier());
        recovery.commit(found[0], false);
        assertThat(etcd.value("a")).isEqualTo("1");
        assertNothingReserved();
        assertThat(recovery.recover(TMSTARTRSCAN)).isEmpty();
        assertXa(XAER_NOTA, () -> recovery.commit(found[0], false));
    }

    @Test
    void aFreshEngineRollsBack() throws Exception {
        work();
        xa.prepare(xid);
        XAResource recovery = fresh();
        recovery.rollback(recovery.recover(TMSTARTRSCAN)[0]);
        assertThat(etcd.value("a")).isEqualTo("(absent)");
        assertNothingReserved();
        assertXa(XAER_NOTA, () -> recovery.rollback(xid));
    }

    /** A record that is gone does not say how others have ended it; etcd's history does. */
    @Test
    void whatOthersHaveCommittedIsCommittedAndWhatTheyHaveRolledBackIsNot() throws Exception {
        for (int i = 0; i < 3; i++) {
            work();
            xa.prepare(xid);
            etcd.put("unrelated", "2");
            fresh().commit(xid, false);
            etcd.put("unrelated", "3");
            etcd.put("a", "later");
            xa.commit(xid, false);

            work();
            xa.prepare(xid);
            etcd.put("unrelated", "2");
            fresh().rollback(xid);
            etcd.put("a", "later");
            assertXa(XA_HEURRB, () -> xa.commit(xid, false));
        }
    }

    @Test
    void whenTheHistoryIsGoneNobodyIsToldThatItWasCommitted() throws Exception {
        work();
        xa.prepare(xid);
        fresh().commit(xid, false);
        etcd.put("unrelated", "2");
        done(etcd.compact(
                CompactionRequest.newBuilder().setRevision(etcd.revision()).build()));
        assertXa(XAER_NOTA, () -> xa.commit(xid, false));
    }

    @Test
    void theResourceWorksAfterItsEngineIsClosed() throws Exception {
        FakeLinks links = new FakeLinks(etcd);
        TxEngine engine = TxEngine.over(links, FakeLinks.SETTINGS);
        work();
        xa.prepare(xid);
        XAResource recovery = engine.newSession().xaResource();
        engine.close();
        assertThat(links.open()).isZero();
        Xid[] found = recovery.recover(TMSTARTRSCAN);
        recovery.commit(found[0], false);
        assertThat(etcd.value("a")).isEqualTo("1");
        assertThat(links.open()).isZero();
    }

    @Test
    void onePhaseWithALostAnswerIsFoundOut() throws Exception {
        work();
        etcd.failNext(APPLIED_AND_LOST);
        xa.commit(xid, true);
        assertThat(etcd.kv("a").getVersion()).isEqualTo(1);

        work();
        etcd.failNext(NOT_APPLIED_AND_LOST);
        assertXa(XA_RBROLLBACK, () -> xa.commit(xid, true));
        assertThat(etcd.kv("a").getVersion()).isEqualTo(1);
    }

    @Test
    void onePhaseThatStaysInDoubtIsAHazardAndSaysSo() throws Exception {
        work();
        etcd.failNext(APPLIED_AND_LOST);
        etcd.away(true);
        assertThat(assertXa(XAER_RMFAIL, () -> xa.commit(xid, true)))
                .hasCauseInstanceOf(EtcdInDoubtException.class)
                .hasMessageContaining(etcd.slots().get(0));
        assertXa(XAER_RMFAIL, () -> xa.rollback(xid));
        xa.forget(xid);
        etcd.away(false);
        assertXa(XAER_NOTA, () -> xa.forget(xid));
        assertThat(etcd.kv("a").getVersion()).as("not repeated").isEqualTo(1);
    }

    @Test
    void onePhaseWhenEtcdIsAwayIsARollback() throws Exception {
        work();
        etcd.failNext(UNAVAILABLE);
        assertXa(XA_RBROLLBACK, () -> xa.commit(xid, true));
        assertThat(etcd.value("a")).isEqualTo("(absent)");
    }

    @Test
    void onePhaseConflict() throws Exception {
        work();
        etcd.put("read", "2");
        assertXa(XA_RBINTEGRITY, () -> xa.commit(xid, true));
        assertXa(XAER_NOTA, () -> xa.rollback(xid));
    }

    @Test
    void aLostAnswerToCommitIsFoundOut() throws Exception {
        for (DirectEtcd.Fault fault : new DirectEtcd.Fault[] {APPLIED_AND_LOST, NOT_APPLIED_AND_LOST, UNAVAILABLE}) {
            work();
            etcd.failNext(NONE, fault);
            xa.prepare(xid);
            xa.commit(xid, false);
            assertThat(etcd.value("a")).as(fault.name()).isEqualTo("1");
            assertThat(etcd.kv("a").getVersion()).as("applied once").isEqualTo(1);
            assertNothingReserved();
            etcd.delete("a");
        }
    }

    @Test
    void aLostAnswerToTheCommitOfARecoveredBranchIsFoundOut() throws Exception {
        work();
        xa.prepare(xid);
        etcd.failNext(APPLIED_AND_LOST);
        fresh().commit(xid, false);
        assertThat(etcd.value("a")).isEqualTo("1");
        assertNothingReserved();
    }

    @Test
    void commitThatFindsNoEtcdIsTriedAgainLater() throws Exception {
        work();
        etcd.failNext(NONE, UNAVAILABLE, UNAVAILABLE, UNAVAILABLE);
        xa.prepare(xid);
        assertXa(XA_RETRY, () -> xa.commit(xid, false));
        assertThat(etcd.value("a")).isEqualTo("(absent)");
        xa.commit(xid, false);
        assertThat(etcd.value("a")).isEqualTo("1");
    }

    @Test
    void commitWhoseAnswersAreAllLostIsTriedAgainLater() throws Exception {
        work();
        etcd.failNext(NONE, APPLIED_AND_LOST, NOT_APPLIED_AND_LOST, NOT_APPLIED_AND_LOST);
        xa.prepare(xid);
        assertXa(XA_RETRY, () -> xa.commit(xid, false));
        xa.commit(xid, false);
        assertThat(etcd.kv("a").getVersion()).isEqualTo(1);
        assertNothingReserved();
    }

    @Test
    void rollbackThatFindsNoEtcdIsLeftToRecovery() throws Exception {
        work();
        etcd.failNext(NONE, UNAVAILABLE, UNAVAILABLE, UNAVAILABLE);
        xa.prepare(xid);
        assertXa(XAER_RMFAIL, () -> xa.rollback(xid));
        XAResource recovery = fresh();
        recovery.rollback(recovery.recover(TMSTARTRSCAN)[0]);
        assertNothingReserved();
        xa.rollback(xid);
    }

    @Test
    void prepareWhoseAnswerIsLostAfterItWasAppliedIsPrepared() throws Exception {
        work();
        etcd.failNext(APPLIED_AND_LOST);
        assertThat(xa.prepare(xid)).isEqualTo(XAResource.XA_OK);
        xa.commit(xid, false);
        assertThat(etcd.value("a")).isEqualTo("1");
        assertNothingReserved();
    }

    /** The fence keeps the original out, whenever it arrives. */
    @Test
    void prepareWhoseRequestIsLateIsFencedOff() throws Exception {
        work();
        etcd.failNext(LATE_AND_LOST);
        assertThat(assertXa(XA_RBOTHER, () -> xa.prepare(xid)).getCause())
                .isInstanceOfSatisfying(
                        EtcdException.class, e -> assertThat(e.effect()).isEqualTo(EtcdException.Effect.NOT_APPLIED));
        assertThat(etcd.deliverLate()).as("the original, arriving now").isFalse();
        assertThat(fresh().recover(TMSTARTRSCAN)).isEmpty();
        assertThat(etcd.value("a")).isEqualTo("(absent)");
        assertNothingReserved();
    }

    /** The control: before there is a fence the late original is prepared; rollback finds that out. */
    @Test
    void withoutTheFenceTheLateRequestWouldArrive() throws Exception {
        work();
        etcd.failNext(LATE_AND_LOST);
        etcd.away(true);
        assertXa(XAER_RMFAIL, () -> xa.prepare(xid));
        assertXa(XAER_RMFAIL, () -> xa.rollback(xid));
        etcd.away(false);
        assertThat(etcd.deliverLate()).isTrue();
        xa.rollback(xid);
        assertThat(etcd.value("a")).isEqualTo("(absent)");
        assertNothingReserved();
    }

    @Test
    void prepareInDoubtIsFencedOffByRollback() throws Exception {
        work();
        etcd.failNext(LATE_AND_LOST);
        etcd.away(true);
        assertXa(XAER_RMFAIL, () -> xa.prepare(xid));
        etcd.away(false);
        xa.rollback(xid);
        assertThat(etcd.deliverLate()).isFalse();
        assertXa(XAER_NOTA, () -> fresh().rollback(xid));
        assertNothingReserved();
    }

    /** Recovery does not list it, so nobody asks for it any more. */
    @Test
    void prepareInDoubtThatIsFencedOffLaterIsForgotten() throws Exception {
        FakeLinks links = new FakeLinks(etcd);
        XAResource alone = workedWith(TxEngine.over(links, FakeLinks.SETTINGS), xid);
        etcd.failNext(LATE_AND_LOST);
        etcd.away(true);
        assertXa(XAER_RMFAIL, () -> alone.prepare(xid));
        assertXa(XAER_RMFAIL, () -> alone.rollback(xid));
        etcd.away(false);
        links.runLater();
        links.runLater();
        assertThat(etcd.deliverLate()).isFalse();
        assertXa(XAER_NOTA, () -> alone.rollback(xid));
        assertNothingReserved();
    }

    private static XAResource workedWith(TxEngine engine, Xid xid) throws Exception {
        TxSession session = engine.newSession();
        XAResource resource = session.xaResource();
        resource.start(xid, TMNOFLAGS);
        put(session.kv(), "a", "1");
        resource.end(xid, TMSUCCESS);
        return resource;
    }

    @Test
    void theFencesOwnAnswerMayBeLost() throws Exception {
        work();
        etcd.failNext(LATE_AND_LOST, APPLIED_AND_LOST);
        assertXa(XA_RBOTHER, () -> xa.prepare(xid));
        assertThat(etcd.deliverLate()).isFalse();
    }

    @Test
    void prepareThatFindsNoEtcdRollsBack() throws Exception {
        work();
        etcd.failNext(UNAVAILABLE);
        assertXa(XAER_RMFAIL, () -> xa.prepare(xid));
        xa.rollback(xid);
        assertThat(etcd.value("a")).isEqualTo("(absent)");
        assertNothingReserved();
    }

    @Test
    void aRecordOfANewerVersionIsListedAndNotTouched() throws Exception {
        String key = RECORDS + BranchXid.of(xid).text();
        done(etcd.put(PutRequest.newBuilder()
                .setKey(Requests.bytes(key))
                .setValue(ByteString.copyFrom(new byte[] {2, 0, 0}))
                .build()));
        assertThat(xa.recover(TMSTARTRSCAN)).hasSize(1);
        assertXa(XAER_RMFAIL, () -> xa.commit(xid, false));
        assertXa(XAER_RMFAIL, () -> xa.rollback(xid));
        assertThat(etcd.keys()).containsExactly(key);
    }

    @Test
    void anUnreadableRecordIsListedAndNotTouched() throws Exception {
        String key = RECORDS + BranchXid.of(xid).text();
        etcd.put(key, "\1");
        etcd.put(RECORDS + "not an xid", "x");
        assertThat(xa.recover(TMSTARTRSCAN)).hasSize(1);
        assertXa(XAER_RMFAIL, () -> xa.commit(xid, false));
        assertXa(XAER_RMFAIL, () -> xa.rollback(xid));
        assertThat(etcd.keys()).hasSize(2);
    }

    @Test
    void twoBranchesOfOneXidCannotBothPrepare() throws Exception {
        work();
        TxSession twin = FakeLinks.engine(etcd).newSession();
        twin.xaResource().start(xid, TMNOFLAGS);
        put(twin.kv(), "b", "1");
        twin.xaResource().end(xid, TMSUCCESS);
        xa.prepare(xid);
        assertThat(assertXa(XA_RBOTHER, () -> twin.xaResource().prepare(xid))).hasMessageContaining("node identifier");
        xa.commit(xid, false);
        assertThat(etcd.value("b")).isEqualTo("(absent)");
    }

    @Test
    void aLargeBranchCanStillBePreparedAndCommitted() throws Exception {
        xa.start(xid, TMNOFLAGS);
        for (int i = 0; i < 127; i++) {
            get(session.kv(), "k" + i);
            put(session.kv(), "k" + i, "v");
        }
        xa.end(xid, TMSUCCESS);
        xa.prepare(xid);
        xa.commit(xid, false);
        assertThat(etcd.keys()).hasSize(127);
    }

    @Test
    void xidsOfAnyBytesSurviveTheKey() {
        BranchXid odd = new BranchXid(-1, ByteString.copyFrom(new byte[] {0, '/', '.', -1}), ByteString.EMPTY);
        assertThat(BranchXid.parse(odd.text())).isEqualTo(odd);
        assertThat(BranchXid.parse("1.zz.00")).isNull();
        assertThat(BranchXid.parse("nonsense")).isNull();
    }
}
