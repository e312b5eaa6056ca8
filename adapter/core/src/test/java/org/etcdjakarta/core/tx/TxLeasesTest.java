package org.etcdjakarta.core.tx;

import static javax.transaction.xa.XAException.XAER_RMFAIL;
import static javax.transaction.xa.XAException.XA_RBINTEGRITY;
import static javax.transaction.xa.XAException.XA_RBROLLBACK;
import static javax.transaction.xa.XAException.XA_RETRY;
import static javax.transaction.xa.XAResource.TMFAIL;
import static javax.transaction.xa.XAResource.TMNOFLAGS;
import static javax.transaction.xa.XAResource.TMSUCCESS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.etcdjakarta.core.tx.DirectEtcd.Fault.APPLIED_AND_LOST;
import static org.etcdjakarta.core.tx.DirectEtcd.Fault.NOT_APPLIED_AND_LOST;
import static org.etcdjakarta.core.tx.DirectEtcd.Fault.UNAVAILABLE;
import static org.etcdjakarta.core.tx.Requests.get;
import static org.etcdjakarta.core.tx.Requests.put;
import static org.etcdjakarta.core.tx.XaAssertions.assertXa;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import javax.transaction.xa.XAResource;
import javax.transaction.xa.Xid;
import org.etcdjakarta.EtcdConflictException;
import org.etcdjakarta.EtcdException;
import org.etcdjakarta.EtcdInDoubtException;
import org.junit.jupiter.api.Test;

/** What becomes of the leases that are granted in a transaction, by how that ends. */
class TxLeasesTest {

    private static final long LEASE = 7;

    private final List<Long> revoked = new ArrayList<>();
    private final DirectEtcd etcd = new DirectEtcd();
    private final FakeLinks fakes = new FakeLinks(etcd);
    private final TxEngine engine = TxEngine.over(
            new Links() {
                @Override
                public Borrowed borrow() {
                    return fakes.borrow();
                }

                @Override
                public String endpoint() {
                    return fakes.endpoint();
                }

                @Override
                public Pace pace() {
                    return fakes.pace();
                }

                @Override
                public CompletableFuture<?> revoke(long leaseId) {
                    revoked.add(leaseId);
                    return leaseId < 0
                            ? CompletableFuture.failedFuture(new IllegalStateException("not revoked"))
                            : CompletableFuture.completedFuture(null);
                }
            },
            FakeLinks.SETTINGS);
    private final TxSession session = engine.newSession();
    private final XAResource xa = session.xaResource();
    private final Xid xid = new TestXid("gtrid", "bqual");

    private TxLeases leases() {
        return Objects.requireNonNull(session.leases());
    }

    private void begin() {
        session.begin();
        leases().add(LEASE);
    }

    private void write() {
        get(session.kv(), "read");
        put(session.kv(), "a", "1");
    }

    private void work() throws Exception {
        xa.start(xid, TMNOFLAGS);
        leases().add(LEASE);
        write();
        xa.end(xid, TMSUCCESS);
    }

    @Test
    void thereAreNoneOutsideOfATransaction() throws Exception {
        assertThat(session.leases()).isNull();
        work();
        assertThat(session.leases()).as("after XA end").isNull();
        xa.rollback(xid);
    }

    @Test
    void localRollbackRevokes() {
        begin();
        leases().add(8);
        session.rollback();
        assertThat(revoked).containsExactlyInAnyOrder(LEASE, 8L);
    }

    @Test
    void localCommitKeeps() {
        begin();
        write();
        session.commit();
        begin();
        session.commit();
        assertThat(revoked).as("with writes and without").isEmpty();
    }

    @Test
    void localConflictRevokes() {
        begin();
        write();
        etcd.put("read", "2");
        assertThatThrownBy(session::commit).isInstanceOf(EtcdConflictException.class);
        assertThat(revoked).containsExactly(LEASE);
    }

    @Test
    void aLocalCommitThatCannotBeRevokes() {
        begin();
        assertThatThrownBy(() -> put(session.kv(), "/_etcd-jakarta/x", "1")).isInstanceOf(EtcdException.class);
        assertThatThrownBy(session::commit).isInstanceOf(EtcdException.class);
        assertThat(revoked).containsExactly(LEASE);

        begin();
        write();
        etcd.failNext(UNAVAILABLE);
        assertThatThrownBy(session::commit).isInstanceOf(EtcdException.class);
        assertThat(revoked).containsExactly(LEASE, LEASE);
    }

    @Test
    void localCommitInDoubtKeeps() {
        begin();
        write();
        etcd.failNext(APPLIED_AND_LOST);
        etcd.away(true);
        assertThatThrownBy(session::commit).isInstanceOf(EtcdInDoubtException.class);
        etcd.away(false);
        fakes.runLater();
        assertThat(revoked).as("it was committed").isEmpty();
    }

    @Test
    void whatWasInDoubtAndIsFoundOutToBeRolledBackRevokes() {
        begin();
        write();
        etcd.failNext(NOT_APPLIED_AND_LOST);
        etcd.away(true);
        assertThatThrownBy(session::commit).isInstanceOf(EtcdInDoubtException.class);
        assertThat(revoked).isEmpty();
        etcd.away(false);
        fakes.runLater();
        assertThat(revoked).containsExactly(LEASE);
    }

    @Test
    void resetRevokes() {
        begin();
        session.reset();
        assertThat(revoked).containsExactly(LEASE);
    }

    @Test
    void rollbackOfABranchRevokes() throws Exception {
        work();
        xa.rollback(xid);
        assertThat(revoked).containsExactly(LEASE);
    }

    @Test
    void rollbackOfABranchThatAResetHasLeftRevokes() throws Exception {
        xa.start(xid, TMNOFLAGS);
        leases().add(LEASE);
        session.reset();
        assertThat(revoked).as("the transaction manager has not decided").isEmpty();
        xa.end(xid, TMFAIL);
        xa.rollback(xid);
        assertThat(revoked).containsExactly(LEASE);
    }

    @Test
    void rollbackOfAPreparedBranchRevokes() throws Exception {
        work();
        xa.prepare(xid);
        xa.rollback(xid);
        assertThat(revoked).containsExactly(LEASE);
    }

    @Test
    void bothCommitsOfABranchKeep() throws Exception {
        work();
        xa.commit(xid, true);
        work();
        xa.prepare(xid);
        etcd.failNext(UNAVAILABLE, UNAVAILABLE, UNAVAILABLE);
        assertXa(XA_RETRY, () -> xa.commit(xid, false));
        xa.commit(xid, false);
        assertThat(revoked).isEmpty();
    }

    @Test
    void aBranchThatHasOnlyReadKeeps() throws Exception {
        xa.start(xid, TMNOFLAGS);
        leases().add(LEASE);
        get(session.kv(), "read");
        xa.end(xid, TMSUCCESS);
        assertThat(xa.prepare(xid)).isEqualTo(XAResource.XA_RDONLY);
        assertThat(revoked).isEmpty();
    }

    @Test
    void conflictsOfABranchRevoke() throws Exception {
        work();
        etcd.put("read", "2");
        assertXa(XA_RBINTEGRITY, () -> xa.prepare(xid));
        assertThat(revoked).containsExactly(LEASE);
        work();
        etcd.put("read", "3");
        assertXa(XA_RBINTEGRITY, () -> xa.commit(xid, true));
        assertThat(revoked).containsExactly(LEASE, LEASE);
    }

    @Test
    void aBranchThatCanOnlyBeRolledBackRevokes() throws Exception {
        xa.start(xid, TMNOFLAGS);
        leases().add(LEASE);
        write();
        xa.end(xid, TMFAIL);
        assertXa(XA_RBROLLBACK, () -> xa.commit(xid, true));
        assertThat(revoked).containsExactly(LEASE);
    }

    @Test
    void onePhaseInDoubtKeeps() throws Exception {
        work();
        etcd.failNext(APPLIED_AND_LOST);
        etcd.away(true);
        assertXa(XAER_RMFAIL, () -> xa.commit(xid, true));
        xa.forget(xid);
        assertThat(revoked).isEmpty();
    }

    @Test
    void aGrantThatIsAnsweredAfterTheEndSharesTheOutcome() {
        session.begin();
        TxLeases rolledBack = leases();
        session.rollback();
        session.begin();
        TxLeases committed = leases();
        session.commit();
        rolledBack.add(1);
        committed.add(2);
        assertThat(revoked).containsExactly(1L);
    }

    @Test
    void whatTheApplicationRevokesIsNotRevokedAgain() {
        begin();
        leases().remove(LEASE);
        session.rollback();
        assertThat(revoked).isEmpty();
    }

    @Test
    void aRollbackDoesNotDependOnRevoking() {
        TxLeases leases = new TxLeases(leaseId -> {
            throw new IllegalArgumentException("no link");
        });
        leases.add(1);
        leases.revoke();
        begin();
        leases().add(-1);
        session.rollback();
        assertThat(revoked).containsExactlyInAnyOrder(LEASE, -1L);
    }
}
