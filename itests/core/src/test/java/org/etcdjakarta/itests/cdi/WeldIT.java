package org.etcdjakarta.itests.cdi;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.op.Op;
import io.etcd.jetcd.options.PutOption;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.etcdjakarta.EtcdAuth;
import org.etcdjakarta.EtcdEvent;
import org.etcdjakarta.EtcdLease;
import org.etcdjakarta.EtcdSession;
import org.etcdjakarta.EtcdSession.State;
import org.etcdjakarta.config.EtcdConfigChanged.Change;
import org.etcdjakarta.itests.support.EtcdServer;
import org.etcdjakarta.itests.support.Threads;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class WeldIT {

    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final EtcdServer etcd = EtcdServer.start();
    private Threads before = Threads.snapshot();

    @BeforeEach
    void count() {
        before = Threads.snapshot();
    }

    @AfterEach
    void stop() {
        etcd.close();
    }

    @Test
    void injectedKvWritesToEtcd() {
        try (Application application = start()) {
            application.desk().kv.put(bytes("/motd"), bytes("hello")).join();

            assertThat(etcd.etcdctl("get", "/motd", "--print-value-only")).contains("hello");
        }
    }

    @Test
    void leaseIsInjectedBesideKv() {
        try (Application application = start()) {
            Desk desk = application.desk();
            long lease = desk.lease.grant(60).join().getID();
            desk.kv
                    .put(
                            bytes("/leased"),
                            bytes("1"),
                            PutOption.builder().withLeaseId(lease).build())
                    .join();

            desk.lease.revoke(lease).join();

            assertThat(desk.kv.get(bytes("/leased")).join().getKvs()).isEmpty();
        }
    }

    @Test
    void oneBeanIsJetcdsInterfaceAndOursAndItsCloseRevokesNothing() {
        try (Application application = start()) {
            Desk desk = application.desk();
            long id = desk.lease.grant(60).join().getID();
            desk.extendedLease.close();
            desk.lease.close();

            assertThat(desk.extendedLease.leases().join()).contains(id);
            assertThat(EtcdLease.of(desk.lease).leases().join()).contains(id);
            assertThat(desk.cluster.listMember(true).join().getMembers()).hasSize(1);
            assertThat(desk.maintenance.alarms().join()).isEmpty();
            assertThat(EtcdAuth.of(desk.auth).userList().join().getUsers()).isEmpty();
        }
    }

    @Test
    void sessionIsInjectedAndEndsWithTheApplication() {
        try (Application application = start(Map.of("etcd.session-ttl", "60s"))) {
            EtcdSession session = application.desk().session;
            await().atMost(PATIENCE).until(() -> session.state() == State.CONNECTED);
            session.close();
            assertThat(session.state()).as("close does nothing").isEqualTo(State.CONNECTED);
            assertThat(session.ttl()).isEqualTo(Duration.ofSeconds(60));
            application
                    .desk()
                    .kv
                    .put(
                            bytes("/here"),
                            bytes("1"),
                            PutOption.builder().withLeaseId(session.leaseId()).build())
                    .join();
        }

        assertThat(etcd.etcdctl().get("/here")).as("revoked").isEmpty();
        before.awaitBack(PATIENCE);
    }

    @Test
    void everyChangeReachesTheObserversInOrder() {
        try (Application application = start()) {
            Desk desk = application.desk();
            List<String> values =
                    IntStream.range(0, 50).mapToObj(String::valueOf).toList();
            awaitWatch(desk);
            values.forEach(value -> desk.kv.put(bytes("/flags/a"), bytes(value)).join());

            await().atMost(PATIENCE).untilAsserted(() -> assertThat(desk.flags)
                    .filteredOn(change -> change.key().equals("/flags/a"))
                    .extracting(EtcdEvent::value)
                    .containsExactlyElementsOf(values));
            assertThat(desk.numbers)
                    .filteredOn(change -> change.key().equals("/flags/a"))
                    .extracting(EtcdEvent::value)
                    .containsExactlyElementsOf(
                            values.stream().map(Integer::valueOf).toList());
        }
    }

    @Test
    void watchGoesOnBehindARestartOfEtcd() {
        try (Application application = start()) {
            Desk desk = application.desk();
            awaitWatch(desk);
            etcd.stop();
            etcd.restart();
            etcd.etcdctl("put", "/flags/after", "restart");

            await().atMost(PATIENCE)
                    .untilAsserted(() ->
                            assertThat(desk.flags).extracting(EtcdEvent::key).contains("/flags/after"));
        }
    }

    @Test
    void oneTransactionIsOneBatch() {
        try (Application application = start()) {
            Desk desk = application.desk();
            await().atMost(PATIENCE).until(() -> {
                desk.kv.put(bytes("/orders/0"), bytes("0")).join();
                return !desk.batches.isEmpty();
            });
            long revision = desk.kv
                    .txn()
                    .Then(
                            Op.put(bytes("/orders/1"), bytes("a"), PutOption.DEFAULT),
                            Op.put(bytes("/orders/2"), bytes("b"), PutOption.DEFAULT))
                    .commit()
                    .join()
                    .getHeader()
                    .getRevision();

            await().atMost(PATIENCE)
                    .untilAsserted(() -> assertThat(desk.batches).anySatisfy(batch -> {
                        assertThat(batch.revision()).isEqualTo(revision);
                        assertThat(batch.events()).extracting(EtcdEvent::value).containsExactly("a", "b");
                    }));
        }
    }

    @Test
    void supplierFollowsEtcd() {
        etcd.etcdctl("put", "/config/price/limit", "150");
        try (Application application = start()) {
            Desk desk = application.desk();
            assertThat(desk.limit.get()).isEqualTo(150);

            etcd.etcdctl("put", "/config/price/limit", "250");
            await().atMost(PATIENCE).until(() -> desk.limit.get() == 250);
            etcd.etcdctl("del", "/config/price/limit");
            await().atMost(PATIENCE).until(() -> desk.limit.get() == 100);

            await().atMost(PATIENCE).untilAsserted(() -> assertThat(desk.changes)
                    .extracting(change -> change.changes().get("price.limit"))
                    .containsExactly(new Change("150", "250", true), new Change("250", null, true)));
        }
    }

    @Test
    void startsWithoutEtcdAndCatchesUp() {
        etcd.etcdctl("put", "/config/price/limit", "150");
        etcd.stop();
        try (Application application = start(Map.of("etcd.config.startup-timeout", "300ms"))) {
            Desk desk = application.desk();
            assertThat(desk.limit.get()).isEqualTo(100);

            etcd.restart();

            await().atMost(PATIENCE).until(() -> desk.limit.get() == 150);
            awaitWatch(desk);
        }
    }

    @Test
    void requiredConfigurationFailsTheStartWithEndpointAndAdvice() {
        etcd.stop();

        assertThatThrownBy(
                        () -> start(Map.of("etcd.config.startup", "required", "etcd.config.startup-timeout", "300ms"))
                                .close())
                .hasStackTraceContaining("ETCD-00503")
                .hasStackTraceContaining(etcd.endpoint())
                .hasStackTraceContaining("etcd.config.startup=optional");
        before.awaitBack(PATIENCE);
    }

    @Test
    void nothingIsLeftAfterTheEnd() {
        try (Application application = start()) {
            awaitWatch(application.desk());
            assertThat(before.startedSince()).isNotEmpty();
        }

        before.awaitBack(PATIENCE);
    }

    /** The watch stands when a change arrives; changes before it stood are not promised. */
    private static void awaitWatch(Desk desk) {
        await().atMost(PATIENCE).until(() -> {
            desk.kv.put(bytes("/flags/probe"), bytes("0")).join();
            return !desk.flags.isEmpty();
        });
    }

    private Application start() {
        return start(Map.of());
    }

    private Application start(Map<String, String> more) {
        var settings = new HashMap<>(more);
        settings.put("etcd.endpoints", etcd.endpoint());
        return new Application(settings);
    }

    private static ByteSequence bytes(String text) {
        return ByteSequence.from(text, UTF_8);
    }
}
