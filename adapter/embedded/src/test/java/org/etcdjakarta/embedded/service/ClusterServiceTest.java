package org.etcdjakarta.embedded.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.etcdjakarta.embedded.service.Embedded.assertRefused;

import io.etcd.jetcd.api.ClusterGrpc;
import io.etcd.jetcd.api.Member;
import io.etcd.jetcd.api.MemberAddRequest;
import io.etcd.jetcd.api.MemberListRequest;
import io.etcd.jetcd.api.MemberPromoteRequest;
import io.etcd.jetcd.api.MemberRemoveRequest;
import io.etcd.jetcd.api.MemberUpdateRequest;
import io.grpc.Status;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ClusterServiceTest {

    private static final String PEER = "http://10.0.0.1:2380";

    private final Embedded embedded = new Embedded();
    private final ClusterGrpc.ClusterBlockingStub cluster = ClusterGrpc.newBlockingStub(embedded.channel);

    @AfterEach
    void close() {
        embedded.close();
    }

    @Test
    void theOneMemberIsListedWithWhereClientsFindIt() {
        var answer = cluster.memberList(MemberListRequest.getDefaultInstance());

        assertThat(answer.getMembersList()).singleElement().satisfies(member -> {
            assertThat(member.getID()).isEqualTo(answer.getHeader().getMemberId());
            assertThat(member.getClientURLsList()).containsExactly(embedded.etcd.endpoint());
            assertThat(member.getPeerURLsList()).containsExactly("http://localhost:2380");
            assertThat(member.getIsLearner()).isFalse();
        });
        assertThat(answer.getHeader().getRevision()).isZero();
    }

    @Test
    void itsPeerAddressCanBeChanged() {
        var answer = cluster.memberUpdate(update(members().get(0).getID(), PEER));

        assertThat(answer.getMembersList()).isEqualTo(members());
        assertThat(members().get(0).getPeerURLsList()).containsExactly(PEER);
    }

    @Test
    void aLearnerIsAddedMovedAndRemovedButNeverInSync() {
        Member learner = cluster.memberAdd(add(PEER).setIsLearner(true).build()).getMember();
        assertThat(members()).hasSize(2).contains(learner);
        assertThat(learner.getName()).isEmpty();
        assertThat(learner.getIsLearner()).isTrue();

        assertRefused(
                () -> cluster.memberPromote(promote(learner.getID())),
                Status.Code.FAILED_PRECONDITION,
                "etcdserver: can only promote a learner member which is in sync with leader");
        assertThat(cluster.memberUpdate(update(learner.getID(), "http://10.0.0.2:2380"))
                        .getMembersList())
                .contains(learner.toBuilder()
                        .setPeerURLs(0, "http://10.0.0.2:2380")
                        .build());

        assertThat(cluster.memberRemove(remove(learner.getID())).getMembersList())
                .hasSize(1);
        assertThat(members()).hasSize(1);
    }

    @Test
    void aSecondLearnerIsOneTooMany() {
        var unused = cluster.memberAdd(add(PEER).setIsLearner(true).build());

        assertRefused(
                () -> cluster.memberAdd(
                        add("http://10.0.0.2:2380").setIsLearner(true).build()),
                Status.Code.FAILED_PRECONDITION,
                "etcdserver: too many learner members in cluster");
    }

    @Test
    void aSecondVoterWouldCostTheQuorumAndIsRefused() {
        assertRefused(
                () -> cluster.memberAdd(add(PEER).build()), Status.Code.UNAVAILABLE, "etcdserver: unhealthy cluster");
        assertThat(members()).hasSize(1);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "nonsense",
                "http://without-port",
                "ftp://10.0.0.1:1",
                "http://10.0.0.1:1/path",
                "http://a b:1"
            })
    void whatIsNoAddressIsRefused(String url) {
        assertRefused(
                () -> cluster.memberAdd(add(url).setIsLearner(true).build()),
                Status.Code.INVALID_ARGUMENT,
                "etcdserver: given member URLs are invalid");
        assertRefused(
                () -> cluster.memberAdd(
                        MemberAddRequest.newBuilder().setIsLearner(true).build()),
                Status.Code.INVALID_ARGUMENT,
                "etcdserver: given member URLs are invalid");
    }

    @Test
    void anAddressBelongsToOneMember() {
        String taken = members().get(0).getPeerURLs(0);

        assertRefused(
                () -> cluster.memberAdd(add(taken).setIsLearner(true).build()),
                Status.Code.FAILED_PRECONDITION,
                "etcdserver: Peer URLs already exists");
    }

    @Test
    void theLastMemberStays() {
        assertRefused(
                () -> cluster.memberRemove(remove(members().get(0).getID())),
                Status.Code.UNKNOWN,
                "etcdserver: re-configuration failed due to not enough started members");
        assertRefused(
                () -> cluster.memberPromote(promote(members().get(0).getID())),
                Status.Code.FAILED_PRECONDITION,
                "etcdserver: can only promote a learner member");
    }

    @Test
    void aMemberThatIsNotThereIsNotFound() {
        List<Runnable> calls = List.of(
                () -> cluster.memberRemove(remove(7)),
                () -> cluster.memberPromote(promote(7)),
                () -> cluster.memberUpdate(update(7, PEER)));

        for (Runnable call : calls) {
            assertRefused(call, Status.Code.NOT_FOUND, "etcdserver: member not found");
        }
    }

    private List<Member> members() {
        return cluster.memberList(MemberListRequest.getDefaultInstance()).getMembersList();
    }

    private static MemberAddRequest.Builder add(String url) {
        return MemberAddRequest.newBuilder().addPeerURLs(url);
    }

    private static MemberUpdateRequest update(long id, String url) {
        return MemberUpdateRequest.newBuilder().setID(id).addPeerURLs(url).build();
    }

    private static MemberRemoveRequest remove(long id) {
        return MemberRemoveRequest.newBuilder().setID(id).build();
    }

    private static MemberPromoteRequest promote(long id) {
        return MemberPromoteRequest.newBuilder().setID(id).build();
    }
}
