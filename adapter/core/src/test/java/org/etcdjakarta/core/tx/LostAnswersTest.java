package org.etcdjakarta.core.tx;

import static javax.transaction.xa.XAException.XA_RETRY;
import static javax.transaction.xa.XAResource.TMNOFLAGS;
import static javax.transaction.xa.XAResource.TMSTARTRSCAN;
import static javax.transaction.xa.XAResource.TMSUCCESS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.etcdjakarta.core.tx.XaAssertions.assertXa;

import io.etcd.jetcd.api.KVGrpc;
import io.etcd.jetcd.api.KeyValue;
import io.etcd.jetcd.api.RangeRequest;
import java.time.Duration;
import javax.transaction.xa.XAResource;
import javax.transaction.xa.Xid;
import org.etcdjakarta.EtcdUnavailableException;
import org.etcdjakarta.core.link.EtcdLinkConfig;
import org.etcdjakarta.embedded.EmbeddedEtcd;
import org.etcdjakarta.embedded.faults.Fault;
import org.etcdjakarta.embedded.faults.LostAnswer;
import org.etcdjakarta.embedded.faults.Refusal;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Transactions over a real connection whose answers get lost at the one moment that matters: what {@link DirectEtcd} tells the
 * engine on its own word is here what the link makes of it.
 */
class LostAnswersTest {

    private static final Duration SHORT = Duration.ofSeconds(3);

    private final EmbeddedEtcd etcd = EmbeddedEtcd.start();
    private final TxEngine engine = open(Duration.ofSeconds(30));
    private final TxSession session = engine.newSession();
    private final XAResource xa = session.xaResource();
    private final Xid xid = new TestXid("gtrid", "bqual");

    private TxEngine open(Duration requestTimeout) {
        return TxEngine.open(
                EtcdLinkConfig.builder()
                        .endpoints(etcd.endpoint())
                        .requestTimeout(requestTimeout)
                        .build(),
                FakeLinks.SETTINGS);
    }

    @AfterEach
    void close() {
        engine.close();
        etcd.close();
    }

    private static void put(TxSession session, String key, String value) {
        session.kv().put(Requests.put(key, value).build()).join();
    }

    private void write() throws Exception {
        xa.start(xid, TMNOFLAGS);
        put(session, "a", "1");
        xa.end(xid, TMSUCCESS);
    }

    /** How often the key was written: 0 when it is not there. */
    private long version(String key) {
        return KVGrpc.newBlockingStub(etcd.channel())
                .range(RangeRequest.newBuilder().setKey(Requests.bytes(key)).build())
                .getKvsList()
                .stream()
                .mapToLong(KeyValue::getVersion)
                .sum();
    }

    private Fault loseNextTxn(LostAnswer how) {
        return etcd.faults().on(KVGrpc.getTxnMethod()).next(1).loseAnswer(how);
    }

    @ParameterizedTest
    @EnumSource
    void aCommitWhoseAnswerIsLostIsFoundOutAndNotRepeated(LostAnswer how) {
        try (TxEngine impatient = open(how == LostAnswer.NEVER_ENDS ? SHORT : Duration.ofSeconds(30))) {
            TxSession local = impatient.newSession();
            local.begin();
            put(local, "a", "1");
            Fault fault = loseNextTxn(how);
            local.commit();

            assertThat(fault.seen())
                    .as("the commit, and the question what became of it")
                    .isEqualTo(2);
            assertThat(version("a")).as("applied once").isEqualTo(1);
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = LostAnswer.class,
            names = {"UNAVAILABLE", "CONNECTION_CUT"})
    void lostAnswersToPrepareAndCommitAreFoundOut(LostAnswer how) throws Exception {
        write();
        Fault prepare = loseNextTxn(how);
        assertThat(xa.prepare(xid)).isEqualTo(XAResource.XA_OK);
        assertThat(prepare.hits()).isEqualTo(1);
        Fault commit = loseNextTxn(how);
        xa.commit(xid, false);

        assertThat(commit.hits()).isEqualTo(1);
        assertThat(version("a")).as("applied once").isEqualTo(1);
        assertThat(xa.recover(TMSTARTRSCAN)).isEmpty();
    }

    @Test
    void onePhaseWithALostAnswerIsCommitted() throws Exception {
        write();
        loseNextTxn(LostAnswer.UNAVAILABLE);
        xa.commit(xid, true);
        assertThat(version("a")).isEqualTo(1);
    }

    @Test
    void whatIsRefusedForWantOfALeaderIsRepeatedAndAppliedOnce() {
        session.begin();
        put(session, "a", "1");
        Fault fault = etcd.faults().on(KVGrpc.getTxnMethod()).next(3).refuse(Refusal.NO_LEADER);
        session.commit();

        assertThat(fault.seen()).isEqualTo(4);
        assertThat(version("a")).isEqualTo(1);
    }

    @Test
    void whenEtcdIsDownNothingIsAppliedAndAPreparedBranchWaits() throws Exception {
        try (TxEngine impatient = open(SHORT)) {
            TxSession local = impatient.newSession();
            XAResource branch = local.xaResource();
            branch.start(xid, TMNOFLAGS);
            put(local, "a", "1");
            branch.end(xid, TMSUCCESS);
            branch.prepare(xid);
            etcd.stop();
            // As long as the link has not noticed, a write would be in doubt; a read is repeated until it has.
            assertThatThrownBy(() -> local.kv()
                            .range(RangeRequest.newBuilder()
                                    .setKey(Requests.bytes("b"))
                                    .build())
                            .join())
                    .hasCauseInstanceOf(EtcdUnavailableException.class);

            local.begin();
            put(local, "b", "1");
            assertThatThrownBy(local::commit).isInstanceOf(EtcdUnavailableException.class);
            assertXa(XA_RETRY, () -> branch.commit(xid, false));

            etcd.restart();
            assertThat(version("a") + version("b")).isZero();
            xa.commit(xa.recover(TMSTARTRSCAN)[0], false);
            assertThat(version("a")).isEqualTo(1);
        }
    }
}
