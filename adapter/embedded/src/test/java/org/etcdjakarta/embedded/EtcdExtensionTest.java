package org.etcdjakarta.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.etcd.jetcd.api.KVGrpc;
import io.grpc.ManagedChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.etcdjakarta.embedded.faults.Faults;
import org.etcdjakarta.embedded.faults.Refusal;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.extension.ExtendWith;

/** Used as a test uses it. */
@ExtendWith(EtcdExtension.class)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class EtcdExtensionTest {

    private static final List<EmbeddedEtcd> OF_THE_FIRST = new ArrayList<>();

    @BeforeEach
    void seed(EmbeddedEtcd etcd) {
        TestClient.inProcess(etcd).put("seed");
    }

    @AfterAll
    static void theServerOfATestIsClosedAfterIt() {
        assertThat(OF_THE_FIRST).singleElement().satisfies(etcd -> assertThatThrownBy(etcd::pause)
                .hasMessageContaining("CLOSED"));
    }

    @Test
    @Order(1)
    void allParametersBelongToOneServer(EmbeddedEtcd etcd, Faults faults, ManualClock clock, ManagedChannel channel) {
        OF_THE_FIRST.add(etcd);
        assertThat(etcd.faults()).isSameAs(faults);
        assertThat(etcd.channel()).isSameAs(channel);
        TestClient client = TestClient.inProcess(etcd);
        assertThat(client.has("seed")).isTrue();

        client.putWithLease("leased", client.grant(10));
        clock.advance(Duration.ofSeconds(10));
        assertThat(client.has("leased")).isFalse();

        faults.on(KVGrpc.getPutMethod()).refuse(Refusal.NO_LEADER);
        assertThatThrownBy(() -> client.put("k")).hasMessageContaining("no leader");
    }

    @Test
    @Order(2)
    void theNextTestHasAnEmptyOneWithoutFaults(EmbeddedEtcd etcd) {
        assertThat(OF_THE_FIRST).doesNotContain(etcd);
        assertThat(TestClient.inProcess(etcd).put("k").getHeader().getRevision())
                .as("after the seed")
                .isEqualTo(3);
    }

    @Nested
    @TestMethodOrder(MethodOrderer.OrderAnnotation.class)
    class Shared {

        private static @Nullable EmbeddedEtcd shared;

        @BeforeAll
        static void start(EmbeddedEtcd etcd) {
            shared = etcd;
            TestClient.inProcess(etcd).put("once");
        }

        @Test
        @Order(1)
        void theServerOfBeforeAllIsThatOfAllTests(EmbeddedEtcd etcd) {
            assertThat(etcd).isSameAs(shared);
            TestClient.inProcess(etcd).put("first");
        }

        @Test
        @Order(2)
        void withAllThatTheyDoToIt(EmbeddedEtcd etcd) {
            assertThat(TestClient.inProcess(etcd).has("once")).isTrue();
            assertThat(TestClient.inProcess(etcd).has("first")).isTrue();
        }
    }
}
