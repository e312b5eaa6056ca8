package org.etcdjakarta.core.tx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.etcdjakarta.core.tx.Requests.bytes;
import static org.etcdjakarta.core.tx.Requests.delete;
import static org.etcdjakarta.core.tx.Requests.done;
import static org.etcdjakarta.core.tx.Requests.get;
import static org.etcdjakarta.core.tx.Requests.keys;
import static org.etcdjakarta.core.tx.Requests.prefix;
import static org.etcdjakarta.core.tx.Requests.put;

import com.google.protobuf.ByteString;
import io.etcd.jetcd.api.Compare;
import io.etcd.jetcd.api.DeleteRangeRequest;
import io.etcd.jetcd.api.PutRequest;
import io.etcd.jetcd.api.RangeRequest;
import io.etcd.jetcd.api.RequestOp;
import io.etcd.jetcd.api.TxnRequest;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.etcdjakarta.EtcdException;
import org.etcdjakarta.EtcdLimitException;
import org.junit.jupiter.api.Test;

class WorkspaceTest {

    private final DirectEtcd etcd = new DirectEtcd();
    private final Workspace workspace = workspace(Deadline.NEVER);

    private Workspace workspace(Deadline deadline) {
        return new Workspace(etcd, new ReservedKeys("/r/"), Limits.branch(128), deadline);
    }

    @Test
    void theOperationThatCrossesTheLineIsRefusedWithTheNumbers() {
        for (int i = 0; i < 3844; i++) {
            put(workspace, "k" + i, "v");
        }
        assertThatThrownBy(() -> put(workspace, "one more", "v"))
                .isInstanceOf(EtcdLimitException.class)
                .hasMessageContaining("0 compares and 3845 writes")
                .hasMessageContaining("for 3844 writes");
        put(workspace, "k0", "again");
        delete(workspace, "k1");
        assertThat(workspace.seal().writes()).hasSize(3843);
    }

    @Test
    void readsCountOnceThereIsAWrite() {
        fill(4000);
        assertThat(keys(workspace, prefix("/o/")))
                .as("a read-only transaction has no guards")
                .hasSize(4000);
        assertThatThrownBy(() -> put(workspace, "a", "v"))
                .isInstanceOf(EtcdLimitException.class)
                .hasMessageContaining("4001 compares and 1 writes")
                .hasMessageContaining("room for 3844 compares");
        assertThat(workspace.seal().isReadOnly()).isTrue();
    }

    @Test
    void aReadThatCrossesTheLineIsRefusedAndNotGuarded() {
        fill(4000);
        put(workspace, "a", "v");
        assertThatThrownBy(() -> keys(workspace, prefix("/o/"))).isInstanceOf(EtcdLimitException.class);
        assertThat(keys(workspace, prefix("/o/").setLimit(100))).hasSize(100);
        assertThat(workspace.seal().guards().size()).isEqualTo(101);
    }

    @Test
    void theLockThatThereIsNoRoomForLeavesOnlyRollback() {
        for (int i = 0; i < 3844; i++) {
            put(workspace, "k" + i, "v");
        }
        Compare held =
                Compare.newBuilder().setKey(bytes("lock")).setCreateRevision(1).build();
        // the outer Txn has 62 groups and few compares
        workspace.fence(List.of(held));
        assertThat(workspace.rollbackReason()).isNull();
        List<Compare> many = IntStream.range(0, 126)
                .mapToObj(i -> held.toBuilder().setKey(bytes("lock" + i)).build())
                .toList();
        workspace.fence(many);
        assertThat(workspace.rollbackReason()).isInstanceOf(EtcdLimitException.class);
        assertThatThrownBy(() -> put(workspace, "k0", "again")).hasMessageContaining("ETCD-00205");
    }

    private void fill(int keys) {
        for (int i = 0; i < keys; i++) {
            etcd.put("/o/" + i, "v");
        }
    }

    @Test
    void bytesAreLimitedToo() {
        PutRequest half = PutRequest.newBuilder()
                .setKey(bytes("a"))
                .setValue(ByteString.copyFrom(new byte[800_000]))
                .build();
        done(workspace.put(half));
        assertThatThrownBy(() ->
                        done(workspace.put(half.toBuilder().setKey(bytes("b")).build())))
                .isInstanceOf(EtcdLimitException.class)
                .hasMessageContaining("1,468,006");
        assertThat(get(workspace, "b")).isEqualTo("(absent)");
    }

    /** The reaper's thread does not wait for etcd, and the call that it ends does not come back with an answer. */
    @Test
    void theReaperEndsItInTheMiddleOfACall() throws Exception {
        CountDownLatch asked = new CountDownLatch(1);
        CountDownLatch reaped = new CountDownLatch(1);
        etcd.put("a", "1");
        etcd.beforeAnswer(() -> {
            asked.countDown();
            try {
                assertThat(reaped.await(30, TimeUnit.SECONDS)).isTrue();
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
        });
        CompletableFuture<String> call = CompletableFuture.supplyAsync(() -> get(workspace, "a"));
        assertThat(asked.await(30, TimeUnit.SECONDS)).isTrue();
        workspace.end();
        reaped.countDown();
        assertThatThrownBy(() -> call.get(30, TimeUnit.SECONDS))
                .rootCause()
                .isInstanceOf(EtcdException.class)
                .hasMessageContaining("ended");
        assertThatThrownBy(workspace::seal).hasMessageContaining("ended");
    }

    @Test
    void olderThanItsTimeoutItCanOnlyBeRolledBack() {
        Workspace late = workspace(
                new Deadline(System.nanoTime() - Duration.ofSeconds(61).toNanos(), Duration.ofMinutes(1)));
        assertThatThrownBy(() -> put(late, "a", "1")).hasMessageContaining("timeout of 60 s");
        assertThatThrownBy(late::seal).hasMessageContaining("rolled back");
        Workspace inTime = workspace(Deadline.in(Duration.ofMinutes(10)));
        assertThatCode(() -> put(inTime, "a", "1")).doesNotThrowAnyException();
    }

    @Test
    void aTxnThatFailsHalfWayLeavesNoTrace() {
        TxnRequest txn = TxnRequest.newBuilder()
                .addSuccess(op(put("a", "1")))
                .addSuccess(op(PutRequest.newBuilder().setKey(bytes("absent")).setIgnoreValue(true)))
                .build();
        assertThatThrownBy(() -> done(workspace.txn(txn))).hasMessageContaining("etcdserver: key not found");
        assertThat(get(workspace, "a")).isEqualTo("(absent)");
    }

    /** The failure tells that the key is absent, so that is guarded like an answer. */
    @Test
    void keyNotFoundIsARead() {
        put(workspace, "a", "1");
        assertThatThrownBy(() -> done(workspace.put(PutRequest.newBuilder()
                        .setKey(bytes("absent"))
                        .setIgnoreLease(true)
                        .build())))
                .hasMessageContaining("'absent'");
        etcd.put("absent", "no more");
        assertThatThrownBy(() -> new Commits(etcd, "/r/").onePhase(workspace.seal()))
                .hasMessageContaining("'absent'");
    }

    @Test
    void comparesAreReads() {
        etcd.put("a", "1");
        TxnRequest txn = TxnRequest.newBuilder()
                .addCompare(Compare.newBuilder()
                        .setKey(bytes("a"))
                        .setTarget(Compare.CompareTarget.VALUE)
                        .setValue(bytes("2")))
                .addFailure(op(put("b", "1")))
                .build();
        assertThat(done(workspace.txn(txn)).getSucceeded()).isFalse();
        etcd.put("a", "2");
        assertThatThrownBy(() -> new Commits(etcd, "/r/").onePhase(workspace.seal()))
                .hasMessageContaining("'a'");
    }

    @Test
    void duplicateKeysAreRefusedAsEtcdDoes() {
        RequestOp put = op(put("a", "1"));
        RequestOp deleteRange =
                op(DeleteRangeRequest.newBuilder().setKey(bytes("a")).setRangeEnd(bytes("b")));
        RequestOp nested = RequestOp.newBuilder()
                .setRequestTxn(TxnRequest.newBuilder().addSuccess(put))
                .build();
        RequestOp eitherOr = RequestOp.newBuilder()
                .setRequestTxn(TxnRequest.newBuilder().addSuccess(put).addFailure(put))
                .build();
        for (List<RequestOp> refused : List.of(
                List.of(put, put),
                List.of(put, deleteRange),
                List.of(deleteRange, put),
                List.of(nested, put),
                List.of(nested, nested),
                List.of(deleteRange, nested),
                List.of(eitherOr, put))) {
            assertThatThrownBy(() -> done(workspace.txn(
                            TxnRequest.newBuilder().addAllSuccess(refused).build())))
                    .as(refused.toString())
                    .hasMessageContaining("duplicate key given in txn request");
            assertThatThrownBy(() -> done(workspace.txn(
                            TxnRequest.newBuilder().addAllFailure(refused).build())))
                    .as("also in the branch that is not taken")
                    .hasMessageContaining("duplicate key given in txn request");
        }
        for (List<RequestOp> allowed : List.of(List.of(deleteRange, deleteRange), List.of(eitherOr))) {
            assertThatCode(() -> done(workspace.txn(
                            TxnRequest.newBuilder().addAllSuccess(allowed).build())))
                    .doesNotThrowAnyException();
        }
    }

    @Test
    void impossibleRequestsAreRefusedInEtcdsWords() {
        assertThatThrownBy(() -> put(workspace, "", "v")).hasMessageContaining("key is not provided");
        assertThatThrownBy(() -> get(workspace, "")).hasMessageContaining("key is not provided");
        assertThatThrownBy(() -> delete(workspace, "")).hasMessageContaining("key is not provided");
        assertThatThrownBy(() ->
                        done(workspace.put(put("a", "v").setIgnoreValue(true).build())))
                .hasMessageContaining("value is provided");
        assertThatThrownBy(() -> done(workspace.put(PutRequest.newBuilder()
                        .setKey(bytes("a"))
                        .setLease(1)
                        .setIgnoreLease(true)
                        .build())))
                .hasMessageContaining("lease is provided");
    }

    @Test
    void reservedKeysAreRefusedAndNeitherShownNorDeleted() {
        etcd.put("/r/p/1", "record");
        etcd.put("/a", "1");
        etcd.put("/z", "1");
        assertThatThrownBy(() -> put(workspace, "/r/p/1", "v")).hasMessageContaining("/r/");
        assertThatThrownBy(() -> get(workspace, "/r/p/1")).hasMessageContaining("/r/");
        assertThatThrownBy(() -> delete(workspace, "/r/p/1")).hasMessageContaining("/r/");
        RangeRequest.Builder all = prefix("/");
        assertThat(keys(workspace, all)).containsExactly("/a", "/z");
        assertThat(done(workspace.range(all.clone().setCountOnly(true).build())).getCount())
                .isEqualTo(2);
        assertThat(done(workspace.deleteRange(DeleteRangeRequest.newBuilder()
                                .setKey(all.getKey())
                                .setRangeEnd(all.getRangeEnd())
                                .build()))
                        .getDeleted())
                .isEqualTo(2);
        etcd.put("/r/p/2", "another record: no conflict");
        new Commits(etcd, "/r/").onePhase(workspace.seal());
        assertThat(etcd.keys()).containsExactly("/r/p/1", "/r/p/2");
    }

    private static RequestOp op(PutRequest.Builder put) {
        return RequestOp.newBuilder().setRequestPut(put).build();
    }

    private static RequestOp op(DeleteRangeRequest.Builder delete) {
        return RequestOp.newBuilder().setRequestDeleteRange(delete).build();
    }
}
