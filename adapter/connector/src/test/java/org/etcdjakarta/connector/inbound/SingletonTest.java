package org.etcdjakarta.connector.inbound;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.etcd.jetcd.api.KVGrpc;
import jakarta.resource.ResourceException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.etcdjakarta.connector.EtcdActivationSpec;
import org.etcdjakarta.connector.EtcdResourceAdapter;
import org.etcdjakarta.embedded.faults.Fault;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Several nodes, of which one delivers. */
class SingletonTest extends WithBean {

    /** A node besides the first one, with the same bean on it. */
    private final class Node {

        final EtcdResourceAdapter adapter = new EtcdResourceAdapter();
        final FakeServer server = new FakeServer();
        final FakeBean bean = new FakeBean();
        final EtcdActivationSpec spec = new EtcdActivationSpec();

        Node() throws ResourceException {
            adapter.setEndpoints(etcd.endpoint());
            adapter.start(server.context());
            configure(spec);
            nodes.add(this);
        }

        void activate() throws ResourceException {
            adapter.endpointActivation(bean, spec);
        }

        void stop() {
            adapter.stop();
            server.close();
        }
    }

    private final List<Node> nodes = new ArrayList<>();

    @AfterEach
    void stopNodes() {
        nodes.forEach(Node::stop);
        nodes.forEach(node -> assertThat(node.bean.wrongOrder).isEmpty());
    }

    private static void configure(EtcdActivationSpec spec) {
        spec.setPrefix("/in/");
        spec.setDurableName("one");
        spec.setSingleton("true");
        spec.setStartRevision("1");
        spec.setRedeliveryDelay("20ms");
        spec.setSessionTtl("1s");
    }

    private void awaitBoth(Node other, String... wanted) {
        await().atMost(Duration.ofSeconds(30)).untilAsserted(() -> {
            List<String> all = new ArrayList<>(bean.taken);
            all.addAll(other.bean.taken);
            assertThat(all).containsExactlyInAnyOrder(wanted);
        });
    }

    @Test
    void oneDeliversAndTheNextTakesOverWhereItStops() throws ResourceException {
        configure(spec);
        activate();
        put("/in/a", "1");
        awaitTaken("/in/a=1");
        Node other = new Node();
        other.activate();
        put("/in/b", "2");
        awaitTaken("/in/a=1", "/in/b=2");
        assertThat(other.bean.taken).isEmpty();

        adapter.endpointDeactivation(bean, spec);
        put("/in/c", "3");

        await().untilAsserted(() -> assertThat(other.bean.taken).containsExactly("/in/c=3"));
        assertThat(bean.taken).containsExactly("/in/a=1", "/in/b=2");
    }

    /** A leader that has lost its lease without noticing, in the middle of a delivery: what it does is not committed. */
    @Test
    void checkpointIsNeverWrittenByTwo() throws Exception {
        CountDownLatch inside = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        configure(spec);
        bean.behaviour = batch -> {
            inside.countDown();
            assertThat(goOn.await(60, TimeUnit.SECONDS)).isTrue();
        };
        activate();
        put("/in/a", "1");
        assertThat(inside.await(30, TimeUnit.SECONDS)).isTrue();
        String leader = keys("/_etcd-jakarta/e/one/").get(0);
        Node other = new Node();
        other.activate();
        await().until(() -> keys("/_etcd-jakarta/e/one/").size() == 2);

        link.client().getKVClient().delete(bytes(leader)).join();
        await().untilAsserted(() -> assertThat(other.bean.taken).containsExactly("/in/a=1"));
        goOn.countDown();
        put("/in/b", "2");

        awaitBoth(other, "/in/a=1", "/in/b=2");
        assertThat(bean.calls.get()).isPositive();
    }

    /** Of the two times of leading only the second one counts. */
    @Test
    void leadershipThatIsLostAndWonAgainWhileItBeginsDelivers() throws ResourceException {
        configure(spec);
        put("/in/a", "1");
        Fault slow = etcd.faults()
                .on(KVGrpc.getRangeMethod())
                .when(request -> request.getKey().toStringUtf8().startsWith("/_etcd-jakarta/c/one/"))
                .next(1)
                .delay(Duration.ofSeconds(3));
        activate();
        await().until(() -> slow.hits() == 1);
        String first = keys("/_etcd-jakarta/e/one/").get(0);
        link.client().getKVClient().delete(bytes(first)).join();
        await().until(() -> !keys("/_etcd-jakarta/e/one/").isEmpty());

        awaitTaken("/in/a=1");
    }

    /** Without an election the checkpoint alone sees to it that each change has its effect once. */
    @Test
    void nodesThatShareANameAndElectNobodyDeliverEachChangeOnce() throws ResourceException {
        configure(spec);
        spec.setSingleton("false");
        Node other = new Node();
        other.spec.setSingleton("false");
        activate();
        other.activate();
        String[] wanted = new String[40];
        for (int i = 0; i < wanted.length; i++) {
            put("/in/" + i, "x");
            wanted[i] = "/in/" + i + "=x";
        }

        awaitBoth(other, wanted);
    }

    /** Control: what has no name is delivered by every node. */
    @Test
    void nodesWithoutANameAllDeliver() throws ResourceException {
        Node other = new Node();
        other.spec.setSingleton(null);
        other.spec.setDurableName(null);
        spec.setStartRevision("1");
        activate();
        other.activate();
        put("/in/a", "1");

        awaitTaken("/in/a=1");
        await().untilAsserted(() -> assertThat(other.bean.taken).containsExactly("/in/a=1"));
    }
}
