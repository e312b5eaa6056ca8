package org.etcdjakarta.itests.connector;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.options.PutOption;
import jakarta.resource.spi.BootstrapContext;
import java.lang.reflect.Proxy;
import java.time.Duration;
import org.etcdjakarta.EtcdConnection;
import org.etcdjakarta.EtcdSession;
import org.etcdjakarta.EtcdSession.State;
import org.etcdjakarta.connector.EtcdManagedConnection;
import org.etcdjakarta.connector.EtcdManagedConnectionFactory;
import org.etcdjakarta.connector.EtcdResourceAdapter;
import org.etcdjakarta.itests.support.EtcdServer;
import org.etcdjakarta.itests.support.Resources;
import org.etcdjakarta.itests.support.WithEtcd;
import org.junit.jupiter.api.Test;

/** The session of a factory outlives the connections that its pool destroys, and goes with the adapter. */
@WithEtcd
class FactorySessionIT {

    private static final Duration GENEROUS = Duration.ofSeconds(60);
    private static final String KEY = "/factory/present";

    private final EtcdServer etcd;
    private final EtcdManagedConnectionFactory factory = new EtcdManagedConnectionFactory();

    FactorySessionIT(EtcdServer etcd) {
        this.etcd = etcd;
        factory.setEndpoints(etcd.endpoint());
        factory.setSessionTtl("60s");
    }

    /** Puts the key under the session's lease. */
    private static void announce(EtcdConnection connection) {
        EtcdSession session = connection.session();
        await().atMost(GENEROUS).until(() -> session.state() == State.CONNECTED);
        ByteSequence key = ByteSequence.from(KEY, UTF_8);
        connection
                .kv()
                .put(
                        key,
                        key,
                        PutOption.builder().withLeaseId(session.leaseId()).build())
                .join();
    }

    @Test
    void outlivesItsConnectionsAndEndsWithTheAdapter() throws Exception {
        Resources before = Resources.snapshot();
        EtcdResourceAdapter adapter = new EtcdResourceAdapter();
        adapter.start((BootstrapContext) Proxy.newProxyInstance(
                getClass().getClassLoader(),
                new Class<?>[] {BootstrapContext.class},
                (self, method, arguments) -> null));
        factory.setResourceAdapter(adapter);
        EtcdManagedConnection connection = factory.createManagedConnection(null, null);
        long lease;
        try (EtcdConnection handle = connection.getConnection(null, null)) {
            announce(handle);
            lease = handle.session().leaseId();
        }
        connection.destroy();
        EtcdManagedConnection next = factory.createManagedConnection(null, null);
        try (EtcdConnection handle = next.getConnection(null, null)) {
            assertThat(handle.session().leaseId()).isEqualTo(lease);
        }
        next.destroy();
        assertThat(etcd.etcdctl().get(KEY)).hasValue(KEY);
        adapter.stop();

        assertThat(etcd.etcdctl().get(KEY)).isEmpty();
        before.awaitBack(GENEROUS);
    }

    @Test
    void endsWithTheLastConnectionWithoutAnAdapter() throws Exception {
        try (EtcdConnection connection = factory.createConnectionFactory().getConnection()) {
            announce(connection);
            try (EtcdConnection other = factory.createConnectionFactory().getConnection()) {
                assertThat(other.session().leaseId())
                        .isEqualTo(connection.session().leaseId());
            }
            assertThat(etcd.etcdctl().get(KEY)).hasValue(KEY);
        }

        assertThat(etcd.etcdctl().get(KEY)).isEmpty();
    }
}
