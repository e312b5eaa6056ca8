package org.etcdjakarta.core.tx;

import static javax.transaction.xa.XAException.XAER_DUPID;
import static javax.transaction.xa.XAException.XAER_INVAL;
import static javax.transaction.xa.XAException.XAER_NOTA;
import static javax.transaction.xa.XAException.XAER_OUTSIDE;
import static javax.transaction.xa.XAException.XAER_PROTO;
import static javax.transaction.xa.XAException.XA_RBROLLBACK;
import static javax.transaction.xa.XAException.XA_RBTIMEOUT;
import static javax.transaction.xa.XAResource.TMENDRSCAN;
import static javax.transaction.xa.XAResource.TMFAIL;
import static javax.transaction.xa.XAResource.TMJOIN;
import static javax.transaction.xa.XAResource.TMNOFLAGS;
import static javax.transaction.xa.XAResource.TMONEPHASE;
import static javax.transaction.xa.XAResource.TMRESUME;
import static javax.transaction.xa.XAResource.TMSTARTRSCAN;
import static javax.transaction.xa.XAResource.TMSUCCESS;
import static javax.transaction.xa.XAResource.TMSUSPEND;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;
import static org.etcdjakarta.core.tx.Requests.get;
import static org.etcdjakarta.core.tx.Requests.put;
import static org.etcdjakarta.core.tx.XaAssertions.assertXa;

import java.time.Duration;
import javax.transaction.xa.XAResource;
import javax.transaction.xa.Xid;
import org.etcdjakarta.core.link.KvProtocol;
import org.junit.jupiter.api.Test;

class XaStateTableTest {

    private final DirectEtcd etcd = new DirectEtcd();
    private final TxEngine engine = FakeLinks.engine(etcd);
    private final TxSession session = engine.newSession();
    private final XAResource xa = session.xaResource();
    private final Xid xid = new TestXid("g", "b");

    @Test
    void onePhase() throws Exception {
        xa.start(xid, TMNOFLAGS);
        assertThat(session.inTransaction()).isTrue();
        put(session.kv(), "a", "1");
        xa.end(xid, TMSUCCESS);
        assertThat(session.inTransaction()).isFalse();
        xa.commit(new TestXid("g", "b"), true);
        assertThat(etcd.value("a")).isEqualTo("1");
    }

    /** WildFly enlists connections that are never used. */
    @Test
    void emptyWorkCommits() throws Exception {
        xa.start(xid, TMNOFLAGS);
        xa.end(xid, TMSUCCESS);
        xa.commit(xid, true);
        xa.start(xid, TMNOFLAGS);
        xa.end(xid, TMSUCCESS);
        assertThat(xa.prepare(xid)).isEqualTo(XAResource.XA_RDONLY);
        assertThat(etcd.txns()).isEmpty();
    }

    @Test
    void failThenRollback() throws Exception {
        xa.start(xid, TMNOFLAGS);
        put(session.kv(), "a", "1");
        xa.end(xid, TMFAIL);
        xa.rollback(xid);
        assertThat(etcd.keys()).isEmpty();
        xa.start(xid, TMNOFLAGS);
    }

    @Test
    void failedWorkCannotCommit() throws Exception {
        xa.start(xid, TMNOFLAGS);
        put(session.kv(), "a", "1");
        xa.end(xid, TMFAIL);
        assertXa(XA_RBROLLBACK, () -> xa.commit(xid, true));
        assertXa(XAER_NOTA, () -> xa.rollback(xid));

        xa.start(xid, TMNOFLAGS);
        put(session.kv(), "a", "1");
        xa.end(xid, TMFAIL);
        assertXa(XA_RBROLLBACK, () -> engine.newSession().xaResource().start(xid, TMJOIN));
        assertXa(XA_RBROLLBACK, () -> xa.prepare(xid));
        assertThat(etcd.keys()).isEmpty();
    }

    @Test
    void callsInTheWrongOrderAreProtocolErrors() throws Exception {
        xa.start(xid, TMNOFLAGS);
        assertXa(XAER_PROTO, () -> xa.start(new TestXid("g", "other"), TMNOFLAGS));
        assertXa(XAER_PROTO, () -> xa.prepare(xid));
        assertXa(XAER_PROTO, () -> xa.commit(xid, true));
        assertXa(XAER_PROTO, () -> xa.commit(xid, false));
        assertXa(XAER_PROTO, () -> xa.rollback(xid));
        put(session.kv(), "a", "1");
        xa.end(xid, TMSUCCESS);
        assertXa(XAER_PROTO, () -> xa.end(xid, TMSUCCESS));
        assertXa(XAER_PROTO, () -> xa.commit(xid, false));
        assertXa(XAER_PROTO, () -> xa.start(xid, TMRESUME));
        assertThat(xa.prepare(xid)).isEqualTo(XAResource.XA_OK);
        assertXa(XAER_PROTO, () -> xa.prepare(xid));
        assertXa(XAER_PROTO, () -> xa.commit(xid, true));
        assertXa(XAER_PROTO, () -> xa.start(xid, TMJOIN));
        xa.commit(xid, false);
    }

    @Test
    void unknownBranches() {
        assertXa(XAER_NOTA, () -> xa.end(xid, TMSUCCESS));
        assertXa(XAER_NOTA, () -> xa.prepare(xid));
        assertXa(XAER_NOTA, () -> xa.commit(xid, true));
        assertXa(XAER_NOTA, () -> xa.commit(xid, false));
        assertXa(XAER_NOTA, () -> xa.rollback(xid));
        assertXa(XAER_NOTA, () -> xa.forget(xid));
        assertXa(XAER_NOTA, () -> xa.start(xid, TMJOIN));
        assertXa(XAER_NOTA, () -> xa.start(xid, TMRESUME));
    }

    @Test
    void badArguments() throws Exception {
        assertXa(XAER_INVAL, () -> xa.start(xid, TMONEPHASE));
        assertXa(XAER_INVAL, () -> xa.start(null, TMNOFLAGS));
        assertXa(XAER_INVAL, () -> xa.recover(TMONEPHASE));
        assertXa(XAER_INVAL, () -> xa.setTransactionTimeout(-1));
        xa.start(xid, TMNOFLAGS);
        assertXa(XAER_INVAL, () -> xa.end(xid, TMNOFLAGS));
    }

    @Test
    void anXidStartsOnce() throws Exception {
        xa.start(xid, TMNOFLAGS);
        TxSession other = engine.newSession();
        assertXa(XAER_DUPID, () -> other.xaResource().start(new TestXid("g", "b"), TMNOFLAGS));
        assertThat(other.inTransaction()).isFalse();
    }

    @Test
    void aLocalTransactionIsOutside() {
        session.begin();
        assertXa(XAER_OUTSIDE, () -> xa.start(xid, TMNOFLAGS));
        session.rollback();
        assertXa(XAER_NOTA, () -> xa.end(xid, TMSUCCESS));
    }

    @Test
    void aLocalTransactionInABranchIsRefused() throws Exception {
        xa.start(xid, TMNOFLAGS);
        assertThatThrownBy(session::begin).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(session::commit).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void anotherSessionJoinsAndAThirdCommits() throws Exception {
        TxSession other = engine.newSession();
        xa.start(xid, TMNOFLAGS);
        put(session.kv(), "a", "1");
        other.xaResource().start(new TestXid("g", "b"), TMJOIN);
        assertThat(get(other.kv(), "a")).as("one workspace").isEqualTo("1");
        put(other.kv(), "b", "2");
        xa.end(xid, TMSUCCESS);
        assertXa(XAER_PROTO, () -> xa.prepare(xid));
        other.xaResource().end(xid, TMSUCCESS);
        engine.newSession().xaResource().commit(xid, true);
        assertThat(etcd.keys()).containsExactly("a", "b");
    }

    /** As Narayana does after WildFly has done it. */
    @Test
    void whoHasJoinedMayBeEndedOnceMore() throws Exception {
        XAResource other = engine.newSession().xaResource();
        xa.start(xid, TMNOFLAGS);
        other.start(xid, TMJOIN);
        put(session.kv(), "a", "1");
        other.end(xid, TMSUCCESS);
        xa.end(xid, TMSUCCESS);
        other.end(xid, TMSUCCESS);
        assertXa(XAER_PROTO, () -> other.end(xid, TMSUSPEND));
        xa.commit(xid, true);
        assertThat(etcd.keys()).containsExactly("a");
    }

    @Test
    void suspendedWorkIsOutOfTheSessionUntilItResumes() throws Exception {
        xa.start(xid, TMNOFLAGS);
        KvProtocol joined = session.kv();
        put(joined, "a", "1");
        xa.end(xid, TMSUSPEND);
        assertThat(session.inTransaction()).isFalse();
        assertThatThrownBy(() -> put(joined, "b", "1")).hasMessageContaining("ended");
        assertThat(get(session.kv(), "a")).as("outside").isEqualTo("(absent)");
        assertXa(XAER_PROTO, () -> xa.end(xid, TMSUSPEND));
        assertXa(XAER_PROTO, () -> xa.prepare(xid));

        Xid between = new TestXid("g", "between");
        xa.start(between, TMNOFLAGS);
        xa.end(between, TMSUCCESS);
        xa.rollback(between);

        xa.start(xid, TMRESUME);
        assertThat(get(session.kv(), "a")).isEqualTo("1");
        xa.end(xid, TMSUCCESS);
        xa.commit(xid, true);
        assertThat(etcd.value("a")).isEqualTo("1");
    }

    @Test
    void suspendedWorkMayEnd() throws Exception {
        xa.start(xid, TMNOFLAGS);
        put(session.kv(), "a", "1");
        xa.end(xid, TMSUSPEND);
        xa.end(xid, TMSUCCESS);
        xa.commit(xid, true);
        assertThat(etcd.value("a")).isEqualTo("1");
    }

    @Test
    void resetForgetsTheTimeout() throws Exception {
        xa.setTransactionTimeout(1);
        session.reset();
        assertThat(xa.getTransactionTimeout()).isZero();
    }

    @Test
    void aBranchOlderThanItsTimeoutRollsBack() throws Exception {
        assertThat(xa.getTransactionTimeout()).isZero();
        assertThat(xa.setTransactionTimeout(1)).isTrue();
        assertThat(xa.getTransactionTimeout()).isEqualTo(1);
        xa.start(xid, TMNOFLAGS);
        xa.setTransactionTimeout(0);
        await("the second is over").atMost(Duration.ofSeconds(30)).untilAsserted(() -> assertThatThrownBy(
                        () -> put(session.kv(), "a", "1"))
                .hasMessageContaining("timeout of 1 s"));
        xa.end(xid, TMSUCCESS);
        assertXa(XA_RBTIMEOUT, () -> xa.commit(xid, true));
        assertThat(etcd.keys()).isEmpty();
    }

    @Test
    void afterAResetTheTransactionManagerStillEndsAndCommits() throws Exception {
        xa.start(xid, TMNOFLAGS);
        put(session.kv(), "a", "1");
        session.reset();
        assertThat(session.inTransaction()).isFalse();
        xa.end(xid, TMSUCCESS);
        xa.commit(xid, true);
        assertThat(etcd.value("a")).isEqualTo("1");
    }

    @Test
    void afterAResetAFailedEndStillRollsBack() throws Exception {
        xa.start(xid, TMNOFLAGS);
        put(session.kv(), "a", "1");
        session.reset();
        xa.end(xid, TMFAIL);
        assertXa(XA_RBROLLBACK, () -> xa.commit(xid, true));
        assertThat(etcd.keys()).isEmpty();
    }

    /** The reaper ends and rolls back from its own thread, then the application's thread goes on. */
    @Test
    void theReapersRollbackFromAnotherThread() throws Exception {
        xa.start(xid, TMNOFLAGS);
        KvProtocol kv = session.kv();
        put(kv, "a", "1");
        Thread reaper = new Thread(() -> {
            try {
                xa.end(xid, TMFAIL);
                xa.rollback(xid);
            } catch (javax.transaction.xa.XAException e) {
                throw new AssertionError(e);
            }
        });
        reaper.start();
        reaper.join(30_000);
        assertThatThrownBy(() -> put(kv, "b", "1")).hasMessageContaining("ended");
        assertXa(XAER_NOTA, () -> xa.commit(xid, true));
        assertThat(etcd.keys()).isEmpty();
    }

    @Test
    void sameResourceManagerIsSameEngine() throws Exception {
        assertThat(xa.isSameRM(xa)).isTrue();
        assertThat(xa.isSameRM(engine.newSession().xaResource())).isTrue();
        assertThat(xa.isSameRM(FakeLinks.engine(etcd).newSession().xaResource()))
                .isFalse();
        assertThat(session.xaResource()).isSameAs(xa);
    }

    @Test
    void recoverAnswersAtTheStartOfAScanOnly() throws Exception {
        xa.start(xid, TMNOFLAGS);
        put(session.kv(), "a", "1");
        xa.end(xid, TMSUCCESS);
        xa.prepare(xid);
        assertThat(xa.recover(TMSTARTRSCAN)).hasSize(1);
        assertThat(xa.recover(TMSTARTRSCAN | TMENDRSCAN)).hasSize(1);
        assertThat(xa.recover(TMENDRSCAN)).isEmpty();
        assertThat(xa.recover(TMNOFLAGS)).isEmpty();
    }
}
