package org.etcdjakarta.connector;

import static org.assertj.core.api.Assertions.assertThat;
import static org.etcdjakarta.connector.Containers.subject;

import jakarta.resource.spi.InvalidPropertyException;
import javax.security.auth.Subject;
import org.junit.jupiter.api.Test;

class CredentialTest {

    private final EtcdManagedConnectionFactory factory = new EtcdManagedConnectionFactory();

    CredentialTest() {
        factory.setUser("configured");
        factory.setPassword("configured-password");
    }

    @Test
    void nobodySignsOn() throws InvalidPropertyException {
        assertThat(factory.credential(null, null)).isEqualTo(new Credential("configured", "configured-password"));
    }

    @Test
    void subjectOfTheContainerGoesFirst() throws InvalidPropertyException {
        Subject subject = subject(factory, "container", "c");
        assertThat(factory.credential(subject, new EtcdConnectionRequestInfo("application", "a")))
                .isEqualTo(new Credential("container", "c"));
    }

    @Test
    void applicationSignsOn() throws InvalidPropertyException {
        assertThat(factory.credential(null, new EtcdConnectionRequestInfo("application", "a")))
                .isEqualTo(new Credential("application", "a"));
    }

    @Test
    void emptyUserOfPayaraIsNoSignOn() throws InvalidPropertyException {
        Subject empty = subject(factory, "", "");
        assertThat(factory.credential(empty, null).user()).isEqualTo("configured");
        assertThat(factory.credential(empty, new EtcdConnectionRequestInfo("application", "a"))
                        .user())
                .isEqualTo("application");
    }

    @Test
    void subjectWithoutCredentialsIsNoSignOn() throws InvalidPropertyException {
        assertThat(factory.credential(new Subject(), null).user()).isEqualTo("configured");
    }

    @Test
    void recoveryUserStandsForTheConfiguredOne() throws InvalidPropertyException {
        assertThat(factory.credential(subject(factory, Credential.RECOVERY_USER, "unused"), null)
                        .user())
                .isEqualTo("configured");
    }

    @Test
    void credentialForAnotherFactoryIsNotOurs() throws InvalidPropertyException {
        EtcdManagedConnectionFactory other = new EtcdManagedConnectionFactory();
        other.setEndpoints("elsewhere:2379");
        assertThat(factory.credential(subject(other, "theirs", "t"), null).user())
                .isEqualTo("configured");
        assertThat(factory.credential(subject(null, "anybody", "t"), null).user())
                .isEqualTo("anybody");
    }
}
