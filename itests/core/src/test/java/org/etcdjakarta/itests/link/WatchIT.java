package org.etcdjakarta.itests.link;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.etcdjakarta.itests.link.Links.GENEROUS;
import static org.etcdjakarta.itests.link.Links.bytes;
import static org.etcdjakarta.itests.link.Links.config;
import static org.etcdjakarta.itests.link.Links.get;

import io.etcd.jetcd.KV;
import io.etcd.jetcd.KeyValue;
import io.etcd.jetcd.Watch;
import io.etcd.jetcd.common.exception.CompactedException;
import io.etcd.jetcd.op.Op;
import io.etcd.jetcd.options.PutOption;
import io.etcd.jetcd.options.WatchOption;
import io.etcd.jetcd.watch.WatchEvent;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.etcdjakarta.EtcdGap;
import org.etcdjakarta.EtcdGap.Reason;
import org.etcdjakarta.core.link.EtcdLink;
import org.etcdjakarta.core.tx.TxEngine;
import org.etcdjakarta.core.tx.TxSettings;
import org.etcdjakarta.core.watch.WatchSpec;
import org.etcdjakarta.itests.support.EtcdServer;
import org.etcdjakarta.itests.support.Etcdctl;
import org.etcdjakarta.itests.support.TcpProxy;
import org.etcdjakarta.itests.support.Threads;
import org.etcdjakarta.itests.support.WithEtcd;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@WithEtcd
class WatchIT {

    private static final WatchSpec W = WatchSpec.prefix(bytes("/w/"));

    private final EtcdServer etcd;
    private final TcpProxy proxy;
    private final EtcdLink direct;
    private final EtcdLink link;
    private final Collector collector = new Collector();

    WatchIT(EtcdServer etcd) {
        this.etcd = etcd;
        proxy = TcpProxy.to(etcd);
        direct = EtcdLink.open(config(etcd.endpoint()).build());
        link = EtcdLink.open(config(proxy.endpoint()).build());
    }

    @BeforeEach
    void clear() {
        etcd.etcdctl().deletePrefix("/");
    }

    @AfterEach
    void close() {
        link.close();
        direct.close();
        proxy.close();
    }

    private long put(String key, String value) {
        return get(direct.client().getKVClient().put(bytes(key), bytes(value)))
                .getHeader()
                .getRevision();
    }

    /** The revisions of so many writes, straight to etcd. */
    private List<Long> writes(int count) {
        List<Long> revisions = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            revisions.add(put("/w/" + i % 10, "v" + i));
        }
        return revisions;
    }

    private void subscribe(WatchSpec spec) {
        var unused = link.watches().subscribe(spec, collector, Runnable::run);
    }

    private void created() {
        await().atMost(GENEROUS).until(collector::isCreated);
    }

    private void exactly(List<Long> revisions) {
        await().atMost(GENEROUS)
                .untilAsserted(() -> assertThat(collector.revisions()).isEqualTo(revisions));
        assertThat(collector.gaps()).isEmpty();
        assertThat(collector.failures()).isEmpty();
    }

    // ---- what it delivers

    @Test
    void eventsOfOneTransactionComeTogether() {
        subscribe(W);
        created();
        KV kv = direct.client().getKVClient();
        Op[] puts = new Op[100];
        for (int i = 0; i < puts.length; i++) {
            puts[i] = Op.put(bytes("/w/" + i), bytes("x"), PutOption.DEFAULT);
        }
        get(kv.txn().Then(puts).commit());
        await().atMost(GENEROUS).until(() -> collector.batches().size() == 1);

        assertThat(collector.batches().get(0).events()).hasSize(100);
    }

    /** 3.8 MB of events at one revision: more than one gRPC message would take by default. */
    @Test
    void bigRevisionIsNotSplit() {
        subscribe(W.withPrevKv());
        created();
        KV kv = direct.client().getKVClient();
        for (int round = 0; round < 2; round++) {
            Op[] puts = new Op[14];
            for (int i = 0; i < puts.length; i++) {
                puts[i] = Op.put(bytes("/w/" + i), bytes("x".repeat(100_000)), PutOption.DEFAULT);
            }
            get(kv.txn().Then(puts).commit());
        }
        await().atMost(GENEROUS).until(() -> collector.batches().size() == 2);

        assertThat(collector.batches().get(1).events()).hasSize(14).allSatisfy(event -> assertThat(
                        event.getPrevKV().getValue().size())
                .isEqualTo(100_000));
    }

    @Test
    void filtersAndPreviousValues() {
        put("/w/k", "1");
        subscribe(W.withPrevKv().only(false, true));
        created();
        put("/w/k", "2");
        etcd.etcdctl().delete("/w/k");
        await().atMost(GENEROUS).until(() -> collector.batches().size() == 1);

        WatchEvent event = collector.batches().get(0).events().get(0);
        assertThat(event.getEventType()).isEqualTo(WatchEvent.EventType.DELETE);
        assertThat(event.getPrevKV().getValue()).isEqualTo(bytes("2"));
    }

    @Test
    void namespaceIsTakenOffTheKeys() {
        try (EtcdLink shop =
                EtcdLink.open(config(proxy.endpoint()).namespace("/w/").build())) {
            var unused = shop.watches().subscribe(WatchSpec.prefix(bytes("in/")), collector, Runnable::run);
            created();
            put("/w/in/a", "1");
            put("/in/a", "elsewhere");
            await().atMost(GENEROUS).until(() -> collector.batches().size() == 1);
            assertThat(collector.batches().get(0).events().get(0).getKeyValue().getKey())
                    .isEqualTo(bytes("in/a"));
        }
    }

    // ---- faults

    @Test
    void brokenConnectionLosesAndDoublesNothing() {
        subscribe(W);
        created();
        List<Long> all = new ArrayList<>(writes(5));
        proxy.cut();
        all.addAll(writes(20));
        proxy.restore();
        all.addAll(writes(5));

        exactly(all);
    }

    @Test
    void quietWatchMissesNothingOfAnOutage() {
        subscribe(W);
        created();
        proxy.cut();
        List<Long> all = writes(20);
        proxy.restore();

        exactly(all);
    }

    /** The place where jetcd's own client loses the backlog: between created and the first events. */
    @ParameterizedTest
    @ValueSource(longs = {1, 40, 100, 150, 200, 250, 300, 400, 600, 1_000, 1_500, 5_000})
    void backlogIsCompleteWhereverTheConnectionBreaks(long bytes) {
        List<Long> all = writes(300);
        proxy.cutAfterResponseBytes(bytes);
        subscribe(W.from(all.get(0)));
        await().atMost(GENEROUS).until(() -> proxy.accepted() > 0);
        await().atMost(GENEROUS).pollInSameThread().until(() -> {
            // Again and again, until a whole watch gets through.
            proxy.restore();
            return collector.revisions().size() >= all.size();
        });

        exactly(all);
    }

    @Test
    void killedAndRestartedEtcdLosesNothing() {
        subscribe(W);
        created();
        List<Long> all = new ArrayList<>(writes(5));
        etcd.kill();
        etcd.restart();
        // Repeated by the link; a write would be in doubt as long as it has not noticed the end of its connection.
        get(direct.client().getKVClient().get(bytes("/w/")));
        all.addAll(writes(5));

        exactly(all);
    }

    @Test
    void etcdStoppedInOrderLosesNothing() {
        subscribe(W);
        created();
        List<Long> all = new ArrayList<>(writes(5));
        etcd.stop();
        etcd.restart();
        // Repeated by the link; a write would be in doubt as long as it has not noticed the end of its connection.
        get(direct.client().getKVClient().get(bytes("/w/")));
        all.addAll(writes(5));

        exactly(all);
    }

    @Test
    void watchStartedWhileEtcdIsAwayStandsWhenItComes() {
        proxy.cut();
        subscribe(W);
        proxy.restore();
        created();

        exactly(writes(3));
    }

    @Test
    void compactedHistoryIsAGapWithTheStateAndTheWatchGoesOn() {
        List<Long> lost = writes(20);
        get(direct.client().getKVClient().compact(lost.get(19)));
        subscribe(W.from(lost.get(0)));
        await().atMost(GENEROUS).until(() -> !collector.gaps().isEmpty());
        long next = put("/w/new", "1");
        await().atMost(GENEROUS).until(() -> collector.revisions().contains(next));

        assertThat(collector.gaps()).singleElement().satisfies(gap -> {
            assertThat(gap.reason()).isEqualTo(Reason.COMPACTED);
            assertThat(gap.firstLost()).isEqualTo(lost.get(0));
            assertThat(gap.revision()).isGreaterThanOrEqualTo(lost.get(19));
            assertThat(gap.state()).extracting(KeyValue::getKey).hasSize(10);
        });
    }

    @Test
    void compactionDuringAnOutageIsAGap() {
        subscribe(W);
        created();
        proxy.cut();
        List<Long> lost = writes(20);
        get(direct.client().getKVClient().compact(lost.get(19)));
        proxy.restore();
        await().atMost(GENEROUS).until(() -> !collector.gaps().isEmpty());

        assertThat(collector.gaps().get(0).state()).hasSize(10);
    }

    @Test
    void anotherClusterBehindTheEndpointsIsAGap() {
        try (EtcdServer other = EtcdServer.start();
                TcpProxy toOther = TcpProxy.to(other)) {
            other.etcdctl().put("/w/there", "1");
            toOther.cut();
            try (EtcdLink both = EtcdLink.open(
                    config(proxy.endpoint() + "," + toOther.endpoint()).build())) {
                var unused = both.watches().subscribe(W, collector, Runnable::run);
                created();
                proxy.cut();
                toOther.restore();
                await().atMost(GENEROUS).until(() -> !collector.gaps().isEmpty());
            }
        }

        assertThat(collector.gaps()).singleElement().satisfies(gap -> {
            assertThat(gap.reason()).isEqualTo(Reason.CLUSTER_CHANGED);
            assertThat(gap.state()).extracting(KeyValue::getKey).containsExactly(bytes("/w/there"));
        });
    }

    /** As an operator restores one: the revisions after the backup are history that never was. */
    @Test
    void restoredBackupIsAGapWithTheRestoredState() {
        try (EtcdServer own = EtcdServer.start();
                EtcdLink ofOwn = EtcdLink.open(config(own.endpoint()).build())) {
            var unused = ofOwn.watches().subscribe(W, collector, Runnable::run);
            created();
            Etcdctl etcdctl = own.etcdctl();
            etcdctl.put("/w/kept", "1");
            Path backup = own.backup();
            etcdctl.put("/w/gone", "1");
            etcdctl.put("/w/gone", "2");
            await().atMost(GENEROUS).until(() -> collector.batches().size() == 3);
            own.restore(backup, "etcd-cluster");

            await().atMost(GENEROUS).until(() -> !collector.gaps().isEmpty());
            EtcdGap gap = collector.gaps().get(0);
            assertThat(gap.reason()).isEqualTo(Reason.REVISION_WENT_BACK);
            assertThat(gap.firstLost()).isEqualTo(5);
            assertThat(gap.revision()).isEqualTo(2);
            assertThat(gap.state()).extracting(KeyValue::getKey).containsExactly(bytes("/w/kept"));
            etcdctl.put("/w/new", "1");
            await().atMost(GENEROUS).until(() -> collector.batches().size() == 4);
            assertThat(collector.revisions()).containsExactly(2L, 3L, 4L, 3L);
        }
    }

    /** By its revision alone nothing is wrong with it. */
    @Test
    void restoredBackupThatHasGrownPastWhatWasToldIsAGap() {
        try (EtcdServer own = EtcdServer.start();
                TcpProxy toOwn = TcpProxy.to(own);
                EtcdLink ofOwn = EtcdLink.open(config(toOwn.endpoint()).build())) {
            var unused = ofOwn.watches().subscribe(W, collector, Runnable::run);
            created();
            Etcdctl etcdctl = own.etcdctl();
            etcdctl.put("/w/kept", "1");
            Path backup = own.backup();
            etcdctl.put("/w/gone", "1");
            etcdctl.put("/w/gone", "2");
            await().atMost(GENEROUS).until(() -> collector.batches().size() == 3);
            toOwn.cut();
            own.restore(backup, "etcd-cluster");
            for (int i = 0; i < 5; i++) {
                etcdctl.put("/w/new", "" + i);
            }
            toOwn.restore();

            await().atMost(GENEROUS).until(() -> !collector.gaps().isEmpty());
            EtcdGap gap = collector.gaps().get(0);
            assertThat(gap.reason()).isEqualTo(Reason.REVISION_WENT_BACK);
            assertThat(gap.firstLost()).isEqualTo(5);
            assertThat(gap.revision()).isEqualTo(7);
            assertThat(gap.state()).extracting(KeyValue::getKey).containsExactly(bytes("/w/kept"), bytes("/w/new"));
        }
    }

    @Test
    void backupRestoredAsAnotherClusterIsAGapOfThatReason() {
        try (EtcdServer own = EtcdServer.start();
                EtcdLink ofOwn = EtcdLink.open(config(own.endpoint()).build())) {
            var unused = ofOwn.watches().subscribe(W, collector, Runnable::run);
            created();
            own.etcdctl().put("/w/kept", "1");
            await().atMost(GENEROUS).until(() -> collector.batches().size() == 1);
            own.restore(own.backup(), "another");

            await().atMost(GENEROUS).until(() -> !collector.gaps().isEmpty());
            assertThat(collector.gaps().get(0).reason()).isEqualTo(Reason.CLUSTER_CHANGED);
            assertThat(collector.gaps().get(0).state())
                    .extracting(KeyValue::getKey)
                    .containsExactly(bytes("/w/kept"));
        }
    }

    /** An engine of transactions says where its records are, wherever that is. */
    @Test
    void recordsOfTransactionsAreNotShownWhereverTheyAre() throws Exception {
        TxSettings settings = new TxSettings("/w/ours/", 128, "node");
        TxEngine engine = TxEngine.open(link.config(), settings);
        try {
            subscribe(W);
            created();
            put("/w/ours/p/1", "a record");
            long shown = put("/w/a", "1");

            exactly(List.of(shown));
        } finally {
            engine.close();
        }
    }

    @Test
    void startBeyondTheClustersRevisionIsAGap() {
        put("/w/k", "1");
        subscribe(W.from(1_000_000));
        await().atMost(GENEROUS).until(() -> !collector.gaps().isEmpty());

        assertThat(collector.gaps().get(0).reason()).isEqualTo(Reason.REVISION_WENT_BACK);
        assertThat(collector.gaps().get(0).state()).hasSize(1);
    }

    // ---- jetcd's interface

    @Test
    void jetcdsWatchGoesOnThroughAnOutageAndEndsOnCompaction() {
        List<Long> seen = new CopyOnWriteArrayList<>();
        List<Throwable> errors = new CopyOnWriteArrayList<>();
        Watch watch = link.client().getWatchClient();
        Watch.Watcher watcher = watch.watch(
                bytes("/w/"),
                WatchOption.builder().isPrefix(true).withCreateNotify(true).build(),
                response -> seen.add(
                        response.getEvents().isEmpty()
                                ? 0
                                : response.getEvents().get(0).getKeyValue().getModRevision()),
                errors::add);
        await().atMost(GENEROUS).until(() -> seen.equals(List.of(0L)));
        proxy.cut();
        List<Long> all = writes(10);
        proxy.restore();
        await().atMost(GENEROUS).until(() -> seen.size() == 11);
        assertThat(seen).endsWith(all.get(9)).isSorted();
        assertThat(errors).isEmpty();
        watcher.close();

        get(direct.client().getKVClient().compact(all.get(9)));
        Watch.Watcher late = watch.watch(
                bytes("/w/"),
                WatchOption.builder().isPrefix(true).withRevision(all.get(0)).build(),
                response -> {},
                errors::add);
        await().atMost(GENEROUS).until(late::isClosed);
        assertThat(errors).singleElement().isInstanceOf(CompactedException.class);
    }

    /** A compaction drops the deletes of its own revision, and etcd takes a watch from there all the same. */
    @Test
    void deleteAtTheRevisionOfACompactionIsNotLostSilently() {
        put("/w/a", "1");
        put("/w/b", "1");
        subscribe(W);
        created();
        long last = put("/w/b", "2");
        await().atMost(GENEROUS).until(() -> collector.revisions().equals(List.of(last)));
        proxy.cut();
        etcd.etcdctl().delete("/w/a");
        get(direct.client().getKVClient().compact(last + 1));
        proxy.restore();
        await().atMost(GENEROUS).until(() -> !collector.gaps().isEmpty());

        assertThat(collector.gaps()).singleElement().satisfies(gap -> {
            assertThat(gap.reason()).isEqualTo(Reason.COMPACTED);
            assertThat(gap.firstLost()).isEqualTo(last + 1);
            assertThat(gap.state()).extracting(KeyValue::getKey).containsExactly(bytes("/w/b"));
        });
    }

    @Test
    void nothingIsLeftOfManyWatchesAfterTheClose() {
        Threads before = Threads.snapshot();
        long watches = etcd.metrics().watches();
        EtcdLink own = EtcdLink.open(config(etcd.endpoint()).namespace("/own").build());
        List<Collector> collectors = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            Collector one = new Collector();
            collectors.add(one);
            var unused = own.watches().subscribe(WatchSpec.key(bytes("/w/" + i)), one, Runnable::run);
        }
        await().atMost(GENEROUS).until(() -> collectors.stream().allMatch(Collector::isCreated));
        assertThat(etcd.metrics().watches()).isEqualTo(watches + 100);
        own.close();

        await().atMost(GENEROUS).until(() -> etcd.metrics().watches() == watches);
        before.awaitBack(Duration.ofSeconds(30));
    }
}
