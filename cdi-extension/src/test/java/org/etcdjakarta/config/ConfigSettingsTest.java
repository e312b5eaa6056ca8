package org.etcdjakarta.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.etcdjakarta.config.ConfigSettings.Startup;
import org.junit.jupiter.api.Test;

class ConfigSettingsTest {

    @Test
    void withoutEndpointsThereIsNoSource() {
        assertThat(ConfigSettings.read(Defaults.of(Map.of()))).isNull();
    }

    @Test
    void switchedOffThereIsNoSource() {
        assertThat(read("etcd.config.enabled", "false")).isNull();
    }

    @Test
    void defaultsAreAsDocumented() {
        ConfigSettings settings = read();

        assertThat(settings.prefix()).isEqualTo("/config/");
        assertThat(settings.ordinal()).isEqualTo(270);
        assertThat(settings.startup()).isEqualTo(Startup.OPTIONAL);
        assertThat(settings.startupTimeout()).isEqualTo(Duration.ofSeconds(5));
        assertThat(settings.sourceName()).isEqualTo("etcd[http://localhost:2379:/config/]");
    }

    @Test
    void prefixAlwaysEndsInASlash() {
        assertThat(read("etcd.config.prefix", "/shop").prefix()).isEqualTo("/shop/");
    }

    @Test
    void snapshotIsRefusedByName() {
        assertThatThrownBy(() -> read("etcd.config.startup", "snapshot"))
                .hasMessageContaining("etcd.config.startup")
                .hasMessageContaining("snapshot")
                .hasMessageContaining("not available yet");
    }

    @Test
    void typingErrorsAreNamed() {
        assertThatThrownBy(() -> read("etcd.config.enabled", "flase")).hasMessageContaining("etcd.config.enabled");
        assertThatThrownBy(() -> read("etcd.config.ordinal", "high")).hasMessageContaining("etcd.config.ordinal");
        assertThatThrownBy(() -> read("etcd.config.startup", "maybe")).hasMessageContaining("etcd.config.startup");
        assertThatThrownBy(() -> read("etcd.endpoints", "http://"))
                .hasMessageContaining("etcd.endpoints")
                .hasMessageContaining("http://");
        assertThatThrownBy(() -> read("etcd.tls.trust", "/no/such/file"))
                .hasMessageContaining("etcd.tls.trust")
                .hasMessageContaining("/no/such/file");
    }

    @Test
    void wrongDurationIsNamedWithItsValue() {
        for (String property : List.of("etcd.request-timeout", "etcd.config.startup-timeout")) {
            assertThatThrownBy(() -> read(property, "soon"))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("ETCD-00501: " + property + " is 'soon'")
                    .hasMessageContaining("500ms");
        }
        for (String text : List.of("0s", "PT-1S")) {
            assertThatThrownBy(() -> read("etcd.config.startup-timeout", text)).hasMessageContaining("above zero");
            assertThatThrownBy(() -> read("etcd.request-timeout", text))
                    .hasMessageContaining("etcd.request-timeout: \"PT")
                    .hasMessageContaining("1 ms to 1 day");
        }
    }

    @Test
    void settingsOfTheLinkReachIt() {
        ConfigSettings settings = read(
                "etcd.keep-alive-time", "20s",
                "etcd.keep-alive-without-calls", "TRUE",
                "etcd.max-inbound-message-size", "4096",
                "etcd.endpoint-sync-interval", "1m");
        assertThat(settings.link().keepAliveTime()).isEqualTo(Duration.ofSeconds(20));
        assertThat(settings.link().keepAliveWithoutCalls()).isTrue();
        assertThat(settings.link().maxInboundMessageSize()).isEqualTo(4096);
        assertThat(settings.link().endpointSyncInterval()).isEqualTo(Duration.ofMinutes(1));
        assertThatThrownBy(() -> read("etcd.max-inbound-message-size", "4 MB"))
                .hasMessageContaining("ETCD-00501: etcd.max-inbound-message-size is '4 MB'")
                .hasMessageContaining("bytes");
        assertThatThrownBy(() -> read("etcd.keep-alive-without-calls", "perhaps"))
                .hasMessageContaining("etcd.keep-alive-without-calls")
                .hasMessageContaining("true or false");
        assertThatThrownBy(() -> read("etcd.tls.trust-store", "/no/such.p12"))
                .hasMessageContaining("etcd.tls.trust-store");
    }

    @Test
    void passwordInAnEndpointIsNotShown() {
        assertThatThrownBy(() -> read("etcd.endpoints", "http://a:1,http://user:se,cret@b:2379"))
                .hasMessageContaining("etcd.endpoints")
                .hasMessageContaining("***@b:2379")
                .satisfies(e -> assertThat(e.getMessage()).doesNotContain("se,", "cret"));
    }

    @Test
    void equalSettingsAreEqual() {
        assertThat(read("etcd.config.prefix", "/a")).isEqualTo(read("etcd.config.prefix", "/a/"));
    }

    @SuppressWarnings("NullAway") // the tests that expect null say so
    private static ConfigSettings read(String... more) {
        Map<String, String> settings = new HashMap<>(Map.of("etcd.endpoints", "localhost:2379"));
        for (int i = 0; i < more.length; i += 2) {
            settings.put(more[i], more[i + 1]);
        }
        return ConfigSettings.read(Defaults.of(settings));
    }
}
