package org.etcdjakarta.core.link;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
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
    void unusableTlsFilesAreNamedWhenTheLinkOpens(@TempDir Path folder) throws Exception {
        Path file = Files.writeString(folder.resolve("ca.pem"), "no certificate");
        EtcdLinkConfig config = EtcdLinkConfig.builder()
                .endpoints("https://localhost:1")
                .tlsTrust(file.toString())
                .build();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> EtcdLink.open(config))
                .withMessageContainingAll("tlsTrust", file.toString());
    }

    @Test
    void equalSettingsAreEqualAndEachDifferenceCounts() {
        assertThat(full('x', "/n/")).isEqualTo(full('x', "/n/")).hasSameHashCodeAs(full('x', "/n/"));
        assertThat(full('x', "/n/")).isNotEqualTo(full('y', "/n/")).isNotEqualTo(full('x', "/m/"));
        assertThat(of("a:1")).isNotEqualTo(of("b:1"));
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
                .build();
    }
}
