package org.etcdjakarta.connector;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;

class NodeNameTest {

    @Test
    void theServersNameGoesFirst() {
        assertThat(NodeName.of(Map.of("jboss.node.name", "one")::get, Map.of("HOSTNAME", "host")::get))
                .isEqualTo("one");
        assertThat(NodeName.of(Map.of("jboss.node.name", "one", "jboss.tx.node.id", "tx")::get, key -> null))
                .isEqualTo("tx");
    }

    @Test
    void thenTheHosts() {
        assertThat(NodeName.of(key -> null, Map.of("HOSTNAME", "host")::get)).isEqualTo("host");
    }

    @Test
    void neverEmpty() {
        assertThat(NodeName.of(key -> " ", key -> null)).startsWith("process-");
    }
}
