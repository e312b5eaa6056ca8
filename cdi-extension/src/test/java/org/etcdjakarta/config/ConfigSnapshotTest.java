package org.etcdjakarta.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.Map;
import org.etcdjakarta.config.EtcdConfigChanged.Change;
import org.junit.jupiter.api.Test;

class ConfigSnapshotTest {

    @Test
    void slashesAreDots() {
        assertThat(snapshot(Map.of("price/limit", "1", "a.b", "2")).values())
                .containsExactlyInAnyOrderEntriesOf(Map.of("price.limit", "1", "a.b", "2"));
    }

    @Test
    void exactSpellingWinsOverTheOther() {
        assertThat(snapshot(Map.of("price/limit", "slash", "price.limit", "dot"))
                        .values())
                .containsExactly(Map.entry("price.limit", "dot"));
    }

    @Test
    void emptyValueIsAValue() {
        assertThat(snapshot(Map.of("a", "")).values()).containsExactly(Map.entry("a", ""));
    }

    @Test
    void whereEtcdIsIsNotToldByEtcd() {
        assertThat(snapshot(Map.of("etcd/endpoints", "evil:2379", "etcd.user", "x", "folder/", ""))
                        .values())
                .isEmpty();
    }

    @Test
    void differenceNamesOldNewAndWhetherItCounts() {
        ConfigSnapshot before = snapshot(Map.of("same", "1", "changed", "1", "gone", "1"));
        ConfigSnapshot now = snapshot(Map.of("same", "1", "changed", "2", "new", "1"));

        assertThat(now.changesSince(before, "new"::equals))
                .containsExactlyInAnyOrderEntriesOf(Map.of(
                        "changed", new Change("1", "2", true),
                        "gone", new Change("1", null, true),
                        "new", new Change(null, "1", false)));
    }

    private static ConfigSnapshot snapshot(Map<String, String> keys) {
        return ConfigSnapshot.of("test", 1, keys, new HashSet<>());
    }
}
