package org.etcdjakarta.core.link;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class EtcdLinkConfigTest {

    private static EtcdLinkConfig of(String... endpoints) {
        return EtcdLinkConfig.builder().endpoints(endpoints).build();
    }

    // ---- endpoints

    @Test
    void nothingGivenIsTheDefault() {
        assertThat(EtcdLinkConfig.builder().build().endpoints()).containsExactly("http://127.0.0.1:2379");
        assertThat(of("", " , ").endpoints()).containsExactly("http://127.0.0.1:2379");
    }

    @Test
    @SuppressWarnings("NullAway") // what a container passes for a property that is not set
    void nullIsNotGiven() {
        assertThat(of((String) null).endpoints()).containsExactly("http://127.0.0.1:2379");
        assertThat(of((String[]) null).endpoints()).containsExactly("http://127.0.0.1:2379");
    }

    @ParameterizedTest
    @CsvSource({
        "etcd-1:2379, http://etcd-1:2379",
        "http://10.0.0.1:1/, http://10.0.0.1:1",
        "https://e.example.org:65535, https://e.example.org:65535",
        "[::1]:2379, http://[::1]:2379",
        "https://[fe80::1]:2379, https://[fe80::1]:2379"
    })
    void endpointIsNormalised(String given, String normalised) {
        assertThat(of(given).endpoints()).containsExactly(normalised);
    }

    @Test
    void oneTextMayHoldSeveralAndDoublesGo() {
        assertThat(of("a:1, http://b:2", "c:3,a:1").endpoints())
                .containsExactly("http://a:1", "http://b:2", "http://c:3");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "foo:bar",
                "localhost",
                "http://localhost",
                "ftp://a:1",
                "a:0",
                "a:65536",
                "::1:2379",
                "http://a:1/path",
                "a b:1",
                ":2379",
                "a:1;b:2"
            })
    void badEndpointIsNamedWithWhatIsAllowed(String text) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> of(text))
                .withMessageContainingAll("endpoints", "\"" + text + "\"", "host:port", "https://host:port");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ' ',
            value = {
                "http://user@a:1 http://***@a:1",
                "https://user:secret@a:1 https://***@a:1",
                "user:secret@a:1 ***@a:1",
                "http://user:se/cret@secret@a:0 http://***@a:0",
                "http://user:se,cret@a:1 http://***@a:1"
            })
    void credentialsInAnEndpointAreRefusedAndNotShown(String text, String shown) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> of(text))
                .withMessageContainingAll("endpoints", "\"" + shown + "\"", "host:port")
                .satisfies(e -> assertThat(e.getMessage()).doesNotContain("secret", "cret", "user"));
    }

    @Test
    void mixOfHttpAndHttpsIsRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> of("a:1", "https://b:2"))
                .withMessageContainingAll("endpoints", "http://a:1", "https://b:2", "mixes");
    }

    // ---- the rest

    @Test
    void userAndPasswordComeTogether() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> EtcdLinkConfig.builder().user("root").build())
                .withMessageContainingAll("password", "root");
        assertThatIllegalArgumentException()
                .isThrownBy(() ->
                        EtcdLinkConfig.builder().password(new char[] {'x'}).build())
                .withMessageContaining("user");
    }

    @ParameterizedTest
    @ValueSource(strings = {"PT0S", "PT-1S", "PT48H", "PT876000000000000H", "PT0.0001S"})
    void timeoutOutOfRangeIsNamed(String text) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> EtcdLinkConfig.builder()
                        .requestTimeout(Duration.parse(text))
                        .build())
                .withMessageContainingAll("requestTimeout", text);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> EtcdLinkConfig.builder()
                        .dialTimeout(Duration.parse(text))
                        .build())
                .withMessageContainingAll("dialTimeout", text);
    }

    @Test
    void tlsFilesHaveToExistAndNeedHttps(@TempDir Path folder) throws Exception {
        Path file = Files.writeString(folder.resolve("ca.pem"), "");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> EtcdLinkConfig.builder()
                        .endpoints("https://a:1")
                        .tlsTrust("/no/such.pem")
                        .build())
                .withMessageContainingAll("tlsTrust", "/no/such.pem");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> EtcdLinkConfig.builder()
                        .endpoints("a:1")
                        .tlsTrust(file.toString())
                        .build())
                .withMessageContainingAll("tlsTrust", "http://a:1", "https");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> EtcdLinkConfig.builder()
                        .endpoints("https://a:1")
                        .tlsKey(file.toString())
                        .build())
                .withMessageContainingAll("tlsCertificate", "tlsKey");
    }

    @Test
    void unusableTlsFilesAreNamed(@TempDir Path folder) throws Exception {
        String file =
                Files.writeString(folder.resolve("ca.pem"), "no certificate").toString();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> https().tlsTrust(file).build())
                .withMessageContainingAll("tlsTrust: \"" + file + "\"", "no certificate", "PEM");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> https().tlsTrustStore(file).build())
                .withMessageContainingAll("tlsTrustStore: \"" + file + "\"", "PKCS#12");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> https().tlsCertificate(file).tlsKey(file).build())
                .withMessageContainingAll("tlsCertificate: \"" + file + "\"", "PEM");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> https().tlsKeyStore(folder.toString()).build())
                .withMessageContainingAll("tlsKeyStore: \"" + folder + "\"", "not a readable file");
    }

    @Test
    void tlsPropertiesThatExcludeOrNeedEachOtherAreNamed() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> https().tlsTrust("/a").tlsTrustStore("/b").build())
                .withMessageContainingAll("tlsTrustStore: \"/b\"", "tlsTrust \"/a\"");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> https().tlsCertificate("/c")
                        .tlsKey("/a")
                        .tlsKeyStore("/b")
                        .build())
                .withMessageContainingAll("tlsKeyStore: \"/b\"", "tlsKey \"/a\"");
        char[] secret = "s3cret".toCharArray();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> https().tlsTrustStorePassword(secret).build())
                .withMessageContaining("tlsTrustStorePassword")
                .withMessageNotContaining("s3cret");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> https().tlsKeyPassword(secret).build())
                .withMessageContaining("tlsKeyPassword")
                .withMessageNotContaining("s3cret");
        assertThatIllegalArgumentException()
                .isThrownBy(() ->
                        EtcdLinkConfig.builder().tlsServerName("etcd.example").build())
                .withMessageContainingAll("tlsServerName: \"etcd.example\"", "http://127.0.0.1:2379", "https");
    }

    private static EtcdLinkConfig.Builder https() {
        return EtcdLinkConfig.builder().endpoints("https://a:1");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ' ',
            value = {
                "dns+srv://example.org dns+srv://_etcd-client._tcp.example.org false",
                "dns+srv:example.org. dns+srv://_etcd-client._tcp.example.org false",
                "dns+srv:///_etcd-client._tcp.example.org dns+srv://_etcd-client._tcp.example.org false",
                "dns+srvs://example.org dns+srvs://_etcd-client-ssl._tcp.example.org true",
                "dns+srv://_etcd-client-ssl._tcp.example.org dns+srvs://_etcd-client-ssl._tcp.example.org true",
                "dns+srv:_etcd-client-ssl-east._tcp.example.org dns+srvs://_etcd-client-ssl-east._tcp.example.org true",
                "dns+srvs://_db._tcp.example.org dns+srvs://_db._tcp.example.org true"
            })
    void srvNameIsNormalisedAndSaysWhetherTlsIsUsed(String given, String normalised, boolean tls) {
        assertThat(of(given).endpoints()).containsExactly(normalised);
        assertThat(of(given).tls()).isEqualTo(tls);
        assertThat(of(normalised)).isEqualTo(of(given));
    }

    @ParameterizedTest
    @ValueSource(strings = {"dns+srv://", "dns+srv://8.8.8.8/example.org", "dns+srv://example.org:2379", "dns+srv:a b"})
    void badSrvNameIsNamed(String text) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> of(text))
                .withMessageContainingAll("endpoints", "\"" + text + "\"", "dns+srv://name");
    }

    @Test
    void mixOfSrvNamesWithAndWithoutTlsIsRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> of("https://a:1", "dns+srv://example.org"))
                .withMessageContainingAll("https://a:1", "dns+srv://_etcd-client._tcp.example.org", "mixes");
        assertThat(of("https://a:1", "dns+srvs://example.org").tls()).isTrue();
    }

    @Test
    void numbersOutOfRangeAreNamed() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> EtcdLinkConfig.builder()
                        .keepAliveTime(Duration.ofSeconds(9))
                        .build())
                .withMessageContainingAll("keepAliveTime", "PT9S", "10 s to 1 day");
        assertThatIllegalArgumentException()
                .isThrownBy(() ->
                        EtcdLinkConfig.builder().keepAliveTimeout(Duration.ZERO).build())
                .withMessageContainingAll("keepAliveTimeout", "PT0S", "10 ms to 1 day");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> EtcdLinkConfig.builder()
                        .endpointSyncInterval(Duration.ofMillis(1))
                        .build())
                .withMessageContainingAll("endpointSyncInterval", "PT0.001S", "1 s to 1 day");
        assertThatIllegalArgumentException()
                .isThrownBy(
                        () -> EtcdLinkConfig.builder().sessionTtl(Duration.ZERO).build())
                .withMessageContainingAll("sessionTtl", "PT0S", "1 s to 1 day", "10s");
        assertThatIllegalArgumentException()
                .isThrownBy(() ->
                        EtcdLinkConfig.builder().maxInboundMessageSize(1023).build())
                .withMessageContainingAll("maxInboundMessageSize", "1023", "1024 to 2147483647");
        assertThatIllegalArgumentException()
                .isThrownBy(() ->
                        EtcdLinkConfig.builder().maxOutboundMessageSize(-1).build())
                .withMessageContainingAll("maxOutboundMessageSize", "-1", "1024");
    }

    @Test
    void defaultsAreThoseOfTheReadme() {
        EtcdLinkConfig config = EtcdLinkConfig.builder().build();
        assertThat(config.keepAliveTime()).isEqualTo(Duration.ofSeconds(30));
        assertThat(config.keepAliveTimeout()).isEqualTo(Duration.ofSeconds(10));
        assertThat(config.keepAliveWithoutCalls()).isFalse();
        assertThat(config.maxInboundMessageSize()).isEqualTo(Integer.MAX_VALUE);
        assertThat(config.maxOutboundMessageSize()).isEqualTo(2_097_152);
        assertThat(config.endpointSyncInterval()).isZero();
        assertThat(config.sessionTtl()).isEqualTo(Duration.ofSeconds(10));
    }

    @Test
    void zeroSwitchesKeepAliveOff() {
        assertThat(EtcdLinkConfig.builder().keepAliveTime(Duration.ZERO).build().keepAliveTime())
                .isZero();
    }

    @Test
    void copyForOneEndpointHasEverythingElse() {
        EtcdLinkConfig config = full('x', "/n/").toBuilder()
                .endpointSyncInterval(Duration.ofMinutes(1))
                .build();

        assertThat(config.at("b:2"))
                .isEqualTo(full('x', "/n/").toBuilder().endpoints("b:2").build());
        assertThat(config.toBuilder().build()).isEqualTo(config).hasSameHashCodeAs(config);
    }

    @Test
    void oneEndpointIsTheAddressOfOneMemberAndNeverWithoutTheTlsOfTheLink() {
        assertThat(of("https://a:1").at("b:2").endpoints()).containsExactly("https://b:2");
        assertThat(of("a:1").at("https://b:2").endpoints()).containsExactly("https://b:2");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> of("https://a:1").at("http://b:2"))
                .withMessageContainingAll("endpoint", "http://b:2", "allowed");
        for (String several : new String[] {"dns+srv://example.org", "b:2,c:3"}) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> of("a:1").at(several))
                    .withMessageContainingAll("\"" + several + "\"", "allowed");
        }
    }

    @Test
    void equalSettingsAreEqualAndEachDifferenceCounts() {
        assertThat(full('x', "/n/")).isEqualTo(full('x', "/n/")).hasSameHashCodeAs(full('x', "/n/"));
        assertThat(full('x', "/n/")).isNotEqualTo(full('y', "/n/")).isNotEqualTo(full('x', "/m/"));
        assertThat(of("a:1")).isNotEqualTo(of("b:1"));
    }

    @Test
    void eachSettingMakesAnotherLink() {
        EtcdLinkConfig config = full('x', "/n/");
        assertThat(Stream.<UnaryOperator<EtcdLinkConfig.Builder>>of(
                                b -> b.keepAliveTime(Duration.ofSeconds(11)),
                                b -> b.keepAliveTimeout(Duration.ofSeconds(11)),
                                b -> b.keepAliveWithoutCalls(true),
                                b -> b.maxInboundMessageSize(1024),
                                b -> b.maxOutboundMessageSize(1024),
                                b -> b.endpointSyncInterval(Duration.ofSeconds(11)),
                                b -> b.sessionTtl(Duration.ofSeconds(11)),
                                b -> b.endpoints("https://a:1"),
                                b -> b.endpoints("https://a:1").tlsServerName("b"),
                                b -> b.executor(Runnable::run))
                        .map(change -> change.apply(config.toBuilder()).build()))
                .doesNotHaveDuplicates()
                .doesNotContain(config)
                .allSatisfy(other -> assertThat(other.toBuilder().build()).isEqualTo(other));
    }

    @Test
    void textHasNoSecrets() {
        assertThat(full('\u20ac', "/n/").toString())
                .contains("root", "http://a:1")
                .doesNotContain("\u20ac");
    }

    @Test
    void passwordIsACopy() {
        char[] password = {'x'};
        EtcdLinkConfig config =
                EtcdLinkConfig.builder().user("root").password(password).build();
        password[0] = 'y';

        assertThat(config.password()).containsExactly('x');
    }

    private static EtcdLinkConfig full(char password, String namespace) {
        return EtcdLinkConfig.builder()
                .endpoints("a:1")
                .user("root")
                .password(new char[] {password, password})
                .namespace(namespace)
                .requestTimeout(Duration.ofSeconds(1))
                .dialTimeout(Duration.ofSeconds(1))
                .keepAliveTime(Duration.ofSeconds(10))
                .keepAliveTimeout(Duration.ofSeconds(1))
                .keepAliveWithoutCalls(false)
                .maxInboundMessageSize(2048)
                .maxOutboundMessageSize(2048)
                .build();
    }
}
