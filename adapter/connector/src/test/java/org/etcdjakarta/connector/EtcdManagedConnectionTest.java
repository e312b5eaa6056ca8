package org.etcdjakarta.connector;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.etcdjakarta.connector.Containers.factory;

import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.Client;
import io.etcd.jetcd.Election;
import io.etcd.jetcd.KV;
import io.etcd.jetcd.Lock;
import io.etcd.jetcd.Watch;
import io.etcd.jetcd.election.CampaignResponse;
import io.etcd.jetcd.election.LeaderResponse;
import io.etcd.jetcd.lock.LockResponse;
import jakarta.resource.ResourceException;
import jakarta.resource.cci.LocalTransaction;
import jakarta.resource.spi.ConnectionEvent;
import jakarta.transaction.Status;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.etcdjakarta.EtcdException;
import org.etcdjakarta.EtcdSession;
import org.etcdjakarta.EtcdSession.State;
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

    private final EtcdResourceAdapter adapter = new EtcdResourceAdapter();

    EtcdManagedConnectionTest() throws ResourceException {
        adapter.start(Containers.lending(jtaStatus));
        factory.setResourceAdapter(adapter);
        factory.setRequestTimeout("200ms");
        connection = factory.createManagedConnection(null, null);
        connection.addConnectionEventListener(recorder);
    }

    @AfterEach
    void destroy() {
        connection.destroy();
        adapter.stop();
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
    void sessionIsThatOfTheFactoryAndOutlivesItsConnections() throws Exception {
        EtcdManagedConnection twin = factory.createManagedConnection(null, null);
        EtcdConnectionImpl one = handle();
        EtcdConnectionImpl two = twin.getConnection(null, null);
        assertThat(connection.etcdSession()).isSameAs(twin.etcdSession());
        EtcdSession session = two.session();
        session.close();
        assertThat(session.state()).as("close does nothing").isEqualTo(State.SUSPENDED);
        List<State> told = new CopyOnWriteArrayList<>();
        CompletableFuture<State> toldToTheOther = new CompletableFuture<>();
        var unused = session.onChange(told::add);
        var unusedToo = one.session().onChange(toldToTheOther::complete);
        two.close();
        twin.destroy();
        assertThatThrownBy(session::state)
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("ETCD-00302");
        assertThat(one.session().state()).isEqualTo(State.SUSPENDED);
        adapter.stop();

        assertThat(toldToTheOther).succeedsWithin(Duration.ofSeconds(60)).isEqualTo(State.CLOSED);
        assertThat(told).as("it was closed with its handle").isEmpty();
        assertThatThrownBy(() -> one.session().state()).hasMessageContaining("ETCD-00313");
        adapter.start(Containers.lending(jtaStatus));
        assertThat(one.session().state()).isEqualTo(State.SUSPENDED);
        adapter.stop();
    }

    @Test
    void sessionWithoutAnAdapterLivesAsLongAsThereAreConnections() throws Exception {
        EtcdManagedConnectionFactory plain = factory();
        plain.setRequestTimeout("200ms");
        EtcdManagedConnection first = plain.createManagedConnection(null, null);
        EtcdManagedConnection second = plain.createManagedConnection(null, null);
        EtcdSession session = first.etcdSession();
        first.destroy();
        assertThat(second.etcdSession()).isSameAs(session);
        assertThat(session.state()).isEqualTo(State.SUSPENDED);
        second.destroy();

        assertThat(session.state()).isEqualTo(State.CLOSED);
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

    /** Waiting calls would fail by themselves after the short request timeout of the other tests. */
    private static EtcdManagedConnection patient() throws ResourceException {
        EtcdManagedConnectionFactory patient = factory();
        patient.setRequestTimeout("300s");
        return patient.createManagedConnection(null, null);
    }

    @Test
    void whatBeganThroughItEndsWithTheHandle() throws ResourceException {
        EtcdManagedConnection patient = patient();
        EtcdConnectionImpl one = patient.getConnection(null, null);
        EtcdConnectionImpl two = patient.getConnection(null, null);
        Begun ofOne = new Begun(one.election(), one.lock(), one.watch());
        Begun ofTwo = new Begun(two.election(), two.lock(), two.watch());
        one.close();
        ofOne.assertEnded();
        ofTwo.assertGoingOn();
        patient.destroy();
    }

    @Test
    void whatBeganThroughItsRawClientEndsWithCleanup() throws ResourceException {
        EtcdManagedConnection patient = patient();
        Client client = patient.getConnection(null, null).unwrap(Client.class);
        Begun begun = new Begun(client.getElectionClient(), client.getLockClient(), client.getWatchClient());
        begun.assertGoingOn();
        patient.cleanup();
        begun.assertEnded();
        patient.destroy();
    }

    @Test
    void closingTheUnwrappedLinkHarmsNobodyElse() throws ResourceException {
        EtcdConnectionImpl handle = handle();
        handle.unwrap(EtcdLink.class).close();
        handle.close();
        EtcdConnectionImpl next = handle();
        assertThat(next.unwrap(EtcdLink.class).client()).isNotNull();
        assertThat(connection.link().client()).isNotNull();
    }

    @Test
    void askingForTheVersionOpensNoLinkOfItsOwn() throws Exception {
        try (Silent one = new Silent();
                Silent two = new Silent()) {
            EtcdManagedConnectionFactory silent = factory();
            silent.setEndpoints(one.endpoint() + "," + two.endpoint());
            silent.setRequestTimeout("200ms");
            EtcdManagedConnection connected = silent.createManagedConnection(null, null);
            assertThat(connected.getConnection(null, null).kv().put(KEY, KEY)).failsWithin(Duration.ofSeconds(30));
            assertThatThrownBy(() -> connected.getMetaData().getEISProductVersion())
                    .hasMessageContaining("ETCD-00309");
            assertThat(one.connections() + two.connections()).isLessThanOrEqualTo(2);
            connected.destroy();
        }
    }

    /** Takes connections and never says a word. */
    private static final class Silent implements AutoCloseable {

        private final ServerSocketChannel server;
        private final List<SocketChannel> accepted = new ArrayList<>();

        Silent() throws IOException {
            server = ServerSocketChannel.open();
            server.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
            server.configureBlocking(false);
        }

        String endpoint() {
            return "127.0.0.1:" + server.socket().getLocalPort();
        }

        int connections() throws IOException {
            for (SocketChannel next = server.accept(); next != null; next = server.accept()) {
                accepted.add(next);
            }
            return accepted.size();
        }

        @Override
        public void close() throws IOException {
            for (SocketChannel connection : accepted) {
                connection.close();
            }
            server.close();
        }
    }

    /** One of everything that goes on by itself or waits without a time limit. */
    private static final class Begun {

        private final AtomicInteger completions = new AtomicInteger();
        private final CompletableFuture<LockResponse> lock;
        private final CompletableFuture<CampaignResponse> campaign;
        private final Watch.Watcher watcher;

        Begun(Election election, Lock locks, Watch watch) {
            election.observe(KEY, new Election.Listener() {
                @Override
                public void onNext(LeaderResponse response) {}

                @Override
                public void onError(Throwable failure) {}

                @Override
                public void onCompleted() {
                    completions.incrementAndGet();
                }
            });
            lock = locks.lock(KEY, 1);
            campaign = election.campaign(KEY, 1, KEY);
            watcher = watch.watch(KEY, response -> {});
        }

        void assertEnded() {
            assertThat(completions).hasValue(1);
            assertThat(lock).isCancelled();
            assertThat(campaign).isCancelled();
            assertThat(watcher.isClosed()).isTrue();
        }

        void assertGoingOn() {
            assertThat(completions).hasValue(0);
            assertThat(lock.isCancelled()).isFalse();
            assertThat(campaign.isCancelled()).isFalse();
            assertThat(watcher.isClosed()).isFalse();
        }
    }
}
