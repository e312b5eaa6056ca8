package org.etcdjakarta.core.tx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.etcd.jetcd.api.KVGrpc;
import io.etcd.jetcd.api.KeyValue;
import io.etcd.jetcd.api.PutRequest;
import io.etcd.jetcd.api.RangeRequest;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.etcdjakarta.EtcdUnavailableException;
import org.etcdjakarta.core.link.EtcdLink;
import org.etcdjakarta.core.link.EtcdLinkConfig;
import org.etcdjakarta.embedded.EmbeddedEtcd;
import org.etcdjakarta.embedded.faults.Fault;
import org.etcdjakarta.embedded.faults.LostAnswer;
import org.etcdjakarta.embedded.faults.Refusal;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class PresenceTest {

    private static final Duration GENEROUS = Duration.ofSeconds(60);
    private static final String KEY = Engines.RESERVED + "s/link-1";
    private static final Alive ALIVE = new Alive("node-1", "1", "here", 1);

    private final EmbeddedEtcd etcd = EmbeddedEtcd.start();
    private final EtcdLink link = EtcdLink.open(EtcdLinkConfig.builder()
            .endpoints(etcd.endpoint())
            .namespace("/application/")
            .requestTimeout(Duration.ofSeconds(30))
            .build());
    private final Presence presence = presence(link, Duration.ofSeconds(60));

    private static Presence presence(EtcdLink link, Duration ttl) {
        return Presence.of(link, Engines.RESERVED, "link-1", ALIVE, ttl);
    }

    @AfterEach
    void close() {
        presence.close();
        link.close();
        etcd.close();
    }

    private List<KeyValue> found() {
        return KVGrpc.newBlockingStub(etcd.channel())
                .range(RangeRequest.newBuilder().setKey(Requests.bytes(KEY)).build())
                .getKvsList();
    }

    private Fault onNextPut(int count) {
        return etcd.faults().on(KVGrpc.getPutMethod()).next(count).loseAnswer(LostAnswer.UNAVAILABLE);
    }

    @Test
    void thePhysicalKeyStandsUnderALeaseOfItsOwn() {
        presence.begin();
        presence.begin();
        presence.await(GENEROUS);

        assertThat(presence.isThere()).isTrue();
        assertThat(found()).singleElement().satisfies(kv -> {
            assertThat(Alive.decode(kv.getValue())).isEqualTo(ALIVE);
            assertThat(link.leases()).succeedsWithin(GENEROUS).isEqualTo(List.of(kv.getLease()));
        });
    }

    /** A transaction manager tells with its first branch. */
    @Test
    void theNodeThatIsFoundOutToBeAnotherIsPutUnderTheSameLease() {
        presence.await(GENEROUS);
        long lease = found().get(0).getLease();
        presence.node("1");
        presence.await(GENEROUS);
        assertThat(found()).singleElement().satisfies(kv -> {
            assertThat(Alive.decode(kv.getValue()).node()).isEqualTo("1");
            assertThat(kv.getLease()).isEqualTo(lease);
        });
        long revision = found().get(0).getModRevision();
        presence.node("1");
        assertThat(presence.isThere()).isTrue();
        assertThat(found().get(0).getModRevision()).isEqualTo(revision);
    }

    @Test
    void theNodeMayBeFoundOutBeforeItBegins() {
        presence.node("1");
        presence.await(GENEROUS);
        assertThat(Alive.decode(found().get(0).getValue()).node()).isEqualTo("1");
    }

    @Test
    void nothingIsThereBeforeItBegins() {
        assertThat(presence.isThere()).isFalse();
        presence.close();
        presence.begin();
        assertThat(presence.isThere()).isFalse();
        assertThat(link.leases()).succeedsWithin(GENEROUS).isEqualTo(List.of());
    }

    @Test
    void keyAndLeaseGoAtCloseAndTheReferenceOnTheLink() {
        presence.await(GENEROUS);
        presence.close();
        presence.close();

        assertThat(found()).isEmpty();
        assertThat(presence.isThere()).isFalse();
        assertThat(link.leases()).succeedsWithin(GENEROUS).isEqualTo(List.of());
        assertThatThrownBy(() -> presence.await(GENEROUS)).isInstanceOf(EtcdUnavailableException.class);
    }

    @Test
    void outlivesTheReferenceThatItWasMadeFrom() {
        EtcdLink other = link.retain();
        Presence second = Presence.of(other, Engines.RESERVED, "link-2", ALIVE, Duration.ofSeconds(60));
        other.close();
        second.await(GENEROUS);
        assertThat(second.isThere()).isTrue();
        second.close();
        assertThatIllegalStateException().isThrownBy(() -> presence(other, Duration.ofSeconds(60)));
    }

    @Test
    void comesBackUnderAnotherLease() {
        presence.await(GENEROUS);
        long before = found().get(0).getLease();
        try (Presence quick = Presence.of(link, Engines.RESERVED, "link-2", ALIVE, Duration.ofSeconds(2))) {
            quick.await(GENEROUS);
            long lease = quickLease();
            etcd.faults().expire(lease);
            assertThat(Presence.list(link.kvProtocol(), Engines.RESERVED)).containsOnlyKeys("link-1");
            await().atMost(GENEROUS).until(() -> quickLease() != 0 && quick.isThere());

            assertThat(quickLease()).isNotEqualTo(lease);
        }
        assertThat(found().get(0).getLease()).isEqualTo(before);
    }

    /** 0 when its key is not there. */
    private long quickLease() {
        return KVGrpc.newBlockingStub(etcd.channel())
                .range(RangeRequest.newBuilder()
                        .setKey(Requests.bytes(Engines.RESERVED + "s/link-2"))
                        .build())
                .getKvsList()
                .stream()
                .mapToLong(KeyValue::getLease)
                .sum();
    }

    @Test
    void goesWithItsLeaseWhenEtcdIsAwayAndComesBackWithEtcd() {
        try (Presence quick = presence(link, Duration.ofSeconds(2))) {
            quick.await(GENEROUS);
            etcd.stop();
            await().atMost(GENEROUS).until(() -> !quick.isThere());
            etcd.restartEmpty();
            quick.await(GENEROUS);
            assertThat(found()).hasSize(1);
        }
    }

    @Test
    void aPutWhoseAnswerIsLostIsRepeated() {
        Fault fault = onNextPut(2);
        presence.await(GENEROUS);

        assertThat(fault.seen()).isEqualTo(3);
        assertThat(found()).hasSize(1);
    }

    @Test
    void aPutThatIsRefusedIsRepeated() {
        Fault fault = etcd.faults().on(KVGrpc.getPutMethod()).next(2).refuse(Refusal.NO_SPACE);
        presence.await(GENEROUS);

        assertThat(fault.hits()).isEqualTo(2);
    }

    @Test
    void whoWaitsInVainHearsWhy() {
        etcd.faults().on(KVGrpc.getPutMethod()).refuse(Refusal.NO_SPACE);
        presence.begin();
        await().atMost(GENEROUS).until(() -> etcd.faults().seen(KVGrpc.getPutMethod()) > 1);
        assertThatThrownBy(() -> presence.await(Duration.ofMillis(10)))
                .isInstanceOf(EtcdUnavailableException.class)
                .hasMessageContaining("ETCD-00241")
                .hasMessageContaining(KEY)
                .hasMessageContaining(etcd.endpoint())
                .hasMessageContaining("database space exceeded");
        assertThat(presence.isThere()).isFalse();
    }

    @Test
    void whoWaitsHearsOfTheClose() {
        etcd.stop();
        CompletableFuture<Void> waiting = CompletableFuture.runAsync(() -> presence.await(GENEROUS));
        presence.close();
        assertThat(waiting).failsWithin(Duration.ofSeconds(30));
    }

    @Test
    void aThreadThatIsInterruptedWaitsNoLongerAndStaysInterrupted() {
        etcd.stop();
        Thread.currentThread().interrupt();
        try {
            assertThatThrownBy(() -> presence.await(GENEROUS)).isInstanceOf(EtcdUnavailableException.class);
        } finally {
            assertThat(Thread.interrupted()).isTrue();
        }
    }

    /** The request timeout is 30 s. */
    @Test
    void closeDoesNotWaitLongForAnEtcdThatIsAway() {
        presence.await(GENEROUS);
        etcd.stop();
        assertThat(CompletableFuture.runAsync(presence::close)).succeedsWithin(Duration.ofSeconds(20));
    }

    /** All threads of an application wait for what is to be completed. */
    @Test
    void doesNotNeedTheThreadsOfTheConfiguration() throws Exception {
        ExecutorService one = Executors.newSingleThreadExecutor();
        try (EtcdLink crowded =
                        EtcdLink.open(link.config().toBuilder().executor(one).build());
                Presence waited = Presence.of(crowded, Engines.RESERVED, "link-2", ALIVE, Duration.ofSeconds(60))) {
            assertThat(CompletableFuture.runAsync(() -> waited.await(GENEROUS), one))
                    .succeedsWithin(Duration.ofSeconds(30));
        } finally {
            one.shutdown();
        }
    }

    @Test
    void listsWhoIsThereWhateverItsValueSays() {
        presence.await(GENEROUS);
        KVGrpc.newBlockingStub(etcd.channel())
                .put(PutRequest.newBuilder()
                        .setKey(Requests.bytes(Engines.RESERVED + "s/strange"))
                        .setValue(Requests.bytes("?"))
                        .build());
        KVGrpc.newBlockingStub(etcd.channel())
                .put(Requests.put(Engines.RESERVED + "p/x", "1").build());

        assertThat(Presence.list(link.kvProtocol(), Engines.RESERVED))
                .isEqualTo(Map.of("link-1", ALIVE, "strange", Alive.UNREADABLE));
    }
}
