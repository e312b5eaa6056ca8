package org.etcdjakarta.core.tx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.ByteString;
import io.etcd.jetcd.api.DeleteRangeRequest;
import io.etcd.jetcd.api.PutRequest;
import io.etcd.jetcd.api.RangeRequest;
import io.etcd.jetcd.api.RequestOp;
import io.etcd.jetcd.api.TxnRequest;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.function.BiFunction;
import javax.transaction.xa.XAException;
import javax.transaction.xa.XAResource;
import org.etcdjakarta.EtcdConflictException;
import org.etcdjakarta.core.link.KvProtocol;
import org.etcdjakarta.itests.support.EtcdServer;
import org.etcdjakarta.itests.support.Etcdctl;
import org.etcdjakarta.itests.support.WithEtcd;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What a prepared branch has read and will write is held for it against all who write through an engine, and nobody else. */
@WithEtcd
class IntentsIT {

    private static final Duration GENEROUS = Duration.ofSeconds(60);
    private static final Duration TTL = Duration.ofSeconds(10);
    private static final String RESERVED = "/_intents/";
    private static final String READ = "/read";
    private static final String WRITTEN = "/written";
    private static final BranchXid XID = NodeProcess.xid("holder");

    private final Etcdctl etcdctl;
    private final EtcdServer etcd;
    private final TxEngine holder;
    private final XAResource branch;
    private final TxEngine engine;
    private final KvProtocol kv;

    IntentsIT(EtcdServer etcd) {
        this.etcd = etcd;
        etcdctl = etcd.etcdctl();
        holder = engine("holder");
        branch = holder.newSession().xaResource();
        engine = engine("writer");
        kv = engine.newSession().kv();
    }

    private TxEngine engine(String node) {
        return TxEngine.open(NodeProcess.link(etcd.endpoint(), TTL), NodeProcess.settings(RESERVED, node));
    }

    @BeforeEach
    void prepare() throws XAException {
        etcdctl.deletePrefix("/");
        etcdctl.put(READ, "before");
        etcdctl.put(WRITTEN, "before");
        TxSession session = holder.newSession();
        session.xaResource().start(XID, XAResource.TMNOFLAGS);
        session.kv()
                .range(RangeRequest.newBuilder().setKey(bytes(READ)).build())
                .join();
        NodeProcess.put(session, WRITTEN, "by the branch").join();
        session.xaResource().end(XID, XAResource.TMSUCCESS);
        session.xaResource().prepare(XID);
    }

    @AfterEach
    void close() {
        engine.close();
        holder.close();
        assertThat(etcdctl.keys(RESERVED)).isEmpty();
    }

    private static ByteString bytes(String text) {
        return ByteString.copyFromUtf8(text);
    }

    private static PutRequest put(String key) {
        return PutRequest.newBuilder()
                .setKey(bytes(key))
                .setValue(bytes("afterwards"))
                .build();
    }

    private enum Kind {
        PUT((kv, key) -> kv.put(put(key))),
        DELETE((kv, key) -> kv.deleteRange(
                DeleteRangeRequest.newBuilder().setKey(bytes(key)).build())),
        TXN((kv, key) -> kv.txn(TxnRequest.newBuilder()
                .addSuccess(RequestOp.newBuilder().setRequestPut(put(key)))
                .build()));

        private final BiFunction<KvProtocol, String, CompletableFuture<?>> write;

        Kind(BiFunction<KvProtocol, String, CompletableFuture<?>> write) {
            this.write = write;
        }
    }

    @ParameterizedTest
    @EnumSource
    void aWriteOutsideOfTransactionsWaitsForThePreparedBranchAndGoesThrough(Kind kind) throws Exception {
        CompletableFuture<?> write = kind.write.apply(kv, WRITTEN);
        // it has met the branch
        await().pollInterval(Duration.ofMillis(5))
                .atMost(GENEROUS)
                .until(() -> engine.admin().metrics().retries() > 0);
        assertThat(write).isNotDone();
        branch.commit(XID, false);
        assertThat(write).succeedsWithin(GENEROUS);
        if (kind == Kind.DELETE) {
            assertThat(etcdctl.get(WRITTEN)).isEmpty();
        } else {
            assertThat(etcdctl.get(WRITTEN)).hasValue("afterwards");
        }
    }

    @ParameterizedTest
    @EnumSource
    void aBranchThatStaysIsAConflictThatNamesIt(Kind kind) throws Exception {
        for (String held : new String[] {WRITTEN, READ}) {
            assertThat(kind.write.apply(kv, held))
                    .failsWithin(GENEROUS)
                    .withThrowableThat()
                    .havingCause()
                    .isInstanceOf(EtcdConflictException.class)
                    .withMessageContainingAll(
                            "ETCD-00226", "'" + held + "'", XID.toString(), "node 'holder'", etcd.endpoint());
            assertThat(etcdctl.get(held)).hasValue("before");
        }
        assertThat(kind.write.apply(kv, "/free")).as("nobody holds it").succeedsWithin(GENEROUS);
        branch.commit(XID, false);
        assertThat(etcdctl.get(WRITTEN)).hasValue("by the branch");
    }

    /** They see what there is: what the branch will write is not there yet, and may never be. */
    @Test
    void readersDoNotWait() throws Exception {
        RangeRequest read = RangeRequest.newBuilder().setKey(bytes(WRITTEN)).build();
        assertThat(kv.range(read).join().getKvs(0).getValue()).isEqualTo(bytes("before"));
        TxnRequest readOnly = TxnRequest.newBuilder()
                .addSuccess(RequestOp.newBuilder().setRequestRange(read))
                .build();
        assertThat(kv.txn(readOnly)
                        .join()
                        .getResponses(0)
                        .getResponseRange()
                        .getKvs(0)
                        .getValue())
                .isEqualTo(bytes("before"));
        assertThat(engine.admin().metrics().retries()).isZero();
        branch.commit(XID, false);
        assertThat(kv.range(read).join().getKvs(0).getValue()).isEqualTo(bytes("by the branch"));
    }

    @Test
    void aWriterInAnotherProcessIsHeldOffToo() throws Exception {
        try (NodeProcess other = NodeProcess.start(etcd.endpoint(), RESERVED, "other", TTL)) {
            assertThat(other.put(WRITTEN, "afterwards")).contains("ETCD-00226", "'" + WRITTEN + "'", "node 'holder'");
            assertThat(other.put(READ, "afterwards")).contains("ETCD-00226", "'" + READ + "'");
            assertThat(other.put("/free", "x")).isEqualTo("done");
            branch.commit(XID, false);
            assertThat(etcdctl.get(WRITTEN)).hasValue("by the branch");
            assertThat(other.put(WRITTEN, "afterwards")).isEqualTo("done");
            assertThat(etcdctl.get(WRITTEN)).hasValue("afterwards");
        }
    }

    /** Nor is anybody else who does not use an engine; roles in etcd can do that. */
    @Test
    void etcdctlIsNotHeldOff() throws Exception {
        etcdctl.put(WRITTEN, "in between");
        assertThat(etcdctl.get(WRITTEN)).hasValue("in between");
        branch.commit(XID, false);
        assertThat(etcdctl.get(WRITTEN)).as("the promise holds").hasValue("by the branch");
    }
}
