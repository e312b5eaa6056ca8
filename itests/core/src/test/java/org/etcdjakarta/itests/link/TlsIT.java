package org.etcdjakarta.itests.link;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.awaitility.Awaitility.await;
import static org.etcdjakarta.itests.link.Links.GENEROUS;
import static org.etcdjakarta.itests.link.Links.bytes;
import static org.etcdjakarta.itests.link.Links.failureOf;
import static org.etcdjakarta.itests.link.Links.get;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import org.awaitility.Awaitility;
import org.etcdjakarta.EtcdException;
import org.etcdjakarta.EtcdUnavailableException;
import org.etcdjakarta.core.link.EtcdLink;
import org.etcdjakarta.core.link.EtcdLinkConfig;
import org.etcdjakarta.itests.support.EtcdServer;
import org.etcdjakarta.itests.support.TcpProxy;
import org.etcdjakarta.itests.support.TestAuthority;
import org.etcdjakarta.itests.support.TestAuthority.Issued;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TlsIT {

    private static final String HERE = "dns:localhost,ip:127.0.0.1";
    private static final char[] PASSWORD = TestAuthority.PASSWORD.toCharArray();

    @TempDir
    @SuppressWarnings("NullAway.Init") // by JUnit
    private static Path certificates;

    private static TestAuthority authority;
    private static TestAuthority stranger;
    private static Issued client;
    private static Issued expired;

    /** Asks clients for nothing. */
    private static EtcdServer server;

    /** Wants client certificates of the authority. */
    private static EtcdServer strict;

    @TempDir
    @SuppressWarnings("NullAway.Init") // by JUnit
    private Path folder;

    @BeforeAll
    static void start() {
        authority = new TestAuthority(certificates, "authority");
        stranger = new TestAuthority(certificates, "stranger");
        client = authority.issue("client", "dns:client", 30);
        expired = authority.issue("expired", "dns:client", 1);
        server = start(authority.issue("server", HERE, 30));
        strict = start(
                authority.issue("strict", HERE, 30),
                "--client-cert-auth",
                "--trusted-ca-file=" + authority.certificate());
    }

    private static EtcdServer start(Issued identity, String... flags) {
        return EtcdServer.builder()
                .flags("--cert-file=" + identity.certificate(), "--key-file=" + identity.key())
                .flags(flags)
                .start();
    }

    @AfterAll
    static void stop() {
        server.close();
        strict.close();
    }

    private static EtcdLinkConfig.Builder config(String endpoint) {
        return EtcdLinkConfig.builder().endpoints(endpoint).requestTimeout(Duration.ofSeconds(60));
    }

    private static EtcdLinkConfig.Builder trusting(EtcdServer at) {
        return config(at.tlsEndpoint()).tlsTrust(authority.certificate().toString());
    }

    private static void assertWorks(EtcdLinkConfig.Builder config) {
        try (EtcdLink link = EtcdLink.open(config.build())) {
            assertWorks(link);
        }
    }

    private static void assertWorks(EtcdLink link) {
        // A read: it is repeated when it meets a connection that a test has just cut.
        get(link.client().getKVClient().get(bytes("k")));
    }

    /** Every attempt fails until the request timeout, which is short here; the reason is in the message. */
    private static EtcdException failure(EtcdLinkConfig.Builder config) {
        try (EtcdLink link =
                EtcdLink.open(config.requestTimeout(Duration.ofSeconds(4)).build())) {
            EtcdException failure = failureOf(link.client().getKVClient().put(bytes("refused"), bytes("v")));
            assertThat(failure).isInstanceOf(EtcdUnavailableException.class);
            assertThat(failure.effect()).isEqualTo(EtcdException.Effect.NOT_APPLIED);
            return failure;
        }
    }

    // ---- the server's certificate

    @Test
    void trustedAuthorityFromPemAndFromKeyStores() {
        assertWorks(trusting(server));
        for (String type : List.of("pkcs12", "jks")) {
            assertWorks(config(server.tlsEndpoint())
                    .tlsTrustStore(authority.trustStore(type).toString())
                    .tlsTrustStorePassword(PASSWORD));
        }
    }

    @Test
    void untrustedAuthorityIsRefusedAndNamed() {
        assertThat(failure(config(server.tlsEndpoint())
                        .tlsTrust(stranger.certificate().toString())))
                .hasMessageContaining("TLS handshake")
                .hasMessageContaining("certification path")
                .hasMessageContaining(server.tlsEndpoint());
        // the JDK's authorities do not know it either
        assertThat(failure(config(server.tlsEndpoint()))).hasMessageContaining("TLS handshake");
    }

    @Test
    void certificateForAnotherHostIsRefusedUnlessTheNameIsGiven() {
        try (EtcdServer elsewhere = start(authority.issue("elsewhere", "dns:etcd.example", 30))) {
            assertThat(failure(trusting(elsewhere)))
                    .hasMessageContaining("TLS handshake")
                    .hasMessageContaining("127.0.0.1");
            assertWorks(trusting(elsewhere).tlsServerName("etcd.example"));
            assertThat(failure(trusting(server).tlsServerName("etcd.example"))).hasMessageContaining("etcd.example");
        }
    }

    @Test
    void plaintextServerBehindHttpsFailsAndNeverGetsPlaintext() {
        // etcd answers in plaintext and resets the connection; now and then the reset overtakes the answer.
        await().atMost(GENEROUS)
                .untilAsserted(() -> assertThat(failure(config(server.endpoint().replace("http:", "https:"))
                                .tlsTrust(authority.certificate().toString())))
                        .hasMessageContaining("TLS handshake")
                        .hasMessageContaining("plaintext"));
        assertThat(server.etcdctl().run("get", "refused")).isBlank();
    }

    @Test
    void tlsServerBehindHttpFailsWithAHint() {
        assertThat(failure(config(server.tlsEndpoint().replace("https:", "http:"))))
                .hasMessageContaining("https");
    }

    // ---- the client's certificate

    @Test
    void clientCertificateFromPemAndFromAKeyStore() {
        assertWorks(trusting(strict)
                .tlsCertificate(client.certificate().toString())
                .tlsKey(client.key().toString()));
        assertWorks(trusting(strict).tlsKeyStore(client.store().toString()).tlsKeyStorePassword(PASSWORD));
    }

    @Test
    void missingOrForeignClientCertificateIsRefused() {
        assertThat(failure(trusting(strict))).hasMessageContaining(strict.tlsEndpoint());
        Issued foreign = stranger.issue("foreign", "dns:client", 30);
        assertThat(failure(trusting(strict)
                        .tlsCertificate(foreign.certificate().toString())
                        .tlsKey(foreign.key().toString())))
                .hasMessageContaining(strict.tlsEndpoint());
    }

    // ---- files

    @Test
    void wrongPasswordFormatAndValidityAreNamedWhenTheConfigurationIsMade() {
        char[] wrong = "wr0ng".toCharArray();
        String trustStore = authority.trustStore("PKCS12").toString();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> config("https://a:1")
                        .tlsTrustStore(trustStore)
                        .tlsTrustStorePassword(wrong)
                        .build())
                .withMessageContainingAll("tlsTrustStore: \"" + trustStore + "\"", "tlsTrustStorePassword")
                .withMessageNotContaining("wr0ng");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> config("https://a:1")
                        .tlsTrustStore(client.store().toString())
                        .tlsTrustStorePassword(PASSWORD)
                        .build())
                .withMessageContainingAll("tlsTrustStore", "no trusted certificate");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> config("https://a:1")
                        .tlsKeyStore(client.store().toString())
                        .tlsKeyStorePassword(wrong)
                        .build())
                .withMessageContainingAll("tlsKeyStore", client.store().toString(), "tlsKeyStorePassword");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> config("https://a:1")
                        .tlsKeyStore(client.store().toString())
                        .tlsKeyStorePassword(PASSWORD)
                        .tlsKeyPassword(wrong)
                        .build())
                .withMessageContainingAll("tlsKeyStore", "tlsKeyPassword");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> config("https://a:1")
                        .tlsKeyStore(trustStore)
                        .tlsKeyStorePassword(PASSWORD)
                        .build())
                .withMessageContainingAll("tlsKeyStore", "no private key");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> config("https://a:1")
                        .tlsCertificate(client.certificate().toString())
                        .tlsKey(expired.key().toString())
                        .build())
                .withMessageContainingAll("tlsKey: ", expired.key().toString(), "does not belong to");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> config("https://a:1")
                        .tlsCertificate(expired.certificate().toString())
                        .tlsKey(expired.key().toString())
                        .build())
                .withMessageContainingAll(
                        "tlsCertificate: ", expired.certificate().toString(), "validity");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> config("https://a:1")
                        .tlsKeyStore(expired.store().toString())
                        .tlsKeyStorePassword(PASSWORD)
                        .build())
                .withMessageContainingAll("tlsKeyStore: ", "validity");
        assertThatIllegalArgumentException()
                .isThrownBy(
                        () -> config("https://a:1").tlsTrustStore(trustStore).build())
                .withMessageContainingAll("tlsTrustStore: ", "tlsTrustStorePassword");
    }

    @Test
    void rotatedFilesAreUsedByNewConnectionsAndBrokenOnesAreNot() throws Exception {
        TestAuthority next = new TestAuthority(folder, "next");
        Issued before = authority.issue("before", HERE, 30);
        Issued after = next.issue("after", HERE, 30);
        Path trust = Files.copy(authority.certificate(), folder.resolve("trust.pem"));
        Path certificate = Files.copy(before.certificate(), folder.resolve("tls.crt"));
        Path key = Files.copy(before.key(), folder.resolve("tls.key"));
        try (EtcdServer rotating = start(
                        new Issued(before.store(), certificate, key),
                        "--client-cert-auth",
                        "--trusted-ca-file=" + bundle(authority, next));
                TcpProxy proxy = TcpProxy.to(port(rotating.tlsEndpoint()));
                EtcdLink link = EtcdLink.open(config(proxy.endpoint().replace("http:", "https:"))
                        .tlsTrust(trust.toString())
                        .tlsCertificate(certificate.toString())
                        .tlsKey(key.toString())
                        .build())) {
            assertWorks(link);

            // half of a rotation, or a file that is being written: what was read before goes on working
            replace(trust, "no certificate");
            proxy.drop();
            assertWorks(link);

            // etcd reads its certificate anew for every connection
            replace(certificate, Files.readString(after.certificate()));
            replace(key, Files.readString(after.key()));
            replace(trust, Files.readString(next.certificate()));
            proxy.drop();
            assertWorks(link);
        }
    }

    @Test
    void authorityThatIsTakenAwayIsNoLongerTrusted() throws Exception {
        Path versions = Files.createDirectories(folder.resolve("1"));
        Files.copy(authority.certificate(), versions.resolve("ca.pem"));
        // as Kubernetes mounts secrets: a link that is swapped
        Path data = Files.createSymbolicLink(folder.resolve("data"), Path.of("1"));
        try (TcpProxy proxy = TcpProxy.to(port(server.tlsEndpoint()));
                EtcdLink link = EtcdLink.open(config(proxy.endpoint().replace("http:", "https:"))
                        .tlsTrust(data.resolve("ca.pem").toString())
                        .requestTimeout(Duration.ofSeconds(4))
                        .build())) {
            Awaitility.await().atMost(Links.GENEROUS).untilAsserted(() -> assertWorks(link));

            Path other = Files.createDirectories(folder.resolve("2"));
            Files.copy(stranger.certificate(), other.resolve("ca.pem"));
            Path swapped = Files.createSymbolicLink(folder.resolve("data_tmp"), Path.of("2"));
            Files.move(swapped, data, StandardCopyOption.ATOMIC_MOVE);
            proxy.drop();

            // no session of before is resumed
            assertThat(failureOf(link.client().getKVClient().get(bytes("k")))).hasMessageContaining("TLS handshake");
        }
    }

    @Test
    void callToOneMemberUsesTheSameTls() {
        try (EtcdLink link = EtcdLink.open(trusting(strict)
                .tlsKeyStore(client.store().toString())
                .tlsKeyStorePassword(PASSWORD)
                .build())) {
            String member = strict.tlsEndpoint().substring("https://".length());
            assertThat(get(link.client().getMaintenanceClient().statusMember(member))
                            .getVersion())
                    .startsWith("3.");
        }
    }

    @Test
    void endpointsOfTheMembersNeverFallToPlaintext() {
        // The server announces its plaintext URL as well.
        try (EtcdLink link = EtcdLink.open(trusting(server).build())) {
            assertThat(get(link.sync())).containsExactly(server.tlsEndpoint());
            assertWorks(link);
        }
    }

    /** Both authorities in one file. */
    private Path bundle(TestAuthority one, TestAuthority other) throws Exception {
        return Files.writeString(
                folder.resolve("bundle.pem"),
                Files.readString(one.certificate()) + Files.readString(other.certificate()));
    }

    private static void replace(Path file, String text) throws Exception {
        Path next = Files.writeString(file.resolveSibling(file.getFileName() + ".new"), text);
        Files.move(next, file, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
    }

    private static int port(String endpoint) {
        return Integer.parseInt(endpoint.substring(endpoint.lastIndexOf(':') + 1));
    }
}
