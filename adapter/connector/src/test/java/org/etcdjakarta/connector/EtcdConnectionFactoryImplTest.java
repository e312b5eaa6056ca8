package org.etcdjakarta.connector;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.etcdjakarta.connector.Containers.copyBySerialization;

import jakarta.resource.ResourceException;
import java.util.ArrayList;
import java.util.List;
import javax.naming.NamingException;
import javax.naming.Reference;
import org.etcdjakarta.EtcdConnection;
import org.etcdjakarta.core.link.EtcdLink;
import org.junit.jupiter.api.Test;

class EtcdConnectionFactoryImplTest {

    private final EtcdConnectionFactoryImpl factory = Containers.factory().createConnectionFactory();

    @Test
    void worksWithoutAServer() throws ResourceException {
        EtcdLink link;
        try (EtcdConnection connection = factory.getConnection()) {
            assertThat(connection.kv()).isNotNull();
            link = connection.unwrap(EtcdLink.class);
        }
        assertThatThrownBy(link::retain)
                .as("the link ended with the last connection")
                .isInstanceOf(IllegalStateException.class);
    }

    @Test
    void callerWhoRetainsTheLinkOutlivesTheConnection() throws ResourceException {
        EtcdLink retained;
        try (EtcdConnection connection = factory.getConnection()) {
            retained = connection.unwrap(EtcdLink.class).retain();
        }
        assertThat(retained.client()).isNotNull();
        retained.close();
    }

    @Test
    void applicationSignsOn() throws ResourceException {
        try (EtcdConnection connection = factory.getConnection("alice", "a")) {
            assertThat(connection.unwrap(EtcdLink.class).config().user()).isEqualTo("alice");
        }
    }

    @Test
    void keepsTheReferenceThatTheServerSets() throws NamingException {
        assertThatThrownBy(factory::getReference).isInstanceOf(NamingException.class);
        Reference reference = new Reference("org.etcdjakarta.EtcdConnectionFactory");
        factory.setReference(reference);
        assertThat(factory.getReference()).isSameAs(reference);
    }

    @Test
    void survivesSerialization() throws Exception {
        try (EtcdConnection connection =
                copyBySerialization(factory, EtcdConnectionFactoryImpl.class).getConnection()) {
            assertThat(connection.toString()).contains("EtcdConnection");
        }
    }

    @Test
    void passesTheUserToTheServersConnectionManager() throws ResourceException {
        EtcdManagedConnectionFactory managed = Containers.factory();
        List<Object> asked = new ArrayList<>();
        EtcdConnectionFactoryImpl pooled = managed.createConnectionFactory((of, info) -> {
            asked.add(of);
            asked.add(info);
            return new DefaultConnectionManager().allocateConnection(of, info);
        });
        pooled.getConnection("alice", "a").close();
        assertThat(asked).containsExactly(managed, new EtcdConnectionRequestInfo("alice", "a"));
    }
}
