package org.etcdjakarta.embedded.service;

import io.etcd.jetcd.api.ClusterGrpc;
import io.etcd.jetcd.api.Member;
import io.etcd.jetcd.api.MemberAddRequest;
import io.etcd.jetcd.api.MemberAddResponse;
import io.etcd.jetcd.api.MemberListRequest;
import io.etcd.jetcd.api.MemberListResponse;
import io.etcd.jetcd.api.MemberPromoteRequest;
import io.etcd.jetcd.api.MemberPromoteResponse;
import io.etcd.jetcd.api.MemberRemoveRequest;
import io.etcd.jetcd.api.MemberRemoveResponse;
import io.etcd.jetcd.api.MemberUpdateRequest;
import io.etcd.jetcd.api.MemberUpdateResponse;
import io.etcd.jetcd.api.ResponseHeader;
import io.grpc.stub.StreamObserver;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Supplier;
import org.etcdjakarta.embedded.store.ClusterState;
import org.etcdjakarta.embedded.store.ClusterStatus;
import org.etcdjakarta.embedded.store.Store;

/**
 * etcd's Cluster service as a cluster of one member answers. A learner can be added, and stays what it is: nobody starts it.
 * One thing differs: etcd takes a second voting member and is without quorum from then on; here that is refused as it is by a
 * cluster that would not survive it.
 */
public final class ClusterService extends ClusterGrpc.ClusterImplBase {

    private static final String NAME = "embedded";

    /** etcd's default. */
    private static final int MAX_LEARNERS = 1;

    private final Store store;
    private final Headers headers;
    private final Admission admission;
    private final Supplier<String> clientUrl;

    /** The address is asked for with each answer: the port is known only after the start. */
    public ClusterService(Store store, Headers headers, Admission admission, Supplier<String> clientUrl) {
        this.store = store;
        this.headers = headers;
        this.admission = admission;
        this.clientUrl = clientUrl;
    }

    /** One member's list is always linearizable. */
    @Override
    public void memberList(MemberListRequest request, StreamObserver<MemberListResponse> caller) {
        Answer.to(caller, () -> MemberListResponse.newBuilder()
                .setHeader(header())
                .addAllMembers(members(store.cluster()))
                .build());
    }

    @Override
    public void memberAdd(MemberAddRequest request, StreamObserver<MemberAddResponse> caller) {
        Answer.to(caller, () -> {
            Member learner = Member.newBuilder()
                    .setID(ThreadLocalRandom.current().nextLong())
                    .addAllPeerURLs(PeerUrls.checked(request.getPeerURLsList()))
                    .setIsLearner(true)
                    .build();
            ClusterState now = store.changeCluster(cluster -> {
                admission.administer();
                if (!request.getIsLearner()) {
                    throw ClusterStatus.unhealthy();
                }
                return with(learner, cluster);
            });
            return MemberAddResponse.newBuilder()
                    .setHeader(header())
                    .setMember(learner)
                    .addAllMembers(members(now))
                    .build();
        });
    }

    private ClusterState with(Member learner, ClusterState cluster) {
        refuseUsed(learner.getPeerURLsList(), members(cluster));
        if (cluster.learners().size() == MAX_LEARNERS) {
            throw ClusterStatus.tooManyLearners();
        }
        List<Member> learners = new ArrayList<>(cluster.learners());
        learners.add(learner);
        return cluster.withLearners(learners);
    }

    @Override
    public void memberRemove(MemberRemoveRequest request, StreamObserver<MemberRemoveResponse> caller) {
        Answer.to(caller, () -> {
            ClusterState now = store.changeCluster(cluster -> {
                admission.administer();
                if (request.getID() == headers.memberId()) {
                    throw ClusterStatus.notEnoughStarted();
                }
                learner(request.getID(), cluster);
                return cluster.withLearners(others(request.getID(), cluster.learners()));
            });
            return MemberRemoveResponse.newBuilder()
                    .setHeader(header())
                    .addAllMembers(members(now))
                    .build();
        });
    }

    /** As etcd, this does not look at the new addresses. */
    @Override
    public void memberUpdate(MemberUpdateRequest request, StreamObserver<MemberUpdateResponse> caller) {
        Answer.to(caller, () -> {
            ClusterState now = store.changeCluster(cluster -> {
                admission.administer();
                return updated(request, cluster);
            });
            return MemberUpdateResponse.newBuilder()
                    .setHeader(header())
                    .addAllMembers(members(now))
                    .build();
        });
    }

    private ClusterState updated(MemberUpdateRequest request, ClusterState cluster) {
        List<String> urls = request.getPeerURLsList();
        if (request.getID() == headers.memberId()) {
            refuseUsed(urls, cluster.learners());
            return cluster.withPeerUrls(urls);
        }
        Member learner = learner(request.getID(), cluster);
        refuseUsed(urls, others(request.getID(), members(cluster)));
        return cluster.withLearners(
                List.of(learner.toBuilder().clearPeerURLs().addAllPeerURLs(urls).build()));
    }

    @Override
    public void memberPromote(MemberPromoteRequest request, StreamObserver<MemberPromoteResponse> caller) {
        Answer.<MemberPromoteResponse>to(caller, () -> {
            admission.administer();
            if (request.getID() == headers.memberId()) {
                throw ClusterStatus.notLearner();
            }
            learner(request.getID(), store.cluster());
            throw ClusterStatus.learnerNotReady();
        });
    }

    private static Member learner(long id, ClusterState cluster) {
        return cluster.learners().stream()
                .filter(learner -> learner.getID() == id)
                .findAny()
                .orElseThrow(ClusterStatus::memberNotFound);
    }

    private static List<Member> others(long id, List<Member> members) {
        return members.stream().filter(member -> member.getID() != id).toList();
    }

    private static void refuseUsed(List<String> urls, List<Member> members) {
        if (members.stream()
                .anyMatch(member -> member.getPeerURLsList().stream().anyMatch(urls::contains))) {
            throw ClusterStatus.peerUrlExists();
        }
    }

    private List<Member> members(ClusterState cluster) {
        List<Member> members = new ArrayList<>();
        members.add(Member.newBuilder()
                .setID(headers.memberId())
                .setName(NAME)
                .addAllPeerURLs(cluster.peerUrls())
                .addClientURLs(clientUrl.get())
                .build());
        members.addAll(cluster.learners());
        members.sort((one, other) -> Long.compareUnsigned(one.getID(), other.getID()));
        return members;
    }

    /** etcd names no revision here. */
    private ResponseHeader header() {
        return headers.at(0);
    }
}
