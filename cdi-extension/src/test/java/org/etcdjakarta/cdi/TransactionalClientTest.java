package org.etcdjakarta.cdi;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.KV;
import io.etcd.jetcd.Lease;
import io.etcd.jetcd.op.Op;
import io.etcd.jetcd.options.GetOption;
import io.etcd.jetcd.options.PutOption;
import jakarta.enterprise.inject.se.SeContainer;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import jakarta.transaction.Status;
import jakarta.transaction.TransactionSynchronizationRegistry;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.eclipse.microprofile.config.ConfigProvider;
import org.etcdjakarta.EtcdConnection;
import org.etcdjakarta.EtcdConnectionFactory;
import org.etcdjakarta.EtcdException;
import org.etcdjakarta.EtcdKv;
import org.etcdjakarta.EtcdLease;
import org.etcdjakarta.EtcdOp;
import org.etcdjakarta.config.ClientSettings;
import org.etcdjakarta.testing.FakeEtcd;
import org.etcdjakarta.testing.FakeNaming;
import org.etcdjakarta.testing.Fakes;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** On a server: what the injected KV does when the connection factory is late, or not there at all. */
class TransactionalClientTest {

    private static final ByteSequence KEY = ByteSequence.from("/k", UTF_8);
    private static final Map<String, String> SETTINGS = Map.of(
            // nobody listens there
            "etcd.endpoints", "localhost:1",
            "etcd.clients.orders.endpoints", "localhost:1",
            "etcd.config.enabled", "false");

    private final FakeEtcd etcd = new FakeEtcd();
    private final ApplicationClients clients =
            new ApplicationClients(new ClientLocator(), name -> ClientSettings.of(ConfigProvider.getConfig(), name));

    @Singleton
    static class Early {
        @Inject
        KV kv;

        @Inject
        Lease lease;
    }

    @BeforeEach
    void server() {
        SETTINGS.forEach(System::setProperty);
        FakeNaming.start();
    }

    @AfterEach
    void close() {
        clients.close();
        FakeNaming.stop();
        SETTINGS.keySet().forEach(System::clearProperty);
    }

    @Test
    void injectedKvTakesTheFactoryThatAppearsAfterTheFirstUse() {
        try (SeContainer container = Containers.start(Map.of(), new ClientLocator(), Early.class)) {
            SETTINGS.forEach(System::setProperty);
            Early bean = container.select(Early.class).get();
            bean.lease.close(); // makes the bean, which needs a client

            bindFactory();
            bean.kv.put(KEY, KEY).join();

            assertThat(etcd.calls()).containsExactly("put /k");
        }
    }

    /** So that it shares the transaction's outcome; outside of one no connection is taken for it. */
    @Test
    void injectedLeaseIsGrantedThroughAConnectionInsideATransactionOnly() {
        List<String> granted = new ArrayList<>();
        EtcdLease lease = Fakes.of(EtcdLease.class, Map.of("grant", () -> {
            granted.add("through the connection");
            return null;
        }));
        EtcdConnection connection = Fakes.of(EtcdConnection.class, Map.of("lease", () -> lease));
        FakeNaming.bind(
                "java:comp/env/eis/etcd",
                Fakes.of(EtcdConnectionFactory.class, Map.of("getConnection", () -> connection)));
        EtcdClient factory = clients.transactional("");

        assertThatThrownBy(() -> factory.withLease(given -> given.grant(60)))
                .as("the raw client, which the fake connection does not have")
                .isInstanceOf(RuntimeException.class);
        assertThat(granted).isEmpty();

        bindTransaction(Status.STATUS_ACTIVE);
        CompletableFuture<?> grant = factory.withLease(given -> given.grant(60));
        assertThat(grant).as("what the connection's lease returns").isNull();
        assertThat(granted).containsExactly("through the connection");
    }

    @Test
    void replacedLinkLivesAsLongAsTheApplication() {
        EtcdClient link = clients.get("");
        bindFactory();

        EtcdClient factory = clients.transactional("");

        assertThat(link.joinsTransactions()).isFalse();
        assertThat(factory.joinsTransactions()).isTrue();
        assertThat(clients.get("")).isSameAs(factory);
        assertThat(clients.transactional("")).isSameAs(factory);
        assertThatCode(link::watches).doesNotThrowAnyException();
        clients.close();
        assertThatIllegalStateException().isThrownBy(link::watches);
    }

    @Test
    void factoryIsAlsoFoundByTheStart() {
        EtcdClient link = clients.get("");
        bindFactory();

        clients.findFactory("");

        assertThat(clients.get("")).isNotSameAs(link);
        assertThat(clients.get("").joinsTransactions()).isTrue();
    }

    @Test
    void linkStaysWhileThereIsNoFactory() {
        EtcdClient link = clients.get("");

        assertThat(clients.transactional("")).isSameAs(link);
    }

    @Test
    void writesInATransactionAreRefusedWithoutAFactory() {
        EtcdKv kv = new InjectedKv(() -> clients.transactional(""));
        Op put = Op.put(KEY, KEY, PutOption.DEFAULT);
        bindTransaction(Status.STATUS_ACTIVE);

        assertRefused(() -> kv.put(KEY, KEY));
        assertRefused(() -> kv.put(KEY, KEY, PutOption.DEFAULT));
        assertRefused(() -> kv.delete(KEY));
        assertRefused(() -> kv.txn().Then(put).commit());
        assertRefused(() -> kv.txn().Else(put).commit());
        assertRefused(() -> kv.execute(EtcdOp.delete(KEY)));
        assertRefused(() -> kv.putKeepingLease(KEY, KEY));
        assertRefused(() -> kv.newTxn().Else(EtcdOp.of(put)).commit());
        assertThatCode(() -> kv.execute(EtcdOp.get(KEY))).doesNotThrowAnyException();
        Op nested = Op.txn(null, new Op[] {Op.get(KEY, GetOption.DEFAULT)}, null);
        assertThatCode(() -> kv.txn().Then(nested).commit()).doesNotThrowAnyException();
        assertThatCode(() -> kv.get(KEY)).doesNotThrowAnyException();
        assertThatCode(() -> kv.txn().Then(Op.get(KEY, GetOption.DEFAULT)).commit())
                .doesNotThrowAnyException();
    }

    @Test
    void transactionThatWillRollBackTakesNoWriteEither() {
        bindTransaction(Status.STATUS_MARKED_ROLLBACK);

        assertRefused(() -> clients.get("").checkWrite());
    }

    @Test
    void writesOutsideATransactionAreNotRefused() {
        assertThatCode(() -> clients.get("").checkWrite()).doesNotThrowAnyException();
        bindTransaction(Status.STATUS_NO_TRANSACTION);
        assertThatCode(() -> clients.get("").checkWrite()).doesNotThrowAnyException();
    }

    @Test
    void namedClientIsToldItsOwnProperty() {
        bindFactory(); // the default client's
        bindTransaction(Status.STATUS_ACTIVE);
        KV orders = new InjectedKv(() -> clients.transactional("orders"));

        assertThatExceptionOfType(EtcdException.class)
                .isThrownBy(() -> orders.put(KEY, KEY))
                .withMessageContaining("etcd.clients.orders.jndi-name");
        assertThat(etcd.calls()).isEmpty();
    }

    private static void assertRefused(ThrowingCallable write) {
        assertThatExceptionOfType(EtcdException.class)
                .isThrownBy(write)
                .withMessageContainingAll("ETCD-00418", "java:comp/env/eis/etcd", "eis/etcd", "etcd.jndi-name")
                .satisfies(refused -> assertThat(refused.effect()).isEqualTo(EtcdException.Effect.NOT_APPLIED));
    }

    private void bindFactory() {
        EtcdConnection connection = Fakes.of(EtcdConnection.class, Map.of("kv", () -> etcd));
        FakeNaming.bind(
                "java:comp/env/eis/etcd",
                Fakes.of(EtcdConnectionFactory.class, Map.of("getConnection", () -> connection)));
    }

    private static void bindTransaction(int status) {
        FakeNaming.bind(
                "java:comp/TransactionSynchronizationRegistry",
                Fakes.of(TransactionSynchronizationRegistry.class, Map.of("getTransactionStatus", () -> status)));
    }
}
