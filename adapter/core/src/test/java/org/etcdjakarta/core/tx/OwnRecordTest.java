package org.etcdjakarta.core.tx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.etcdjakarta.core.tx.Requests.bytes;
import static org.etcdjakarta.core.tx.Requests.put;

import org.etcdjakarta.EtcdConflictException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Records of the adapter's own, moved in the transactions of applications. */
class OwnRecordTest {

    private static final String KEY = TxSettings.DEFAULT_RESERVED_PREFIX + "c/x";

    private final DirectEtcd etcd = new DirectEtcd();
    private final TxEngine engine = FakeLinks.engine(etcd);
    private final TxSession session = engine.newSession();

    private OwnWrite write(OwnRecord seen, String value) {
        session.begin();
        put(session.kv(), "effect", value);
        OwnWrite write = session.replaceOwn("c/x", seen, bytes(value));
        session.commit();
        return write;
    }

    @Test
    void movesWithTheWritesOfTheTransactionAndSaysWhereItIs() {
        assertThat(engine.readOwn("c/x")).isEqualTo(OwnRecord.ABSENT);
        OwnRecord first = write(OwnRecord.ABSENT, "1").committed().orElseThrow();

        assertThat(first).isEqualTo(engine.readOwn("c/x"));
        assertThat(etcd.kv(KEY).getModRevision()).isEqualTo(etcd.kv("effect").getModRevision());
        assertThat(write(first, "2").committed()).contains(engine.readOwn("c/x"));
        assertThat(engine.listOwn("c/")).containsOnlyKeys("x");
    }

    @Test
    void nothingIsKnownOfWhatIsRolledBack() {
        session.begin();
        OwnWrite write = session.replaceOwn("c/x", OwnRecord.ABSENT, bytes("1"));
        session.rollback();
        assertThat(write.committed()).isEmpty();
        assertThat(etcd.keys()).isEmpty();
    }

    /** Also where nothing else that is read or written is compared. */
    @ParameterizedTest
    @EnumSource(Isolation.class)
    void recordThatHasMovedRollsBackAtEveryLevel(Isolation isolation) {
        TxEngine other = TxEngine.over(
                new FakeLinks(etcd),
                new TxSettings(
                        TxSettings.DEFAULT_RESERVED_PREFIX,
                        TxSettings.DEFAULT_MAX_TXN_OPS,
                        "n",
                        isolation,
                        TxSettings.DEFAULT_SETTLING_TIME));
        TxSession slow = other.newSession();
        slow.begin();
        put(slow.kv(), "slow", "1");
        slow.replaceOwn("c/x", OwnRecord.ABSENT, bytes("slow"));
        write(OwnRecord.ABSENT, "1");

        assertThatThrownBy(slow::commit).isInstanceOf(EtcdConflictException.class);
        assertThat(etcd.keys()).doesNotContain("slow");
        assertThat(engine.readOwn("c/x").value()).isEqualTo(bytes("1"));
    }

    @Test
    void canBeDeleted() {
        OwnRecord first = write(OwnRecord.ABSENT, "1").committed().orElseThrow();
        session.begin();
        OwnWrite deletion = session.replaceOwn("c/x", first, null);
        session.commit();
        assertThat(deletion.committed()).contains(OwnRecord.ABSENT);
        assertThat(engine.readOwn("c/x").isAbsent()).isTrue();
    }

    @Test
    void needsATransaction() {
        assertThatThrownBy(() -> session.replaceOwn("c/x", OwnRecord.ABSENT, bytes("1")))
                .isInstanceOf(IllegalStateException.class);
    }

    @Test
    void twoPhasesLeaveItToBeRead() throws Exception {
        TestXid xid = new TestXid("g", "b");
        session.xaResource().start(xid, javax.transaction.xa.XAResource.TMNOFLAGS);
        OwnWrite write = session.replaceOwn("c/x", OwnRecord.ABSENT, bytes("1"));
        session.xaResource().end(xid, javax.transaction.xa.XAResource.TMSUCCESS);
        session.xaResource().prepare(xid);
        session.xaResource().commit(xid, false);
        assertThat(write.committed()).isEmpty();
        assertThat(engine.readOwn("c/x").value()).isEqualTo(bytes("1"));
    }
}
