package org.etcdjakarta.itests.link;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;
import static org.etcdjakarta.itests.link.Links.GENEROUS;
import static org.etcdjakarta.itests.link.Links.bytes;
import static org.etcdjakarta.itests.link.Links.get;

import io.etcd.jetcd.KV;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.etcdjakarta.EtcdAccessException;
import org.etcdjakarta.EtcdInDoubtException;
import org.etcdjakarta.EtcdUnavailableException;
import org.etcdjakarta.core.link.EtcdLink;
import org.etcdjakarta.core.watch.WatchSpec;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Tokens that etcd does not accept any more: expired, or issued before the last change of users and roles. Waiting for the
 * expiry is what costs here, so that all links are opened first and expire together; each test takes some nobody else uses.
 */
class TokenExpiryIT {

    private static final Map<AuthEtcd.Kind, AuthEtcd> ETCDS = new EnumMap<>(AuthEtcd.Kind.class);

    @BeforeAll
    static void startAndExpire() throws IOException {
        for (AuthEtcd.Kind kind : AuthEtcd.Kind.values()) {
            ETCDS.put(kind, AuthEtcd.start(kind));
        }
        for (AuthEtcd etcd : ETCDS.values()) {
            etcd.open("callers", "streams", "snapshot");
            for (int i = 0; i < UnaryCall.all(etcd.endpoint()).size(); i++) {
                etcd.open("call " + i);
            }
        }
        ETCDS.values().forEach(AuthEtcd::awaitExpiry);
    }

    @AfterAll
    static void stop() {
        ETCDS.values().forEach(AuthEtcd::close);
    }

    private static AuthEtcd etcd(AuthEtcd.Kind kind) {
        return Objects.requireNonNull(ETCDS.get(kind));
    }

    @ParameterizedTest
    @EnumSource
    void sixtyFourCallersAskForOneToken(AuthEtcd.Kind kind) {
        KV kv = etcd(kind).link("callers").client().getKVClient();
        long before = etcd(kind).authentications();
        List<CompletableFuture<?>> answers = new ArrayList<>();
        for (int i = 0; i < 64; i++) {
            answers.add(CompletableFuture.runAsync(() -> get(kv.get(bytes("/k"))), task -> new Thread(task).start()));
        }
        answers.forEach(Links::get);

        assertThat(etcd(kind).authentications()).isEqualTo(before + 1);
    }

    /** What every caller would meet who keeps the token. */
    @ParameterizedTest
    @EnumSource
    void expiredTokenIsRefused(AuthEtcd.Kind kind) {
        try (BareStubs bare = BareStubs.to(etcd(kind).endpoint())) {
            assertThatThrownBy(() -> bare.kv(etcd(kind).expiredToken()).range(BareStubs.get("/k")))
                    .hasMessageContaining("invalid auth token");
        }
    }

    @ParameterizedTest
    @EnumSource
    void everyUnaryCallRenewsItsToken(AuthEtcd.Kind kind) {
        List<UnaryCall> calls = UnaryCall.all(etcd(kind).endpoint());
        for (int i = 0; i < calls.size(); i++) {
            assertAnswered(calls.get(i), etcd(kind).link("call " + i));
        }
    }

    private static void assertAnswered(UnaryCall call, EtcdLink link) {
        if (call.method().equals("AuthDisable")) {
            // It would be answered, and nothing would need a token from then on.
            return;
        }
        var failure = call.start()
                .apply(link.client())
                .handle((value, thrown) -> thrown)
                .orTimeout(GENEROUS.toSeconds(), TimeUnit.SECONDS)
                .join();
        // etcd's own word, that there is no such user for example, is an answer.
        if (failure != null) {
            assertThat(failure)
                    .as(call.method())
                    .isNotInstanceOfAny(
                            EtcdAccessException.class, EtcdUnavailableException.class, EtcdInDoubtException.class)
                    .message()
                    .doesNotContainIgnoringCase("auth token");
        }
    }

    @ParameterizedTest
    @EnumSource
    void watchAndKeepAliveRenewTheirToken(AuthEtcd.Kind kind) {
        EtcdLink link = etcd(kind).link("streams");
        Collector collector = new Collector();
        try (var watch = link.watches().subscribe(WatchSpec.prefix(bytes("/w/")), collector, Runnable::run)) {
            await().atMost(GENEROUS).until(collector::isCreated);
            get(link.client().getKVClient().put(bytes("/w/1"), bytes("1")));
            await().atMost(GENEROUS).until(() -> !collector.batches().isEmpty());
            assertThat(watch.isClosed()).isFalse();
            assertThat(collector.failures()).isEmpty();
        }
        KeepAliveAnswers answers = new KeepAliveAnswers();
        long lease = get(link.client().getLeaseClient().grant(60)).getID();
        var kept = link.client().getLeaseClient().keepAlive(lease, answers);
        await().atMost(GENEROUS).until(() -> !answers.ttls().isEmpty());
        kept.close();
        assertThat(answers.errors()).isEmpty();
    }

    @ParameterizedTest
    @EnumSource
    void snapshotRenewsItsToken(AuthEtcd.Kind kind) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        long length =
                get(etcd(kind).link("snapshot").client().getMaintenanceClient().snapshot(bytes));

        assertThat(length).isPositive().isEqualTo(bytes.size());
    }

    /** A signed token names the revision of users and roles that it was issued at, and is refused at any later one. */
    @ParameterizedTest
    @EnumSource
    void changeOfRolesIsNoErrorForAnyCall(AuthEtcd.Kind kind) {
        AuthEtcd etcd = etcd(kind);
        try (EtcdLink link = etcd.newLink();
                BareStubs bare = BareStubs.to(etcd.endpoint())) {
            for (UnaryCall call : UnaryCall.all(etcd.endpoint())) {
                etcd.changeRoles();
                assertAnswered(call, link);
            }
            etcd.changeRoles();
            Collector collector = new Collector();
            try (var watch = link.watches().subscribe(WatchSpec.prefix(bytes("/w/")), collector, Runnable::run)) {
                await().atMost(GENEROUS)
                        .until(() ->
                                collector.isCreated() || !collector.failures().isEmpty());
                assertThat(watch.isClosed()).isFalse();
                assertThat(collector.failures()).isEmpty();
            }
            if (kind == AuthEtcd.Kind.SIGNED) {
                String old = etcd.token(bare);
                etcd.changeRoles();
                assertThatThrownBy(() -> bare.kv(old).range(BareStubs.get("/k")))
                        .message()
                        .containsAnyOf("is old", "invalid auth token");
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void changesOfRolesUnderLoadAreNoErrors(AuthEtcd.Kind kind) {
        AuthEtcd etcd = etcd(kind);
        try (EtcdLink link = etcd.newLink();
                BareStubs root = BareStubs.to(etcd.endpoint());
                Load load = Load.of(8, link, "/load/")) {
            for (int i = 0; i < 20; i++) {
                etcd.changeRoles();
                long before = load.acknowledged();
                await().atMost(GENEROUS)
                        .pollInterval(Duration.ofMillis(5))
                        .until(() -> load.acknowledged() > before + 8);
            }
            load.stopAndCheck(root.kv(etcd.token(root)));
            assertThat(load.failedReads()).isEmpty();
            assertThat(load.failedWrites()).isZero();
        }
    }
}
