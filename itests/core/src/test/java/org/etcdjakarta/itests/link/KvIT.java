package org.etcdjakarta.itests.link;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.etcdjakarta.itests.link.Links.bytes;
import static org.etcdjakarta.itests.link.Links.config;
import static org.etcdjakarta.itests.link.Links.failureOf;
import static org.etcdjakarta.itests.link.Links.get;

import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.KeyValue;
import io.etcd.jetcd.common.exception.CompactedException;
import io.etcd.jetcd.op.Cmp;
import io.etcd.jetcd.op.CmpTarget;
import io.etcd.jetcd.op.Op;
import io.etcd.jetcd.options.CompactOption;
import io.etcd.jetcd.options.DeleteOption;
import io.etcd.jetcd.options.GetOption;
import io.etcd.jetcd.options.GetOption.SortOrder;
import io.etcd.jetcd.options.GetOption.SortTarget;
import io.etcd.jetcd.options.PutOption;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.etcdjakarta.EtcdCompare;
import org.etcdjakarta.EtcdException;
import org.etcdjakarta.EtcdKv;
import org.etcdjakarta.EtcdLimitException;
import org.etcdjakarta.EtcdOp;
import org.etcdjakarta.EtcdOptions;
import org.etcdjakarta.EtcdPages;
import org.etcdjakarta.EtcdTxnResult;
import org.etcdjakarta.core.link.EtcdLink;
import org.etcdjakarta.itests.support.EtcdServer;
import org.etcdjakarta.itests.support.WithEtcd;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** All of Go's KV, each option with what only it gives. In a namespace, with keys on both sides of it. */
@WithEtcd
class KvIT {

    private static final String NAMESPACE = "/kv/";

    private final EtcdServer etcd;
    private final EtcdLink link;
    private final EtcdKv kv;

    KvIT(EtcdServer etcd) {
        this.etcd = etcd;
        link = EtcdLink.open(config(etcd.endpoint()).namespace(NAMESPACE).build());
        kv = EtcdKv.of(link.client().getKVClient());
    }

    @BeforeEach
    void neighbours() {
        etcd.etcdctl().put("/kv", "before");
        etcd.etcdctl().put("/kv0", "after");
    }

    @AfterEach
    void close() {
        link.close();
        assertThat(etcd.etcdctl().get("/kv")).contains("before");
        assertThat(etcd.etcdctl().get("/kv0")).contains("after");
        etcd.etcdctl().deletePrefix("/kv");
    }

    private long put(String key, String value) {
        return get(kv.put(bytes(key), bytes(value))).getHeader().getRevision();
    }

    private long lease() {
        return get(link.client().getLeaseClient().grant(3_600)).getID();
    }

    private KeyValue key(String key) {
        return get(kv.get(bytes(key))).getKvs().get(0);
    }

    private List<String> keys(String key, GetOption.Builder option) {
        return get(kv.get(bytes(key), option.build())).getKvs().stream()
                .map(found -> found.getKey().toString())
                .toList();
    }

    private boolean holds(EtcdCompare... compares) {
        return get(kv.newTxn().If(compares).commit()).succeeded();
    }

    private static GetOption.Builder prefix() {
        return GetOption.builder().isPrefix(true);
    }

    // ---- put

    @Test
    void putAttachesToALeaseAndDetaches() {
        long lease = lease();
        get(kv.put(
                bytes("k"), bytes("1"), PutOption.builder().withLeaseId(lease).build()));
        assertThat(key("k").getLease()).isEqualTo(lease);
        put("k", "2");
        assertThat(key("k").getLease()).isZero();
    }

    @Test
    void putKeepingTheLeaseStaysAttached() {
        long lease = lease();
        get(kv.put(
                bytes("k"), bytes("1"), PutOption.builder().withLeaseId(lease).build()));

        var before = get(kv.putKeepingLease(
                bytes("k"), bytes("2"), PutOption.builder().withPrevKV().build()));

        assertThat(before.getPrevKv().getValue()).hasToString("1");
        assertThat(key("k").getValue()).hasToString("2");
        assertThat(key("k").getLease()).isEqualTo(lease);
        get(link.client().getLeaseClient().revoke(lease));
        assertThat(get(kv.get(bytes("k"))).getCount()).isZero();
    }

    @Test
    void putKeepingTheValueChangesTheLease() {
        put("k", "1");
        long lease = lease();

        get(kv.putKeepingValue(
                bytes("k"), PutOption.builder().withLeaseId(lease).build()));

        assertThat(key("k").getValue()).hasToString("1");
        assertThat(key("k").getLease()).isEqualTo(lease);
        assertThat(key("k").getVersion()).isEqualTo(2);
    }

    @Test
    void whatIsNotThereCannotBeKept() {
        assertThat(failureOf(kv.putKeepingLease(bytes("k"), bytes("1")))).hasMessageContaining("key not found");
        assertThat(failureOf(kv.putKeepingValue(bytes("k"), PutOption.DEFAULT))).hasMessageContaining("key not found");
        put("k", "1");
        assertThat(failureOf(kv.execute(EtcdOp.put(bytes("k"), bytes("2")).ignoringValue())))
                .hasMessageContaining("value is provided");
        assertThat(failureOf(kv.execute(EtcdOp.put(
                                bytes("k"),
                                bytes("2"),
                                PutOption.builder().withLeaseId(lease()).build())
                        .ignoringLease())))
                .hasMessageContaining("lease is provided");
        assertThat(key("k").getValue()).hasToString("1");
    }

    // ---- get

    @Test
    void getOptions() {
        long first = put("a/1", "z");
        put("a/2", "y");
        long third = put("a/3", "x");
        long again = put("a/1", "w");

        assertThat(keys("a/", prefix())).containsExactly("a/1", "a/2", "a/3");
        assertThat(keys("a/1", GetOption.builder().withRange(bytes("a/3")))).containsExactly("a/1", "a/2");
        assertThat(keys("a/", prefix().withLimit(2))).containsExactly("a/1", "a/2");
        assertThat(keys("a/", prefix().withRevision(first))).containsExactly("a/1");
        assertThat(keys("a/", prefix().withSortField(SortTarget.VALUE).withSortOrder(SortOrder.ASCEND)))
                .containsExactly("a/1", "a/3", "a/2");
        assertThat(keys("a/", prefix().withSortField(SortTarget.VERSION).withSortOrder(SortOrder.DESCEND)))
                .startsWith("a/1");
        assertThat(keys("a/", prefix().withSerializable(true))).hasSize(3);
        assertThat(keys("a/", prefix().withMinModRevision(third))).containsExactly("a/1", "a/3");
        assertThat(keys("a/", prefix().withMaxModRevision(third))).containsExactly("a/2", "a/3");
        assertThat(keys("a/", prefix().withMinCreateRevision(third))).containsExactly("a/3");
        assertThat(keys("a/", prefix().withMaxCreateRevision(first))).containsExactly("a/1");
        assertThat(key("a/1").getModRevision()).isEqualTo(again);
        var keysOnly =
                get(kv.get(bytes("a/1"), GetOption.builder().withKeysOnly(true).build()));
        assertThat(keysOnly.getKvs().get(0).getValue().isEmpty()).isTrue();
        var count = get(kv.get(bytes("a/"), prefix().withCountOnly(true).build()));
        assertThat(count.getKvs()).isEmpty();
        assertThat(count.getCount()).isEqualTo(3);
    }

    @Test
    void firstAndLastOfAPrefix() {
        put("a/2", "1");
        put("a/3", "1");
        put("a/1", "1");
        put("a/2", "2");
        put("b", "1");

        assertThat(keys("a/", EtcdOptions.firstKey())).containsExactly("a/1");
        assertThat(keys("a/", EtcdOptions.lastKey())).containsExactly("a/3");
        assertThat(keys("a/", EtcdOptions.firstCreate())).containsExactly("a/2");
        assertThat(keys("a/", EtcdOptions.lastCreate())).containsExactly("a/1");
        assertThat(keys("a/", EtcdOptions.firstRev())).containsExactly("a/3");
        assertThat(keys("a/", EtcdOptions.lastRev())).containsExactly("a/2");
    }

    @Test
    void fromKeyEndsWithTheNamespace() {
        put("a", "1");
        put("b", "1");
        put("\u00ff", "1");

        assertThat(keys("b", EtcdOptions.fromKey())).containsExactly("b", "\u00ff");
        assertThat(keys("", EtcdOptions.fromKey())).containsExactly("a", "b", "\u00ff");
        assertThat(keys("", prefix())).containsExactly("a", "b", "\u00ff");
        assertThat(get(kv.delete(bytes("b"), EtcdOptions.deleteFromKey().build()))
                        .getDeleted())
                .isEqualTo(2);
        assertThat(keys("", prefix())).containsExactly("a");
    }

    @Test
    void withoutANamespaceTheEmptyKeyIsTheFirstOneOfARange() {
        try (EtcdLink all = EtcdLink.open(config(etcd.endpoint()).build())) {
            EtcdKv root = EtcdKv.of(all.client().getKVClient());
            put("a", "1");

            assertThat(get(root.get(ByteSequence.EMPTY, prefix().build())).getCount())
                    .isGreaterThanOrEqualTo(3);
            assertThat(get(root.get(ByteSequence.EMPTY, EtcdOptions.fromKey().build()))
                            .getCount())
                    .isGreaterThanOrEqualTo(3);
            assertThat(failureOf(root.get(ByteSequence.EMPTY))).hasMessageContaining("key is not provided");
        }
    }

    @Test
    void namespaceThatEndsInTheLastByteHasAnEndToo() {
        ByteSequence namespace = bytes("/kv/x").concat(ByteSequence.from(new byte[] {(byte) 0xff}));
        try (EtcdLink whole = EtcdLink.open(config(etcd.endpoint()).build())) {
            EtcdKv root = EtcdKv.of(whole.client().getKVClient());
            get(root.put(namespace.concat(bytes("k")), bytes("inside")));
            get(root.put(bytes("/kv/y"), bytes("outside")));
            EtcdKv inside = new org.etcdjakarta.core.link.ProtocolKv(whole.kvProtocol(), namespace);

            assertThat(get(inside.get(bytes("a"), EtcdOptions.fromKey().build()))
                            .getKvs())
                    .singleElement()
                    .satisfies(found -> assertThat(found.getKey()).hasToString("k"));
            assertThat(get(inside.delete(bytes("a"), EtcdOptions.deleteFromKey().build()))
                            .getDeleted())
                    .isEqualTo(1);
        }
    }

    // ---- delete, compact

    @Test
    void deleteOptions() {
        put("a/1", "1");
        put("a/2", "2");
        put("b", "3");

        var one = get(
                kv.delete(bytes("b"), DeleteOption.builder().withPrevKV(true).build()));
        assertThat(one.getPrevKvs()).singleElement().satisfies(before -> {
            assertThat(before.getKey()).hasToString("b");
            assertThat(before.getValue()).hasToString("3");
        });
        assertThat(get(kv.delete(
                                bytes("a/1"),
                                DeleteOption.builder().withRange(bytes("a/2")).build()))
                        .getDeleted())
                .isEqualTo(1);
        assertThat(get(kv.delete(
                                bytes("a/"),
                                DeleteOption.builder().isPrefix(true).build()))
                        .getDeleted())
                .isEqualTo(1);
    }

    @Test
    void compactedHistoryIsGoneAtOnceAndPhysicallyWhenAsked() {
        long first = put("k", "1");
        long second = put("k", "2");
        get(kv.compact(second, CompactOption.builder().withCompactPhysical(true).build()));

        assertThat(failureOf(kv.get(
                        bytes("k"), GetOption.builder().withRevision(first).build())))
                .hasRootCauseInstanceOf(CompactedException.class);
        assertThat(failureOf(kv.compact(first))).hasRootCauseInstanceOf(CompactedException.class);
    }

    // ---- compares

    @Test
    void comparesOfEveryTargetInEveryRelation() {
        long created = put("k", "b");
        long changed = put("k", "b");
        ByteSequence k = bytes("k");

        assertThat(holds(EtcdCompare.version(k, Cmp.Op.EQUAL, 2))).isTrue();
        assertThat(holds(EtcdCompare.version(k, Cmp.Op.EQUAL, 1))).isFalse();
        assertThat(holds(EtcdCompare.createRevision(k, Cmp.Op.EQUAL, created))).isTrue();
        assertThat(holds(EtcdCompare.createRevision(k, Cmp.Op.GREATER, created)))
                .isFalse();
        assertThat(holds(EtcdCompare.modRevision(k, Cmp.Op.LESS, changed + 1))).isTrue();
        assertThat(holds(EtcdCompare.modRevision(k, Cmp.Op.NOT_EQUAL, changed))).isFalse();
        assertThat(holds(EtcdCompare.value(k, Cmp.Op.GREATER, bytes("a")))).isTrue();
        assertThat(holds(EtcdCompare.value(k, Cmp.Op.LESS, bytes("b")))).isFalse();
        assertThat(holds(EtcdCompare.of(new Cmp(k, Cmp.Op.EQUAL, CmpTarget.version(2)))))
                .isTrue();
    }

    @Test
    void compareOfTheLease() {
        long lease = lease();
        ByteSequence k = bytes("k");
        assertThat(holds(EtcdCompare.lease(k, Cmp.Op.EQUAL, 0)))
                .as("no key, no lease")
                .isTrue();
        get(kv.put(k, k, PutOption.builder().withLeaseId(lease).build()));

        assertThat(holds(EtcdCompare.lease(k, Cmp.Op.EQUAL, lease))).isTrue();
        assertThat(holds(EtcdCompare.lease(k, Cmp.Op.EQUAL, lease + 1))).isFalse();
        assertThat(holds(EtcdCompare.lease(k, Cmp.Op.EQUAL, 0))).isFalse();
        assertThat(holds(EtcdCompare.lease(k, Cmp.Op.NOT_EQUAL, 0))).isTrue();
        assertThat(holds(EtcdCompare.lease(k, Cmp.Op.GREATER, lease - 1))).isTrue();
        assertThat(holds(EtcdCompare.lease(k, Cmp.Op.LESS, lease))).isFalse();
    }

    @Test
    void compareOverARangeMustHoldForEveryKey() {
        long lease = lease();
        PutOption leased = PutOption.builder().withLeaseId(lease).build();
        get(kv.put(bytes("a/1"), bytes("1"), leased));
        get(kv.put(bytes("a/2"), bytes("2"), leased));
        put("b", "3");

        EtcdCompare all = EtcdCompare.lease(bytes("a/"), Cmp.Op.EQUAL, lease);
        assertThat(holds(all)).as("there is no key of this name").isFalse();
        assertThat(holds(all.withPrefix())).isTrue();
        assertThat(holds(all.withRange(bytes("b")))).isTrue();
        assertThat(holds(all.withRange(bytes("c")))).as("b has none").isFalse();
        EtcdCompare none = EtcdCompare.version(bytes("c/"), Cmp.Op.EQUAL, 0);
        assertThat(holds(none.withPrefix())).as("no key below c/").isTrue();
        put("c/1", "1");
        assertThat(holds(none.withPrefix())).isFalse();
    }

    @Test
    void compareFromAKeyEndsWithTheNamespace() {
        put("a", "1");
        // the neighbours have other versions: were they compared, it would not hold
        etcd.etcdctl().put("/kv0", "after");
        ByteSequence end = ByteSequence.from(new byte[1]);

        assertThat(holds(EtcdCompare.version(bytes("a"), Cmp.Op.EQUAL, 1).withRange(end)))
                .isTrue();
        assertThat(holds(
                        EtcdCompare.version(ByteSequence.EMPTY, Cmp.Op.EQUAL, 1).withPrefix()))
                .isTrue();
        put("z", "1");
        put("z", "2");
        assertThat(holds(EtcdCompare.version(bytes("a"), Cmp.Op.EQUAL, 1).withRange(end)))
                .isFalse();
    }

    // ---- operations and transactions

    @Test
    void executeDoesAnyOperation() {
        assertThat(get(kv.execute(EtcdOp.put(bytes("k"), bytes("1")))).asPut().hasPrevKv())
                .isFalse();
        assertThat(get(kv.execute(EtcdOp.get(bytes("k")))).asGet().getKvs()).hasSize(1);
        assertThat(get(kv.execute(EtcdOp.of(Op.get(bytes("k"), GetOption.DEFAULT))))
                        .asGet()
                        .getKvs())
                .hasSize(1);
        var txn = get(kv.execute(EtcdOp.txn(List.of(), List.of(EtcdOp.get(bytes("k"))), List.of())));
        assertThat(txn.asTxn().results()).hasSize(1);
        var delete = get(kv.execute(EtcdOp.delete(bytes("k"))));
        assertThat(delete.asDelete().getDeleted()).isEqualTo(1);
        assertThat(delete.header().getRevision()).isGreaterThan(txn.header().getRevision());
    }

    @Test
    void resultsComeInTheOrderOfTheOperations() {
        put("k", "0");
        EtcdTxnResult result = get(kv.newTxn()
                .If(EtcdCompare.version(bytes("k"), Cmp.Op.GREATER, 0))
                .Then(
                        EtcdOp.get(bytes("k")),
                        EtcdOp.put(
                                bytes("k"),
                                bytes("1"),
                                PutOption.builder().withPrevKV().build()),
                        EtcdOp.get(bytes("k")),
                        EtcdOp.delete(bytes("none")),
                        EtcdOp.txn(
                                List.of(EtcdCompare.value(bytes("k"), Cmp.Op.EQUAL, bytes("1"))),
                                List.of(),
                                List.of(EtcdOp.get(bytes("k")), EtcdOp.put(bytes("l"), bytes("2")))))
                .Else(EtcdOp.delete(bytes("k")))
                .commit());

        assertThat(result.succeeded()).isTrue();
        var results = result.results();
        assertThat(results).hasSize(5);
        assertThat(results.get(0).asGet().getKvs().get(0).getValue()).hasToString("0");
        assertThat(results.get(1).asPut().getPrevKv().getKey()).hasToString("k");
        assertThat(results.get(2).asGet().getKvs().get(0).getValue()).hasToString("1");
        assertThat(results.get(3).asDelete().getDeleted()).isZero();
        EtcdTxnResult nested = results.get(4).asTxn();
        assertThat(nested.succeeded()).as("compares see what was before").isFalse();
        assertThat(nested.results().get(0).asGet().getKvs().get(0).getKey()).hasToString("k");
        assertThat(nested.results().get(1).asPut()).isNotNull();
        assertThat(result.revision()).isEqualTo(key("l").getModRevision());
        assertThat(result.response().getTxnResponses()).hasSize(1);
    }

    @Test
    void keepingPutsWorkInATransactionToo() {
        long lease = lease();
        get(kv.put(
                bytes("k"), bytes("1"), PutOption.builder().withLeaseId(lease).build()));
        get(kv.put(
                bytes("l"), bytes("1"), PutOption.builder().withLeaseId(lease).build()));

        get(kv.newTxn()
                .Then(
                        EtcdOp.put(bytes("k"), bytes("2")).ignoringLease(),
                        EtcdOp.put(bytes("l"), ByteSequence.EMPTY).ignoringValue())
                .commit());

        assertThat(key("k").getValue()).hasToString("2");
        assertThat(key("k").getLease()).isEqualTo(lease);
        assertThat(key("l").getValue()).hasToString("1");
        assertThat(key("l").getLease()).isZero();
    }

    // ---- pages

    /** In Txns of 100, one after the other, each at a revision of its own. */
    private void fill(String prefix, int count, int size) {
        ByteSequence value = ByteSequence.from(new byte[size]);
        for (int i = 0; i < count; i += 100) {
            EtcdOp[] puts = new EtcdOp[Math.min(100, count - i)];
            for (int j = 0; j < puts.length; j++) {
                puts[j] = EtcdOp.put(bytes(String.format("%s%06d", prefix, i + j)), value);
            }
            get(kv.newTxn().Then(puts).commit());
        }
    }

    private static List<String> names(EtcdPages pages) {
        return pages.stream().map(found -> found.getKey().toString()).toList();
    }

    @Test
    void pagesAreOfOneRevisionWhateverIsWrittenMeanwhile() {
        fill("p/", 3_000, 100);
        put("q", "1");
        EtcdPages pages = kv.pages(bytes("p/"), prefix().build());
        Iterator<KeyValue> keys = pages.iterator();
        keys.next();
        long revision = pages.revision();
        put("p/000001x", "new");
        get(kv.delete(bytes("p/002000")));

        List<String> seen = new ArrayList<>(List.of("p/000000"));
        keys.forEachRemaining(found -> seen.add(found.getKey().toString()));

        assertThat(seen).hasSize(3_000).contains("p/002000").isSorted();
        assertThat(names(pages)).as("read again").isEqualTo(seen);
        assertThat(pages.revision()).isEqualTo(revision);
        assertThat(names(kv.pages(bytes("p/"), prefix().build())))
                .hasSize(3_000)
                .contains("p/000001x");
    }

    @Test
    void pagesWithEveryOption() {
        fill("p/", 250, 10);
        long filled = key("p/000249").getModRevision();
        put("p/000000", "changed");

        assertThat(names(kv.pages(
                        bytes("p/000100"),
                        GetOption.builder().withRange(bytes("p/000240")).build())))
                .hasSize(140)
                .doesNotContain("p/000240");
        assertThat(names(kv.pages(bytes("p/000100"), EtcdOptions.fromKey().build())))
                .hasSize(150);
        assertThat(names(kv.pages(ByteSequence.EMPTY, prefix().build()))).hasSize(250);
        assertThat(names(kv.pages(bytes("p/"), prefix().withLimit(150).build())))
                .hasSize(150);
        assertThat(names(kv.pages(
                        bytes("p/"), prefix().withMinModRevision(filled + 1).build())))
                .containsExactly("p/000000");
        assertThat(kv.pages(bytes("p/"), prefix().withKeysOnly(true).build()).stream())
                .hasSize(250)
                .allMatch(found -> found.getValue().isEmpty());
        EtcdPages old = kv.pages(
                bytes("p/"),
                prefix().withRevision(filled).withSerializable(true).build());
        assertThat(old.stream()).hasSize(250).allMatch(found -> found.getValue().size() == 10);
        assertThat(old.revision()).isEqualTo(filled);
        List<Integer> sizes = new ArrayList<>();
        get(kv.pages(bytes("p/"), prefix().build()).forEachPage(page -> sizes.add(page.size())));
        assertThat(sizes).containsExactly(100, 150);
    }

    @Test
    void pagesOfLargeValuesAreFew() {
        fill("p/", 300, 10_000);
        List<Integer> sizes = new ArrayList<>();

        get(kv.pages(bytes("p/"), prefix().build()).forEachPage(page -> sizes.add(page.size())));

        // 1.5 MiB
        assertThat(sizes)
                .satisfiesExactly(
                        first -> assertThat(first).isEqualTo(100),
                        second -> assertThat(second).isBetween(150, 160),
                        rest -> assertThat(rest).isBetween(40, 50));
    }

    /** Where get does not get through. */
    @Test
    void pagesFitTheLargestMessageThatIsTaken() {
        fill("p/", 200, 10_000);
        try (EtcdLink small = EtcdLink.open(config(etcd.endpoint())
                .namespace(NAMESPACE)
                .maxInboundMessageSize(200_000)
                .build())) {
            EtcdKv narrow = EtcdKv.of(small.client().getKVClient());
            assertThat(failureOf(narrow.get(bytes("p/"), prefix().build()))).isInstanceOf(EtcdLimitException.class);

            assertThat(names(narrow.pages(bytes("p/"), prefix().build())))
                    .hasSize(200)
                    .doesNotHaveDuplicates();
        }
    }

    @Test
    void compactionBetweenTwoPagesIsTold() {
        fill("p/", 250, 10);
        EtcdPages pages = kv.pages(bytes("p/"), prefix().build());
        Iterator<KeyValue> keys = pages.iterator();
        for (int i = 0; i < 100; i++) {
            keys.next();
        }
        get(kv.compact(put("p/x", "1")));

        assertThatThrownBy(keys::next)
                .isInstanceOf(EtcdException.class)
                .hasMessageContaining("ETCD-00107")
                .hasRootCauseInstanceOf(CompactedException.class);
    }
}
