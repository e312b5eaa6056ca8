package org.etcdjakarta.itests.link;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.etcdjakarta.itests.link.Links.GENEROUS;
import static org.etcdjakarta.itests.link.Links.bytes;
import static org.etcdjakarta.itests.link.Links.config;
import static org.etcdjakarta.itests.link.Links.get;

import io.etcd.jetcd.options.LeaseOption;
import io.etcd.jetcd.options.PutOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import org.etcdjakarta.EtcdSession.State;
import org.etcdjakarta.core.link.EtcdLink;
import org.etcdjakarta.core.session.Session;
import org.etcdjakarta.itests.support.EtcdServer;
import org.etcdjakarta.itests.support.TcpProxy;
import org.etcdjakarta.itests.support.WithEtcd;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Sessions while etcd is killed, stands still, or cannot be heard. */
@WithEtcd
class SessionIT {

    private static final Duration SHORT = Duration.ofSeconds(4);

    private final EtcdServer etcd;
    private final EtcdLink link;
    private final List<State> told = new CopyOnWriteArrayList<>();

    SessionIT(EtcdServer etcd) {
        this.etcd = etcd;
        link = EtcdLink.open(config(etcd.endpoint()).build());
    }

    @AfterEach
    void close() {
        link.close();
        if (!etcd.isRunning()) {
            etcd.restart();
        }
        etcd.resume();
        etcd.etcdctl().deletePrefix("/session/");
    }

    private static void put(EtcdLink over, String key, long lease) {
        get(over.client()
                .getKVClient()
                .put(
                        bytes(key),
                        bytes("1"),
                        PutOption.builder().withLeaseId(lease).build()));
    }

    /** Seconds, -1 when it is gone. */
    private static long timeToLive(EtcdLink over, long lease) {
        return get(over.client().getLeaseClient().timeToLive(lease, LeaseOption.DEFAULT))
                .getTTL();
    }

    // ---- one stream

    @Test
    void allReferencesUseOneKeepAliveStream() {
        long before = etcd.metrics().started("LeaseKeepAlive");
        List<EtcdLink> references = new ArrayList<>();
        List<KeepAliveAnswers> answers = new ArrayList<>();
        try {
            for (int i = 0; i < 20; i++) {
                EtcdLink reference = link.retain();
                references.add(reference);
                get(reference.newSession(Duration.ofSeconds(2)).connected());
                long lease = get(reference.client().getLeaseClient().grant(2)).getID();
                KeepAliveAnswers observer = new KeepAliveAnswers();
                answers.add(observer);
                var unused = reference.client().getLeaseClient().keepAlive(lease, observer);
            }
            await().atMost(GENEROUS).until(() -> answers.stream()
                    .allMatch(observer -> observer.ttls().size() >= 3));

            assertThat(etcd.metrics().started("LeaseKeepAlive") - before).isEqualTo(1);
        } finally {
            references.forEach(EtcdLink::close);
        }
    }

    /** 11 s between two questions, which nobody else keeps the stream open for. */
    @Test
    void streamIsTheSameHoweverSeldomItIsNeeded() {
        long before = etcd.metrics().started("LeaseKeepAlive");
        long received = etcd.metrics().received("LeaseKeepAlive");
        try (Session session = link.newSession(Duration.ofSeconds(45))) {
            get(session.connected());
            await().atMost(GENEROUS).until(() -> etcd.metrics().received("LeaseKeepAlive") - received >= 2);

            assertThat(etcd.metrics().started("LeaseKeepAlive") - before).isEqualTo(1);
        }
    }

    // ---- etcd goes and comes back

    @Test
    void leaseOutlivesAShortRestartOfEtcd() {
        try (Session session = link.newSession(Duration.ofSeconds(60))) {
            long lease = get(session.connected());
            put(link, "/session/kept", lease);
            var unused = session.onChange(told::add);
            etcd.kill();
            etcd.restart();
            long renewed = etcd.metrics().received("LeaseKeepAlive");
            await().atMost(GENEROUS).until(() -> etcd.metrics().received("LeaseKeepAlive") > renewed);

            assertThat(session.leaseId()).isEqualTo(lease);
            assertThat(told).doesNotContain(State.LOST);
            assertThat(etcd.etcdctl().get("/session/kept")).hasValue("1");
        }
    }

    @Test
    void ownerCreatesItsKeyAgainWhenEtcdWasKilledForLong() {
        AtomicLong putUnder = new AtomicLong();
        try (Session session = link.newSession(SHORT)) {
            var unused = session.onChange(state -> {
                told.add(state);
                if (state == State.CONNECTED) {
                    long lease = session.leaseId();
                    put(link, "/session/owner", lease);
                    putUnder.set(lease);
                }
            });
            await().atMost(GENEROUS).until(() -> putUnder.get() != 0);
            long first = putUnder.get();
            etcd.kill();
            await().atMost(GENEROUS).until(() -> told.contains(State.LOST));
            assertThat(session.leaseId()).isZero();
            etcd.restart();
            await().atMost(GENEROUS).until(() -> putUnder.get() != first);

            assertThat(told).containsSubsequence(State.CONNECTED, State.LOST, State.CONNECTED);
            assertThat(timeToLive(link, first)).as("the lost one is revoked").isEqualTo(-1);
            assertThat(etcd.etcdctl().get("/session/owner")).hasValue("1");
        }
    }

    @Test
    void isLostWhileEtcdStandsStillAndFindsAnotherLeaseAfterwards() {
        try (Session session = link.newSession(SHORT)) {
            long first = get(session.connected());
            var unused = session.onChange(told::add);
            etcd.pause();
            await().atMost(GENEROUS).until(() -> told.contains(State.LOST));
            etcd.resume();
            await().atMost(GENEROUS).until(() -> told.contains(State.CONNECTED));

            assertThat(told).containsSubsequence(State.LOST, State.CONNECTED);
            assertThat(timeToLive(link, first)).isEqualTo(-1);
        }
    }

    @Test
    void isGrantedALeaseWhenEtcdComesAfterIt() {
        etcd.stop();
        try (Session session = link.newSession()) {
            await().during(Duration.ofMillis(500)).atMost(GENEROUS).until(() -> session.state() == State.SUSPENDED);
            etcd.restart();

            assertThat(get(session.connected())).isNotZero();
            assertThat(get(link.leases())).contains(session.leaseId());
        }
    }

    @Test
    void revokedLeaseIsLostAndReplaced() {
        try (Session session = link.newSession(SHORT)) {
            long first = get(session.connected());
            var unused = session.onChange(told::add);
            etcd.etcdctl("lease", "revoke", Long.toHexString(first));
            await().atMost(GENEROUS).until(() -> told.contains(State.CONNECTED));

            assertThat(told).startsWith(State.LOST, State.CONNECTED);
            assertThat(session.leaseId()).isNotEqualTo(first);
        }
    }

    @Test
    void closeTakesTheKeysWithIt() {
        Session session = link.newSession();
        put(link, "/session/mine", get(session.connected()));
        session.close();

        assertThat(etcd.etcdctl().get("/session/mine")).isEmpty();
    }

    // ---- etcd cannot be heard, and its clock goes on

    /** The control hears nothing at all of the end of its lease: who holds on until he is told holds on too long. */
    @Test
    void isLostBeforeEtcdExpiresTheLeaseAndAnObserverIsNotTold() {
        try (TcpProxy proxy = TcpProxy.to(etcd);
                EtcdLink distant = EtcdLink.open(config(proxy.endpoint()).build())) {
            Session session = distant.newSession(Duration.ofSeconds(20));
            put(link, "/session/distant", get(session.connected()));
            long lease = session.leaseId();
            long observed = get(link.client().getLeaseClient().grant(20)).getID();
            KeepAliveAnswers observer = new KeepAliveAnswers();
            var unused = distant.client().getLeaseClient().keepAlive(observed, observer);
            await().atMost(GENEROUS).until(() -> !observer.ttls().isEmpty());
            List<Long> leftAtLoss = new CopyOnWriteArrayList<>();
            var unusedToo = session.onChange(state -> {
                if (state == State.LOST) {
                    leftAtLoss.add(timeToLive(link, lease));
                }
            });
            proxy.blackHole();
            await().atMost(GENEROUS).until(() -> !leftAtLoss.isEmpty());
            assertThat(leftAtLoss).as("seconds left at etcd").singleElement().satisfies(left -> assertThat(left)
                    .isNotNegative());

            await().atMost(GENEROUS)
                    .until(() -> etcd.etcdctl().get("/session/distant").isEmpty());
            await().atMost(GENEROUS).until(() -> timeToLive(link, observed) == -1);
            assertThat(observer.errors()).isEmpty();
        }
    }

    // ---- nothing is queued

    @Test
    void outageIsNotMadeUpForAfterwards() {
        int sessions = 10;
        List<Session> open = new ArrayList<>();
        for (int i = 0; i < sessions; i++) {
            open.add(link.newSession(Duration.ofSeconds(30)));
        }
        open.forEach(session -> get(session.connected()));
        etcd.kill();
        // Suspended after 15 s: each would have been asked about twice.
        await().atMost(GENEROUS).until(() -> open.stream().allMatch(session -> session.state() == State.SUSPENDED));
        etcd.restart();
        await().atMost(GENEROUS).until(() -> open.stream().allMatch(session -> session.state() == State.CONNECTED));

        // etcd counts from its start.
        assertThat(etcd.metrics().received("LeaseKeepAlive")).isEqualTo(sessions);
        open.forEach(Session::close);
    }
}
