package org.etcdjakarta.itests.jetcd;

import static org.etcdjakarta.itests.jetcd.Text.b;

import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.Client;
import io.etcd.jetcd.KV;
import io.etcd.jetcd.Txn;
import io.etcd.jetcd.kv.TxnResponse;
import io.etcd.jetcd.op.Cmp;
import io.etcd.jetcd.op.CmpTarget;
import io.etcd.jetcd.op.Op;
import io.etcd.jetcd.options.CompactOption;
import io.etcd.jetcd.options.DeleteOption;
import io.etcd.jetcd.options.GetOption;
import io.etcd.jetcd.options.PutOption;
import io.etcd.jetcd.options.TxnOption;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;

/** {@link KV}: every method, every option, and what etcd refuses. */
final class KvPrograms {

    private static final ByteSequence ZERO = ByteSequence.from(new byte[] {0});

    private KvPrograms() {}

    static void put(Client client, Transcript t) throws Exception {
        KV kv = client.getKVClient();
        t.call("new", () -> kv.put(b("/a"), b("1")));
        t.call("again", () -> kv.put(b("/a"), b("2")));
        t.call(
                "previous",
                () -> kv.put(b("/a"), b("3"), PutOption.builder().withPrevKV().build()));
        t.call(
                "previousOfNone",
                () -> kv.put(b("/b"), b("1"), PutOption.builder().withPrevKV().build()));
        t.call(
                "retried",
                () -> kv.put(
                        b("/a"), b("4"), PutOption.builder().withAutoRetry().build()));
        long lease = client.getLeaseClient().grant(600).get().getID();
        t.call(
                "leased",
                () -> kv.put(
                        b("/a"), b("5"), PutOption.builder().withLeaseId(lease).build()));
        t.call("leasedSeen", () -> kv.get(b("/a")));
        t.call(
                "leaseTakenOff",
                () -> kv.put(b("/a"), b("6"), PutOption.builder().withPrevKV().build()));
        t.call("emptyValue", () -> kv.put(b("/empty"), ByteSequence.EMPTY));
        t.call("emptyValueSeen", () -> kv.get(b("/empty")));
        t.call("emptyKey", () -> kv.put(ByteSequence.EMPTY, b("1")));
        t.call(
                "leaseThatIsNot",
                () -> kv.put(
                        b("/a"), b("7"), PutOption.builder().withLeaseId(4711).build()));
        t.call("tooLarge", () -> kv.put(b("/a"), ByteSequence.from(new byte[1_700_000])));
        t.call("nullKey", () -> kv.put(null, b("1")));
        t.call("nullValue", () -> kv.put(b("/a"), null));
        t.call("nullOption", () -> kv.put(b("/a"), b("1"), null));
    }

    @SuppressWarnings("deprecation") // withPrefix is there, so it is used
    static void get(Client client, Transcript t) throws Exception {
        KV kv = client.getKVClient();
        for (String key : new String[] {"/k/b", "/k/a", "/k/d", "/k/c", "/k/a", "/l", "/k/c", "/k/c"}) {
            kv.put(b(key), b("value of " + key)).get();
        }
        t.call("one", () -> kv.get(b("/k/a")));
        t.call("none", () -> kv.get(b("/k")));
        t.call(
                "prefix",
                () -> kv.get(b("/k/"), GetOption.builder().isPrefix(true).build()));
        t.call(
                "range",
                () -> kv.get(b("/k/b"), GetOption.builder().withRange(b("/k/d")).build()));
        t.call(
                "fromKey",
                () -> kv.get(b("/k/d"), GetOption.builder().withRange(ZERO).build()));
        t.call(
                "everything",
                () -> kv.get(ZERO, GetOption.builder().withRange(ZERO).build()));
        t.call(
                "otherPrefix",
                () -> kv.get(b("/k/a"), GetOption.builder().withPrefix(b("/k/")).build()));
        t.call(
                "limit",
                () -> kv.get(
                        b("/k/"),
                        GetOption.builder().isPrefix(true).withLimit(2).build()));
        t.call(
                "count",
                () -> kv.get(
                        b("/k/"),
                        GetOption.builder().isPrefix(true).withCountOnly(true).build()));
        t.call(
                "keys",
                () -> kv.get(
                        b("/k/"),
                        GetOption.builder().isPrefix(true).withKeysOnly(true).build()));
        t.call(
                "serializable",
                () -> kv.get(
                        b("/k/a"), GetOption.builder().withSerializable(true).build()));
        t.call(
                "past",
                () -> kv.get(
                        b("/k/"),
                        GetOption.builder()
                                .isPrefix(true)
                                .withRevision(t.revision(3))
                                .build()));
        t.call(
                "future",
                () -> kv.get(
                        b("/k/"),
                        GetOption.builder().withRevision(t.revision(1000)).build()));
        t.call(
                "minMod",
                () -> kv.get(
                        b("/k/"),
                        GetOption.builder()
                                .isPrefix(true)
                                .withMinModRevision(t.revision(3))
                                .build()));
        t.call(
                "maxMod",
                () -> kv.get(
                        b("/k/"),
                        GetOption.builder()
                                .isPrefix(true)
                                .withMaxModRevision(t.revision(5))
                                .build()));
        t.call(
                "minCreate",
                () -> kv.get(
                        b("/k/"),
                        GetOption.builder()
                                .isPrefix(true)
                                .withMinCreateRevision(t.revision(2))
                                .build()));
        t.call(
                "maxCreate",
                () -> kv.get(
                        b("/k/"),
                        GetOption.builder()
                                .isPrefix(true)
                                .withMaxCreateRevision(t.revision(2))
                                .build()));
        for (GetOption.SortOrder order : GetOption.SortOrder.values()) {
            for (GetOption.SortTarget field : GetOption.SortTarget.values()) {
                t.call(
                        "sorted-" + order + "-" + field,
                        () -> kv.get(
                                b("/k/"),
                                GetOption.builder()
                                        .isPrefix(true)
                                        .withKeysOnly(true)
                                        .withSortOrder(order)
                                        .withSortField(field)
                                        .build()));
            }
        }
        t.call("nullKey", () -> kv.get(null));
        t.call("nullOption", () -> kv.get(b("/k/a"), null));
    }

    /** Everything in Go's client; jetcd sends it as it is. */
    static void emptyPrefix(Client client, Transcript t) throws Exception {
        KV kv = client.getKVClient();
        kv.put(b("/a"), b("1")).get();
        t.call(
                "emptyPrefix",
                () -> kv.get(
                        ByteSequence.EMPTY, GetOption.builder().isPrefix(true).build()));
        t.call(
                "emptyPrefixDeleted",
                () -> kv.delete(
                        ByteSequence.EMPTY,
                        DeleteOption.builder().isPrefix(true).build()));
    }

    static void delete(Client client, Transcript t) throws Exception {
        KV kv = client.getKVClient();
        for (String key : new String[] {"/d/a", "/d/b", "/d/c", "/d/d", "/d/e", "/e"}) {
            kv.put(b(key), b("value of " + key)).get();
        }
        t.call("none", () -> kv.delete(b("/d")));
        t.call("one", () -> kv.delete(b("/d/a")));
        t.call(
                "previous",
                () -> kv.delete(
                        b("/d/b"), DeleteOption.builder().withPrevKV(true).build()));
        t.call(
                "retried",
                () -> kv.delete(
                        b("/d/b"), DeleteOption.builder().withAutoRetry().build()));
        t.call(
                "range",
                () -> kv.delete(
                        b("/d/c"),
                        DeleteOption.builder()
                                .withRange(b("/d/d"))
                                .withPrevKV(true)
                                .build()));
        t.call(
                "prefix",
                () -> kv.delete(
                        b("/d/"),
                        DeleteOption.builder().isPrefix(true).withPrevKV(true).build()));
        t.call(
                "fromKey",
                () -> kv.delete(b("/e"), DeleteOption.builder().withRange(ZERO).build()));
        t.call("nullKey", () -> kv.delete(null));
        t.call("nullOption", () -> kv.delete(b("/d"), null));
    }

    static void txn(Client client, Transcript t) throws Exception {
        KV kv = client.getKVClient();
        t.call("empty", () -> kv.txn().commit());
        t.call("then", () -> kv.txn()
                .Then(
                        Op.put(b("/t/a"), b("1"), PutOption.DEFAULT),
                        Op.put(
                                b("/t/b"),
                                b("1"),
                                PutOption.builder().withPrevKV().build()),
                        Op.get(b("/t/a"), GetOption.DEFAULT),
                        Op.get(b("/t/"), GetOption.builder().isPrefix(true).build()),
                        Op.delete(b("/t/c"), DeleteOption.DEFAULT))
                .commit());
        t.call("else", () -> kv.txn(TxnOption.DEFAULT)
                .If(new Cmp(b("/t/a"), Cmp.Op.EQUAL, CmpTarget.value(b("2"))))
                .Then(Op.put(b("/t/a"), b("3"), PutOption.DEFAULT))
                .Else(
                        Op.get(b("/t/a"), GetOption.DEFAULT),
                        Op.delete(
                                b("/t/b"),
                                DeleteOption.builder().withPrevKV(true).build()))
                .commit());
        for (Cmp.Op op : Cmp.Op.values()) {
            t.call("version-" + op, () -> compared(kv, op, CmpTarget.version(1)));
            t.call("value-" + op, () -> compared(kv, op, CmpTarget.value(b("1"))));
            t.call("mod-" + op, () -> compared(kv, op, CmpTarget.modRevision(t.revision(1))));
            t.call("create-" + op, () -> compared(kv, op, CmpTarget.createRevision(t.revision(2))));
        }
        Cmp isOne = new Cmp(b("/t/a"), Cmp.Op.EQUAL, CmpTarget.value(b("1")));
        Cmp isTwo = new Cmp(b("/t/a"), Cmp.Op.EQUAL, CmpTarget.value(b("2")));
        t.call("nested", () -> kv.txn()
                .If(isOne)
                .Then(
                        Op.put(b("/t/n"), b("outer"), PutOption.DEFAULT),
                        Op.txn(
                                new Cmp[] {isTwo},
                                new Op[] {Op.put(b("/t/x"), b("never"), PutOption.DEFAULT)},
                                new Op[] {
                                    Op.get(b("/t/n"), GetOption.DEFAULT),
                                    Op.txn(
                                            new Cmp[] {isOne},
                                            new Op[] {Op.delete(b("/t/a"), DeleteOption.DEFAULT)},
                                            new Op[] {})
                                }))
                .commit());
        t.call("left", () -> kv.get(b("/t/"), GetOption.builder().isPrefix(true).build()));
        t.call("retried", () -> kv.txn(TxnOption.builder().withAutoRetry().build())
                .Then(Op.put(b("/t/a"), b("1"), PutOption.DEFAULT))
                .commit());
    }

    private static CompletableFuture<TxnResponse> compared(KV kv, Cmp.Op op, CmpTarget<?> target) {
        return kv.txn().If(new Cmp(b("/t/a"), op, target)).commit();
    }

    static void txnMisused(Client client, Transcript t) throws Exception {
        KV kv = client.getKVClient();
        Op put = Op.put(b("/m"), b("1"), PutOption.DEFAULT);
        t.call("keyTwice", () -> kv.txn().Then(put, put).commit());
        t.call("tooMany", () -> kv.txn()
                .Then(IntStream.range(0, 129)
                        .mapToObj(i -> Op.put(b("/m" + i), b("1"), PutOption.DEFAULT))
                        .toArray(Op[]::new))
                .commit());
        t.call("emptyKey", () -> kv.txn()
                .Then(Op.put(ByteSequence.EMPTY, b("1"), PutOption.DEFAULT))
                .commit());
        t.call("future", () -> kv.txn()
                .Then(Op.get(
                        b("/m"),
                        GetOption.builder().withRevision(t.revision(1000)).build()))
                .commit());
        t.call("leaseThatIsNot", () -> kv.txn()
                .Then(Op.put(
                        b("/m"), b("1"), PutOption.builder().withLeaseId(4711).build()))
                .commit());
        t.call("ifAfterThen", () -> kv.txn().Then(put).If().commit());
        t.call("thenAfterElse", () -> kv.txn().Else(put).Then(put).commit());
        t.call("ifTwice", () -> {
            Txn txn = kv.txn();
            Cmp absent = new Cmp(b("/m"), Cmp.Op.EQUAL, CmpTarget.version(0));
            return txn.If(absent).If(absent).Then(put).commit();
        });
    }

    static void compact(Client client, Transcript t) throws Exception {
        KV kv = client.getKVClient();
        for (int i = 0; i < 5; i++) {
            kv.put(b("/c"), b("" + i)).get();
        }
        t.call("compact", () -> kv.compact(t.revision(2)));
        t.call("again", () -> kv.compact(t.revision(2)));
        t.call("earlier", () -> kv.compact(t.revision(1)));
        t.call("future", () -> kv.compact(t.revision(1000)));
        t.call(
                "physical",
                () -> kv.compact(
                        t.revision(3),
                        CompactOption.builder().withCompactPhysical(true).build()));
        t.call(
                "readCompacted",
                () -> kv.get(
                        b("/c"), GetOption.builder().withRevision(t.revision(1)).build()));
        t.call(
                "readKept",
                () -> kv.get(
                        b("/c"), GetOption.builder().withRevision(t.revision(4)).build()));
    }

    /** For a client with a namespace. */
    static void namespace(Client client, Transcript t) throws Exception {
        KV kv = client.getKVClient();
        t.call("put", () -> kv.put(b("a"), b("1")));
        t.call(
                "previous",
                () -> kv.put(b("a"), b("2"), PutOption.builder().withPrevKV().build()));
        t.call("get", () -> kv.get(b("a")));
        t.call("prefix", () -> kv.get(b(""), GetOption.builder().isPrefix(true).build()));
        t.call(
                "everything",
                () -> kv.get(ZERO, GetOption.builder().withRange(ZERO).build()));
        t.call(
                "fromKey",
                () -> kv.get(b("a"), GetOption.builder().withRange(ZERO).build()));
        t.call("txn", () -> kv.txn()
                .If(new Cmp(b("a"), Cmp.Op.EQUAL, CmpTarget.value(b("2"))))
                .Then(
                        Op.put(b("b"), b("1"), PutOption.DEFAULT),
                        Op.get(b(""), GetOption.builder().isPrefix(true).build()),
                        Op.txn(
                                new Cmp[] {new Cmp(b("b"), Cmp.Op.GREATER, CmpTarget.version(0))},
                                new Op[] {
                                    Op.delete(
                                            b("a"),
                                            DeleteOption.builder()
                                                    .withPrevKV(true)
                                                    .build())
                                },
                                new Op[] {}))
                .commit());
        WatchPrograms.namespace(client, t);
        LockPrograms.namespace(client, t);
        t.call(
                "delete",
                () -> kv.delete(
                        b(""),
                        DeleteOption.builder().isPrefix(true).withPrevKV(true).build()));
    }
}
