package org.etcdjakarta.connector;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.etcdjakarta.connector.Containers.copyBySerialization;
import static org.etcdjakarta.connector.Containers.subject;

import io.etcd.jetcd.ByteSequence;
import jakarta.resource.ResourceException;
import jakarta.resource.spi.ConnectionEvent;
import jakarta.resource.spi.Connector;
import jakarta.resource.spi.DissociatableManagedConnection;
import jakarta.resource.spi.LazyEnlistableManagedConnection;
import jakarta.resource.spi.ManagedConnection;
import jakarta.resource.spi.ManagedConnectionMetaData;
import jakarta.resource.spi.SecurityException;
import jakarta.resource.spi.TransactionSupport.TransactionSupportLevel;
import java.io.Serializable;
import java.lang.reflect.Method;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import javax.naming.NamingException;
import javax.naming.Reference;
import javax.security.auth.Subject;
import javax.transaction.xa.XAException;
import javax.transaction.xa.XAResource;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.etcdjakarta.EtcdConnection;
import org.etcdjakarta.EtcdConnectionFactory;
import org.etcdjakarta.connector.Containers.Recorder;
import org.etcdjakarta.embedded.EmbeddedEtcd;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * What Connectors 2.1 demands of an adapter and adapters leave out: the numbers are those of the table in the README, which also names
 * the tests of what is not here. Below it, what is broken in other adapters.
 */
class ConnectorsRulesTest {

    private static final ByteSequence KEY = bytes("k");

    private final EmbeddedEtcd etcd = EmbeddedEtcd.start();
    private final EtcdManagedConnectionFactory factory = factory();
    private final List<ManagedConnection> made = new ArrayList<>();

    private EtcdManagedConnectionFactory factory() {
        EtcdManagedConnectionFactory configured = new EtcdManagedConnectionFactory();
        configured.setEndpoints(etcd.endpoint());
        return configured;
    }

    private EtcdManagedConnection connection() throws ResourceException {
        EtcdManagedConnection connection = factory.createManagedConnection(null, null);
        made.add(connection);
        return connection;
    }

    @AfterEach
    void stop() throws ResourceException {
        for (ManagedConnection connection : made) {
            connection.destroy();
        }
        etcd.close();
    }

    private static ByteSequence bytes(String text) {
        return ByteSequence.from(text, StandardCharsets.UTF_8);
    }

    private static void put(EtcdConnection handle, String key) throws Exception {
        var unused = handle.kv().put(bytes(key), bytes("v")).get();
    }

    private static long count(EtcdConnection handle, String key) throws Exception {
        return handle.kv().get(bytes(key)).get().getCount();
    }

    @Test
    void rule1_adapterFactoryAndRequestInfoAreEqualByClassAndConfiguration() throws ResourceException {
        EtcdResourceAdapter adapter = new EtcdResourceAdapter();
        adapter.setEndpoints(etcd.endpoint());
        EtcdResourceAdapter same = new EtcdResourceAdapter();
        same.setEndpoints(etcd.endpoint());
        assertThat(new HashSet<>(List.of(adapter, same))).hasSize(1);
        assertThat(new HashSet<>(List.of(factory, factory()))).hasSize(1);
        assertThat(Set.of(new EtcdConnectionRequestInfo("a", "b")))
                .contains(new EtcdConnectionRequestInfo("a", "b"))
                .doesNotContain(new EtcdConnectionRequestInfo("a", "c"));
        for (Class<?> type : List.of(EtcdResourceAdapter.class, EtcdManagedConnectionFactory.class)) {
            assertThat(declared(type)).contains("equals", "hashCode");
        }
    }

    private static List<String> declared(Class<?> type) {
        return Arrays.stream(type.getDeclaredMethods()).map(Method::getName).toList();
    }

    @Test
    void rule2_managedConnectionsKeepIdentity() throws ResourceException {
        assertThat(connection()).isNotEqualTo(connection());
        assertThat(declared(EtcdManagedConnection.class)).doesNotContain("equals", "hashCode");
        assertThat(declared(EtcdProperties.class))
                .as("base of activation specifications")
                .doesNotContain("equals", "hashCode");
    }

    @Test
    void rule3_recoveryConnectsWithASubjectAndNoRequestInfo() throws Exception {
        EtcdManagedConnection connection = factory.createManagedConnection(subject(factory, "alice", "a"), null);
        made.add(connection);
        assertThat(connection.getMetaData().getUserName()).isEqualTo("alice");
        EtcdManagedConnection asConfigured =
                factory.createManagedConnection(subject(factory, Credential.RECOVERY_USER, "unused"), null);
        made.add(asConfigured);
        assertThat(asConfigured.getXAResource().recover(XAResource.TMSTARTRSCAN | XAResource.TMENDRSCAN))
                .isEmpty();
    }

    @Test
    void rule4_cleanupInvalidatesAllHandlesAgainAndAgainAndKeepsTheLink() throws Exception {
        EtcdManagedConnection connection = connection();
        List<EtcdConnection> handles =
                List.of(connection.getConnection(null, null), connection.getConnection(null, null));
        put(handles.get(0), "a");
        connection.cleanup();
        connection.cleanup();
        assertThat(handles).allSatisfy(handle -> assertThatThrownBy(handle::kv)
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("ETCD-00302"));
        assertThat(count(connection.getConnection(null, null), "a")).isEqualTo(1);
    }

    @Test
    void rule6_listenersMayComeAndGoWhileTheyAreTold() throws ResourceException {
        EtcdManagedConnection connection = connection();
        Recorder added = new Recorder();
        for (int i = 0; i < 3; i++) {
            connection.addConnectionEventListener(new Recorder() {
                @Override
                public void connectionClosed(ConnectionEvent event) {
                    connection.removeConnectionEventListener(this);
                    connection.addConnectionEventListener(added);
                }
            });
        }
        connection.getConnection(null, null).close();
        assertThat(added.events).as("those of now are told, no later ones").isEmpty();
        connection.getConnection(null, null).close();
        assertThat(added.events).isNotEmpty().containsOnly("CONNECTION_CLOSED");
    }

    @Test
    void rule7_handlesOfOneConnectionWorkFromManyThreads() throws Exception {
        EtcdManagedConnection connection = connection();
        Recorder recorder = new Recorder();
        ExecutorService threads = Executors.newFixedThreadPool(16);
        try {
            List<Callable<Long>> calls = new ArrayList<>();
            for (int i = 0; i < 200; i++) {
                String key = "/" + i;
                calls.add(() -> {
                    try (EtcdConnection handle = connection.getConnection(null, null)) {
                        put(handle, key);
                        return count(handle, key);
                    }
                });
            }
            for (Future<Long> call : threads.invokeAll(calls)) {
                assertThat(call.get()).isEqualTo(1);
            }
        } finally {
            threads.shutdown();
        }
        connection.addConnectionEventListener(recorder);
        connection.cleanup();
        assertThat(recorder.events).as("nothing was left open").isEmpty();
    }

    @Test
    void rule8_otherUserIsRefused() throws ResourceException {
        EtcdManagedConnection connection = connection();
        assertThatThrownBy(() -> connection.getConnection(subject(factory, "bob", "b"), null))
                .isInstanceOf(SecurityException.class);
        assertThat(connection.getConnection(new Subject(), null))
                .as("a subject that names nobody is no other user")
                .isNotNull();
    }

    @Test
    void rule9_metadataIsThatOfEtcdAndOfTheUserAndEndsWithTheConnection() throws ResourceException {
        EtcdManagedConnection connection = connection();
        ManagedConnectionMetaData data = connection.getMetaData();
        assertThat(data.getEISProductName()).isEqualTo("etcd");
        assertThat(data.getEISProductVersion()).matches("3\\.[45]\\.\\d+.*");
        assertThat(data.getUserName()).isEmpty();
        connection.destroy();
        assertThatThrownBy(connection::getMetaData).isInstanceOf(ResourceException.class);
    }

    @Test
    void rule10_xaLevelHasLocalTransactionsToo() throws Exception {
        EtcdManagedConnection connection = connection();
        EtcdConnection handle = connection.getConnection(null, null);
        assertThat(connection.getXAResource()).isNotNull();
        connection.getLocalTransaction().begin();
        put(handle, "a");
        connection.getLocalTransaction().commit();
        assertThat(count(handle, "a")).isEqualTo(1);
    }

    @Test
    void rule11_outsideOfATransactionEveryWriteIsThereAtOnceAndInsideWithTheCommit() throws Exception {
        EtcdManagedConnection connection = connection();
        EtcdConnection handle = connection.getConnection(null, null);
        EtcdConnection other = connection().getConnection(null, null);
        put(handle, "at once");
        assertThat(count(other, "at once")).isEqualTo(1);
        connection.getLocalTransaction().begin();
        put(handle, "later");
        assertThat(count(other, "later")).isZero();
        connection.getLocalTransaction().commit();
        assertThat(count(other, "later")).isEqualTo(1);
        put(handle, "at once again");
        assertThat(count(other, "at once again")).isEqualTo(1);
    }

    @Test
    void rule12_levelAtRuntimeIsNeverAboveTheDeclaredOne() {
        TransactionSupportLevel declared =
                EtcdResourceAdapter.class.getAnnotation(Connector.class).transactionSupport();
        for (TransactionSupportLevel level : TransactionSupportLevel.values()) {
            factory.setTransactionSupportLevel(level.name());
            assertThat(factory.getTransactionSupport()).isEqualTo(level);
            assertThat(rank(factory.getTransactionSupport())).isLessThanOrEqualTo(rank(declared));
        }
    }

    private static int rank(TransactionSupportLevel level) {
        return switch (level) {
            case NoTransaction -> 0;
            case LocalTransaction -> 1;
            case XATransaction -> 2;
        };
    }

    @Test
    void rule13_nothingIsPooledWithin() throws ResourceException {
        EtcdManagedConnection first = connection();
        first.destroy();
        EtcdManagedConnection second = connection();
        assertThat(second).isNotSameAs(first);
        assertThatThrownBy(() -> first.getConnection(null, null)).hasMessageContaining("ETCD-00308");
        assertThat(second.getConnection(null, null)).isNotSameAs(second.getConnection(null, null));
    }

    @Test
    void rule14_worksWithoutAServer() throws Exception {
        try (EtcdConnection handle = factory.createConnectionFactory().getConnection()) {
            put(handle, "a");
            assertThat(count(handle, "a")).isEqualTo(1);
        }
    }

    /** What applications are called back on is a thread of the link's that may block, never one that moves bytes. */
    @Test
    void rule15_applicationsAreNotCalledOnThreadsOfTheNetwork() throws Exception {
        EtcdConnection handle = connection().getConnection(null, null);
        Set<String> threads = ConcurrentHashMap.newKeySet();
        for (int i = 0; i < 20; i++) {
            var answer = handle.kv()
                    .get(KEY)
                    .thenRun(() -> threads.add(Thread.currentThread().getName()));
            assertThat(answer).succeedsWithin(Duration.ofSeconds(60));
        }
        assertThat(threads).isNotEmpty().allSatisfy(name -> assertThat(name)
                .doesNotContainIgnoringCase("netty")
                .doesNotContainIgnoringCase("epoll")
                .doesNotContainIgnoringCase("-io")
                .doesNotContainIgnoringCase("eventloop"));
    }

    @Test
    void rule24_connectionFactoryIsSerializableAndReferenceable() throws Exception {
        EtcdConnectionFactory bound = factory.createConnectionFactory();
        assertThat(bound).isInstanceOf(Serializable.class);
        assertThatThrownBy(bound::getReference).isInstanceOf(NamingException.class);
        Reference reference = new Reference("anything");
        bound.setReference(reference);
        assertThat(bound.getReference()).isSameAs(reference);
        try (EtcdConnection handle =
                copyBySerialization(bound, EtcdConnectionFactory.class).getConnection()) {
            put(handle, "a");
        }
    }

    /**
     * No lazy association: of the servers none was seen to dissociate, and what is not seen cannot be proved. What there is, is
     * association, which Payara uses.
     */
    @Test
    void rule25_handlesAreAssociatedButNeverLazily() throws Exception {
        EtcdManagedConnection before = connection();
        EtcdManagedConnection after = connection();
        assertThat(before)
                .isNotInstanceOf(DissociatableManagedConnection.class)
                .isNotInstanceOf(LazyEnlistableManagedConnection.class);
        EtcdConnectionImpl handle = before.getConnection(null, null);
        after.associateConnection(handle);
        before.destroy();
        put(handle, "a");
        Recorder recorder = new Recorder();
        after.addConnectionEventListener(recorder);
        handle.close();
        assertThat(recorder.handles).containsExactly(handle);
        assertThatThrownBy(() -> after.associateConnection(handle)).isInstanceOf(IllegalStateException.class);
    }

    private static void assertProtocolError(ThrowingCallable call) {
        assertThatThrownBy(call).isInstanceOfSatisfying(XAException.class, refused -> assertThat(refused.errorCode)
                .isEqualTo(XAException.XAER_PROTO));
    }

    @Test
    void rule26_callsInTheWrongOrderAreProtocolErrors() throws Exception {
        XAResource resource = connection().getXAResource();
        TestXid xid = new TestXid(1);
        resource.start(xid, XAResource.TMNOFLAGS);
        assertProtocolError(() -> resource.start(new TestXid(2), XAResource.TMNOFLAGS));
        assertProtocolError(() -> resource.prepare(xid));
        assertProtocolError(() -> resource.commit(xid, true));
        resource.end(xid, XAResource.TMSUCCESS);
        assertProtocolError(() -> resource.end(xid, XAResource.TMSUCCESS));
        assertProtocolError(() -> resource.commit(xid, false));
        resource.rollback(xid);
    }

    // ---- defects of other adapters

    /** TMNOFLAGS is 0, so a test for that flag is always true, and every start the start of a new branch. */
    @Test
    void joinAndResumeAreNoNewBranches() throws Exception {
        EtcdManagedConnection connection = connection();
        XAResource resource = connection.getXAResource();
        TestXid xid = new TestXid(3);
        resource.start(xid, XAResource.TMNOFLAGS);
        put(connection.getConnection(null, null), "one");
        resource.end(xid, XAResource.TMSUSPEND);
        resource.start(xid, XAResource.TMRESUME);
        resource.end(xid, XAResource.TMSUCCESS);
        EtcdManagedConnection joining = connection();
        joining.getXAResource().start(xid, XAResource.TMJOIN);
        EtcdConnection handle = joining.getConnection(null, null);
        assertThat(count(handle, "one")).as("sees what the branch has written").isEqualTo(1);
        put(handle, "two");
        joining.getXAResource().end(xid, XAResource.TMSUCCESS);
        resource.commit(xid, true);
        EtcdConnection after = connection().getConnection(null, null);
        assertThat(count(after, "one") + count(after, "two")).isEqualTo(2);
        assertThatThrownBy(() -> resource.start(new TestXid(4), XAResource.TMJOIN))
                .isInstanceOfSatisfying(XAException.class, refused -> assertThat(refused.errorCode)
                        .isEqualTo(XAException.XAER_NOTA));
    }

    @Test
    void xaExceptionsAlwaysHaveACode() throws Exception {
        XAResource resource = connection().getXAResource();
        TestXid unknown = new TestXid(5);
        for (ThrowingCallable call : List.<ThrowingCallable>of(
                () -> resource.start(null, XAResource.TMNOFLAGS),
                () -> resource.start(unknown, XAResource.TMSTARTRSCAN),
                () -> resource.end(unknown, XAResource.TMSUCCESS),
                () -> resource.prepare(unknown),
                () -> resource.commit(unknown, false),
                () -> resource.rollback(unknown),
                () -> resource.forget(unknown))) {
            assertThatThrownBy(call).isInstanceOfSatisfying(XAException.class, refused -> assertThat(refused.errorCode)
                    .isNotZero());
        }
    }

    @Test
    void noConnectionMatchesInAnEmptyPool() throws ResourceException {
        assertThat(factory.matchManagedConnections(Set.of(), null, null)).isNull();
        assertThat(factory.getInvalidConnections(Set.of())).isEmpty();
    }

    @Test
    void closingOneHandleClosesNothingThatOthersUse() throws Exception {
        EtcdManagedConnection connection = connection();
        EtcdConnection one = connection.getConnection(null, null);
        EtcdConnection two = connection.getConnection(null, null);
        EtcdConnection elsewhere = connection().getConnection(null, null);
        one.close();
        put(two, "a");
        two.close();
        connection.destroy();
        put(elsewhere, "b");
        assertThat(count(elsewhere, "a")).isEqualTo(1);
    }

    @Test
    void closedHandleAndDestroyedConnectionAreOfNoUse() throws ResourceException {
        EtcdManagedConnection connection = connection();
        EtcdConnection handle = connection.getConnection(null, null);
        connection.destroy();
        assertThatThrownBy(handle::kv).isInstanceOf(IllegalStateException.class);
        handle.close();
    }
}
