package org.etcdjakarta.itests.link;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.etcdjakarta.itests.link.Links.GENEROUS;
import static org.etcdjakarta.itests.link.Links.bytes;
import static org.etcdjakarta.itests.link.Links.config;
import static org.etcdjakarta.itests.link.Links.get;

import io.etcd.jetcd.KV;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.etcdjakarta.core.link.EtcdLink;
import org.etcdjakarta.core.watch.WatchSpec;
import org.etcdjakarta.itests.support.EtcdServer;
import org.etcdjakarta.itests.support.TcpProxy;
import org.etcdjakarta.itests.support.WithEtcd;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** All watches of a link are on one stream. */
@WithEtcd
class SharedStreamIT {

    private final EtcdServer etcd;
    private final TcpProxy proxy;
    private final EtcdLink direct;
    private final EtcdLink link;

    SharedStreamIT(EtcdServer etcd) {
        this.etcd = etcd;
        proxy = TcpProxy.to(etcd);
        direct = EtcdLink.open(config(etcd.endpoint()).build());
        link = EtcdLink.open(config(proxy.endpoint()).build());
    }

    @AfterEach
    void close() {
        link.close();
        direct.close();
        proxy.close();
        await().atMost(GENEROUS).until(() -> etcd.metrics().watchStreams() == 0);
    }

    private static Collector watch(EtcdLink link, WatchSpec spec) {
        Collector collector = new Collector();
        var unused = link.watches().subscribe(spec, collector, Runnable::run);
        return collector;
    }

    private long put(String key, String value) {
        return get(direct.client().getKVClient().put(bytes(key), bytes(value)))
                .getHeader()
                .getRevision();
    }

    @Test
    void thousandsOfWatchesAreOneStreamAndEachGetsItsEventsAlsoAfterABreak() {
        int count = 3_000;
        List<Collector> collectors = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            collectors.add(watch(link, WatchSpec.key(bytes("/many/" + i))));
        }
        await().atMost(GENEROUS).until(() -> collectors.stream().allMatch(Collector::isCreated));
        assertThat(etcd.metrics().watchStreams()).isEqualTo(1);
        assertThat(etcd.metrics().watches()).isEqualTo(count);

        List<Long> expected = new ArrayList<>();
        expected.add(put("/many/0", "1"));
        proxy.cut();
        expected.add(put("/many/0", "2"));
        long last = put("/many/" + (count - 1), "1");
        proxy.restore();
        await().atMost(GENEROUS)
                .until(() -> collectors.get(0).revisions().equals(expected)
                        && collectors.get(count - 1).revisions().equals(List.of(last)));
        // The others have heard nothing of it.
        assertThat(collectors.subList(1, count - 1))
                .allMatch(one -> one.revisions().isEmpty());
        assertThat(etcd.metrics().watchStreams()).isEqualTo(1);
    }

    @Test
    void equalWatchesOfSeveralReferencesAreOne() {
        try (EtcdLink other = link.retain()) {
            List<Collector> collectors = new ArrayList<>();
            for (int i = 0; i < 20; i++) {
                collectors.add(watch(i % 2 == 0 ? link : other, WatchSpec.prefix(bytes("/equal/"))));
            }
            await().atMost(GENEROUS).until(() -> collectors.stream().allMatch(Collector::isCreated));
            Collector late = watch(other, WatchSpec.prefix(bytes("/equal/")));
            await().atMost(GENEROUS).until(late::isCreated);
            collectors.add(late);
            assertThat(etcd.metrics().watches()).isEqualTo(1);
            long first = put("/equal/a", "1");
            await().atMost(GENEROUS).until(() -> collectors.stream()
                    .allMatch(one -> one.revisions().equals(List.of(first))));
            link.close();
            long second = put("/equal/a", "2");

            await().atMost(GENEROUS).until(() -> late.revisions().equals(List.of(first, second)));
            assertThat(collectors.get(0).revisions()).containsExactly(first);
        }
    }

    /** 30 MB of events, of which the link keeps no more than its limit for one who does not take them. */
    @Test
    void consumerThatStandsStillHoldsNobodyUpAndLosesNothing() {
        ExecutorService busy = Executors.newSingleThreadExecutor();
        CountDownLatch go = new CountDownLatch(1);
        try {
            busy.execute(() -> await().atMost(GENEROUS).until(() -> go.getCount() == 0));
            Collector slow = new Collector();
            var unused =
                    link.watches().subscribe(WatchSpec.prefix(bytes("/slow/")).from(1), slow, busy);
            Collector quick = watch(link, WatchSpec.prefix(bytes("/slow/")).from(1));
            await().atMost(GENEROUS).until(quick::isCreated);
            KV kv = direct.client().getKVClient();
            List<Long> expected = new ArrayList<>();
            String large = "x".repeat(100_000);
            for (int i = 0; i < 300; i++) {
                expected.add(get(kv.put(bytes("/slow/" + i % 10), bytes(large)))
                        .getHeader()
                        .getRevision());
            }
            await().atMost(GENEROUS).until(() -> quick.revisions().equals(expected));
            assertThat(slow.revisions()).isEmpty();
            go.countDown();

            await().atMost(GENEROUS).until(() -> slow.revisions().equals(expected));
            assertThat(slow.gaps()).isEmpty();
        } finally {
            go.countDown();
            busy.shutdownNow();
        }
    }
}
