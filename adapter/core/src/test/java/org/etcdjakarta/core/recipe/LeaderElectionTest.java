package org.etcdjakarta.core.recipe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.awaitility.Awaitility.await;
import static org.etcdjakarta.core.recipe.RecipeClients.GENEROUS;
import static org.etcdjakarta.core.recipe.RecipeClients.bytes;
import static org.etcdjakarta.core.recipe.RecipeClients.get;

import io.etcd.jetcd.api.ElectionGrpc;
import io.etcd.jetcd.api.KVGrpc;
import io.etcd.jetcd.api.RequestOp;
import io.etcd.jetcd.api.TxnRequest;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.etcdjakarta.EtcdConflictException;
import org.etcdjakarta.EtcdKv;
import org.etcdjakarta.EtcdOp;
import org.etcdjakarta.core.fence.Fences;
import org.etcdjakarta.core.fence.Fences.Fence;
import org.etcdjakarta.core.link.EtcdLink;
import org.etcdjakarta.core.recipe.RecipeClients.Client;
import org.etcdjakarta.core.session.Session;
import org.etcdjakarta.embedded.faults.Fault;
import org.etcdjakarta.embedded.faults.LostAnswer;
import org.etcdjakarta.embedded.faults.Refusal;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class LeaderElectionTest {

    private static final String NAME = "/elections/a";

    private final RecipeClients clients = new RecipeClients();
    private final List<String> told = new CopyOnWriteArrayList<>();

    @AfterEach
    void close() throws Exception {
        clients.close();
    }

    private LeaderElection election(Client client) {
        LeaderElection election = client.recipes().election(NAME);
        var unused = election.onChange(new LeadershipListener() {
            @Override
            public void onElected(Leadership leadership) {
                told.add("elected " + leadership.token());
            }

            @Override
            public void onLost(Leadership leadership) {
                told.add("lost " + leadership.token());
            }
        });
        return election;
    }

    private static Leadership lead(LeaderElection election, String proposal) throws InterruptedException {
        election.campaign(bytes(proposal));
        assertThat(election.awaitLeadership(GENEROUS)).isTrue();
        return election.leadership().orElseThrow();
    }

    @Test
    void oneLeadsUntilItResignsAndThenTheNext() throws Exception {
        LeaderElection one = election(clients.client());
        LeaderElection two = election(clients.client());
        assertThat(one.leader()).isEmpty();
        Leadership first = lead(one, "one");
        two.campaign(bytes("two"));
        await().atMost(GENEROUS).until(() -> clients.waiting(NAME) == 2);
        assertThat(two.awaitLeadership(Duration.ofMillis(200))).isFalse();
        assertThat(two.leader().orElseThrow().proposal()).isEqualTo(bytes("one"));
        assertThat(two.leader().orElseThrow().token()).isEqualTo(first.token());
        one.resign();

        assertThat(one.isLeader()).isFalse();
        assertThat(first.isHeld()).isFalse();
        assertThat(two.awaitLeadership(GENEROUS)).isTrue();
        assertThat(two.leadership().orElseThrow().token()).isGreaterThan(first.token());
        assertThat(clients.waiting(NAME)).isEqualTo(1);
        await().atMost(GENEROUS).until(() -> told.size() == 3);
        assertThat(told.subList(0, 2)).containsExactly("elected " + first.token(), "lost " + first.token());
        two.close();
        assertThat(clients.waiting(NAME)).isZero();
    }

    @Test
    void candidateThatResignsLeavesTheQueue() throws Exception {
        LeaderElection one = election(clients.client());
        LeaderElection two = election(clients.client());
        lead(one, "one");
        two.campaign(bytes("two"));
        await().atMost(GENEROUS).until(() -> clients.waiting(NAME) == 2);
        two.resign();
        assertThat(clients.waiting(NAME)).isEqualTo(1);
        assertThat(one.isLeader()).isTrue();
        assertThatIllegalStateException().isThrownBy(() -> one.campaign(bytes("again")));
        two.campaign(bytes("two again"));
        await().atMost(GENEROUS).until(() -> clients.waiting(NAME) == 2);
    }

    @Test
    void leaderWhoseLeaseHasEndedIsToldAndStandsAgain() throws Exception {
        Session session = clients.link.newSession(Duration.ofSeconds(2));
        get(session.connected());
        LeaderElection election = election(new Client(session, new Recipes(clients.link, session)));
        Leadership first = lead(election, "one");
        clients.etcd.faults().expire(session.leaseId());

        await().atMost(GENEROUS).until(() -> told.size() >= 3);
        long second = election.leadership().orElseThrow().token();
        assertThat(second).isGreaterThan(first.token());
        assertThat(told).startsWith("elected " + first.token(), "lost " + first.token(), "elected " + second);
        assertThat(first.isHeld()).isFalse();
    }

    @Test
    void leaderThatHearsNothingOfEtcdDoesNotLead() throws Exception {
        Session session = clients.link.newSession(Duration.ofSeconds(2));
        get(session.connected());
        LeaderElection election = election(new Client(session, new Recipes(clients.link, session)));
        Leadership leadership = lead(election, "one");
        clients.etcd.pause();
        try {
            await().atMost(GENEROUS).until(() -> !election.isLeader());
            await().atMost(GENEROUS).until(() -> told.contains("lost " + leadership.token()));
        } finally {
            clients.etcd.resume();
        }
    }

    /** An operator deposes a leader like this. */
    @Test
    void leaderWhoseKeyIsDeletedIsToldAndStandsAgain() throws Exception {
        LeaderElection election = election(clients.client());
        Leadership first = lead(election, "one");
        clients.delete(NAME);

        await().atMost(GENEROUS).until(() -> told.contains("lost " + first.token()));
        await().atMost(GENEROUS)
                .until(() -> election.leadership().filter(now -> now != first).isPresent());
    }

    @Test
    void writesUnderTheFenceAreRefusedOnceTheLeadershipIsOver() throws Exception {
        LeaderElection election = election(clients.client());
        Leadership leadership = lead(election, "one");
        EtcdKv kv = EtcdKv.of(clients.link.client().getKVClient());
        try (Fence fence = leadership.fence()) {
            assertThat(fence).isNotNull();
            assertThat(Fences.ofCurrentThread(clients.link.config())).hasSize(1);
            clients.client().recipes().counter("/c").fenced().addAndGet(1);
            election.resign();

            assertThatExceptionOfType(EtcdConflictException.class)
                    .isThrownBy(() ->
                            clients.client().recipes().counter("/c").fenced().addAndGet(1));
            assertThat(get(kv.newTxn()
                                    .If(leadership.ownership())
                                    .Then(EtcdOp.put(bytes("/data"), bytes("1")))
                                    .commit())
                            .succeeded())
                    .isFalse();
        }
        assertThat(Fences.ofCurrentThread(clients.link.config())).isEmpty();
    }

    @Test
    void proclamationIsSeenAndIsOnlyForTheLeader() throws Exception {
        LeaderElection election = election(clients.client());
        assertThatExceptionOfType(EtcdConflictException.class).isThrownBy(() -> election.proclaim(bytes("none")));
        Leadership leadership = lead(election, "one");
        election.proclaim(bytes("two"));
        assertThat(election.leader().orElseThrow().proposal()).isEqualTo(bytes("two"));
        assertThat(election.leader().orElseThrow().token()).isEqualTo(leadership.token());
        election.resign();
        assertThatExceptionOfType(EtcdConflictException.class).isThrownBy(() -> election.proclaim(bytes("three")));
    }

    @Test
    void answersThatAreLostAreSettled() throws Exception {
        LeaderElection election = election(clients.client());
        Fault campaign = losePut();
        Leadership leadership = lead(election, "one");
        assertThat(campaign.hits()).isEqualTo(1);
        assertThat(clients.keys(NAME).get(0).getVersion()).isEqualTo(1);
        Fault proclaim = losePut();
        election.proclaim(bytes("two"));

        assertThat(proclaim.hits()).isEqualTo(1);
        assertThat(clients.keys(NAME).get(0).getVersion()).isEqualTo(2);
        assertThat(clients.keys(NAME).get(0).getCreateRevision()).isEqualTo(leadership.token());
    }

    private Fault losePut() {
        return clients.etcd
                .faults()
                .on(KVGrpc.getTxnMethod())
                .when(LeaderElectionTest::puts)
                .next(1)
                .loseAnswer(LostAnswer.UNAVAILABLE);
    }

    private static boolean puts(TxnRequest txn) {
        return txn.getSuccessList().stream()
                .anyMatch(operation -> operation.getRequestCase() == RequestOp.RequestCase.REQUEST_PUT);
    }

    @Test
    void observerSeesTheLastLeaderWhateverHappensToItsStream() throws Exception {
        List<String> seen = new CopyOnWriteArrayList<>();
        LeaderElection observer = clients.client().recipes().election(NAME);
        AutoCloseable observing = observer.observe(
                leader -> seen.add(leader.proposal().toString()), failure -> seen.add(failure.toString()));
        LeaderElection one = election(clients.client());
        lead(one, "one");
        await().atMost(GENEROUS).until(() -> seen.contains("one"));
        clients.etcd.faults().on(ElectionGrpc.getObserveMethod()).next(2).refuse(Refusal.UNAVAILABLE);
        clients.etcd.faults().cutStreams(ElectionGrpc.getObserveMethod());
        one.proclaim(bytes("two"));
        one.proclaim(bytes("three"));

        await().atMost(GENEROUS).until(() -> seen.contains("three"));
        assertThat(seen.get(seen.size() - 1)).isEqualTo("three");
        assertThat(seen).doesNotHaveDuplicates();
        observing.close();
        one.proclaim(bytes("four"));
        await().during(Duration.ofMillis(500)).atMost(GENEROUS).until(() -> !seen.contains("four"));
    }

    /** On one lease there is one key: both would lead by it, and one that resigns would depose the other. */
    @Test
    void sessionHasOneCandidateAtATime() throws Exception {
        Client client = clients.client();
        LeaderElection first = election(client);
        Leadership leadership = lead(first, "one");
        LeaderElection second = client.recipes().election(NAME);

        assertThatIllegalStateException().isThrownBy(() -> second.campaign(bytes("two")));
        second.resign();
        assertThat(leadership.isHeld()).isTrue();

        first.resign();
        await().atMost(GENEROUS).ignoreException(IllegalStateException.class).until(() -> {
            second.campaign(bytes("two"));
            return true;
        });
        assertThat(second.awaitLeadership(GENEROUS)).isTrue();
        assertThatIllegalStateException().isThrownBy(() -> first.campaign(bytes("one")));
        second.close();
    }

    /** The session's reference, and with it the lease, lives on. */
    @Test
    void candidacyEndsWithTheReferenceThatItWasAskedThrough() throws Exception {
        Client leader = clients.client();
        Leadership leadership = lead(election(leader), "one");
        Client client = clients.client();
        EtcdLink reference = clients.link.retain();
        LeaderElection candidate = new Recipes(reference, client.session()).election(NAME);
        candidate.campaign(bytes("two"));
        await().atMost(GENEROUS).until(() -> clients.waiting(NAME + "/") == 2);
        reference.close();

        assertThat(candidate.awaitLeadership(GENEROUS)).isFalse();
        await().atMost(GENEROUS).until(() -> clients.waiting(NAME + "/") == 1);
        assertThat(leadership.isHeld()).isTrue();
    }

    @Test
    void candidacyEndsWithItsSession() throws Exception {
        Client client = clients.client();
        LeaderElection election = election(client);
        Leadership leadership = lead(election, "one");
        client.session().close();

        assertThat(election.isLeader()).isFalse();
        await().atMost(GENEROUS).until(() -> told.contains("lost " + leadership.token()));
        assertThat(election.awaitLeadership(GENEROUS)).isFalse();
    }
}
