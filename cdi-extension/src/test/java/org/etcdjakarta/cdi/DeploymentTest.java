package org.etcdjakarta.cdi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.KV;
import io.etcd.jetcd.Watch;
import io.etcd.jetcd.op.Cmp;
import io.etcd.jetcd.op.CmpTarget;
import io.etcd.jetcd.op.Op;
import io.etcd.jetcd.options.GetOption;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.inject.Instance;
import jakarta.enterprise.inject.se.SeContainer;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.etcdjakarta.EtcdEvent;
import org.etcdjakarta.EtcdKv;
import org.etcdjakarta.EtcdOp;
import org.etcdjakarta.cdi.EtcdWatch.OnFailure;
import org.etcdjakarta.testing.Logged;
import org.junit.jupiter.api.Test;

class DeploymentTest {

    private static final ByteSequence KEY = ByteSequence.from("/k", StandardCharsets.UTF_8);

    private final FakeClients clients = new FakeClients();

    @Singleton
    static class Plain {}

    @Singleton
    static class Two {
        @Inject
        KV kv;

        @Inject
        @Etcd("orders")
        Instance<KV> orders;
    }

    @Singleton
    static class More {
        @Inject
        KV kv;

        @Inject
        EtcdKv more;

        @Inject
        @Etcd("orders")
        EtcdKv orders;
    }

    @Singleton
    static class Raw {
        @Inject
        Watch watch;
    }

    @Singleton
    static class Watching {
        void on(@Observes @EtcdWatch("/w/") EtcdEvent<String> change) {}

        void orders(@Observes @EtcdWatch(value = "/w/", client = "orders") EtcdEvent<String> change) {}
    }

    @Singleton
    static class WrongType {
        void on(@Observes @EtcdWatch("/w/") EtcdEvent<List<String>> change) {}
    }

    @Singleton
    static class NoEventAtAll {
        void on(@Observes @EtcdWatch("/w/") String change) {}
    }

    @Singleton
    static class Cursor {
        void on(@Observes @EtcdWatch(value = "/w/", cursor = "audit") EtcdEvent<String> change) {}
    }

    @Singleton
    static class DeadLetter {
        void on(@Observes @EtcdWatch(value = "/w/", onFailure = OnFailure.DEAD_LETTER) EtcdEvent<String> change) {}
    }

    @Singleton
    static class Nothing {
        void on(@Observes @EtcdWatch(value = "/w/", put = false, delete = false) EtcdEvent<String> change) {}
    }

    @Test
    void withoutUseNothingIsOpened() {
        try (SeContainer container = Containers.start(Map.of(), clients, Plain.class)) {
            assertThat(container.select(Plain.class).isResolvable()).isTrue();
        }
        assertThat(clients.diary).isEmpty();
    }

    @Test
    void injectionAloneConnectsAtFirstUse() {
        try (SeContainer container = start(Two.class)) {
            Two two = container.select(Two.class).get();
            assertThat(clients.diary).isEmpty();

            two.kv.put(KEY, KEY).join();
            two.orders.get().put(KEY, KEY).join();
            two.kv.close();
            two.kv.get(KEY).join();

            assertThat(clients.diary)
                    .containsExactly("open ", "connection ", "open orders", "connection orders", "connection ");
            assertThat(clients.cluster("").calls()).containsExactly("put /k", "get /k");
            assertThat(clients.cluster("orders").calls()).containsExactly("put /k");
        }
        assertThat(clients.diary).contains("close  with watches 0", "close orders with watches 0");
    }

    @Test
    void closingWhatIsInjectedDoesNotCloseItForOthers() {
        try (SeContainer container = start(Raw.class)) {
            Raw raw = container.select(Raw.class).get();

            raw.watch.close();
            raw.watch.requestProgress();

            assertThat(clients.diary).containsExactly("open ", "getWatchClient", "requestProgress");
        }
    }

    @Test
    void injectedKvHasWhatGosClientHas() {
        try (SeContainer container = start(More.class)) {
            More bean = container.select(More.class).get();

            assertThat(EtcdKv.of(bean.kv)).isSameAs(bean.kv);
            bean.more.newTxn().Then(EtcdOp.put(KEY, KEY)).toOp();
            assertThat(clients.diary).isEmpty();
            bean.more.putKeepingLease(KEY, KEY).join();
            bean.orders.execute(EtcdOp.put(KEY, KEY)).join();

            assertThat(clients.diary).containsExactly("open ", "connection ", "open orders", "connection orders");
            assertThat(clients.cluster("").calls()).containsExactly("execute Put");
        }
    }

    @Test
    void everyPageOpensItsConnection() {
        for (int i = 0; i < 150; i++) {
            clients.cluster("").put("/p/" + i, "1");
        }
        try (SeContainer container = start(More.class)) {
            EtcdKv kv = container.select(More.class).get().more;

            assertThat(kv
                            .pages(
                                    ByteSequence.from("/p/", StandardCharsets.UTF_8),
                                    GetOption.builder().isPrefix(true).build())
                            .stream())
                    .hasSize(150);
            assertThat(clients.diary).containsExactly("open ", "connection ", "connection ");
        }
    }

    @Test
    void transactionOpensItsConnectionAtCommit() {
        try (SeContainer container = start(Two.class)) {
            KV kv = container.select(Two.class).get().kv;

            var txn = kv.txn()
                    .If(new Cmp(KEY, Cmp.Op.EQUAL, CmpTarget.version(0)))
                    .Then(Op.get(KEY, GetOption.DEFAULT))
                    .Then(Op.get(KEY, GetOption.DEFAULT))
                    .Else(Op.get(KEY, GetOption.DEFAULT));
            assertThat(clients.diary).isEmpty();
            txn.commit().join();

            assertThat(clients.diary).containsExactly("open ", "connection ");
            assertThat(clients.cluster("").calls()).containsExactly("txn 1 2 1");
            assertThatThrownBy(() -> txn.If()).isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void watchesStartWithTheApplicationAndEndBeforeTheirClients() {
        try (SeContainer container = start(Watching.class)) {
            assertThat(container.select(Watching.class).isResolvable()).isTrue();
            assertThat(clients.diary).containsExactlyInAnyOrder("open ", "open orders");
            assertThat(clients.cluster("").watches()).hasSize(1);
            assertThat(clients.cluster("orders").watches()).hasSize(1);
        }
        assertThat(clients.diary).contains("close  with watches 0", "close orders with watches 0");
    }

    @Test
    void unknownClientIsNamedWithItsProperties() {
        assertThatThrownBy(() -> Containers.start(Map.of("etcd.endpoints", "localhost:2379"), clients, Two.class))
                .hasMessageContaining("etcd.clients.orders.jndi-name")
                .hasMessageContaining("etcd.clients.orders.endpoints")
                .hasMessageContaining("Two.orders");
        assertThatThrownBy(() -> Containers.start(Map.of(), clients, Watching.class))
                .hasMessageContaining("etcd.endpoints")
                .hasMessageContaining("etcd.clients.orders.endpoints");
        assertThat(clients.diary).isEmpty();
    }

    @Test
    void wrongSettingIsNamedWithItsValue() {
        assertThatThrownBy(() -> Containers.start(
                        Map.of(
                                "etcd.endpoints", "localhost:2379",
                                "etcd.config.enabled", "false",
                                "etcd.clients.orders.endpoints", "localhost:notaport"),
                        clients,
                        Two.class))
                .hasMessageContaining("etcd.clients.orders.endpoints")
                .hasMessageContaining("notaport");
    }

    @Test
    void unknownPropertyIsNamedOnceAndDoesNotFailTheDeployment() {
        Map<String, String> settings = Map.of(
                "etcd.endpoints", "localhost:2379",
                "etcd.config.enabled", "false",
                "etcd.requestTimeout", "5s",
                "etcd.clients.orders.endpoints", "localhost:2380",
                "etcd.clients.orders.usr", "root");
        try (Logged logged = new Logged(EtcdExtension.class);
                SeContainer container = Containers.start(settings, clients, Two.class)) {
            assertThat(container.select(Two.class).isResolvable()).isTrue();
            assertThat(logged.lines()).hasSize(2).allMatch(line -> line.startsWith("WARNING ETCD-00419"));
            assertThat(logged.lines().get(0)).contains("etcd.clients.orders.usr ", "etcd.clients.orders.user ");
            assertThat(logged.lines().get(1)).contains("etcd.requestTimeout ", "etcd.request-timeout ");
        }
    }

    @Test
    void observersThatCannotBeServedAreNamed() {
        assertThatThrownBy(() -> start(WrongType.class))
                .hasMessageContaining("WrongType.on")
                .hasMessageContaining("List<java.lang.String>")
                .hasMessageContaining("EtcdBatch<T>");
        assertThatThrownBy(() -> start(NoEventAtAll.class)).hasMessageContaining("NoEventAtAll.on");
        assertThatThrownBy(() -> start(Cursor.class))
                .hasMessageContaining("Cursor.on")
                .hasMessageContaining("not available yet");
        assertThatThrownBy(() -> start(DeadLetter.class))
                .hasMessageContaining("DEAD_LETTER")
                .hasMessageContaining("not available yet");
        assertThatThrownBy(() -> start(Nothing.class)).hasMessageContaining("never be called");
    }

    private SeContainer start(Class<?>... beans) {
        return Containers.start(
                Map.of(
                        "etcd.endpoints", "localhost:2379",
                        "etcd.config.enabled", "false",
                        "etcd.clients.orders.endpoints", "localhost:2380"),
                clients,
                beans);
    }
}
