package org.etcdjakarta.core.tx;

import static javax.transaction.xa.XAResource.TMFAIL;
import static javax.transaction.xa.XAResource.TMNOFLAGS;
import static javax.transaction.xa.XAResource.TMSTARTRSCAN;
import static javax.transaction.xa.XAResource.TMSUCCESS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.ByteString;
import io.etcd.jetcd.api.CompactionRequest;
import io.etcd.jetcd.api.DeleteRangeRequest;
import io.etcd.jetcd.api.PutRequest;
import io.etcd.jetcd.api.RangeRequest;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import javax.transaction.xa.XAException;
import javax.transaction.xa.XAResource;
import javax.transaction.xa.Xid;
import org.etcdjakarta.EtcdConflictException;
import org.etcdjakarta.EtcdException;
import org.etcdjakarta.core.link.EtcdLinkConfig;
import org.etcdjakarta.core.link.KvProtocol;
import org.etcdjakarta.itests.support.EtcdServer;
import org.etcdjakarta.itests.support.TcpProxy;
import org.etcdjakarta.itests.support.WithEtcd;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

@WithEtcd
class TxIT {

    private static final String RESERVED = "/_etcd-jakarta/";
    private static final Duration GENEROUS = Duration.ofSeconds(60);

    private final EtcdServer etcd;
    private final TxEngine engine;
    private final TxSession session;
    private final XAResource xa;
    private final Xid xid = new BranchXid(131077, ByteString.copyFromUtf8("gtrid"), ByteString.copyFromUtf8("bqual"));

    TxIT(EtcdServer etcd) {
        this.etcd = etcd;
        this.engine = engine(etcd.endpoint(), "node-1");
        this.session = engine.newSession();
        this.xa = session.xaResource();
    }

    @BeforeEach
    void clean() {
        etcd.etcdctl().deletePrefix("/");
    }

    @AfterEach
    void nothingIsLeftBelowTheReservedPrefix() {
        engine.close();
        assertThat(etcd.etcdctl().keys(RESERVED)).isEmpty();
    }

    /** Another node is another engine: it shares nothing with the first but etcd, as another process would. */
    private static TxEngine engine(String endpoint, String node) {
        return TxEngine.open(
                EtcdLinkConfig.builder()
                        .endpoints(endpoint)
                        .requestTimeout(Duration.ofSeconds(10))
                        .build(),
                new TxSettings(RESERVED, TxSettings.DEFAULT_MAX_TXN_OPS, node));
    }

    private void work(TxSession in) throws XAException {
        in.xaResource().start(xid, TMNOFLAGS);
        get(in.kv(), "/read");
        put(in.kv(), "/a", "1");
        put(in.kv(), "/b", "2");
        in.xaResource().end(xid, TMSUCCESS);
    }

    @Test
    void onePhaseWritesAllAtOneRevision() throws Exception {
        work(session);
        assertThat(etcd.etcdctl().keys("/")).isEmpty();
        xa.commit(xid, true);
        assertThat(etcd.etcdctl().get("/a")).hasValue("1");
        assertThat(etcd.etcdctl().modRevision("/a")).isEqualTo(etcd.etcdctl().modRevision("/b"));
    }

    @Test
    void aConflictNamesTheKeyAndWritesNothing() {
        etcd.etcdctl().put("/read", "1");
        session.begin();
        get(session.kv(), "/read");
        put(session.kv(), "/a", "1");
        etcd.etcdctl().put("/read", "2");
        assertThatThrownBy(session::commit)
                .isInstanceOf(EtcdConflictException.class)
                .hasMessageContaining("'/read'")
                .hasMessageContaining(etcd.endpoint());
        assertThat(etcd.etcdctl().get("/a")).isEmpty();
    }

    @Test
    void phantomsByInsertAndByDeleteConflict() {
        for (String phantom : new String[] {"/o/1", "/o/2"}) {
            etcd.etcdctl().put("/o/1", "x");
            session.begin();
            done(session.kv()
                    .range(RangeRequest.newBuilder()
                            .setKey(bytes("/o/"))
                            .setRangeEnd(bytes("/o0"))
                            .build()));
            put(session.kv(), "/a", "1");
            if (phantom.equals("/o/1")) {
                etcd.etcdctl().delete(phantom);
            } else {
                etcd.etcdctl().put(phantom, "x");
            }
            assertThatThrownBy(session::commit)
                    .isInstanceOf(EtcdConflictException.class)
                    .hasMessageContaining(phantom);
        }
        assertThat(etcd.etcdctl().get("/a")).isEmpty();
    }

    @Test
    void twoPhases() throws Exception {
        work(session);
        assertThat(xa.prepare(xid)).isEqualTo(XAResource.XA_OK);
        assertThat(etcd.etcdctl().get("/a")).isEmpty();
        assertThat(records()).as("what to do, and what is held for it").hasSize(2);
        xa.commit(xid, false);
        assertThat(records()).isEmpty();
        assertThat(etcd.etcdctl().get("/a")).hasValue("1");
    }

    /** But for slots, which are used again, and for the sign that this process lives. */
    private List<String> records() {
        return etcd.etcdctl().keys(RESERVED).stream()
                .filter(key -> key.matches(RESERVED + "[pih]/.*"))
                .toList();
    }

    @Test
    void twoPhasesRolledBack() throws Exception {
        work(session);
        xa.prepare(xid);
        xa.rollback(xid);
        assertThat(etcd.etcdctl().get("/a")).isEmpty();
        assertThat(records()).isEmpty();
    }

    @Test
    void aConflictAtPrepareRollsBack() throws Exception {
        work(session);
        etcd.etcdctl().put("/read", "by somebody else");
        assertThatThrownBy(() -> xa.prepare(xid)).isInstanceOfSatisfying(XAException.class, e -> assertThat(e.errorCode)
                .isEqualTo(XAException.XA_RBINTEGRITY));
    }

    @Test
    void afterACrashAnotherEngineFindsAndCommitsTheBranch() throws Exception {
        work(session);
        xa.prepare(xid);
        etcd.kill();
        etcd.restart();
        XAResource recovery;
        try (TxEngine other = engine(etcd.endpoint(), "node-2")) {
            recovery = other.newSession().xaResource();
        }
        // the engine is closed: WildFly commits on the resource of a connection that it has destroyed
        Xid[] found = recovery.recover(TMSTARTRSCAN);
        assertThat(found).hasSize(1);
        assertThat(BranchXid.of(found[0])).isEqualTo(xid);
        recovery.commit(found[0], false);
        assertThat(etcd.etcdctl().get("/a")).hasValue("1");
        assertThatThrownBy(() -> recovery.commit(found[0], false))
                .isInstanceOfSatisfying(
                        XAException.class, e -> assertThat(e.errorCode).isEqualTo(XAException.XAER_NOTA));
    }

    @Test
    void aLostAnswerToAOnePhaseCommitIsFoundOut() {
        try (TcpProxy proxy = TcpProxy.to(etcd);
                TxEngine through = engine(proxy.endpoint(), "node-1")) {
            TxSession proxied = through.newSession();
            commit(proxied, "/before");
            proxied.begin();
            get(proxied.kv(), "/read");
            put(proxied.kv(), "/a", "1");
            assertThat(losingTheAnswer(proxy, this::isApplied, () -> {
                        proxied.commit();
                        return "committed";
                    }))
                    .succeedsWithin(GENEROUS);
            assertThat(etcd.etcdctl().get("/a")).hasValue("1");
        }
    }

    /** So that its slot is there, and the next call is the Txn itself. */
    private static void commit(TxSession session, String key) {
        session.begin();
        put(session.kv(), key, "1");
        session.commit();
    }

    @Test
    void lostAnswersToPrepareAndCommitAreFoundOut() throws Exception {
        try (TcpProxy proxy = TcpProxy.to(etcd);
                TxEngine through = engine(proxy.endpoint(), "node-1")) {
            TxSession proxied = through.newSession();
            commit(proxied, "/before");
            // else the answer to this process's sign of life is held back, and prepare does not begin
            await().atMost(GENEROUS)
                    .until(() -> !etcd.etcdctl().keys(RESERVED + "s/").isEmpty());
            work(proxied);
            assertThat(losingTheAnswer(proxy, () -> records().size() == 2, () -> proxied.xaResource()
                            .prepare(xid)))
                    .succeedsWithin(GENEROUS)
                    .isEqualTo(XAResource.XA_OK);
            assertThat(losingTheAnswer(proxy, this::isApplied, () -> {
                        proxied.xaResource().commit(xid, false);
                        return "committed";
                    }))
                    .succeedsWithin(GENEROUS);
            assertThat(etcd.etcdctl().get("/a")).hasValue("1");
        }
    }

    private boolean isApplied() {
        return etcd.etcdctl().get("/a").isPresent();
    }

    /** The request takes effect, which is seen from outside, and then its answer is lost with the connection. */
    private static <T> CompletableFuture<T> losingTheAnswer(
            TcpProxy proxy, Callable<Boolean> effect, Callable<T> request) {
        proxy.holdResponses();
        CompletableFuture<T> result = new CompletableFuture<>();
        Thread caller = new Thread(() -> {
            try {
                result.complete(request.call());
            } catch (Exception e) {
                result.completeExceptionally(e);
            }
        });
        caller.setDaemon(true);
        caller.start();
        await().atMost(GENEROUS).until(effect);
        proxy.drop();
        proxy.restore();
        return result;
    }

    private void readAndWrite127Keys() {
        for (int i = 0; i < 127; i++) {
            get(session.kv(), "/k" + i);
            put(session.kv(), "/k" + i, "x".repeat(10_000));
        }
    }

    @Test
    void theBranchThatIsTooLargeIsToldAtTheOperation() throws Exception {
        xa.start(xid, TMNOFLAGS);
        for (int i = 0; i < 3844; i++) {
            put(session.kv(), "/k" + i, "x");
        }
        assertThatThrownBy(() -> put(session.kv(), "/one more", "x")).hasMessageContaining("3845 writes");
        xa.end(xid, TMFAIL);
        xa.rollback(xid);
        assertThat(etcd.etcdctl().keys("/k")).isEmpty();
    }

    @Test
    void theLargestBranchFitsIntoEtcdsLimits() throws Exception {
        xa.start(xid, TMNOFLAGS);
        readAndWrite127Keys();
        xa.end(xid, TMSUCCESS);
        xa.prepare(xid);
        xa.commit(xid, false);
        assertThat(etcd.etcdctl().keys("/k")).hasSize(127);
    }

    @Test
    void theRequestThatIsTooLargeIsToldAtTheOperation() {
        session.begin();
        put(session.kv(), "/large", "x".repeat(1_460_000));
        assertThatThrownBy(() -> put(session.kv(), "/more", "x".repeat(10_000))).hasMessageContaining("bytes");
        session.rollback();
    }

    @Test
    void theLargestRequestFitsToo() throws Exception {
        xa.start(xid, TMNOFLAGS);
        put(session.kv(), "/large", "x".repeat(1_460_000));
        xa.end(xid, TMSUCCESS);
        xa.prepare(xid);
        xa.commit(xid, false);
        assertThat(etcd.etcdctl().get("/large")).isPresent();
        assertThat(records()).isEmpty();
    }

    @Test
    void aCompactedSnapshotCanOnlyBeRolledBack() {
        etcd.etcdctl().put("/a", "1");
        session.begin();
        get(session.kv(), "/a");
        etcd.etcdctl().put("/a", "2");
        etcd.etcdctl().put("/a", "3");
        done(session.kv()
                .compact(CompactionRequest.newBuilder()
                        .setRevision(etcd.etcdctl().revision())
                        .build()));
        assertThatThrownBy(() -> get(session.kv(), "/b"))
                .isInstanceOf(EtcdException.class)
                .hasMessageContaining("ETCD-00203");
        assertThatThrownBy(session::commit).hasMessageContaining("ETCD-00202");
    }

    /** What a branch will write is not there yet; so deleting it would be undone, and is refused. */
    @Test
    void deletingEverythingLeavesThePreparedBranchAlone() throws Exception {
        work(session);
        xa.prepare(xid);
        DeleteRangeRequest everything = DeleteRangeRequest.newBuilder()
                .setKey(bytes("\0"))
                .setRangeEnd(bytes("\0"))
                .build();
        assertThatThrownBy(() -> done(session.kv().deleteRange(everything)))
                .isInstanceOf(EtcdConflictException.class)
                .hasMessageContaining("ETCD-00226");
        assertThat(records()).hasSize(2);
        xa.commit(xid, false);
        assertThat(done(session.kv().deleteRange(everything)).getDeleted()).isEqualTo(2);
    }

    @Test
    void deletingEverythingElseIsNotHeldOff() throws Exception {
        work(session);
        xa.prepare(xid);
        etcd.etcdctl().put("/x", "1");
        DeleteRangeRequest others = DeleteRangeRequest.newBuilder()
                .setKey(bytes("/x"))
                .setRangeEnd(bytes("\0"))
                .build();
        assertThat(done(session.kv().deleteRange(others)).getDeleted()).isEqualTo(1);
        xa.commit(xid, false);
        assertThat(etcd.etcdctl().get("/a")).hasValue("1");
    }

    private static ByteString bytes(String text) {
        return ByteString.copyFromUtf8(text);
    }

    private static String get(KvProtocol kv, String key) {
        return done(kv.range(RangeRequest.newBuilder().setKey(bytes(key)).build())).getKvsList().stream()
                .map(found -> found.getValue().toStringUtf8())
                .findFirst()
                .orElse("(absent)");
    }

    private static void put(KvProtocol kv, String key, String value) {
        done(kv.put(PutRequest.newBuilder()
                .setKey(bytes(key))
                .setValue(bytes(value))
                .build()));
    }

    private static <T> T done(CompletableFuture<T> call) {
        try {
            return call.join();
        } catch (CompletionException e) {
            if (e.getCause() instanceof EtcdException failure) {
                throw failure;
            }
            throw e;
        }
    }
}
