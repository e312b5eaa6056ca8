package org.etcdjakarta.connector;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.etcdjakarta.connector.Containers.factory;

import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.Client;
import io.etcd.jetcd.KV;
import jakarta.resource.ResourceException;
import jakarta.resource.cci.LocalTransaction;
import jakarta.resource.spi.ConnectionEvent;
import jakarta.transaction.Status;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.etcdjakarta.EtcdException;
import org.etcdjakarta.connector.Containers.Recorder;
import org.etcdjakarta.core.link.EtcdLink;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class EtcdManagedConnectionTest {

    private static final ByteSequence KEY = ByteSequence.from("k", StandardCharsets.UTF_8);

    private final AtomicInteger jtaStatus = Containers.noTransaction();
    private final EtcdManagedConnectionFactory factory = factory();
    private final EtcdManagedConnection connection;
    private final Recorder recorder = new Recorder();

    EtcdManagedConnectionTest() throws ResourceException {
        EtcdResourceAdapter adapter = new EtcdResourceAdapter();
        adapter.start(Containers.lending(jtaStatus));
        factory.setResourceAdapter(adapter);
        factory.setRequestTimeout("200ms");
        connection = factory.createManagedConnection(null, null);
        connection.addConnectionEventListener(recorder);
    }

    @AfterEach
    void destroy() {
        connection.destroy();
    }

    private EtcdConnectionImpl handle() throws ResourceException {
        return connection.getConnection(null, null);
    }

    @Test
    void keepsIdentity() throws ResourceException {
        EtcdManagedConnection twin = factory.createManagedConnection(null, null);
        assertThat(connection).isNotEqualTo(twin);
        twin.destroy();
    }

    @Test
    void everyHandleIsItsOwn() throws ResourceException {
        EtcdConnectionImpl one = handle();
        EtcdConnectionImpl two = handle();
        one.close();
        assertThatThrownBy(one::kv).isInstanceOf(IllegalStateException.class).hasMessageContaining("ETCD-00302");
        assertThat(two.kv()).isNotNull();
    }

    @Test
    void closingTellsTheServerOnce() throws ResourceException {
        EtcdConnectionImpl handle = handle();
        handle.close();
        handle.close();
        assertThat(recorder.events).containsExactly("CONNECTION_CLOSED");
        assertThat(recorder.handles).containsExactly(handle);
    }

    @Test
    void cleanupInvalidatesAllHandlesWithoutEventsAgainAndAgain() throws ResourceException {
        EtcdConnectionImpl one = handle();
        EtcdConnectionImpl two = handle();
        KV kv = one.kv();
        connection.cleanup();
        connection.cleanup();
        assertThatThrownBy(() -> kv.put(KEY, KEY)).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(one::lease).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(two::watch).isInstanceOf(IllegalStateException.class);
        one.close();
        assertThat(recorder.events).isEmpty();
        assertThat(handle().kv()).isNotNull();
    }

    @Test
    void destroyedConnectionRefusesTheServerTillTheEnd() throws ResourceException {
        connection.destroy();
        connection.destroy();
        connection.cleanup();
        assertThatThrownBy(this::handle)
                .isInstanceOf(jakarta.resource.spi.IllegalStateException.class)
                .hasMessageContaining("ETCD-00308");
        assertThatThrownBy(connection::getXAResource).isInstanceOf(ResourceException.class);
    }

    @Test
    void listenerMayRemoveItselfAndDestroyTheConnection() throws ResourceException {
        connection.addConnectionEventListener(new Recorder() {
            @Override
            public void connectionClosed(ConnectionEvent event) {
                connection.removeConnectionEventListener(this);
                connection.destroy();
            }
        });
        Recorder last = new Recorder();
        connection.addConnectionEventListener(last);
        handle().close();
        assertThat(last.events).containsExactly("CONNECTION_CLOSED");
    }

    @Test
    void xaResourceIsAlwaysTheSame() throws ResourceException {
        assertThat(connection.getXAResource()).isSameAs(connection.getXAResource());
    }

    @Test
    void movesAHandleToAnotherConnection() throws ResourceException {
        EtcdManagedConnection other = factory.createManagedConnection(null, null);
        EtcdConnectionImpl handle = handle();
        other.associateConnection(handle);
        connection.cleanup();
        assertThat(handle.kv()).isNotNull();
        other.cleanup();
        assertThatThrownBy(handle::kv).isInstanceOf(IllegalStateException.class);
        other.destroy();
    }

    @Test
    void refusesToAssociateWhatIsNotItsHandle() {
        assertThatThrownBy(() -> connection.associateConnection("a string"))
                .isInstanceOf(ResourceException.class)
                .hasMessageContaining("ETCD-00307");
    }

    @Test
    void versionFailsWithoutEtcdAndTheRestDoesNot() throws ResourceException {
        assertThat(connection.getMetaData().getEISProductName()).isEqualTo("etcd");
        assertThat(connection.getMetaData().getUserName()).isEmpty();
        assertThat(connection.getMetaData().getMaxConnections()).isZero();
        assertThatThrownBy(() -> connection.getMetaData().getEISProductVersion())
                .isInstanceOf(ResourceException.class)
                .hasMessageContaining(factory.getEndpoints())
                .hasMessageContaining("ETCD-00309");
    }

    @Test
    void failedRequestIsNoConnectionError() throws ResourceException {
        EtcdConnectionImpl handle = handle();
        assertThat(handle.kv().put(KEY, KEY)).failsWithin(Duration.ofSeconds(30));
        assertThat(recorder.events).isEmpty();
        assertThat(handle.kv()).isNotNull();
    }

    @Test
    void handleOpenedBeforeTheTransactionIsRefusedInIt() throws ResourceException {
        EtcdConnectionImpl handle = handle();
        for (int status : new int[] {Status.STATUS_ACTIVE, Status.STATUS_MARKED_ROLLBACK}) {
            jtaStatus.set(status);
            assertThatThrownBy(() -> handle.kv().put(KEY, KEY))
                    .isInstanceOfSatisfying(EtcdException.class, refusal -> {
                        assertThat(refusal.code()).isEqualTo("ETCD-00301");
                        assertThat(refusal.effect()).isEqualTo(EtcdException.Effect.NOT_APPLIED);
                    })
                    .hasMessageContaining("inside the transaction");
        }
        jtaStatus.set(Status.STATUS_COMMITTED);
        assertThat(handle.kv().put(KEY, KEY)).failsWithin(Duration.ofSeconds(30));
    }

    @Test
    void enlistedHandleIsNotRefused() throws ResourceException {
        EtcdConnectionImpl handle = handle();
        connection.getLocalTransaction().begin();
        jtaStatus.set(Status.STATUS_ACTIVE);
        assertThat(handle.kv().put(KEY, KEY)).isCompleted();
    }

    @Test
    void factoryWithoutTransactionsIsNotRefused() throws ResourceException {
        EtcdManagedConnectionFactory outside = factory();
        outside.setResourceAdapter(factory.getResourceAdapter());
        outside.setTransactionSupport("NoTransaction");
        outside.setRequestTimeout("200ms");
        EtcdManagedConnection free = outside.createManagedConnection(null, null);
        jtaStatus.set(Status.STATUS_ACTIVE);
        assertThat(free.getConnection(null, null).kv().put(KEY, KEY)).failsWithin(Duration.ofSeconds(30));
        free.destroy();
    }

    @Test
    void transactionOfTheServerSendsNoEvents() throws ResourceException {
        connection.getLocalTransaction().begin();
        connection.getLocalTransaction().rollback();
        assertThat(recorder.events).isEmpty();
        assertThatThrownBy(() -> connection.getLocalTransaction().commit())
                .isInstanceOf(ResourceException.class)
                .hasMessageContaining("ETCD-00311");
    }

    @Test
    void transactionOfTheApplicationTellsTheServer() throws ResourceException {
        EtcdConnectionImpl handle = handle();
        LocalTransaction transaction = handle.unwrap(LocalTransaction.class);
        transaction.begin();
        transaction.rollback();
        transaction.begin();
        transaction.commit();
        assertThat(recorder.events)
                .containsExactly(
                        "LOCAL_TRANSACTION_STARTED",
                        "LOCAL_TRANSACTION_ROLLEDBACK",
                        "LOCAL_TRANSACTION_STARTED",
                        "LOCAL_TRANSACTION_COMMITTED");
        assertThat(recorder.handles).containsOnly(handle);
    }

    @Test
    void commitThatFailsIsARollbackForTheServer() throws ResourceException {
        EtcdConnectionImpl handle = handle();
        LocalTransaction transaction = handle.unwrap(LocalTransaction.class);
        transaction.begin();
        assertThat(handle.kv().put(KEY, KEY)).isCompleted();
        assertThatThrownBy(transaction::commit)
                .isInstanceOf(ResourceException.class)
                .hasCauseInstanceOf(EtcdException.class);
        assertThat(recorder.events).containsExactly("LOCAL_TRANSACTION_STARTED", "LOCAL_TRANSACTION_ROLLEDBACK");
    }

    @Test
    void cleanupForgetsAnUnfinishedTransaction() throws ResourceException {
        connection.getLocalTransaction().begin();
        connection.cleanup();
        assertThat(connection.inTransaction()).isFalse();
    }

    @Test
    void givesWhatStandsBehindIt() throws ResourceException {
        EtcdConnectionImpl handle = handle();
        EtcdLink link = handle.unwrap(EtcdLink.class);
        assertThat(link).isSameAs(handle.unwrap(EtcdLink.class));
        assertThat(handle.unwrap(Client.class)).isNotNull();
        assertThatThrownBy(() -> handle.unwrap(String.class))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("java.lang.String");
    }
}
