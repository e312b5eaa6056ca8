package org.etcdjakarta.connector;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.etcdjakarta.connector.Containers.factory;
import static org.etcdjakarta.connector.Containers.subject;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import jakarta.resource.ResourceException;
import jakarta.resource.spi.ManagedConnection;
import jakarta.resource.spi.SecurityException;
import jakarta.resource.spi.TransactionSupport.TransactionSupportLevel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class EtcdManagedConnectionFactoryTest {

    private static final EtcdConnectionRequestInfo ALICE = new EtcdConnectionRequestInfo("alice", "a");

    private final EtcdManagedConnectionFactory factory = factory();
    private final List<EtcdManagedConnection> created = new ArrayList<>();

    private EtcdManagedConnection created(EtcdManagedConnection connection) {
        created.add(connection);
        return connection;
    }

    @AfterEach
    void destroyAll() {
        created.forEach(EtcdManagedConnection::destroy);
    }

    @Test
    void belongsToOneAdapterForGood() throws ResourceException {
        EtcdResourceAdapter adapter = new EtcdResourceAdapter();
        factory.setResourceAdapter(adapter);
        assertThat(factory.getResourceAdapter()).isSameAs(adapter);
        assertThatThrownBy(() -> factory.setResourceAdapter(adapter))
                .isInstanceOf(jakarta.resource.spi.IllegalStateException.class)
                .hasMessageContaining("ETCD-00306");
    }

    @Test
    void refusesAForeignAdapter() {
        assertThatThrownBy(() -> factory.setResourceAdapter(null)).hasMessageContaining("ETCD-00307");
    }

    @Test
    void connectsWithoutSubjectAndRequestInfo() throws ResourceException {
        assertThat(created(factory.createManagedConnection(null, null)).getConnection(null, null))
                .isNotNull();
    }

    @Test
    void connectsForRecoveryAsTheConfiguredUser() throws ResourceException {
        factory.setUser("root");
        factory.setPassword("r");
        EtcdManagedConnection connection =
                created(factory.createManagedConnection(subject(factory, Credential.RECOVERY_USER, "unused"), null));
        assertThat(connection.getMetaData().getUserName()).isEqualTo("root");
        assertThat(connection.getXAResource()).isNotNull();
    }

    @Test
    void wrongPropertiesAreNamedWhenAConnectionIsAskedFor() {
        factory.setEndpoints("no port, no sense ://");
        assertThatThrownBy(() -> factory.createManagedConnection(null, null))
                .isInstanceOf(ResourceException.class)
                .hasMessageContaining("endpoints");
        factory.setEndpoints(null);
        factory.setTransactionSupport("Sometimes");
        assertThatThrownBy(() -> factory.createManagedConnection(null, null))
                .hasMessageContaining("transactionSupport");
    }

    @Test
    void tellsTheLevelThatIsSet() {
        assertThat(factory.getTransactionSupport()).isEqualTo(TransactionSupportLevel.XATransaction);
        factory.setTransactionSupport("localtransaction");
        assertThat(factory.getTransactionSupport()).isEqualTo(TransactionSupportLevel.LocalTransaction);
        factory.setTransactionSupport("Sometimes");
        assertThatThrownBy(factory::getTransactionSupport)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("Sometimes");
    }

    @Test
    void matchesByUser() throws ResourceException {
        EtcdManagedConnection anonymous = created(factory.createManagedConnection(null, null));
        EtcdManagedConnection alice = created(factory.createManagedConnection(null, ALICE));
        Set<ManagedConnection> pool = Set.of(anonymous, alice);
        assertThat(factory.matchManagedConnections(pool, null, null)).isSameAs(anonymous);
        assertThat(factory.matchManagedConnections(pool, null, ALICE)).isSameAs(alice);
        assertThat(factory.matchManagedConnections(pool, subject(factory, "alice", "a"), null))
                .isSameAs(alice);
        assertThat(factory.matchManagedConnections(pool, null, new EtcdConnectionRequestInfo("alice", "other")))
                .isNull();
        assertThat(factory.matchManagedConnections(Set.of(), null, null)).isNull();
    }

    @Test
    void matchesAfterCleanupButNotAfterDestroy() throws ResourceException {
        EtcdManagedConnection connection = created(factory.createManagedConnection(null, null));
        connection.cleanup();
        assertThat(factory.matchManagedConnections(Set.of(connection), null, null))
                .isSameAs(connection);
        connection.destroy();
        assertThat(factory.matchManagedConnections(Set.of(connection), null, null))
                .isNull();
    }

    @Test
    void connectionsOfOtherFactoriesAreNotTouched() throws ResourceException {
        EtcdManagedConnection foreign = created(factory().createManagedConnection(null, null));
        assertThat(factory.matchManagedConnections(Set.of(foreign), null, null)).isNull();
        assertThat(factory.getInvalidConnections(Set.of(foreign))).isEmpty();
    }

    @Test
    void oneUserIsNotServedByTheConnectionOfAnother() throws ResourceException {
        EtcdManagedConnection alice = created(factory.createManagedConnection(null, ALICE));
        assertThatThrownBy(() -> alice.getConnection(null, null))
                .isInstanceOf(SecurityException.class)
                .hasMessageContaining("alice")
                .hasMessageContaining("ETCD-00304");
        assertThatThrownBy(() -> alice.getConnection(subject(factory, "bob", "b"), null))
                .isInstanceOf(SecurityException.class)
                .hasMessageContaining("bob");
        assertThat(alice.getConnection(null, ALICE)).isNotNull();
    }

    @Test
    void connectionsWithoutEtcdStayInThePoolAndNobodyWaits() throws ResourceException {
        EtcdManagedConnection first = created(factory.createManagedConnection(null, null));
        EtcdManagedConnection alice = created(factory.createManagedConnection(null, ALICE));
        assertTimeoutPreemptively(
                Duration.ofSeconds(2), () -> assertThat(factory.getInvalidConnections(Set.of(first, alice)))
                        .isEmpty());
    }

    @Test
    void destroyedConnectionIsInvalid() throws ResourceException {
        EtcdManagedConnection connection = created(factory.createManagedConnection(null, null));
        connection.destroy();
        assertThat(factory.getInvalidConnections(Set.of(connection))).containsExactly(connection);
    }
}
