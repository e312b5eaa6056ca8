package org.etcdjakarta.core.tx;

import static javax.transaction.xa.XAException.XAER_NOTA;
import static javax.transaction.xa.XAException.XA_HEURCOM;
import static javax.transaction.xa.XAException.XA_HEURRB;
import static javax.transaction.xa.XAResource.TMNOFLAGS;
import static javax.transaction.xa.XAResource.TMSTARTRSCAN;
import static javax.transaction.xa.XAResource.TMSUCCESS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.etcdjakarta.core.tx.Requests.done;
import static org.etcdjakarta.core.tx.Requests.get;
import static org.etcdjakarta.core.tx.Requests.put;
import static org.etcdjakarta.core.tx.XaAssertions.assertXa;

import com.google.protobuf.ByteString;
import io.etcd.jetcd.api.PutRequest;
import java.time.Duration;
import javax.transaction.xa.XAResource;
import javax.transaction.xa.Xid;
import org.etcdjakarta.EtcdException;
import org.etcdjakarta.core.tx.TransactionAdmin.InDoubtBranch;
import org.etcdjakarta.core.tx.TransactionAdmin.State;
import org.junit.jupiter.api.Test;

class TransactionAdminTest {

    private final DirectEtcd etcd = new DirectEtcd();
    private final TxEngine engine = FakeLinks.engine(etcd);
    private final TxSession session = engine.newSession();
    private final XAResource xa = session.xaResource();
    private final TransactionAdmin admin = engine.admin();
    private final Xid xid = new TestXid("gtrid", "bqual");
    private final String text = BranchXid.of(xid).text();

    private void prepare() throws Exception {
        xa.start(xid, TMNOFLAGS);
        get(session.kv(), "read");
        put(session.kv(), "a", "1");
        put(session.kv(), "b", "1");
        xa.end(xid, TMSUCCESS);
        xa.prepare(xid);
    }

    private static XAResource recovery(DirectEtcd etcd) {
        return FakeLinks.engine(etcd).newSession().xaResource();
    }

    @Test
    void aPreparedBranchIsListedWithItsOwnerAndKeys() throws Exception {
        assertThat(admin.list()).isEmpty();
        prepare();
        assertThat(admin.list()).singleElement().satisfies(branch -> {
            assertThat(branch.xid()).isEqualTo(text);
            assertThat(branch.state()).isEqualTo(State.PREPARED);
            assertThat(branch.node()).isEqualTo("node-1");
            assertThat(branch.keys()).containsExactly("a", "b");
            assertThat(branch.age()).isBetween(Duration.ZERO, Duration.ofMinutes(1));
        });
        assertThat(admin.metrics().inDoubt()).isEqualTo(1);
        assertThat(admin.metrics().oldest()).isPresent();
        xa.commit(xid, false);
        assertThat(admin.list()).isEmpty();
        assertThat(admin.metrics().inDoubt()).isZero();
        assertThat(admin.metrics().oldest()).isEmpty();
    }

    @Test
    void whatAnOperatorCommitsIsAppliedOnceAndToldToTheTransactionManager() throws Exception {
        prepare();
        admin.commit(text);
        assertThat(etcd.value("a")).isEqualTo("1");
        assertThat(etcd.txns().get(etcd.txns().size() - 1).getCompareCount())
                .as("in one Txn")
                .isEqualTo(1);
        assertThat(admin.list()).extracting(InDoubtBranch::state).containsExactly(State.HEURISTICALLY_COMMITTED);
        assertThat(admin.metrics().inDoubt()).as("it holds nothing any more").isZero();

        assertXa(XA_HEURCOM, () -> xa.commit(xid, false));
        assertThat(etcd.kv("a").getVersion()).isEqualTo(1);
        xa.forget(xid);
        assertThat(admin.list()).isEmpty();
        assertThat(etcd.keys()).containsExactly("a", "b");
    }

    @Test
    void whatAnOperatorRollsBackIsGoneAndToldToTheTransactionManager() throws Exception {
        prepare();
        admin.rollback(text);
        assertThat(etcd.value("a")).isEqualTo("(absent)");
        assertXa(XA_HEURRB, () -> xa.commit(xid, false));
        xa.forget(xid);
        assertXa(XAER_NOTA, () -> xa.forget(xid));
        assertThat(etcd.keys()).isEmpty();
    }

    /** The operator may work at any of them. */
    @Test
    void whatHasEndedIsStillOfTheNodeThatPreparedIt() throws Exception {
        prepare();
        TransactionAdmin elsewhere = TxEngine.over(
                        new FakeLinks(etcd), new TxSettings("/_etcd-jakarta/", 128, "node-2"))
                .admin();
        elsewhere.rollback(text);
        assertThat(elsewhere.list()).extracting(InDoubtBranch::node).containsExactly("node-1");
    }

    @Test
    void recoveryListsWhatAnOperatorHasEndedUntilItIsForgotten() throws Exception {
        prepare();
        admin.rollback(text);
        XAResource recovery = recovery(etcd);
        Xid[] found = recovery.recover(TMSTARTRSCAN);
        assertThat(found).hasSize(1);
        assertXa(XA_HEURRB, () -> recovery.rollback(found[0]));
        assertXa(XA_HEURRB, () -> recovery.commit(found[0], false));
        recovery.forget(found[0]);
        assertThat(recovery.recover(TMSTARTRSCAN)).isEmpty();
        assertXa(XAER_NOTA, () -> recovery.rollback(found[0]));
    }

    @Test
    void whatAnOperatorHasEndedElsewhereIsStillTheBranchOfItsNode() throws Exception {
        prepare();
        TxSettings other = new TxSettings(FakeLinks.SETTINGS.reservedPrefix(), 128, "console");
        TransactionAdmin console = TxEngine.over(new FakeLinks(etcd), other).admin();
        console.rollback(text);
        assertThat(console.list()).extracting(InDoubtBranch::node).containsExactly("node-1");
    }

    @Test
    void anOperatorCanForgetToo() throws Exception {
        prepare();
        assertThatThrownBy(() -> admin.forget(text)).hasMessageContaining("ETCD-00246");
        admin.commit(text);
        admin.forget(text);
        assertThat(admin.list()).isEmpty();
    }

    @Test
    void endingItTwiceIsTheSameAndTheOtherWayIsRefused() throws Exception {
        prepare();
        admin.commit(text);
        admin.commit(text);
        assertThatThrownBy(() -> admin.rollback(text)).hasMessageContaining("the other way");
        assertThat(etcd.kv("a").getVersion()).isEqualTo(1);
    }

    @Test
    void aLostAnswerToTheOperatorIsFoundOut() throws Exception {
        prepare();
        etcd.failNext(DirectEtcd.Fault.APPLIED_AND_LOST);
        admin.commit(text);
        assertThat(etcd.kv("a").getVersion()).isEqualTo(1);
        assertThat(admin.list()).extracting(InDoubtBranch::state).containsExactly(State.HEURISTICALLY_COMMITTED);
    }

    @Test
    void whatIsNotThereIsRefused() {
        assertThatThrownBy(() -> admin.commit(text))
                .isInstanceOf(EtcdException.class)
                .hasMessageContaining(text);
        assertThatThrownBy(() -> admin.commit("nonsense"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("nonsense");
    }

    @Test
    void aRecordOfANewerVersionIsListedAndNotTouched() {
        done(etcd.put(PutRequest.newBuilder()
                .setKey(Requests.bytes("/_etcd-jakarta/p/" + text))
                .setValue(ByteString.copyFrom(new byte[] {9}))
                .build()));
        assertThat(admin.list()).extracting(InDoubtBranch::node).containsExactly("?");
        assertThatThrownBy(() -> admin.commit(text)).hasMessageContaining("newer version");
        assertThat(etcd.keys()).hasSize(1);
    }

    @Test
    void conflictsAndFencesAreCounted() {
        session.begin();
        get(session.kv(), "a");
        put(session.kv(), "b", "1");
        etcd.put("a", "2");
        assertThatThrownBy(session::commit).isInstanceOf(EtcdException.class);
        session.begin();
        put(session.kv(), "b", "1");
        etcd.failNext(DirectEtcd.Fault.NOT_APPLIED_AND_LOST);
        assertThatThrownBy(session::commit).isInstanceOf(EtcdException.class);
        assertThat(admin.metrics().conflicts()).isEqualTo(1);
        assertThat(admin.metrics().fences()).isEqualTo(1);
    }
}
