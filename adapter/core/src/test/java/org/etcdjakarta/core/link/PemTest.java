package org.etcdjakarta.core.link;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.interfaces.ECPrivateKey;
import java.util.Arrays;
import java.util.Base64;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Keys as OpenSSL writes them; they belong to nobody. */
class PemTest {

    private static final String EC_PKCS8 =
            """
            -----BEGIN PRIVATE KEY-----
            MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgTZreO/dMb8hJFVxN
            m6pnIoHW3m8RhfCqAIudlX7ZpHyhRANCAATkX8qwCzoVF2QibgH1lZu7tOMMM2C4
            XpBR3fWMmgvx5WU3t2seovMsQ8iHqm97Vi8A2wPdNleZ87jmgx0f9NY5
            -----END PRIVATE KEY-----
            """;

    private static final String EC_SEC1 =
            """
            -----BEGIN EC PRIVATE KEY-----
            MHcCAQEEIE2a3jv3TG/ISRVcTZuqZyKB1t5vEYXwqgCLnZV+2aR8oAoGCCqGSM49
            AwEHoUQDQgAE5F/KsAs6FRdkIm4B9ZWbu7TjDDNguF6QUd31jJoL8eVlN7drHqLz
            LEPIh6pve1YvANsD3TZXmfO45oMdH/TWOQ==
            -----END EC PRIVATE KEY-----
            """;

    private static final String EC_PKCS8_ENCRYPTED =
            """
            -----BEGIN ENCRYPTED PRIVATE KEY-----
            MIHsMFcGCSqGSIb3DQEFDTBKMCkGCSqGSIb3DQEFDDAcBAh73z+nY4whDgICCAAw
            DAYIKoZIhvcNAgkFADAdBglghkgBZQMEASoEEIM0XJWVC86XOo11eDK/v+MEgZBo
            cIQ1sPTZ+InnTv5CHBzxJq05ctXZBLcBNsMUh8syXUGr1UcEyhWWK5kTIOfeSKI1
            cfvsNLGLhlNiqFsUPl2mvOvqOVrReDjxqhCuT9VBHlVBJACR0XqKIIoKSJHDbH2q
            0tmnEk1KXaz50ZRuWHSm+FvkcWc7obnXN3nryMcBnCrlossTtRtijDbArRtOS+E=
            -----END ENCRYPTED PRIVATE KEY-----
            """;

    private static final String EC_ENCRYPTED_THE_OLD_WAY =
            """
            -----BEGIN EC PRIVATE KEY-----
            Proc-Type: 4,ENCRYPTED
            DEK-Info: AES-128-CBC,C3BBB32189B867BD4476810D584D8E16

            NF4XfFWH+nNV03xdGaaKYJZOkov+PSNWTr1QmrBuHNZploezbiNonHkvOzW5MjE9
            +qtGsBcjOXshssDBGwpLf3L6P7upcQXWY/dTURyuprCZmva9P15m5edLkXNcWFkr
            0dsSqNXyrIArUJr0nFjjQu+R+G7Q6mADlPoZgz7wKh4=
            -----END EC PRIVATE KEY-----
            """;

    private static final String ED25519 =
            """
            -----BEGIN PRIVATE KEY-----
            MC4CAQAwBQYDK2VwBCIEICPM89Ed7kzdyAlUAsduFt1MxuBG2BJo+1yBhgvyH3zQ
            -----END PRIVATE KEY-----
            """;

    @TempDir
    @SuppressWarnings("NullAway.Init") // by JUnit
    private Path folder;

    private PrivateKey key(String text) throws Exception {
        return key(text, "");
    }

    private PrivateKey key(String text, String password) throws Exception {
        Path file = Files.writeString(folder.resolve("key.pem"), text);
        return Pem.key(file, Secret.of(password.toCharArray()));
    }

    @Test
    void keyIsTheSameInEveryForm() throws Exception {
        BigInteger key = ec(key(EC_PKCS8));
        assertThat(ec(key("written by a human\n-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n"
                        + "-----END EC PARAMETERS-----\n" + EC_SEC1)))
                .isEqualTo(key);
        assertThat(ec(key(EC_PKCS8_ENCRYPTED, "s3cret"))).isEqualTo(key);
        assertThat(ec(key(EC_PKCS8.replace("\n", "\r\n")))).isEqualTo(key);
    }

    /** The encodings differ in what else they carry. */
    private static BigInteger ec(PrivateKey key) {
        return ((ECPrivateKey) key).getS();
    }

    @Test
    void rsaKeyOfTheOlderFormIsRead() throws Exception {
        for (int size : new int[] {1024, 2048, 4096}) {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
            generator.initialize(size);
            PrivateKey key = generator.generateKeyPair().getPrivate();
            byte[] pkcs8 = key.getEncoded();
            // behind the frame: its header, version, algorithm and the header of the octet string
            byte[] pkcs1 = Arrays.copyOfRange(pkcs8, 4 + 3 + 15 + 4, pkcs8.length);
            String text = Base64.getMimeEncoder().encodeToString(pkcs1);
            assertThat(key("-----BEGIN RSA PRIVATE KEY-----\n" + text + "\n-----END RSA PRIVATE KEY-----\n"))
                    .isEqualTo(key);
        }
    }

    @Test
    void edwardsKeyIsRead() throws Exception {
        assertThat(key(ED25519).getAlgorithm()).isEqualTo("EdDSA");
    }

    @Test
    void whatCannotBeReadSaysWhy() {
        assertThatThrownBy(() -> key(EC_PKCS8_ENCRYPTED))
                .isInstanceOf(GeneralSecurityException.class)
                .hasMessageContaining("tlsKeyPassword is not given");
        assertThatThrownBy(() -> key(EC_PKCS8_ENCRYPTED, "wrong"))
                .isInstanceOf(GeneralSecurityException.class)
                .hasMessageContaining("is tlsKeyPassword right?")
                .hasMessageNotContaining("wrong\"");
        assertThatThrownBy(() -> key(EC_ENCRYPTED_THE_OLD_WAY, "s3cret"))
                .isInstanceOf(GeneralSecurityException.class)
                .hasMessageContaining("openssl pkcs8 -topk8");
        assertThatThrownBy(() -> key("-----BEGIN CERTIFICATE-----\nAA==\n-----END CERTIFICATE-----\n"))
                .isInstanceOf(GeneralSecurityException.class)
                .hasMessageContaining("no private key");
        assertThatThrownBy(() -> key("-----BEGIN EC PRIVATE KEY-----\nMAcC\n-----END EC PRIVATE KEY-----\n"))
                .isInstanceOf(GeneralSecurityException.class)
                .hasMessageContaining("damaged");
        assertThatThrownBy(() -> key("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"))
                .isInstanceOf(GeneralSecurityException.class)
                .hasMessageContaining("not RSA, EC, EdDSA");
    }

    @Test
    void damagedCertificateIsRefused() throws Exception {
        Path file = Files.writeString(
                folder.resolve("ca.pem"), "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n");
        assertThatThrownBy(() -> Pem.certificates(file)).isInstanceOf(GeneralSecurityException.class);
    }
}
