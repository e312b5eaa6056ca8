package org.etcdjakarta.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import org.eclipse.microprofile.config.Config;
import org.etcdjakarta.EtcdAccessException;
import org.etcdjakarta.EtcdException.Effect;
import org.etcdjakarta.EtcdGap.Reason;
import org.etcdjakarta.EtcdKv;
import org.etcdjakarta.EtcdUnavailableException;
import org.etcdjakarta.config.EtcdConfigChanged.Change;
import org.etcdjakarta.config.EtcdConfigChanged.Origin;
import org.etcdjakarta.core.watch.WatchHub;
import org.etcdjakarta.testing.FakeEtcd;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ConfigFeedTest {

    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final FakeEtcd etcd = new FakeEtcd();
    private final AtomicBoolean closed = new AtomicBoolean();
    private final ConfigFeeds feeds = new ConfigFeeds();
    private final List<ConfigFeeds.Lease> leases = new CopyOnWriteArrayList<>();

    @AfterEach
    void close() {
        leases.forEach(ConfigFeeds.Lease::close);
    }

    @Test
    void valuesAreThereWhenTheSourceIs() {
        etcd.put("/config/price/limit", "150", "/config-of-others", "x");

        assertThat(open().current().values()).containsExactly(Map.entry("price.limit", "150"));
    }

    @Test
    void manyPagesAreOneRevision() {
        for (int i = 0; i < 1200; i++) {
            etcd.put("/config/key" + i, "old");
        }
        etcd.afterFirstPage(() -> etcd.put("/config/key999", "new", "/config/added", "new"));

        ConfigFeed feed = open();

        assertThat(feed.current().values()).hasSize(1200).doesNotContainValue("new");
    }

    @Test
    void oneRevisionIsOneSwap() {
        ConfigFeed feed = open();
        List<ConfigSnapshot> seen = new CopyOnWriteArrayList<>();
        ConfigSnapshot before = feed.current();

        etcd.put("/config/a", "1", "/config/b", "1");
        await().atMost(PATIENCE).until(() -> {
            ConfigSnapshot now = feed.current();
            seen.add(now);
            return !now.equals(before);
        });

        assertThat(seen).allSatisfy(snapshot -> assertThat(snapshot.values().containsKey("a"))
                .isEqualTo(snapshot.values().containsKey("b")));
        assertThat(feed.current().revision()).isEqualTo(etcd.revision());
    }

    @Test
    void watchStartsBehindTheRevisionRead() {
        etcd.put("/config/a", "1");
        open();

        assertThat(etcd.watches())
                .singleElement()
                .satisfies(watch -> assertThat(watch.spec().startRevision()).isEqualTo(etcd.revision() + 1));
    }

    @Test
    void gapReplacesEverything() {
        etcd.put("/config/a", "1");
        ConfigFeed feed = open();
        etcd.putUnseen("/config/b", "2");

        etcd.lose(Reason.COMPACTED);

        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(feed.current().values()).isEqualTo(Map.of("a", "1", "b", "2")));
    }

    @Test
    void watchThatEndsForGoodIsFollowedByAReload() {
        ConfigFeed feed = open();

        etcd.endWatches(new EtcdAccessException("ETCD-00000", "no permission", Effect.NONE, "here", null));
        etcd.putUnseen("/config/a", "1");

        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(feed.current().values()).isEqualTo(Map.of("a", "1")));
    }

    @Test
    void valueThatIsNoTextIsLeftOut() {
        etcd.put("/config/a", "1");
        ConfigFeed feed = open();

        etcd.putBytes("/config/a", new byte[] {(byte) 0xff, (byte) 0xfe});

        await().atMost(PATIENCE).until(() -> feed.current().values().isEmpty());
    }

    @Test
    void optionalStartsEmptyAndFillsLater() {
        etcd.fail(new EtcdUnavailableException("ETCD-00000", "no answer", Effect.NONE, "here", null));
        etcd.put("/config/a", "1");

        ConfigFeed feed = open("etcd.config.startup-timeout", "50ms");
        assertThat(feed.current().origin()).isEqualTo(Origin.NONE);
        etcd.fail(null);

        await().atMost(PATIENCE).until(() -> feed.current().values().equals(Map.of("a", "1")));
    }

    @Test
    void requiredFailsWithSourceAndAdviceAndLeavesNothing() {
        etcd.fail(new EtcdUnavailableException("ETCD-00000", "nobody home", Effect.NONE, "here", null));

        assertThatThrownBy(() -> open("etcd.config.startup", "required", "etcd.config.startup-timeout", "300ms"))
                .hasMessageContaining("etcd[http://localhost:2379:/config/]")
                .hasMessageContaining("nobody home")
                .hasMessageContaining("etcd.config.startup=optional");
        assertThat(closed).isTrue();
    }

    @Test
    void missingPermissionFailsEvenWhenOptional() {
        etcd.fail(new EtcdAccessException("ETCD-00000", "permission denied", Effect.NONE, "here", null));

        assertThatThrownBy(this::open)
                .hasMessageContaining("ETCD-00504")
                .hasMessageContaining("permission denied")
                .hasMessageContaining("etcd.user");
    }

    @Test
    void listenerHearsOnceARevisionAndFirstWhatItMissed() {
        etcd.put("/config/a", "1");
        ConfigFeed feed = open();
        ConfigSnapshot atStart = feed.current();
        etcd.put("/config/a", "2");
        await().atMost(PATIENCE).until(() -> !feed.current().equals(atStart));
        List<EtcdConfigChanged> heard = new CopyOnWriteArrayList<>();
        Config config = Defaults.of(Map.of("hidden", "stronger"), new EtcdConfigSource(leases.get(0)));

        feed.attach(config, atStart, heard::add);
        etcd.put("/config/b", "1", "/config/c", "1");
        etcd.put("/config/hidden", "1");

        await().atMost(PATIENCE).until(() -> heard.size() == 3);
        assertThat(heard)
                .extracting(EtcdConfigChanged::changes)
                .containsExactly(
                        Map.of("a", new Change("1", "2", true)),
                        Map.of("b", new Change(null, "1", true), "c", new Change(null, "1", true)),
                        Map.of("hidden", new Change(null, "1", false)));
        assertThat(config.getPropertyNames()).contains("a", "b", "c", "hidden");
    }

    @Test
    void oneFeedServesAllConfigsOfAnApplication() {
        ConfigFeed first = open();
        ConfigFeed second = open();

        assertThat(second).isSameAs(first);
        leases.get(0).close();
        leases.get(0).close();
        assertThat(closed).isFalse();
        leases.get(1).close();
        assertThat(closed).isTrue();
    }

    @Test
    void afterCloseTheLastValuesAreStillRead() {
        etcd.put("/config/a", "1");
        ConfigFeed feed = open();
        feed.close();
        feed.close();

        etcd.put("/config/a", "2");

        assertThat(feed.current().values()).isEqualTo(Map.of("a", "1"));
        assertThat(etcd.watches()).isEmpty();
        assertThat(closed).isTrue();
    }

    @Test
    void sourceAnswersNothingAboutItself() {
        etcd.put("/config/etcd/endpoints", "evil", "/config/a", "1", "/config/config_ordinal", "999");
        open();
        EtcdConfigSource source = new EtcdConfigSource(leases.get(0));

        assertThat(source.getValue("etcd.endpoints")).isNull();
        assertThat(source.getValue("a")).isEqualTo("1");
        assertThat(source.getPropertyNames()).containsExactlyInAnyOrder("a", "config_ordinal");
        assertThat(source.getOrdinal()).isEqualTo(270);
    }

    @Test
    void withoutEndpointsTheProviderGivesNothing() {
        assertThat(new EtcdConfigSourceProvider().getConfigSources(ConfigFeedTest.class.getClassLoader()))
                .isEmpty();
    }

    private ConfigFeed open(String... more) {
        Map<String, String> settings = new HashMap<>(Map.of("etcd.endpoints", "localhost:2379"));
        for (int i = 0; i < more.length; i += 2) {
            settings.put(more[i], more[i + 1]);
        }
        ConfigSettings read = Objects.requireNonNull(ConfigSettings.read(Defaults.of(settings)));
        ConfigFeeds.Lease lease = feeds.acquire(ConfigFeedTest.class.getClassLoader(), read, config -> new Cluster());
        leases.add(lease);
        return lease.feed();
    }

    private final class Cluster implements ConfigCluster {

        @Override
        public EtcdKv kv() {
            return etcd;
        }

        @Override
        public WatchHub watches() {
            return etcd;
        }

        @Override
        public void close() {
            closed.set(true);
        }
    }
}
