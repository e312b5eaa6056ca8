package org.etcdjakarta.core.tx;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.etcdjakarta.core.tx.Requests.put;

import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.KeyValue;
import io.etcd.jetcd.api.CompactionRequest;
import io.etcd.jetcd.api.CompactionResponse;
import io.etcd.jetcd.api.DeleteRangeRequest;
import io.etcd.jetcd.api.DeleteRangeResponse;
import io.etcd.jetcd.api.PutRequest;
import io.etcd.jetcd.api.PutResponse;
import io.etcd.jetcd.api.RangeRequest;
import io.etcd.jetcd.api.RangeResponse;
import io.etcd.jetcd.api.TxnRequest;
import io.etcd.jetcd.api.TxnResponse;
import io.etcd.jetcd.op.Cmp;
import io.etcd.jetcd.options.GetOption;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.etcdjakarta.EtcdCompare;
import org.etcdjakarta.EtcdConflictException;
import org.etcdjakarta.EtcdException;
import org.etcdjakarta.EtcdKv;
import org.etcdjakarta.EtcdOp;
import org.etcdjakarta.EtcdPages;
import org.etcdjakarta.core.link.KvProtocol;
import org.etcdjakarta.core.link.ProtocolKv;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What {@link EtcdKv} has beyond jetcd's KV, in a transaction. */
class EtcdKvInTransactionTest {

    private static final GetOption PREFIX = GetOption.builder().isPrefix(true).build();

    private final DirectEtcd etcd = new DirectEtcd();
    private final TxSession session = FakeLinks.engine(etcd).newSession();
    private final EtcdKv kv = new ProtocolKv(new Current(), ByteSequence.EMPTY);

    /** Asks the session at each call, as a handle does. */
    private final class Current implements KvProtocol {
        @Override
        public CompletableFuture<RangeResponse> range(RangeRequest request) {
            return session.kv().range(request);
        }

        @Override
        public CompletableFuture<PutResponse> put(PutRequest request) {
            return session.kv().put(request);
        }

        @Override
        public CompletableFuture<DeleteRangeResponse> deleteRange(DeleteRangeRequest request) {
            return session.kv().deleteRange(request);
        }

        @Override
        public CompletableFuture<TxnResponse> txn(TxnRequest request) {
            return session.kv().txn(request);
        }

        @Override
        public CompletableFuture<CompactionResponse> compact(CompactionRequest request) {
            return session.kv().compact(request);
        }

        @Override
        public @Nullable Object transaction() {
            return session.kv().transaction();
        }
    }

    private void keys(int count) {
        for (int i = 0; i < count; i++) {
            etcd.put(String.format("k%04d", i), "old");
        }
    }

    private static List<String> values(EtcdPages pages) {
        return pages.stream().map(kv -> kv.getValue().toString(UTF_8)).toList();
    }

    private static void skip(Iterator<KeyValue> keys, int count) {
        for (int i = 0; i < count; i++) {
            keys.next();
        }
    }

    @Test
    void pagesShowOwnWritesAndNotThoseOfOthers() {
        keys(110);
        session.begin();
        put(session.kv(), "k0104", "mine");
        Iterator<KeyValue> keys = kv.pages(bytes("k"), PREFIX).iterator();
        skip(keys, 100);
        etcd.put("k0105", "others");
        etcd.put("k0300", "others");
        skip(keys, 4);

        assertThat(keys.next().getValue()).hasToString("mine");
        assertThat(keys.next().getValue()).hasToString("old");
        skip(keys, 4);
        assertThat(keys.hasNext()).isFalse();
    }

    @Test
    void everyPageIsGuarded() {
        keys(102);
        session.begin();
        assertThat(values(kv.pages(bytes("k"), PREFIX))).hasSize(102);
        put(session.kv(), "x", "1");
        etcd.put("k0101", "changed");

        assertThatThrownBy(session::commit)
                .isInstanceOf(EtcdConflictException.class)
                .hasMessageContaining("k0101");
    }

    @Test
    void pagesThatWereNotReadAreNotGuarded() {
        keys(250);
        session.begin();
        Iterator<KeyValue> keys = kv.pages(bytes("k"), PREFIX).iterator();
        skip(keys, 100);
        put(session.kv(), "x", "1");
        etcd.put("k0200", "changed");
        session.commit();

        assertThat(etcd.value("x")).isEqualTo("1");
    }

    @Test
    void pagesBegunInATransactionEndWithIt() {
        keys(250);
        session.begin();
        Iterator<KeyValue> keys = kv.pages(bytes("k"), PREFIX).iterator();
        skip(keys, 100);
        session.rollback();

        assertThatThrownBy(keys::next).isInstanceOf(EtcdException.class).hasMessageContaining("ETCD-00140");
        session.begin();
        assertThatThrownBy(keys::next).isInstanceOf(EtcdException.class).hasMessageContaining("ETCD-00140");
    }

    @Test
    void pagesBegunOutsideGoOnInHistory() {
        keys(250);
        EtcdPages pages = kv.pages(bytes("k"), PREFIX);
        Iterator<KeyValue> keys = pages.iterator();
        skip(keys, 100);
        session.begin();
        put(session.kv(), "k0200", "mine");
        etcd.put("k0201", "others");
        skip(keys, 100);

        assertThat(keys.next().getValue()).hasToString("old");
        assertThat(keys.next().getValue()).hasToString("old");
        assertThat(pages.revision()).isEqualTo(251);
        session.commit();
    }

    @Test
    void explicitRevisionIsHistoryInsideToo() {
        keys(250);
        session.begin();
        put(session.kv(), "k0000", "mine");
        EtcdPages pages = kv.pages(
                bytes("k"), GetOption.builder().isPrefix(true).withRevision(201).build());
        etcd.put("k0001", "others");

        assertThat(values(pages)).hasSize(200).containsOnly("old");
        assertThat(pages.revision()).isEqualTo(201);
        session.commit();
        assertThat(etcd.value("k0000")).isEqualTo("mine");
    }

    @Test
    void compareOfALeaseIsGuarded() {
        etcd.grant(7);
        etcd.put("k", "1");
        session.begin();
        assertThat(kv.newTxn()
                        .If(EtcdCompare.lease(bytes("k"), Cmp.Op.EQUAL, 0))
                        .Then(EtcdOp.put(bytes("x"), bytes("1")))
                        .commit()
                        .join()
                        .succeeded())
                .isTrue();
        etcd.put(PutRequest.newBuilder()
                        .setKey(Requests.bytes("k"))
                        .setIgnoreValue(true)
                        .setLease(7)
                        .build())
                .join();

        assertThatThrownBy(session::commit)
                .isInstanceOf(EtcdConflictException.class)
                .hasMessageContaining("'k'");
        assertThat(etcd.keys()).doesNotContain("x");
    }

    @Test
    void compareOverARangeIsGuardedAgainstNewKeys() {
        etcd.put("p/1", "1");
        session.begin();
        assertThat(kv.newTxn()
                        .If(EtcdCompare.lease(bytes("p/"), Cmp.Op.EQUAL, 0).withPrefix())
                        .Then(EtcdOp.put(bytes("x"), bytes("1")))
                        .commit()
                        .join()
                        .succeeded())
                .isTrue();
        etcd.put("p/2", "2");

        assertThatThrownBy(session::commit).isInstanceOf(EtcdConflictException.class);
    }

    @Test
    void resultsComeInTheOrderOfTheOperations() {
        etcd.put("a", "1");
        session.begin();
        var results = kv.newTxn()
                .Then(
                        EtcdOp.put(bytes("b"), bytes("2")),
                        EtcdOp.get(bytes("a")),
                        EtcdOp.txn(List.of(), List.of(EtcdOp.get(bytes("b"))), List.of()),
                        EtcdOp.delete(bytes("a")))
                .commit()
                .join()
                .results();

        assertThat(results.get(0).asPut()).isNotNull();
        assertThat(results.get(1).asGet().getKvs()).hasSize(1);
        assertThat(results.get(2).asTxn().results().get(0).asGet().getKvs()).hasSize(1);
        assertThat(results.get(3).asDelete().getDeleted()).isEqualTo(1);
        assertThat(kv.execute(EtcdOp.get(bytes("a"))).join().asGet().getKvs()).isEmpty();
        session.commit();
        assertThat(etcd.keys()).containsExactly("b");
    }

    private static ByteSequence bytes(String text) {
        return ByteSequence.from(text, UTF_8);
    }
}
