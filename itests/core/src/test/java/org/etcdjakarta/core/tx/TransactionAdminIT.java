package org.etcdjakarta.core.tx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.etcd.jetcd.api.RangeRequest;
import java.time.Duration;
import java.util.List;
import javax.transaction.xa.XAException;
import javax.transaction.xa.XAResource;
import org.etcdjakarta.EtcdConflictException;
import org.etcdjakarta.EtcdException;
import org.etcdjakarta.core.tx.TransactionAdmin.InDoubtBranch;
import org.etcdjakarta.core.tx.TransactionAdmin.Metrics;
import org.etcdjakarta.core.tx.TransactionAdmin.State;
import org.etcdjakarta.itests.support.EtcdServer;
import org.etcdjakarta.itests.support.Etcdctl;
import org.etcdjakarta.itests.support.WithEtcd;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What an operator does is one Txn each: etcdctl shows what was there at the revision before, and what at it. */
@WithEtcd
class TransactionAdminIT {

    private static final Duration TTL = Duration.ofSeconds(10);
    private static final String RESERVED = "/_admin/";
    private static final BranchXid XID = NodeProcess.xid("in doubt");
    private static final String TEXT = XID.text();

    private final EtcdServer etcd;
    private final Etcdctl etcdctl;
    private final TxEngine server;
    private final TxSession session;
    private final XAResource xa;
    private final TxEngine console;
    private final TransactionAdmin admin;

    TransactionAdminIT(EtcdServer etcd) {
        this.etcd = etcd;
        etcdctl = etcd.etcdctl();
        server = engine("server");
        session = server.newSession();
        xa = session.xaResource();
        console = engine("console");
        admin = console.admin();
    }

    private TxEngine engine(String node) {
        return TxEngine.open(NodeProcess.link(etcd.endpoint(), TTL), NodeProcess.settings(RESERVED, node));
    }

    @BeforeEach
    void clean() {
        etcdctl.deletePrefix("/");
    }

    @AfterEach
    void nothingIsLeft() {
        console.close();
        server.close();
        assertThat(etcdctl.keys(RESERVED)).isEmpty();
    }

    private void prepare() throws XAException {
        xa.start(XID, XAResource.TMNOFLAGS);
        session.kv()
                .range(RangeRequest.newBuilder()
                        .setKey(ByteString.copyFromUtf8("/read"))
                        .build())
                .join();
        NodeProcess.put(session, "/a", "1").join();
        NodeProcess.put(session, "/b", "2").join();
        xa.end(XID, XAResource.TMSUCCESS);
        xa.prepare(XID);
    }

    private static String key(String kind) {
        return RESERVED + kind + "/" + TEXT;
    }

    /** Of branches, as of a revision. */
    private List<String> recordsAt(long revision) {
        return etcdctl.run("get", "--prefix", "--keys-only", "--rev=" + revision, "--", RESERVED)
                .lines()
                .filter(key -> key.matches(RESERVED + "[pih]/.*"))
                .toList();
    }

    private void assertPreparedAt(long revision) {
        assertThat(recordsAt(revision)).hasSize(2).contains(key("p")).anyMatch(key -> key.startsWith(RESERVED + "i/"));
    }

    private void assertEndedAt(long revision) {
        assertPreparedAt(revision - 1);
        assertThat(recordsAt(revision)).containsExactly(key("h"));
    }

    private void assertToldAndForgotten(int code) throws XAException {
        assertThatThrownBy(() -> xa.commit(XID, false))
                .isInstanceOfSatisfying(
                        XAException.class, e -> assertThat(e.errorCode).isEqualTo(code));
        xa.forget(XID);
        assertThat(admin.list()).isEmpty();
    }

    @Test
    void aBranchIsListedAsItStandsInEtcd() throws Exception {
        assertThat(admin.list()).isEmpty();
        prepare();
        assertPreparedAt(etcdctl.revision());
        assertThat(admin.list()).singleElement().satisfies(branch -> {
            assertThat(branch.xid()).isEqualTo(TEXT);
            assertThat(branch.state()).isEqualTo(State.PREPARED);
            assertThat(branch.node()).isEqualTo("server");
            assertThat(etcdctl.keys(RESERVED + "s/")).containsExactly(RESERVED + "s/" + branch.link());
            assertThat(branch.ownerAlive()).isTrue();
            assertThat(branch.keys()).containsExactly("/a", "/b");
            assertThat(branch.age()).isLessThan(Duration.ofMinutes(1));
        });
        etcdctl.delete(etcdctl.keys(RESERVED + "s/").get(0));
        assertThat(admin.list()).extracting(InDoubtBranch::ownerAlive).containsExactly(false);
        xa.rollback(XID);
    }

    @Test
    void commitAppliesAndRecordsAtOneRevision() throws Exception {
        prepare();
        admin.commit(TEXT);
        long revision = etcdctl.modRevision(key("h"));
        assertThat(etcdctl.modRevision("/a")).isEqualTo(revision);
        assertThat(etcdctl.modRevision("/b")).isEqualTo(revision);
        assertThat(etcdctl.get("/a")).hasValue("1");
        assertEndedAt(revision);
        assertThat(etcdctl.get(key("h"))).hasValueSatisfying(text -> assertThat(text)
                .startsWith("committed ")
                .as("whose branch it was")
                .endsWith(" server"));
        assertThat(admin.list()).extracting(InDoubtBranch::state).containsExactly(State.HEURISTICALLY_COMMITTED);
        assertToldAndForgotten(XAException.XA_HEURCOM);
        assertThat(etcdctl.modRevision("/a")).as("applied once").isEqualTo(revision);
    }

    @Test
    void rollbackDropsAndRecordsAtOneRevision() throws Exception {
        prepare();
        admin.rollback(TEXT);
        assertEndedAt(etcdctl.modRevision(key("h")));
        assertThat(etcdctl.get("/a")).isEmpty();
        assertThat(etcdctl.get(key("h")))
                .hasValueSatisfying(
                        text -> assertThat(text).startsWith("rolled-back ").endsWith(" server"));
        assertThat(admin.list()).extracting(InDoubtBranch::state).containsExactly(State.HEURISTICALLY_ROLLED_BACK);
        assertToldAndForgotten(XAException.XA_HEURRB);
        assertThat(etcdctl.keys("/a")).isEmpty();
    }

    @Test
    void forgetDeletesTheRecordAndNothingElse() throws Exception {
        prepare();
        assertThatThrownBy(() -> admin.forget(TEXT))
                .as("it is prepared, and stays so")
                .isInstanceOf(EtcdException.class)
                .hasMessageContaining("ETCD-00246");
        assertThat(recordsAt(etcdctl.revision())).hasSize(2);
        admin.commit(TEXT);
        long revision = etcdctl.revision();
        admin.forget(TEXT);
        assertThat(etcdctl.revision()).isEqualTo(revision + 1);
        assertThat(recordsAt(revision + 1)).isEmpty();
        assertThat(etcdctl.get("/a")).hasValue("1");
        assertThatThrownBy(() -> admin.forget(TEXT)).hasMessageContaining("ETCD-00246");
    }

    @Test
    void theOtherWayIsRefusedAndChangesNothing() throws Exception {
        prepare();
        admin.commit(TEXT);
        long revision = etcdctl.revision();
        assertThatThrownBy(() -> admin.rollback(TEXT)).hasMessageContaining("ETCD-00245");
        assertThat(etcdctl.revision()).isEqualTo(revision);
        admin.forget(TEXT);
        assertThatThrownBy(() -> admin.commit(TEXT)).hasMessageContaining("ETCD-00245");
        assertThat(etcdctl.revision()).as("by forget only").isEqualTo(revision + 1);
    }

    @Test
    void metricsCountWhatIsInDoubtAndWhatWasRefusedHere() throws Exception {
        assertThat(admin.metrics()).satisfies(none -> {
            assertThat(none.inDoubt()).isZero();
            assertThat(none.oldest()).isEmpty();
        });
        prepare();
        Metrics before = admin.metrics();
        assertThat(before.inDoubt()).isEqualTo(1);
        assertThat(before.oldest()).hasValueSatisfying(age -> assertThat(age).isLessThan(Duration.ofMinutes(1)));

        assertThat(NodeProcess.put(console.newSession(), "/a", "x"))
                .failsWithin(Duration.ofSeconds(60))
                .withThrowableThat()
                .withCauseInstanceOf(EtcdConflictException.class);
        Metrics after = admin.metrics();
        assertThat(after.conflicts()).isEqualTo(before.conflicts() + 1);
        assertThat(after.retries()).as("the branch was not known").isEqualTo(before.retries() + 1);
        assertThat(after.fences()).isEqualTo(before.fences());
        assertThat(server.admin().metrics().conflicts())
                .as("of the other engine")
                .isZero();

        xa.commit(XID, false);
        assertThat(admin.metrics().inDoubt()).isZero();
    }
}
