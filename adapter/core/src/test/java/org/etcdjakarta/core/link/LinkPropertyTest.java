package org.etcdjakarta.core.link;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class LinkPropertyTest {

    @Test
    void theReadmeListsEverySetting() throws IOException {
        String readme = Files.readString(Path.of("README.md"));
        String section = readme.substring(readme.indexOf("## Configuration"), readme.indexOf("## Go's clientv3"));
        assertThat(section.lines()
                        .filter(line -> line.startsWith("| `"))
                        .map(line -> line.replaceFirst("^(\\| `[^`]+` \\| `[^`]+` ).*", "$1")))
                .containsExactlyElementsOf(Arrays.stream(LinkProperty.values())
                        .map(property -> "| `" + property.property() + "` | `" + property.key() + "` ")
                        .toList());
    }

    @Test
    void secretsAreThePasswords() {
        assertThat(LinkProperty.values())
                .filteredOn(LinkProperty::isSecret)
                .containsExactly(
                        LinkProperty.PASSWORD,
                        LinkProperty.TLS_KEY_PASSWORD,
                        LinkProperty.TLS_TRUST_STORE_PASSWORD,
                        LinkProperty.TLS_KEY_STORE_PASSWORD);
    }

    @Test
    void everySettingReachesItsOwnPlace() {
        // of the files and passwords, TlsIT and EtcdLinkConfigTest
        EtcdLinkConfig.Builder builder = EtcdLinkConfig.builder();
        LinkProperty.ENDPOINTS.apply(builder, "https://a:1");
        LinkProperty.USER.apply(builder, "u");
        LinkProperty.PASSWORD.apply(builder, "p");
        LinkProperty.NAMESPACE.apply(builder, "/n/");
        LinkProperty.REQUEST_TIMEOUT.apply(builder, "11s");
        LinkProperty.DIAL_TIMEOUT.apply(builder, "12s");
        LinkProperty.KEEP_ALIVE_TIME.apply(builder, "13s");
        LinkProperty.KEEP_ALIVE_TIMEOUT.apply(builder, "14s");
        LinkProperty.KEEP_ALIVE_WITHOUT_CALLS.apply(builder, "true");
        LinkProperty.MAX_INBOUND_MESSAGE_SIZE.apply(builder, "1025");
        LinkProperty.MAX_OUTBOUND_MESSAGE_SIZE.apply(builder, "1026");
        LinkProperty.ENDPOINT_SYNC_INTERVAL.apply(builder, "15s");
        LinkProperty.SESSION_TTL.apply(builder, "16s");
        LinkProperty.TLS_SERVER_NAME.apply(builder, "s");
        LinkProperty.TLS_TRUST.apply(builder, " ");
        EtcdLinkConfig config = builder.build();
        assertThat(config.endpoints()).containsExactly("https://a:1");
        assertThat(config.user()).isEqualTo("u");
        assertThat(config.password()).containsExactly('p');
        assertThat(config.namespace()).isEqualTo("/n/");
        assertThat(config.requestTimeout()).hasSeconds(11);
        assertThat(config.dialTimeout()).hasSeconds(12);
        assertThat(config.keepAliveTime()).hasSeconds(13);
        assertThat(config.keepAliveTimeout()).hasSeconds(14);
        assertThat(config.keepAliveWithoutCalls()).isTrue();
        assertThat(config.maxInboundMessageSize()).isEqualTo(1025);
        assertThat(config.maxOutboundMessageSize()).isEqualTo(1026);
        assertThat(config.endpointSyncInterval()).hasSeconds(15);
        assertThat(config.sessionTtl()).hasSeconds(16);
        assertThat(config.tlsConfig().serverName()).isEqualTo("s");
        assertThat(config.tlsConfig().trust()).isNull();
    }
}
