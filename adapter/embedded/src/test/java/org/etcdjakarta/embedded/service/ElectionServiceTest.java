package org.etcdjakarta.embedded.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.etcdjakarta.embedded.service.Embedded.assertRefused;
import static org.etcdjakarta.embedded.service.Embedded.bytes;

import io.etcd.jetcd.api.CampaignRequest;
import io.etcd.jetcd.api.CampaignResponse;
import io.etcd.jetcd.api.ElectionGrpc;
import io.etcd.jetcd.api.LeaderKey;
import io.etcd.jetcd.api.LeaderRequest;
import io.etcd.jetcd.api.LeaderResponse;
import io.etcd.jetcd.api.ProclaimRequest;
import io.etcd.jetcd.api.RangeRequest;
import io.etcd.jetcd.api.ResignRequest;
import io.grpc.Context;
import io.grpc.Status;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ElectionServiceTest {

    private final Embedded embedded = new Embedded();
    private final ElectionGrpc.ElectionBlockingStub election = ElectionGrpc.newBlockingStub(embedded.channel);

    @AfterEach
    void close() {
        embedded.close();
    }

    @Test
    void theFirstCandidateLeadsUnderItsLeasesKey() {
        long lease = embedded.grant(60);

        CampaignResponse won = election.campaign(candidate(lease, "one"));

        assertThat(won.getLeader())
                .isEqualTo(LeaderKey.newBuilder()
                        .setName(bytes("chair"))
                        .setKey(bytes("chair/" + Long.toHexString(lease)))
                        .setRev(won.getHeader().getRevision())
                        .setLease(lease)
                        .build());
        assertThat(leader().getKv().getValue()).isEqualTo(bytes("one"));
        assertThat(leader().getKv().getLease()).isEqualTo(lease);
    }

    @Test
    void theNextCandidateLeadsWhenTheLeaderResigns() {
        LeaderKey first =
                election.campaign(candidate(embedded.grant(60), "one")).getLeader();
        Answers<CampaignResponse> second = campaign(embedded.grant(60), "two");
        await().until(() -> candidates() == 2);
        assertThat(second.open()).isTrue();

        resign(first);

        CampaignResponse won = second.only();
        assertThat(leader().getKv().getKey()).isEqualTo(won.getLeader().getKey());
        assertThat(won.getHeader().getRevision()).isEqualTo(won.getLeader().getRev());
        assertThat(leader().getHeader().getRevision())
                .isGreaterThan(won.getHeader().getRevision());
    }

    @Test
    void theNextCandidateLeadsWhenTheLeadersLeaseExpires() {
        var unused = election.campaign(candidate(embedded.grant(10), "one"));
        Answers<CampaignResponse> second = campaign(embedded.grant(60), "two");
        await().until(() -> candidates() == 2);

        embedded.clock.advance(Duration.ofSeconds(10));

        assertThat(second.only().getLeader().getKey())
                .isEqualTo(leader().getKv().getKey());
    }

    @Test
    void whoCampaignsAgainKeepsTheSeatAndProclaimsTheNewValue() {
        long lease = embedded.grant(60);
        LeaderKey first = election.campaign(candidate(lease, "one")).getLeader();

        assertThat(election.campaign(candidate(lease, "two")).getLeader()).isEqualTo(first);

        assertThat(leader().getKv().getValue()).isEqualTo(bytes("two"));
    }

    @Test
    void whoStopsCampaigningIsNoCandidate() {
        var unused = election.campaign(candidate(embedded.grant(60), "one"));
        Context.CancellableContext impatient = Context.current().withCancellation();
        impatient.run(() -> campaign(embedded.grant(60), "two"));
        await().until(() -> candidates() == 2);

        impatient.cancel(null);

        await().atMost(Duration.ofSeconds(60)).until(() -> candidates() == 1);
        assertThat(leader().getKv().getValue()).isEqualTo(bytes("one"));
    }

    @Test
    void onlyTheLeaderProclaims() {
        LeaderKey leader =
                election.campaign(candidate(embedded.grant(60), "one")).getLeader();
        long revision =
                election.proclaim(proclamation(leader, "two")).getHeader().getRevision();
        assertThat(leader().getKv().getModRevision()).isEqualTo(revision);
        assertThat(leader().getKv().getValue()).isEqualTo(bytes("two"));

        resign(leader);

        assertRefused(
                () -> election.proclaim(proclamation(leader, "three")), Status.Code.UNKNOWN, "election: not leader");
        assertRefused(this::leader, Status.Code.UNKNOWN, "election: no leader");
        resign(leader);
    }

    @Test
    void observersSeeEachProclamationAndEachNewLeader() {
        LeaderKey first =
                election.campaign(candidate(embedded.grant(60), "one")).getLeader();
        Answers<LeaderResponse> seen = observe();
        // it has arrived: a call that is sent later may be served before
        assertThat(seen.atLeast(1)).hasSize(1);
        var unused = election.proclaim(proclamation(first, "two"));
        Answers<CampaignResponse> second = campaign(embedded.grant(60), "three");
        await().until(() -> candidates() == 2);
        resign(first);
        LeaderKey next = second.only().getLeader();
        resign(next);
        var last = election.campaign(candidate(embedded.grant(60), "four"));

        assertThat(seen.atLeast(4))
                .extracting(answer -> answer.getKv().getValue().toStringUtf8())
                .containsExactly("one", "two", "three", "four");
        assertThat(seen.received().get(3).getHeader().getRevision())
                .isEqualTo(last.getHeader().getRevision());
        assertThat(seen.open()).isTrue();
    }

    @Test
    void whoObservesLaterBeginsWithTheLeaderOfThen() {
        var unused = election.campaign(candidate(embedded.grant(60), "one"));

        assertThat(observe().atLeast(1))
                .singleElement()
                .satisfies(answer -> assertThat(answer.getKv().getValue()).isEqualTo(bytes("one")));
    }

    @Test
    void whatIsWrongIsSaidInEtcdsWordsWithoutItsCode() {
        assertRefused(
                () -> election.campaign(candidate(77, "one")),
                Status.Code.UNKNOWN,
                "etcdserver: requested lease not found");
        for (Runnable nobody : List.<Runnable>of(
                () -> election.proclaim(ProclaimRequest.getDefaultInstance()),
                () -> election.resign(ResignRequest.getDefaultInstance()))) {
            assertRefused(nobody, Status.Code.UNKNOWN, "\"leader\" field must be provided");
        }
        assertRefused(
                () -> resign(LeaderKey.getDefaultInstance()), Status.Code.UNKNOWN, "etcdserver: key is not provided");
    }

    private Answers<CampaignResponse> campaign(long lease, String value) {
        Answers<CampaignResponse> answers = new Answers<>();
        ElectionGrpc.newStub(embedded.channel).campaign(candidate(lease, value), answers);
        return answers;
    }

    private Answers<LeaderResponse> observe() {
        Answers<LeaderResponse> answers = new Answers<>();
        ElectionGrpc.newStub(embedded.channel).observe(chair(), answers);
        return answers;
    }

    private void resign(LeaderKey leader) {
        var unused =
                election.resign(ResignRequest.newBuilder().setLeader(leader).build());
    }

    private LeaderResponse leader() {
        return election.leader(chair());
    }

    private long candidates() {
        return embedded.kv
                .range(RangeRequest.newBuilder()
                        .setKey(bytes("chair/"))
                        .setRangeEnd(bytes("chair0"))
                        .build())
                .getCount();
    }

    private static LeaderRequest chair() {
        return LeaderRequest.newBuilder().setName(bytes("chair")).build();
    }

    private static CampaignRequest candidate(long lease, String value) {
        return CampaignRequest.newBuilder()
                .setName(bytes("chair"))
                .setLease(lease)
                .setValue(bytes(value))
                .build();
    }

    private static ProclaimRequest proclamation(LeaderKey leader, String value) {
        return ProclaimRequest.newBuilder()
                .setLeader(leader)
                .setValue(bytes(value))
                .build();
    }
}
