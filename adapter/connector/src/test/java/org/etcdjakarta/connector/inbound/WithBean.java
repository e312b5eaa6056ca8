package org.etcdjakarta.connector.inbound;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.KV;
import io.etcd.jetcd.options.GetOption;
import jakarta.resource.ResourceException;
import jakarta.resource.spi.ActivationSpec;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import org.etcdjakarta.connector.EtcdActivationSpec;
import org.etcdjakarta.connector.EtcdResourceAdapter;
import org.etcdjakarta.core.link.EtcdLink;
import org.etcdjakarta.core.link.EtcdLinkConfig;
import org.etcdjakarta.embedded.EmbeddedEtcd;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** An etcd, an adapter that a server has started, and a bean that is not active yet. */
abstract class WithBean {

    final EmbeddedEtcd etcd = EmbeddedEtcd.start();
    final EtcdLink link =
            EtcdLink.open(EtcdLinkConfig.builder().endpoints(etcd.endpoint()).build());
    final FakeServer server = new FakeServer();
    final FakeBean bean = new FakeBean();
    final EtcdResourceAdapter adapter = new EtcdResourceAdapter();
    final EtcdActivationSpec spec = new EtcdActivationSpec();

    @BeforeEach
    void start() {
        adapter.setEndpoints(etcd.endpoint());
        adapter.start(server.context());
        spec.setPrefix("/in/");
        spec.setRedeliveryDelay("20ms");
    }

    @AfterEach
    void stop() {
        adapter.stop();
        assertThat(bean.wrongOrder).isEmpty();
        assertThat(bean.open).as("endpoints that were not given back").hasValue(0);
        link.close();
        server.close();
        etcd.close();
    }

    void activate() throws ResourceException {
        activate(spec);
    }

    void activate(ActivationSpec wanted) throws ResourceException {
        adapter.endpointActivation(bean, wanted);
    }

    void put(String key, String value) {
        link.client().getKVClient().put(bytes(key), bytes(value)).join();
    }

    static ByteSequence bytes(String text) {
        return ByteSequence.from(text, StandardCharsets.UTF_8);
    }

    List<String> keys(String prefix) {
        KV kv = link.client().getKVClient();
        return kv.get(bytes(prefix), GetOption.builder().isPrefix(true).build()).join().getKvs().stream()
                .map(found -> found.getKey().toString(StandardCharsets.UTF_8))
                .toList();
    }

    String value(String key) {
        return link.client()
                .getKVClient()
                .get(bytes(key))
                .join()
                .getKvs()
                .get(0)
                .getValue()
                .toString(StandardCharsets.UTF_8);
    }

    void awaitTaken(String... wanted) {
        await().atMost(Duration.ofSeconds(30))
                .untilAsserted(() -> assertThat(bean.taken).containsExactly(wanted));
    }
}
