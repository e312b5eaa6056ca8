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
import io.etcd.jetcd.api.KeyValue;
import io.etcd.jetcd.api.PutRequest;
import io.etcd.jetcd.api.RangeRequest;
import io.etcd.jetcd.api.RequestOp;
import io.etcd.jetcd.api.TxnRequest;
import java.util.List;
import java.util.Random;
import org.etcdjakarta.EtcdConflictException;
import org.etcdjakarta.EtcdException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What each level asks etcd before a write, and has the commit compare. Which anomalies follow: AnomalyTest of itests/core. */
class IsolationTest {

    private final DirectEtcd etcd = new DirectEtcd();
    private final Workspace snapshot = at(Isolation.SNAPSHOT);
    private final Workspace readCommitted = at(Isolation.READ_COMMITTED);

    private Workspace at(Isolation isolation) {
        return new Workspace(etcd, new ReservedKeys("/r/"), Limits.local(128), Deadline.NEVER, isolation);
    }

    private void commit(Workspace workspace) {
        new Commits(etcd, "/r/").onePhase(workspace.seal());
    }

    private void assertConflict(Workspace workspace, String key) {
        assertThatThrownBy(() -> commit(workspace))
                .isInstanceOf(EtcdConflictException.class)
                .hasMessageContaining("'" + key + "'");
    }

    private static void deletePrefix(Workspace workspace, String prefix) {
        RangeRequest.Builder range = prefix(prefix);
        done(workspace.deleteRange(DeleteRangeRequest.newBuilder()
                .setKey(range.getKey())
                .setRangeEnd(range.getRangeEnd())
                .build()));
    }

    @Test
    void snapshotLetsOthersChangeWhatWasOnlyRead() {
        etcd.put("/read", "1");
        etcd.put("/o/1", "1");
        get(snapshot, "/read");
        get(snapshot, "/absent");
        keys(snapshot, prefix("/o/"));
        put(snapshot, "/a", "1");
        etcd.put("/read", "2");
        etcd.put("/absent", "2");
        etcd.put("/o/2", "2");
        etcd.delete("/o/1");
        commit(snapshot);
        assertThat(etcd.value("/a")).isEqualTo("1");
    }

    @Test
    void snapshotComparesWhatItWrites() {
        etcd.put("/a", "1");
        get(snapshot, "/a");
        put(snapshot, "/a", "2");
        etcd.put("/a", "by somebody else");
        assertConflict(snapshot, "/a");
        assertThat(etcd.value("/a")).isEqualTo("by somebody else");
    }

    /** "Not newer than the snapshot" alone would hold: the mod revision of a key that is gone is 0. */
    @Test
    void snapshotNoticesThatAKeyWrittenBlindlyIsGone() {
        etcd.put("/a", "1");
        put(snapshot, "/a", "2");
        etcd.delete("/a");
        assertConflict(snapshot, "/a");
        assertThat(etcd.keys()).isEmpty();
    }

    /** It depends on nothing: first the deletion, then the put is a serial order. */
    @Test
    void serializableWritesBlindlyOverADeletion() {
        Workspace serializable = at(Isolation.SERIALIZABLE);
        etcd.put("/a", "1");
        get(serializable, "/read");
        put(serializable, "/a", "2");
        etcd.delete("/a");
        commit(serializable);
        assertThat(etcd.value("/a")).isEqualTo("2");
    }

    @Test
    void snapshotNoticesThatAKeyWrittenBlindlyIsNew() {
        put(snapshot, "/a", "1");
        etcd.put("/a", "by somebody else");
        assertConflict(snapshot, "/a");
    }

    @Test
    void aBlindWriteLooksOnceAndWithoutTheValue() {
        put(snapshot, "/a", "1");
        put(snapshot, "/a", "2");
        assertThat(etcd.ranges()).singleElement().satisfies(asked -> {
            assertThat(asked.getKey()).isEqualTo(bytes("/a"));
            assertThat(asked.getKeysOnly()).isTrue();
        });
        commit(snapshot);
        assertThat(etcd.value("/a")).isEqualTo("2");
    }

    @Test
    void whatTheSnapshotKnowsIsNotLookedUp() {
        for (String key : List.of("/a", "/o/1", "/o/2", "/o/3", "/p/1")) {
            etcd.put(key, "1");
        }
        get(snapshot, "/a");
        keys(snapshot, prefix("/o/").setLimit(1));
        keys(snapshot, prefix("/p/"));
        int asked = etcd.ranges().size();
        put(snapshot, "/a", "2");
        put(snapshot, "/o/1", "2");
        put(snapshot, "/p/1", "2");
        put(snapshot, "/p/absent", "2");
        assertThat(etcd.ranges()).hasSize(asked);
        put(snapshot, "/o/3", "2");
        assertThat(etcd.ranges()).as("beyond the limit").hasSize(asked + 1);
        etcd.put("/p/absent", "by somebody else");
        assertConflict(snapshot, "/p/absent");
    }

    @Test
    void ofADeletedRangeTheKeysCountThatWereThere() {
        etcd.put("/o/1", "1");
        etcd.put("/o/2", "1");
        deletePrefix(snapshot, "/o/");
        etcd.put("/o/3", "new");
        commit(snapshot);
        assertThat(etcd.keys()).containsExactly("/o/3");

        for (String changed : List.of("put", "deleted")) {
            Workspace other = at(Isolation.SNAPSHOT);
            etcd.put("/o/3", "1");
            deletePrefix(other, "/o/");
            if (changed.equals("put")) {
                etcd.put("/o/3", "2");
            } else {
                etcd.delete("/o/3");
            }
            assertConflict(other, "/o/3");
        }
    }

    /** Nothing of it is in the commit; who has put the key meanwhile comes after this transaction. */
    @Test
    void aWriteThatWasTakenBackGuardsNothing() {
        put(snapshot, "/a", "1");
        put(snapshot, "/new", "1");
        delete(snapshot, "/new");
        etcd.put("/new", "by somebody else");
        commit(snapshot);
        assertThat(etcd.value("/new")).isEqualTo("by somebody else");
        assertThat(etcd.value("/a")).isEqualTo("1");
    }

    @Test
    void aWriteThatWasTakenBackAndDoneAgainGuards() {
        put(snapshot, "/new", "1");
        delete(snapshot, "/new");
        put(snapshot, "/new", "2");
        etcd.put("/new", "by somebody else");
        assertConflict(snapshot, "/new");
    }

    @Test
    void aTxnThatFailsHalfWayGuardsNothing() {
        TxnRequest txn = TxnRequest.newBuilder()
                .addSuccess(op(put("/b", "1")))
                .addSuccess(op(PutRequest.newBuilder().setKey(bytes("/absent")).setIgnoreValue(true)))
                .build();
        assertThatThrownBy(() -> done(snapshot.txn(txn))).hasMessageContaining("key not found");
        put(snapshot, "/a", "1");
        etcd.put("/b", "by somebody else");
        assertThatCode(() -> commit(snapshot)).doesNotThrowAnyException();
    }

    /** They decide by the snapshot, and the commit does not ask them again. */
    @ParameterizedTest
    @EnumSource(
            value = Isolation.class,
            names = {"SNAPSHOT", "READ_COMMITTED"})
    void comparesOfATxnAreReadsThatNobodyGuards(Isolation isolation) {
        Workspace workspace = at(isolation);
        etcd.put("/a", "1");
        TxnRequest txn = TxnRequest.newBuilder()
                .addCompare(Compare.newBuilder()
                        .setKey(bytes("/a"))
                        .setTarget(Compare.CompareTarget.VALUE)
                        .setValue(bytes("1")))
                .addSuccess(op(put("/b", "1")))
                .build();
        assertThat(done(workspace.txn(txn)).getSucceeded()).isTrue();
        etcd.put("/a", "2");
        commit(workspace);
        assertThat(etcd.value("/b")).isEqualTo("1");
    }

    @Test
    void readCommittedComparesNothingAndLooksUpNothing() {
        put(readCommitted, "/a", "1");
        assertThat(etcd.ranges()).isEmpty();
        keys(readCommitted, prefix("/"));
        put(readCommitted, "/b", "1");
        etcd.put("/a", "by somebody else");
        etcd.put("/b", "by somebody else");
        commit(readCommitted);
        assertThat(etcd.txns().get(0).getCompareCount()).as("slot and intents").isEqualTo(2);
        assertThat(etcd.value("/a") + etcd.value("/b")).isEqualTo("11");
    }

    @ParameterizedTest
    @EnumSource(Isolation.class)
    void allReadsAreOfOneSnapshot(Isolation isolation) {
        Workspace workspace = at(isolation);
        etcd.put("/a", "1");
        etcd.put("/b", "1");
        get(workspace, "/a");
        etcd.put("/a", "2");
        etcd.put("/b", "2");
        etcd.put("/c", "2");
        assertThat(get(workspace, "/a") + get(workspace, "/b")).isEqualTo("11");
        assertThat(keys(workspace, prefix("/"))).containsExactly("/a", "/b");
    }

    @ParameterizedTest
    @EnumSource(Isolation.class)
    void aLockThatWasHeldMustBeHeldStill(Isolation isolation) {
        etcd.put("/lock", "");
        Workspace workspace = at(isolation);
        workspace.fence(List.of(Compare.newBuilder()
                .setKey(bytes("/lock"))
                .setCreateRevision(etcd.kv("/lock").getCreateRevision())
                .build()));
        put(workspace, "/a", "1");
        etcd.delete("/lock");
        assertConflict(workspace, "/lock");
        assertThat(etcd.keys()).isEmpty();
    }

    @ParameterizedTest
    @EnumSource(
            value = Isolation.class,
            names = {"SNAPSHOT", "READ_COMMITTED"})
    void whatIsNotGuardedDoesNotCountForTheLimit(Isolation isolation) {
        for (int i = 0; i < 200; i++) {
            etcd.put("/o/" + i, "1");
        }
        Workspace workspace = at(isolation);
        put(workspace, "/a", "1");
        assertThat(keys(workspace, prefix("/o/"))).hasSize(200);
        put(workspace, "/b", "1");
        commit(workspace);
        assertThat(etcd.value("/b")).isEqualTo("1");
    }

    @Test
    void reservedKeysAreRefusedBeforeTheyAreLookedUp() {
        assertThatThrownBy(() -> put(snapshot, "/r/p/1", "v")).hasMessageContaining("/r/");
        assertThat(etcd.ranges()).isEmpty();
    }

    /** Whatever the operations are: a commit fails exactly when a key that it writes is not what it was. */
    @Test
    void theFirstToCommitWins() {
        int committed = 0;
        int conflicts = 0;
        for (long seed = 0; seed < 1000; seed++) {
            Random random = new Random(seed);
            RandomRequests requests = new RandomRequests(random, 0);
            DirectEtcd store = new DirectEtcd();
            RandomRequests.LEASES.forEach(store::grant);
            for (int i = 0; i < 12; i++) {
                store.put(requests.key().toStringUtf8(), "before");
            }
            Workspace workspace = new Workspace(
                    store, new ReservedKeys("/r/"), Limits.local(128), Deadline.NEVER, Isolation.SNAPSHOT);
            get(workspace, requests.key().toStringUtf8());
            DirectEtcd before = store.fork();
            int disturbed = random.nextInt(5);
            for (int i = 0; i < 5; i++) {
                if (i == disturbed) {
                    String key = requests.key().toStringUtf8();
                    if (random.nextBoolean()) {
                        store.put(key, "by somebody else");
                    } else {
                        store.delete(key);
                    }
                }
                try {
                    switch (random.nextInt(4)) {
                        case 0 -> done(workspace.range(requests.range()));
                        case 1 -> done(workspace.put(requests.put()));
                        case 2 -> done(workspace.deleteRange(requests.delete()));
                        default -> done(workspace.txn(requests.txn(2)));
                    }
                } catch (EtcdException e) {
                    // refused, in etcd's words or for a reserved key
                }
            }
            Changes changes = workspace.seal();
            boolean lost = changes.writes().keySet().stream()
                    .anyMatch(key -> modRevision(before, key) != modRevision(store, key));
            assertThat(changes.guards().size())
                    .as("seed %d", seed)
                    .isEqualTo(changes.writes().size());
            if (lost) {
                assertThatThrownBy(() -> new Commits(store, "/r/").onePhase(changes))
                        .as("seed %d", seed)
                        .isInstanceOf(EtcdConflictException.class);
                conflicts++;
            } else {
                assertThatCode(() -> new Commits(store, "/r/").onePhase(changes))
                        .as("seed %d", seed)
                        .doesNotThrowAnyException();
                committed++;
            }
        }
        assertThat(conflicts).isGreaterThan(100);
        assertThat(committed).isGreaterThan(100);
    }

    private static long modRevision(DirectEtcd etcd, ByteString key) {
        KeyValue found = etcd.store().get(key);
        return found == null ? 0 : found.getModRevision();
    }

    private static RequestOp op(PutRequest.Builder put) {
        return RequestOp.newBuilder().setRequestPut(put).build();
    }
}
