package org.etcdjakarta.connector;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.etcd.jetcd.Auth;
import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.auth.Permission;
import io.etcd.jetcd.kv.PutResponse;
import jakarta.resource.ResourceException;
import jakarta.resource.cci.LocalTransaction;
import jakarta.resource.spi.ConnectionEvent;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import org.etcdjakarta.EtcdAccessException;
import org.etcdjakarta.EtcdConflictException;
import org.etcdjakarta.EtcdConnectionFactory;
import org.etcdjakarta.connector.Containers.Recorder;
import org.etcdjakarta.core.link.EtcdLink;
import org.etcdjakarta.core.link.EtcdLinkConfig;
import org.etcdjakarta.embedded.EmbeddedEtcd;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * A connection is worthless when etcd does not accept its own user any more, and the server hears of it just before the
 * application; any other failure says nothing of the connection.
 */
class ErrorEventsTest {

    private static final Duration SOON = Duration.ofSeconds(60);

    private static final String ERROR = "CONNECTION_ERROR_OCCURRED";

    private final EmbeddedEtcd etcd = EmbeddedEtcd.start();
    private final EtcdLink administrators;
    private final EtcdManagedConnectionFactory factory = new EtcdManagedConnectionFactory();
    private final EtcdManagedConnection connection;
    private final Recorder recorder = new Recorder();

    ErrorEventsTest() throws Exception {
        factory.setEndpoints(etcd.endpoint());
        factory.setUser("alice");
        factory.setPassword("a");
        connection = factory.createManagedConnection(null, null);
        connection.addConnectionEventListener(recorder);
        Auth auth;
        try (EtcdLink open = EtcdLink.open(
                EtcdLinkConfig.builder().endpoints(etcd.endpoint()).build())) {
            auth = open.client().getAuthClient();
            auth.userAdd(bytes("root"), bytes("r")).get();
            auth.userGrantRole(bytes("root"), bytes("root")).get();
            auth.userAdd(bytes("alice"), bytes("a")).get();
            auth.roleAdd(bytes("some")).get();
            auth.roleGrantPermission(bytes("some"), bytes("/a"), bytes("/b"), Permission.Type.READWRITE)
                    .get();
            // what everybody needs who writes through the adapter
            auth.roleGrantPermission(
                            bytes("some"),
                            bytes("/_etcd-jakarta/"),
                            bytes("/_etcd-jakarta0"),
                            Permission.Type.READWRITE)
                    .get();
            auth.userGrantRole(bytes("alice"), bytes("some")).get();
            auth.authEnable().get();
        }
        administrators = EtcdLink.open(EtcdLinkConfig.builder()
                .endpoints(etcd.endpoint())
                .user("root")
                .password("r".toCharArray())
                .build());
    }

    @AfterEach
    void stop() {
        connection.destroy();
        administrators.close();
        etcd.close();
    }

    private static ByteSequence bytes(String text) {
        return ByteSequence.from(text, StandardCharsets.UTF_8);
    }

    private Auth auth() {
        return administrators.client().getAuthClient();
    }

    private EtcdConnectionImpl handle() throws ResourceException {
        return connection.getConnection(null, null);
    }

    private static void put(EtcdConnectionImpl handle, String key) throws ExecutionException, InterruptedException {
        var unused = handle.kv().put(bytes(key), bytes("v")).get();
    }

    private void assertRefusedAndTold(EtcdConnectionImpl handle) {
        assertThatThrownBy(() -> put(handle, "/a/key"))
                .cause()
                .isInstanceOfSatisfying(EtcdAccessException.class, refused -> assertThat(refused.code())
                        .isEqualTo("ETCD-00104"));
        assertThat(recorder.events).containsExactly(ERROR);
    }

    @Test
    void changedPasswordMakesTheConnectionWorthless() throws Exception {
        EtcdConnectionImpl handle = handle();
        put(handle, "/a/key");
        auth().userChangePassword(bytes("alice"), bytes("other")).get();

        assertRefusedAndTold(handle);
        assertThat(factory.getInvalidConnections(Set.of(connection))).containsExactly(connection);
        assertThat(factory.matchManagedConnections(Set.of(connection), null, null))
                .isNull();
        assertThatThrownBy(() -> put(handle, "/a/key")).hasMessageContaining("ETCD-00104");
        assertThat(recorder.events).as("told once").containsExactly(ERROR);
    }

    @Test
    void deletedUserMakesTheConnectionWorthless() throws Exception {
        EtcdConnectionImpl handle = handle();
        put(handle, "/a/key");
        auth().userDelete(bytes("alice")).get();
        assertRefusedAndTold(handle);
    }

    @Test
    void wrongPasswordFromTheBeginningToo() throws Exception {
        auth().userChangePassword(bytes("alice"), bytes("other")).get();
        assertRefusedAndTold(handle());
    }

    @Test
    void otherServicesTellToo() throws Exception {
        auth().userChangePassword(bytes("alice"), bytes("other")).get();
        assertThat(handle().lease().grant(10)).failsWithin(SOON);
        assertThat(recorder.events).containsExactly(ERROR);
    }

    @Test
    void readInATransactionTellsAndTheTransactionIsLost() throws Exception {
        EtcdConnectionImpl handle = handle();
        connection.getLocalTransaction().begin();
        auth().userChangePassword(bytes("alice"), bytes("other")).get();
        assertThatThrownBy(() -> handle.kv().get(bytes("/a/key")).get()).hasMessageContaining("ETCD-00104");
        assertThat(recorder.events).containsExactly(ERROR);
    }

    @Test
    void commitOfTheApplicationTells() throws Exception {
        EtcdConnectionImpl handle = handle();
        LocalTransaction transaction = handle.unwrap(LocalTransaction.class);
        transaction.begin();
        put(handle, "/a/key");
        auth().userChangePassword(bytes("alice"), bytes("other")).get();
        assertThatThrownBy(transaction::commit)
                .isInstanceOf(ResourceException.class)
                .hasMessageContaining("ETCD-00104");
        assertThat(recorder.events).containsExactly("LOCAL_TRANSACTION_STARTED", ERROR, "LOCAL_TRANSACTION_ROLLEDBACK");
    }

    @Test
    void serverHearsOfItBeforeTheApplicationAndMayDestroyTheConnection() throws Exception {
        List<String> order = new CopyOnWriteArrayList<>();
        connection.addConnectionEventListener(new Recorder() {
            @Override
            public void connectionErrorOccurred(ConnectionEvent event) {
                assertThat(event.getException()).hasMessageContaining("ETCD-00104");
                connection.destroy();
                order.add("server");
            }
        });
        auth().userChangePassword(bytes("alice"), bytes("other")).get();
        EtcdConnectionImpl handle = handle();
        CompletableFuture<PutResponse> answer = handle.kv().put(bytes("/a/key"), bytes("v"));
        var unused = answer.exceptionally(failure -> {
            order.add("application");
            throw new IllegalStateException(failure);
        });
        assertThat(answer).failsWithin(SOON);
        assertThat(order).first().isEqualTo("server");
        assertThatThrownBy(handle::kv).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void poolReplacesAWorthlessConnection() throws Exception {
        TestPool pool = new TestPool(1);
        EtcdConnectionFactory pooled = factory.createConnectionFactory(pool);
        auth().userChangePassword(bytes("alice"), bytes("other")).get();
        try (var refused = pooled.getConnection()) {
            assertThat(refused.kv().put(bytes("/a/key"), bytes("v"))).failsWithin(SOON);
        }
        assertThat(pool.errors()).isEqualTo(1);
        auth().userChangePassword(bytes("alice"), bytes("a")).get();
        try (var accepted = pooled.getConnection()) {
            assertThat(accepted.kv().put(bytes("/a/key"), bytes("v"))).succeedsWithin(SOON);
        }
        assertThat(pool.errors()).isEqualTo(1);
        pool.destroyAll();
    }

    @Test
    void missingPermissionIsNoErrorOfTheConnection() throws Exception {
        EtcdConnectionImpl handle = handle();
        assertThatThrownBy(() -> put(handle, "/elsewhere")).hasMessageContaining("ETCD-00106");
        connection.getLocalTransaction().begin();
        assertThatThrownBy(() -> handle.kv().get(bytes("/elsewhere")).get()).hasMessageContaining("ETCD-00106");
        assertThat(recorder.events).isEmpty();
        connection.getLocalTransaction().rollback();
        put(handle, "/a/key");
    }

    @Test
    void passwordOfSomebodyElseIsNoErrorOfTheConnection() throws Exception {
        assertThat(handle().auth().authenticate(bytes("root"), bytes("guessed")))
                .failsWithin(SOON);
        assertThat(recorder.events).isEmpty();
    }

    @Test
    void conflictIsNoErrorOfTheConnection() throws Exception {
        EtcdConnectionImpl handle = handle();
        LocalTransaction transaction = handle.unwrap(LocalTransaction.class);
        transaction.begin();
        assertThat(handle.kv().get(bytes("/a/key")).get().getKvs()).isEmpty();
        put(handle, "/a/other");
        administrators
                .client()
                .getKVClient()
                .put(bytes("/a/key"), bytes("theirs"))
                .get();
        assertThatThrownBy(transaction::commit).hasCauseInstanceOf(EtcdConflictException.class);
        assertThat(recorder.events).doesNotContain(ERROR);
    }

    @Test
    void errorOfTheKeyIsNoErrorOfTheConnection() throws Exception {
        assertThat(handle().lease().revoke(7)).failsWithin(SOON);
        assertThat(recorder.events).isEmpty();
    }

    @Test
    void etcdThatIsAwayIsNoErrorOfTheConnection() throws Exception {
        factory.setRequestTimeout("300ms");
        EtcdManagedConnection impatient = factory.createManagedConnection(null, null);
        impatient.addConnectionEventListener(recorder);
        EtcdConnectionImpl handle = impatient.getConnection(null, null);
        put(handle, "/a/key");
        etcd.stop();
        assertThat(handle.kv().put(bytes("/a/key"), bytes("v"))).failsWithin(SOON);
        assertThat(recorder.events).isEmpty();
        impatient.destroy();
    }

    @Test
    void cancellingWhatTheApplicationHasCancelsTheCall() throws Exception {
        EtcdConnectionImpl handle = handle();
        CompletableFuture<?> waiting = handle.election().campaign(bytes("/a/election"), 1, bytes("v"));
        assertThat(waiting.cancel(true)).isTrue();
        assertThat(waiting).isCancelled();
        assertThat(recorder.events).isEmpty();
    }
}
