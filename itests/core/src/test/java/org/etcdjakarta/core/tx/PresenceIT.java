package org.etcdjakarta.core.tx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.ByteString;
import io.etcd.jetcd.api.KeyValue;
import io.etcd.jetcd.api.RangeRequest;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.etcdjakarta.core.link.EtcdLink;
import org.etcdjakarta.core.link.EtcdLinkConfig;
import org.etcdjakarta.itests.support.EtcdServer;
import org.etcdjakarta.itests.support.Resources;
import org.etcdjakarta.itests.support.WithEtcd;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

@WithEtcd
class PresenceIT {

    private static final Duration GENEROUS = Duration.ofSeconds(60);

    /** etcd grants no less. */
    private static final Duration SHORT = Duration.ofSeconds(2);

    private static final String RESERVED = "/_presence/";

    private final EtcdServer etcd;
    private final EtcdLink link;
    private final Errors errors = Errors.of(Presence.class);

    PresenceIT(EtcdServer etcd) {
        this.etcd = etcd;
        link = EtcdLink.open(EtcdLinkConfig.builder()
                .endpoints(etcd.endpoint())
                .namespace("/application/")
                .build());
    }

    @AfterEach
    void close() {
        errors.close();
        link.close();
        await().atMost(GENEROUS).until(() -> keys().isEmpty());
    }

    private Presence presence(String linkId, Alive alive, Duration ttl) {
        return Presence.of(link, RESERVED, linkId, alive, ttl);
    }

    private List<String> keys() {
        return etcd.etcdctl().keys(RESERVED);
    }

    private static String key(String linkId) {
        return RESERVED + "s/" + linkId;
    }

    private long leaseOf(String linkId) {
        Stream<KeyValue> found = link
                .kvProtocol()
                .range(RangeRequest.newBuilder()
                        .setKey(ByteString.copyFromUtf8(key(linkId)))
                        .build())
                .join()
                .getKvsList()
                .stream();
        return found.mapToLong(KeyValue::getLease).sum();
    }

    @Test
    void keyIsThereFromBeginToCloseAndNothingIsLeft() {
        link.version().join();
        Resources before = Resources.snapshot();
        Alive here = Alive.here("node");
        Presence presence = presence("a", here, Duration.ofSeconds(60));
        presence.begin();
        presence.await(GENEROUS);
        assertThat(keys()).containsExactly(key("a"));
        assertThat(etcd.etcdctl().get(key("a"))).hasValueSatisfying(text -> assertThat(text)
                .startsWith("1\nnode\n" + ProcessHandle.current().pid() + "\n"));
        assertThat(Presence.list(link.kvProtocol(), RESERVED)).containsEntry("a", here);
        presence.close();

        assertThat(keys()).isEmpty();
        before.awaitBack(GENEROUS);
    }

    @Test
    void keyComesBackAfterItsLeaseWasRevokedByAnother() {
        try (Presence presence = presence("a", Alive.here("node"), SHORT)) {
            presence.await(GENEROUS);
            long lease = leaseOf("a");
            etcd.etcdctl().run("lease", "revoke", Long.toHexString(lease));
            assertThat(keys()).isEmpty();
            await().atMost(GENEROUS).until(() -> leaseOf("a") != 0 && presence.isThere());
            assertThat(leaseOf("a")).isNotEqualTo(lease);
        }
    }

    @Test
    void keyIsKeptOverItsTtl() {
        try (Presence presence = presence("a", Alive.here("node"), SHORT)) {
            presence.await(GENEROUS);
            long lease = leaseOf("a");
            await().during(SHORT.multipliedBy(3)).atMost(GENEROUS).until(() -> leaseOf("a") == lease);
        }
    }

    @Test
    void keyOfAProcessThatHaltsGoesAfterTheTtlAndItsSuccessorIsNotAlarmed() throws Exception {
        Process process = PresentProcess.start(etcd.endpoint(), RESERVED, "killed", "node", Duration.ofSeconds(5));
        assertThat(process.waitFor(2, TimeUnit.MINUTES)).isTrue();
        assertThat(process.exitValue()).isEqualTo(PresentProcess.HALTED);
        assertThat(keys()).as("etcd does not know yet").containsExactly(key("killed"));
        try (Presence successor = presence("b", Alive.here("node"), Duration.ofSeconds(5))) {
            successor.await(GENEROUS);
            await().atMost(GENEROUS).until(() -> keys().equals(List.of(key("b"))));
            // Its second look comes 7.25 s after its first one.
            await().during(Duration.ofSeconds(9)).atMost(GENEROUS).until(errors.messages()::isEmpty);
        }
    }

    @Test
    void aSecondLiveProcessOfTheSameNodeIsAnErrorOnce() {
        Alive first = new Alive("node", "1", "here", 1);
        Alive second = new Alive("node", "1", "there", 1);
        Alive other = new Alive("other", "2", "there", 1);
        try (Presence a = presence("a", first, SHORT);
                Presence c = presence("c", other, SHORT);
                Presence b = presence("b", second, SHORT)) {
            a.await(GENEROUS);
            c.await(GENEROUS);
            b.await(GENEROUS);
            await().atMost(GENEROUS).until(() -> !errors.messages().isEmpty());
            etcd.etcdctl().run("lease", "revoke", Long.toHexString(leaseOf("b")));
            await().atMost(GENEROUS).until(() -> leaseOf("b") != 0);
            await().during(SHORT.multipliedBy(3))
                    .atMost(GENEROUS)
                    .until(() -> errors.messages().size() <= 2);

            // The one that was there before may have looked when both were.
            assertThat(errors.messages()).doesNotHaveDuplicates().allSatisfy(message -> assertThat(message)
                    .startsWith("ETCD-00240")
                    .contains(first.toString(), second.toString(), etcd.endpoint()));
        }
    }
}
