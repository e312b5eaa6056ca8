package org.etcdjakarta.connector;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.etcdjakarta.connector.Containers.factory;

import jakarta.resource.ResourceException;
import java.time.Duration;
import java.util.Set;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What a server changes at a factory in use reaches the next connection, and no connection lives on with what was before. */
class DynamicPropertiesTest {

    private final EtcdManagedConnectionFactory factory = factory();
    private final EtcdResourceAdapter adapter = new EtcdResourceAdapter();
    private final EtcdManagedConnection before;

    DynamicPropertiesTest() throws ResourceException {
        factory.setResourceAdapter(adapter);
        before = factory.createManagedConnection(null, null);
    }

    @AfterEach
    void destroy() {
        before.destroy();
    }

    private void assertReplaced() throws ResourceException {
        before.cleanup();
        assertThat(factory.matchManagedConnections(Set.of(before), null, null)).isNull();
        assertThat(factory.getInvalidConnections(Set.of(before))).containsExactly(before);
        EtcdManagedConnection after = factory.createManagedConnection(null, null);
        try {
            assertThat(factory.matchManagedConnections(Set.of(before, after), null, null))
                    .isSameAs(after);
            assertThat(factory.getInvalidConnections(Set.of(after))).isEmpty();
        } finally {
            after.destroy();
        }
    }

    @Test
    void connectionsAreReplacedAfterAChange() throws ResourceException {
        assertThat(factory.matchManagedConnections(Set.of(before), null, null)).isSameAs(before);
        factory.setRequestTimeout("7s");
        assertReplaced();
        EtcdManagedConnection after = factory.createManagedConnection(null, null);
        assertThat(after.link().config().requestTimeout()).isEqualTo(Duration.ofSeconds(7));
        after.destroy();
    }

    @Test
    void settingsOfTransactionsCountToo() throws ResourceException {
        factory.setIsolation("SNAPSHOT");
        assertReplaced();
    }

    @Test
    void settlingTimeCountsToo() throws ResourceException {
        factory.setSettlingTime("3s");
        assertReplaced();
    }

    @Test
    void changeAtTheAdapterCountsWhereTheFactoryHasNoValue() throws ResourceException {
        adapter.setRequestTimeout("7s");
        assertReplaced();
    }

    @Test
    void changeThatChangesNothingReplacesNothing() throws ResourceException {
        factory.setRequestTimeout("5s");
        assertThat(factory.matchManagedConnections(Set.of(before), null, null))
                .as("5s is the default")
                .isSameAs(before);
        adapter.setIsolation("serializable");
        assertThat(factory.getInvalidConnections(Set.of(before))).isEmpty();
    }

    @Test
    void openHandleGoesOn() throws ResourceException {
        EtcdConnectionImpl handle = before.getConnection(null, null);
        factory.setRequestTimeout("7s");
        assertThat(handle.kv()).isNotNull();
        assertThat(before.getConnection(null, null)).isNotNull();
    }

    @Test
    void wrongValueReachesWhoeverAsksForAConnection() throws ResourceException {
        factory.setRequestTimeout("5 parsecs");
        assertThatThrownBy(() -> factory.matchManagedConnections(Set.of(before), null, null))
                .hasMessageContaining("requestTimeout")
                .hasMessageContaining("5 parsecs");
        factory.setRequestTimeout("5s");
        assertThat(factory.matchManagedConnections(Set.of(before), null, null)).isSameAs(before);
    }

    @Test
    void factoryKeepsItsPlaceInMapsOfTheServer() {
        for (Consumer<String> setter :
                Set.<Consumer<String>>of(factory::setRequestTimeout, factory::setIsolation, factory::setSettlingTime)) {
            int hash = factory.hashCode();
            setter.accept("something else");
            assertThat(factory.hashCode()).isEqualTo(hash);
        }
        int hash = factory.hashCode();
        factory.setEndpoints("elsewhere:2379");
        assertThat(factory.hashCode()).as("what is not dynamic counts").isNotEqualTo(hash);
    }
}
