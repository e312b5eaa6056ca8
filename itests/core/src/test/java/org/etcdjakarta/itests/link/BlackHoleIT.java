package org.etcdjakarta.itests.link;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.etcdjakarta.itests.link.Links.GENEROUS;
import static org.etcdjakarta.itests.link.Links.bytes;
import static org.etcdjakarta.itests.link.Links.config;
import static org.etcdjakarta.itests.link.Links.failureOf;
import static org.etcdjakarta.itests.link.Links.get;
import static org.etcdjakarta.itests.link.Links.impatient;

import io.etcd.jetcd.options.GetOption;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.assertj.core.api.SoftAssertions;
import org.etcdjakarta.EtcdException;
import org.etcdjakarta.EtcdException.Effect;
import org.etcdjakarta.EtcdInDoubtException;
import org.etcdjakarta.EtcdUnavailableException;
import org.etcdjakarta.core.link.EtcdLink;
import org.etcdjakarta.core.watch.WatchSpec;
import org.etcdjakarta.itests.support.EtcdServer;
import org.etcdjakarta.itests.support.TcpProxy;
import org.etcdjakarta.itests.support.WithEtcd;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** An etcd that is there and says nothing: every call ends all the same, and all goes on when etcd does. */
@WithEtcd
class BlackHoleIT {

    private enum Silence {
        /** The network swallows everything, on connections that stand. */
        SWALLOWED(true),
        /** The process is stopped (SIGSTOP) with its connections open. */
        STOPPED(true),
        /** The network swallows everything from the start: connections are accepted, and that is all. */
        NEVER_SPOKE(false),
        /** Nobody accepts connections. */
        REFUSED(false);

        private final boolean connected;

        Silence(boolean connected) {
            this.connected = connected;
        }

        void begin(TcpProxy proxy, EtcdServer etcd) {
            switch (this) {
                case SWALLOWED, NEVER_SPOKE -> proxy.blackHole();
                case STOPPED -> etcd.pause();
                case REFUSED -> proxy.cut();
            }
        }
    }

    private final EtcdServer etcd;
    private final TcpProxy proxy;

    BlackHoleIT(EtcdServer etcd) {
        this.etcd = etcd;
        proxy = TcpProxy.to(etcd);
    }

    @AfterEach
    void clear() {
        etcd.resume();
        proxy.close();
        etcd.etcdctl().deletePrefix("/");
    }

    @ParameterizedTest
    @EnumSource
    void everyUnaryCallEndsAndSaysWhatItMeans(Silence silence) {
        try (EtcdLink link = impatient(proxy.endpoint());
                BareStubs bare = BareStubs.to(proxy.endpoint())) {
            if (silence.connected) {
                await().atMost(GENEROUS)
                        .ignoreExceptions()
                        .untilAsserted(() -> get(link.client().getKVClient().get(bytes("/k"))));
                bare.kv().range(BareStubs.get("/k"));
            }
            silence.begin(proxy, etcd);
            CompletableFuture<?> unprotected = CompletableFuture.runAsync(
                    () -> bare.kv().withWaitForReady().range(BareStubs.get("/k")), task -> new Thread(task).start());
            List<UnaryCall> all = UnaryCall.all(proxy.endpoint());
            Map<UnaryCall, CompletableFuture<?>> answers = new LinkedHashMap<>();
            all.forEach(call -> answers.put(call, call.start().apply(link.client())));

            SoftAssertions softly = new SoftAssertions();
            answers.forEach((call, answer) -> check(softly, call, failureOf(answer), silence.connected));
            softly.assertAll();
            assertThat(unprotected).as("without deadline").isNotDone();

            etcd.resume();
            proxy.restore();
            get(unprotected);
            all.stream().filter(call -> !call.write()).forEach(call -> await(call.method())
                    .atMost(GENEROUS)
                    .until(() -> isAnswered(call.start().apply(link.client()))));
        }
    }

    private void check(SoftAssertions softly, UnaryCall call, EtcdException failure, boolean linkConnected) {
        boolean connected = linkConnected && !call.alone();
        softly.assertThat(failure)
                .as(call.method())
                .isExactlyInstanceOf(
                        call.write() && connected ? EtcdInDoubtException.class : EtcdUnavailableException.class)
                .hasMessageContainingAll("ETCD-0010", call.method() + " at ", proxy.endpoint(), "no answer within 1s");
        softly.assertThat(failure.effect())
                .as(call.method())
                .isEqualTo(!call.write() ? Effect.NONE : connected ? Effect.IN_DOUBT : Effect.NOT_APPLIED);
    }

    /** With what was asked for, or with etcd's word that there is no such thing. */
    private static boolean isAnswered(CompletableFuture<?> answer) {
        return answer.handle((value, failure) -> !(failure instanceof EtcdUnavailableException))
                .orTimeout(GENEROUS.toSeconds(), TimeUnit.SECONDS)
                .join();
    }

    @Test
    void connectionThatSwallowsEverythingIsReplacedByTheKeepAliveOfTheConfiguration() {
        try (TcpProxy other = TcpProxy.to(etcd);
                EtcdLink link = EtcdLink.open(config(proxy.endpoint())
                        .keepAliveTime(Duration.ofSeconds(10))
                        .keepAliveTimeout(Duration.ofSeconds(1))
                        .keepAliveWithoutCalls(true)
                        .build());
                EtcdLink without = EtcdLink.open(
                        config(other.endpoint()).keepAliveTime(Duration.ZERO).build())) {
            get(link.version());
            get(without.version());
            long before = proxy.accepted();
            proxy.blackHole();
            other.blackHole();
            long connections = other.accepted();
            await().atMost(GENEROUS).until(() -> proxy.accepted() > before);

            assertThat(other.accepted()).isEqualTo(connections);
        }
    }

    /** It has no deadline: the keep-alive of the connection ends it. */
    @Test
    void lockThatWaitsForItsTurnIsInDoubtWhenEtcdFallsSilent() {
        try (EtcdLink holder = EtcdLink.open(config(etcd.endpoint()).build());
                EtcdLink waiter = EtcdLink.open(config(proxy.endpoint())
                        .keepAliveTime(Duration.ofSeconds(10))
                        .keepAliveTimeout(Duration.ofSeconds(1))
                        .build())) {
            long lease = get(holder.client().getLeaseClient().grant(60)).getID();
            get(holder.client().getLockClient().lock(bytes("/turn"), lease));
            CompletableFuture<?> turn = waiter.client().getLockClient().lock(bytes("/turn"), lease + 1);
            assertThat(failureOf(turn).effect()).isEqualTo(Effect.NOT_APPLIED);
            long other = get(waiter.client().getLeaseClient().grant(60)).getID();
            CompletableFuture<?> waiting = waiter.client().getLockClient().lock(bytes("/turn"), other);
            await().atMost(GENEROUS)
                    .until(() -> get(holder.client()
                                            .getKVClient()
                                            .get(
                                                    bytes("/turn/"),
                                                    GetOption.builder()
                                                            .isPrefix(true)
                                                            .build()))
                                    .getCount()
                            == 2);
            assertThat(waiting).isNotDone();
            proxy.blackHole();

            assertThat(failureOf(waiting)).isInstanceOf(EtcdInDoubtException.class);
        }
    }

    @Test
    void watchAndKeepAliveGoOnAfterThePause() {
        try (EtcdLink link = EtcdLink.open(config(etcd.endpoint()).build());
                EtcdLink impatient = impatient(etcd.endpoint())) {
            Collector collector = new Collector();
            var unused = link.watches().subscribe(WatchSpec.prefix(bytes("/w/")), collector, Runnable::run);
            KeepAliveAnswers answers = new KeepAliveAnswers();
            long lease = get(link.client().getLeaseClient().grant(6)).getID();
            var kept = link.client().getLeaseClient().keepAlive(lease, answers);
            await().atMost(GENEROUS)
                    .until(() -> collector.isCreated() && !answers.ttls().isEmpty());

            etcd.pause();
            assertThat(failureOf(impatient.client().getKVClient().get(bytes("/w/1"))))
                    .isInstanceOf(EtcdUnavailableException.class);
            int before = answers.ttls().size();
            etcd.resume();
            etcd.etcdctl().put("/w/1", "1");

            await().atMost(GENEROUS).until(() -> collector.revisions().size() == 1);
            await().atMost(GENEROUS).until(() -> answers.ttls().size() > before);
            kept.close();
            assertThat(collector.failures()).isEmpty();
            assertThat(answers.errors()).isEmpty();
        }
    }
}
