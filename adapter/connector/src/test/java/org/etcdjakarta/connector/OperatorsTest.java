package org.etcdjakarta.connector;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.etcdjakarta.connector.Containers.copyBySerialization;

import io.etcd.jetcd.ByteSequence;
import jakarta.resource.ResourceException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.Set;
import javax.management.MBeanException;
import javax.management.MBeanServer;
import javax.management.ObjectName;
import javax.management.RuntimeMBeanException;
import javax.management.openmbean.CompositeData;
import javax.naming.NamingException;
import javax.naming.Reference;
import javax.transaction.xa.XAException;
import javax.transaction.xa.XAResource;
import javax.transaction.xa.Xid;
import org.etcdjakarta.EtcdException;
import org.etcdjakarta.core.tx.TransactionAdmin.State;
import org.etcdjakarta.embedded.EmbeddedEtcd;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The administered object and the management beans, over a branch that is prepared and left. */
class OperatorsTest {

    private static final MBeanServer SERVER = ManagementFactory.getPlatformMBeanServer();

    private final EmbeddedEtcd etcd = EmbeddedEtcd.start();
    private final EtcdResourceAdapter adapter = new EtcdResourceAdapter();
    private final EtcdManagedConnectionFactory factory = new EtcdManagedConnectionFactory();
    private final EtcdAdminObject operator = new EtcdAdminObject();
    private final EtcdManagedConnection connection;

    OperatorsTest() throws ResourceException {
        adapter.setEndpoints(etcd.endpoint());
        adapter.start(Containers.lending(Containers.noTransaction()));
        factory.setResourceAdapter(adapter);
        operator.setResourceAdapter(adapter);
        connection = factory.createManagedConnection(null, null);
    }

    @AfterEach
    void stop() {
        connection.destroy();
        adapter.stop();
        etcd.close();
    }

    private static ByteSequence bytes(String text) {
        return ByteSequence.from(text, StandardCharsets.UTF_8);
    }

    private Xid prepared(int number) throws Exception {
        Xid xid = new TestXid(number);
        XAResource resource = connection.getXAResource();
        resource.start(xid, XAResource.TMNOFLAGS);
        EtcdConnectionImpl handle = connection.getConnection(null, null);
        assertThat(handle.kv().put(bytes("/k" + number), bytes("v"))).succeedsWithin(Duration.ofSeconds(60));
        resource.end(xid, XAResource.TMSUCCESS);
        assertThat(resource.prepare(xid)).isEqualTo(XAResource.XA_OK);
        handle.close();
        return xid;
    }

    private long count(String key) throws Exception {
        return connection.getConnection(null, null).kv().get(bytes(key)).get().getCount();
    }

    @Test
    void administeredObjectCommitsWhatWasLeft() throws Exception {
        Xid xid = prepared(1);
        assertThat(operator.list()).singleElement().satisfies(branch -> {
            assertThat(branch.state()).isEqualTo(State.PREPARED);
            assertThat(branch.keys()).containsExactly("/k1");
        });
        assertThat(operator.metrics().inDoubt()).isEqualTo(1);
        String name = operator.list().get(0).xid();
        operator.commit(name);
        assertThat(count("/k1")).isEqualTo(1);
        assertThat(operator.list()).singleElement().satisfies(branch -> assertThat(branch.state())
                .isEqualTo(State.HEURISTICALLY_COMMITTED));
        assertThatThrownBy(() -> connection.getXAResource().rollback(xid))
                .isInstanceOfSatisfying(
                        XAException.class, told -> assertThat(told.errorCode).isEqualTo(XAException.XA_HEURCOM));
        operator.forget(name);
        assertThat(operator.list()).isEmpty();
    }

    @Test
    void administeredObjectRollsBackWhatWasLeft() throws Exception {
        prepared(2);
        operator.rollback(operator.list().get(0).xid());
        assertThat(count("/k2")).isZero();
        assertThatThrownBy(() -> operator.commit("no xid"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("no xid");
    }

    @Test
    void statusTellsVersionAndEndpoints() throws ResourceException {
        assertThat(operator.status().version()).matches("3\\.\\d+\\.\\d+.*");
        assertThat(operator.status().endpoints()).containsExactly(etcd.endpoint());
    }

    @Test
    void statusFailsWithinTheRequestTimeout() {
        etcd.stop();
        operator.setRequestTimeout("300ms");
        assertThatThrownBy(operator::status)
                .isInstanceOf(EtcdException.class)
                .hasMessageContaining(etcd.endpoint())
                .hasMessageContaining("300ms");
    }

    @Test
    void wrongPropertyIsNamed() {
        operator.setRequestTimeout("5 parsecs");
        assertThatThrownBy(operator::list)
                .isInstanceOf(ResourceException.class)
                .hasMessageContaining("requestTimeout")
                .hasMessageContaining("5 parsecs");
    }

    @Test
    void administeredObjectIsReferenceableSerializableAndBelongsToOneAdapter() throws Exception {
        assertThatThrownBy(operator::getReference).isInstanceOf(NamingException.class);
        Reference reference = new Reference(EtcdAdminObject.class.getName());
        operator.setReference(reference);
        assertThat(operator.getReference()).isSameAs(reference);
        EtcdAdminObject copy = copyBySerialization(operator, EtcdAdminObject.class);
        assertThat(copy).isEqualTo(operator).hasSameHashCodeAs(operator);
        assertThat(copy.status().endpoints()).containsExactly(etcd.endpoint());
        assertThat(new EtcdAdminObject()).isNotEqualTo(operator);
        assertThatThrownBy(() -> operator.setResourceAdapter(adapter)).hasMessageContaining("ETCD-00306");
        assertThatThrownBy(() -> new EtcdAdminObject().setResourceAdapter(null)).hasMessageContaining("ETCD-00307");
    }

    private Set<ObjectName> shown() throws Exception {
        return SERVER.queryNames(
                new ObjectName("org.etcdjakarta:type=Transactions,name=" + ObjectName.quote(etcd.endpoint()) + ",*"),
                null);
    }

    @Test
    void managementBeanShowsAndEndsWhatWasLeft() throws Exception {
        prepared(3);
        ObjectName name = shown().iterator().next();
        assertThat(SERVER.getAttribute(name, "InDoubt")).isEqualTo(1L);
        assertThat((Long) SERVER.getAttribute(name, "OldestSeconds")).isNotNegative();
        for (String counter : new String[] {"Conflicts", "Fences", "Retries"}) {
            assertThat((Long) SERVER.getAttribute(name, counter)).isNotNegative();
        }
        CompositeData branch = ((CompositeData[]) invoke(name, "list"))[0];
        assertThat(branch.get("state")).isEqualTo("PREPARED");
        assertThat((String[]) branch.get("keys")).containsExactly("/k3");
        invoke(name, "commit", (String) branch.get("xid"));
        assertThat(count("/k3")).isEqualTo(1);
        assertThat(SERVER.getAttribute(name, "InDoubt")).as("looked at anew").isEqualTo(0L);
        assertThat(SERVER.getAttribute(name, "OldestSeconds")).isEqualTo(-1L);
        invoke(name, "forget", (String) branch.get("xid"));
        assertThat((CompositeData[]) invoke(name, "list")).isEmpty();
        assertThatThrownBy(() -> invoke(name, "rollback", (String) branch.get("xid")))
                .isInstanceOfAny(RuntimeMBeanException.class, MBeanException.class)
                .cause()
                .isExactlyInstanceOf(IllegalStateException.class)
                .hasMessageContaining("ETCD-");
    }

    private static Object invoke(ObjectName name, String operation, String... arguments) throws Exception {
        String[] types = new String[arguments.length];
        Arrays.fill(types, String.class.getName());
        return SERVER.invoke(name, operation, arguments, types);
    }

    @Test
    void managementBeansAreThereFromTheFirstConnectionToTheStopOfTheirAdapter() throws Exception {
        assertThat(shown()).hasSize(1);
        EtcdManagedConnection second = factory.createManagedConnection(null, null);
        assertThat(shown()).as("one for a configuration").hasSize(1);
        second.destroy();
        EtcdResourceAdapter other = new EtcdResourceAdapter();
        other.start(Containers.lending(Containers.noTransaction()));
        EtcdManagedConnectionFactory ofOther = new EtcdManagedConnectionFactory();
        ofOther.setEndpoints(etcd.endpoint());
        ofOther.setResourceAdapter(other);
        EtcdManagedConnection third = ofOther.createManagedConnection(null, null);
        assertThat(shown()).as("one for each adapter").hasSize(2);
        third.destroy();
        assertThat(shown()).hasSize(2);
        other.stop();
        assertThat(shown()).hasSize(1);
        adapter.stop();
        assertThat(shown()).isEmpty();
        EtcdManagedConnection late = factory.createManagedConnection(null, null);
        late.destroy();
        assertThat(shown()).as("after the stop").isEmpty();
        adapter.start(Containers.lending(Containers.noTransaction()));
        factory.createManagedConnection(null, null).destroy();
        assertThat(shown()).hasSize(1);
        adapter.start(Containers.lending(Containers.noTransaction()));
        factory.createManagedConnection(null, null).destroy();
        assertThat(shown()).as("a second start without a stop").hasSize(1);
        adapter.stop();
        assertThat(shown()).isEmpty();
    }

    @Test
    void usersThatSignOnAreNotShown() throws Exception {
        EtcdManagedConnection signedOn =
                factory.createManagedConnection(null, new EtcdConnectionRequestInfo("alice", "a"));
        assertThat(SERVER.queryNames(new ObjectName("org.etcdjakarta:type=Transactions,*"), null))
                .allSatisfy(name -> assertThat(name.toString()).doesNotContain("alice"));
        signedOn.destroy();
    }
}
