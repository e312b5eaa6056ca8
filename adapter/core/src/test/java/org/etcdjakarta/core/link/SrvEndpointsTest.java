package org.etcdjakarta.core.link;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.api.Member;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import javax.naming.NamingException;
import org.awaitility.Awaitility;
import org.etcdjakarta.EtcdMaintenance;
import org.etcdjakarta.EtcdUnavailableException;
import org.etcdjakarta.core.link.FakeDns.Srv;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class SrvEndpointsTest {

    private static final String NAME = "_etcd-client._tcp.example.org";
    private static final ByteSequence KEY = ByteSequence.from("k", StandardCharsets.UTF_8);

    private final FakeDns dns = new FakeDns();
    private final SrvLookup lookup = new SrvLookup(dns.url());

    @AfterEach
    void close() {
        dns.close();
    }

    private static Endpoint service(boolean tls) {
        return new Endpoint(tls, NAME, 0);
    }

    private EtcdLinkConfig config(Duration timeout) {
        return EtcdLinkConfig.builder()
                .endpoints("dns+srv://example.org")
                .dnsServers(dns.url())
                .requestTimeout(timeout)
                .build();
    }

    @Test
    void recordsAreOrderedByPriorityThenWeight() throws NamingException {
        dns.put(
                NAME,
                new Srv(20, 5, 3, "c.example.org"),
                new Srv(10, 1, 2, "b.example.org"),
                new Srv(10, 9, 1, "a.example.org"));
        assertThat(Endpoint.addresses(lookup.find(service(false))))
                .containsExactly("http://a.example.org:1", "http://b.example.org:2", "http://c.example.org:3");
        assertThat(Endpoint.addresses(lookup.find(service(true)))).contains("https://a.example.org:1");
    }

    @Test
    void serviceThatIsDecidedlyNotThereHasNoEndpoints() {
        dns.put(NAME, new Srv(0, 0, 0, "."));
        assertThatThrownBy(() -> lookup.find(service(false)))
                .isInstanceOf(NamingException.class)
                .hasMessageContaining("no SRV records");
    }

    @Test
    void linkConnectsToWhatTheRecordsName() throws Exception {
        try (FakeEtcd etcd = new FakeEtcd();
                EtcdLink link = EtcdLink.open(config(Duration.ofSeconds(60)))) {
            dns.put(NAME, new Srv(0, 0, port(etcd), "localhost"));
            put(link).get(60, TimeUnit.SECONDS);
            assertThat(etcd.puts).hasValue(1);
            assertThat(link.endpoints()).containsExactly("dns+srv://" + NAME);
        }
    }

    /** The name stands for all members, so it is none that could lead. */
    @Test
    void leaderIsFoundByTheAddressOfTheMember() throws Exception {
        FakeMaintenance follower = new FakeMaintenance();
        FakeMaintenance leader = new FakeMaintenance();
        follower.memberId = 1;
        leader.memberId = 2;
        follower.leader = 2;
        leader.leader = 2;
        FakeMembers members = new FakeMembers();
        try (FakeEtcd one = new FakeEtcd(follower, members);
                FakeEtcd other = new FakeEtcd(leader);
                EtcdLink link = EtcdLink.open(config(Duration.ofSeconds(60)))) {
            dns.put(NAME, new Srv(0, 0, port(one), "localhost"));
            members.list.add(Member.newBuilder()
                    .setID(2)
                    .addClientURLs("http://" + other.endpoint())
                    .build());
            EtcdMaintenance.of(link.client().getMaintenanceClient())
                    .moveLeader(1)
                    .get(60, TimeUnit.SECONDS);

            assertThat(leader.leaderMoves).containsExactly(1L);
        }
    }

    @Test
    void recordsAreLookedUpAgainAfterAFailure() throws Exception {
        try (FakeEtcd one = new FakeEtcd();
                FakeEtcd other = new FakeEtcd();
                EtcdLink link = EtcdLink.open(config(Duration.ofSeconds(60)))) {
            dns.put(NAME, new Srv(0, 0, port(one), "localhost"));
            put(link).get(60, TimeUnit.SECONDS);
            dns.put(NAME, new Srv(0, 0, port(other), "localhost"));
            one.stop();
            Awaitility.await()
                    .atMost(Duration.ofSeconds(60))
                    .ignoreExceptions()
                    .until(() -> put(link).get(60, TimeUnit.SECONDS) != null && other.puts.get() > 0);
        }
    }

    @Test
    void callBeforeTheRecordIsThereSucceedsWhenItComesInTime() throws Exception {
        try (FakeEtcd etcd = new FakeEtcd();
                EtcdLink link = EtcdLink.open(config(Duration.ofSeconds(60)))) {
            CompletableFuture<?> put = put(link);
            Awaitility.await().atMost(Duration.ofSeconds(60)).until(() -> dns.questions.get() > 0);
            dns.put(NAME, new Srv(0, 0, port(etcd), "localhost"));
            put.get(60, TimeUnit.SECONDS);
        }
    }

    @Test
    void unknownNameIsInTheError() {
        try (EtcdLink link = EtcdLink.open(config(Duration.ofSeconds(2)))) {
            assertThatThrownBy(() -> put(link).get(60, TimeUnit.SECONDS))
                    .cause()
                    .isInstanceOf(EtcdUnavailableException.class)
                    .hasMessageContaining("dns+srv://" + NAME);
        }
    }

    private static CompletableFuture<?> put(EtcdLink link) {
        return link.client().getKVClient().put(KEY, KEY);
    }

    private static int port(FakeEtcd etcd) {
        return Integer.parseInt(etcd.endpoint().substring(etcd.endpoint().indexOf(':') + 1));
    }
}
