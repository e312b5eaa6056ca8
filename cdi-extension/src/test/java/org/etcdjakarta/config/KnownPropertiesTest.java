package org.etcdjakarta.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.Set;
import org.etcdjakarta.core.link.LinkProperty;
import org.junit.jupiter.api.Test;

class KnownPropertiesTest {

    @Test
    void documentedNamesAreKnown() {
        assertThat(unknown(
                        "etcd.jndi-name",
                        "etcd.endpoints",
                        "etcd.request-timeout",
                        "etcd.tls.key",
                        "etcd.tls.trust-store-password",
                        "etcd.keep-alive-without-calls",
                        "etcd.max-inbound-message-size",
                        "etcd.endpoint-sync-interval",
                        "etcd.isolation",
                        "etcd.settling-time",
                        "etcd.max-txn-ops",
                        "etcd.reserved-prefix",
                        "etcd.transaction-support",
                        "etcd.config.enabled",
                        "etcd.config.startup-timeout",
                        "etcd.clients.orders.endpoints",
                        "etcd.clients.orders.eu.tls.trust",
                        "price.limit",
                        "etcdctl.binary"))
                .isEmpty();
    }

    @Test
    void everySettingOfALinkIsKnownAlsoOfNamedClients() {
        for (LinkProperty property : LinkProperty.values()) {
            assertThat(unknown("etcd." + property.key(), "etcd.clients.orders." + property.key()))
                    .isEmpty();
        }
    }

    @Test
    void typingErrorComesWithTheNearestName() {
        assertThat(unknown("etcd.endponts", "etcd.requestTimeout", "etcd.config.prefx"))
                .isEqualTo(Map.of(
                        "etcd.endponts", "etcd.endpoints",
                        "etcd.requestTimeout", "etcd.request-timeout",
                        "etcd.config.prefx", "etcd.config.prefix"));
    }

    @Test
    void clientsHaveTheClientSettingsOnly() {
        assertThat(unknown("etcd.clients.orders.paswort", "etcd.clients.a.b.users", "etcd.clients.orders"))
                .isEqualTo(Map.of(
                        "etcd.clients.orders.paswort", "etcd.clients.orders.password",
                        "etcd.clients.a.b.users", "etcd.clients.a.b.user",
                        "etcd.clients.orders", "etcd.clients.<name>.endpoints"));
        assertThat(unknown("etcd.clients.orders.config.prefix", "etcd.clients.endpoints"))
                .containsOnlyKeys("etcd.clients.orders.config.prefix", "etcd.clients.endpoints");
    }

    @Test
    void variablesOfOtherProgramsAreNotJudged() {
        assertThat(KnownProperties.unknown(
                        List.of("ETCD_DATA_DIR", "etcd.data.dir", "etcd.name"), Set.of("ETCD_DATA_DIR")))
                .containsOnlyKeys("etcd.name");
    }

    private static Map<String, String> unknown(String... names) {
        return KnownProperties.unknown(List.of(names), Set.of());
    }
}
