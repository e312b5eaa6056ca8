package org.etcdjakarta.connector.inbound;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.etcd.jetcd.api.KVGrpc;
import jakarta.resource.ResourceException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.stream.Stream;
import org.etcdjakarta.connector.EtcdActivationSpec;
import org.etcdjakarta.core.link.EtcdLinkConfig;
import org.etcdjakarta.core.tx.TxSettings;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * Two nodes that share a durable name while everything happens that can: beans that throw, pauses, deactivations, leaders that are deposed,
 * an etcd that is slow or restarted. Each change has its effect once, those of a key in their order.
 */
class StormTest extends WithBean {

    private final class Node {

        final FakeServer threads = new FakeServer();
        final FakeBean taker = new FakeBean();
        final Activations activations = new Activations(
                (name, shown) -> {
                    shown(shown);
                    return () -> {};
                },
                Duration.ofSeconds(5));
        EtcdActivationSpec identity = new EtcdActivationSpec();
        volatile @Nullable ActivationMXBean shown;
        boolean active;

        ActivationMXBean running() {
            return Objects.requireNonNull(shown);
        }

        private void shown(Object bean) {
            shown = (ActivationMXBean) bean;
        }

        void activate(boolean singleton, int concurrency) throws ResourceException {
            identity = new EtcdActivationSpec();
            activations.activate(
                    taker,
                    identity,
                    new ActivationSettings(
                            EtcdLinkConfig.builder()
                                    .endpoints(etcd.endpoint())
                                    .sessionTtl(Duration.ofSeconds(1))
                                    .build(),
                            new TxSettings(TxSettings.DEFAULT_RESERVED_PREFIX, TxSettings.DEFAULT_MAX_TXN_OPS, "test"),
                            "/in/",
                            true,
                            1,
                            true,
                            true,
                            false,
                            "storm",
                            singleton,
                            concurrency,
                            -1,
                            Duration.ofMillis(20),
                            null));
            active = true;
        }

        void deactivate() {
            activations.deactivate(taker, identity);
            active = false;
        }
    }

    @Test
    void eachChangeHasItsEffectOnceWhenOneIsElected() throws Exception {
        storm(2, true, Long.getLong("storm.seed", 1));
    }

    @Test
    void eachChangeHasItsEffectOnceWhenNobodyIs() throws Exception {
        storm(2, false, Long.getLong("storm.seed", 2));
    }

    /** Each time that it is activated another number of lanes. */
    @Test
    void eachChangeHasItsEffectOnceHoweverManyLanesThereAre() throws Exception {
        storm(1, false, Long.getLong("storm.seed", 3));
    }

    private void storm(int count, boolean singleton, long seed) throws Exception {
        Random random = new Random(seed);
        Random ofBeans = new Random(seed);
        List<Node> nodes = Stream.generate(Node::new).limit(count).toList();
        for (Node node : nodes) {
            node.activations.start(node.threads.context());
            node.taker.behaviour = batch -> {
                int dice;
                synchronized (ofBeans) {
                    dice = ofBeans.nextInt(10);
                }
                if (dice == 0) {
                    throw new IllegalStateException("now and then");
                }
            };
            node.activate(singleton, count > 1 ? 3 : random.nextInt(4) + 1);
        }
        List<String> wanted = new ArrayList<>();
        for (int i = 0; i < 300; i++) {
            String key = "/in/" + i % 7;
            put(key, String.valueOf(i));
            wanted.add(key + "=" + i);
            Node node = nodes.get(random.nextInt(count));
            switch (random.nextInt(14)) {
                case 0, 1 -> node.running().pause();
                case 2, 3, 4 -> node.running().resume();
                case 5 -> {
                    if (node.active) {
                        node.deactivate();
                    }
                }
                case 6, 7 -> {
                    if (!node.active) {
                        node.activate(singleton, count > 1 ? 3 : random.nextInt(4) + 1);
                    }
                }
                case 8 -> {
                    List<String> leaders = keys("/_etcd-jakarta/e/storm/");
                    if (!leaders.isEmpty()) {
                        link.client()
                                .getKVClient()
                                .delete(bytes(leaders.get(0)))
                                .join();
                    }
                }
                case 9 -> {
                    var unused =
                            etcd.faults().on(KVGrpc.getRangeMethod()).next(2).delay(Duration.ofMillis(100));
                }
                case 10 -> {
                    if (i % 5 == 0) {
                        etcd.stop();
                        etcd.restart();
                        // so that the puts of this test are never in doubt
                        await().ignoreExceptions().until(() -> keys("/none/").isEmpty());
                    }
                }
                default ->
                    await().pollDelay(Duration.ofMillis(random.nextInt(30) + 1)).until(() -> true);
            }
        }
        for (Node node : nodes) {
            if (!node.active) {
                node.activate(singleton, count > 1 ? 3 : random.nextInt(4) + 1);
            }
            node.running().resume();
        }
        await().atMost(Duration.ofSeconds(60)).untilAsserted(() -> {
            List<String> all = new ArrayList<>();
            nodes.forEach(node -> all.addAll(node.taker.taken));
            assertThat(all)
                    .as(() -> "seed " + seed + ", "
                            + nodes.stream()
                                    .map(node -> node.running().getState())
                                    .toList())
                    .containsExactlyInAnyOrderElementsOf(wanted);
        });
        inOrder(nodes.get(0).taker.taken, count, wanted);
        for (Node node : nodes) {
            node.activations.stop();
            node.threads.close();
            assertThat(node.taker.wrongOrder).isEmpty();
            assertThat(node.taker.transactions).hasValue(0);
        }
    }

    /** Of one node all are in the order of its keys. */
    private static void inOrder(List<String> taken, int count, List<String> wanted) {
        for (int key = 0; key < 7; key++) {
            String prefix = "/in/" + key + "=";
            List<String> ofKey = wanted.stream()
                    .filter(text -> text.startsWith(prefix) && (count == 1 || taken.contains(text)))
                    .toList();
            assertThat(taken.stream().filter(text -> text.startsWith(prefix))).containsExactlyElementsOf(ofKey);
        }
    }
}
