package org.etcdjakarta.core.link;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.ByteString;
import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.Client;
import io.etcd.jetcd.Election;
import io.etcd.jetcd.api.KVGrpc;
import io.etcd.jetcd.api.KeyValue;
import io.etcd.jetcd.api.LeaseGrantRequest;
import io.etcd.jetcd.api.LeaseGrpc;
import io.etcd.jetcd.api.PutRequest;
import io.etcd.jetcd.api.RangeRequest;
import io.etcd.jetcd.election.LeaderResponse;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.etcdjakarta.embedded.EmbeddedEtcd;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Locks and campaigns that others hold, so that a call waits at etcd. */
class WaitingCallsTest {

    private static final ByteSequence KEY = ByteSequence.from("k", UTF_8);
    private static final ByteSequence ELECTION = ByteSequence.from("e", UTF_8);
    private static final Duration GENEROUS = Duration.ofSeconds(30);
    private static final long OTHERS = 1;
    private static final long MINE = 2;
    private static final long THIRD = 3;

    private final EmbeddedEtcd etcd = EmbeddedEtcd.start();
    private final EtcdLink link =
            EtcdLink.open(EtcdLinkConfig.builder().endpoints(etcd.endpoint()).build());

    @AfterEach
    void close() {
        link.close();
        etcd.close();
    }

    private void grant(long ttl, long... leases) {
        for (long lease : leases) {
            var unused = LeaseGrpc.newBlockingStub(etcd.channel())
                    .leaseGrant(LeaseGrantRequest.newBuilder()
                            .setID(lease)
                            .setTTL(ttl)
                            .build());
        }
    }

    /** A key of its own below the name, older than all others: that is how etcd's lock and election are held. */
    @BeforeEach
    void othersHoldBoth() {
        grant(600, OTHERS, MINE, THIRD);
        for (ByteSequence name : List.of(KEY, ELECTION)) {
            var unused = KVGrpc.newBlockingStub(etcd.channel())
                    .put(PutRequest.newBuilder()
                            .setKey(ByteString.copyFromUtf8(name + "/1"))
                            .setLease(OTHERS)
                            .build());
        }
    }

    /** The leases that hold it or wait for it. */
    private List<Long> queue(ByteSequence name) {
        return KVGrpc.newBlockingStub(etcd.channel())
                .range(RangeRequest.newBuilder()
                        .setKey(ByteString.copyFromUtf8(name + "/"))
                        .setRangeEnd(ByteString.copyFromUtf8(name + "0"))
                        .build())
                .getKvsList()
                .stream()
                .map(KeyValue::getLease)
                .toList();
    }

    @Test
    void cancelledLockIsTakenBackAtTheServer() {
        CompletableFuture<?> lock = link.client().getLockClient().lock(KEY, MINE);
        await().atMost(GENEROUS).until(() -> queue(KEY).equals(List.of(OTHERS, MINE)));
        lock.cancel(true);

        await().atMost(GENEROUS).until(() -> queue(KEY).equals(List.of(OTHERS)));
    }

    @Test
    void waitingCallsAreTakenBackWithTheirReferenceThoughTheLinkGoesOn() {
        EtcdLink other = link.retain();
        CompletableFuture<?> lock = other.client().getLockClient().lock(KEY, MINE);
        CompletableFuture<?> campaign = other.client().getElectionClient().campaign(ELECTION, MINE, KEY);
        await().atMost(GENEROUS).until(() -> queue(KEY).size() + queue(ELECTION).size() == 4);
        CompletableFuture<?> foreign = link.client().getLockClient().lock(KEY, THIRD);
        await().atMost(GENEROUS).until(() -> queue(KEY).size() == 3);
        other.close();

        assertThat(lock).isCancelled();
        assertThat(campaign).isCancelled();
        await().atMost(GENEROUS).until(() -> queue(KEY).equals(List.of(OTHERS, THIRD)));
        assertThat(foreign).isNotDone();
    }

    @Test
    void clientOfAClosedReferenceBeginsNothingThatWouldOutliveIt() {
        EtcdLink other = link.retain();
        Client client = other.client();
        other.close();

        assertThatIllegalStateException()
                .isThrownBy(() -> client.getLockClient().lock(KEY, 1));
        assertThatIllegalStateException()
                .isThrownBy(() -> client.getElectionClient().campaign(KEY, 1, KEY));
        assertThatIllegalStateException()
                .isThrownBy(() -> client.getElectionClient().observe(KEY, new LeaderListener()));
    }

    private static final class LeaderListener implements Election.Listener {
        @Override
        public void onNext(LeaderResponse response) {}

        @Override
        public void onError(Throwable failure) {}

        @Override
        public void onCompleted() {}
    }

    @Test
    void lockDoesNotWaitForAnEtcdThatIsAway() {
        etcd.stop();
        try (EtcdLink impatient = EtcdLink.open(EtcdLinkConfig.builder()
                .endpoints(etcd.endpoint())
                .requestTimeout(Duration.ofSeconds(3))
                .build())) {
            assertThat(impatient.client().getLockClient().lock(KEY, 1))
                    .failsWithin(GENEROUS)
                    .withThrowableOfType(ExecutionException.class)
                    .withMessageContaining("never left");
        }
    }
}
