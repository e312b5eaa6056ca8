package org.etcdjakarta.itests.suite;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.etcd.jetcd.KV;
import jakarta.annotation.Resource;
import jakarta.enterprise.context.Dependent;
import jakarta.inject.Inject;
import jakarta.resource.ResourceException;
import org.etcdjakarta.EtcdConnection;
import org.etcdjakarta.EtcdConnectionFactory;
import org.etcdjakarta.itests.support.Etcdctl;
import org.jboss.arquillian.container.test.api.Deployment;
import org.jboss.arquillian.junit5.ArquillianExtension;
import org.jboss.shrinkwrap.api.spec.WebArchive;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** The connector as an application sees it: found, opened, used, closed. */
@Tag("smoke")
@ExtendWith(ArquillianExtension.class)
class ConnectionSuite {

    private static final String KEY = "/connection/key";

    private final Etcdctl witness = Etcdctl.fromSystemProperties();

    @Inject
    Component component;

    @Deployment
    static WebArchive application() {
        return TestApplication.war(ConnectionSuite.class, Component.class);
    }

    @BeforeEach
    void clean() {
        witness.deletePrefix("/connection/");
    }

    @Test
    void factoryIsFoundByItsReference() throws Exception {
        try (EtcdConnection connection = Names.connect()) {
            Texts.put(connection.kv(), KEY, "by reference");
        }
        assertThat(witness.get(KEY)).hasValue("by reference");
    }

    @Test
    void factoryIsInjectedAsResource() throws ResourceException {
        try (EtcdConnection connection = component.factory.getConnection()) {
            Texts.put(connection.kv(), KEY, "by injection");
        }
        assertThat(witness.get(KEY)).hasValue("by injection");
    }

    @Test
    void writesReadsAndDeletes() throws ResourceException {
        try (EtcdConnection connection = component.factory.getConnection()) {
            KV kv = connection.kv();
            Texts.put(kv, KEY, "1");
            assertThat(Texts.get(kv, KEY)).hasValue("1");

            witness.put(KEY, "2");
            assertThat(Texts.get(kv, KEY)).hasValue("2");

            Texts.delete(kv, KEY);
            assertThat(Texts.get(kv, KEY)).isEmpty();
            assertThat(witness.get(KEY)).isEmpty();
        }
    }

    @Test
    void closedHandleIsRefused() throws ResourceException {
        EtcdConnection connection = component.factory.getConnection();
        KV kv = connection.kv();
        connection.close();
        connection.close();

        assertThatThrownBy(connection::kv).isInstanceOf(IllegalStateException.class);
        // Refused at the call or by its future: both tell the caller.
        assertThatThrownBy(() -> Texts.put(kv, KEY, "too late")).hasStackTraceContaining("closed");
        assertThat(witness.get(KEY)).isEmpty();
    }

    @Test
    void manyMoreConnectionsThanThePoolHoldsOneAfterTheOther() throws ResourceException {
        for (int i = 0; i < 200; i++) {
            try (EtcdConnection connection = component.factory.getConnection()) {
                assertThat(Texts.get(connection.kv(), KEY)).isEmpty();
            }
        }
    }

    /** A component, because the test class itself is none. */
    @Dependent
    static class Component {

        @SuppressWarnings("NullAway.Init") // by the server
        @Resource(name = "eis/etcd")
        EtcdConnectionFactory factory;
    }
}
