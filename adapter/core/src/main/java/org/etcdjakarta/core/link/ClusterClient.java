package org.etcdjakarta.core.link;

import io.etcd.jetcd.api.ClusterGrpc;
import io.etcd.jetcd.api.MemberAddRequest;
import io.etcd.jetcd.api.MemberPromoteRequest;
import io.etcd.jetcd.api.MemberRemoveRequest;
import io.etcd.jetcd.api.MemberUpdateRequest;
import io.etcd.jetcd.cluster.MemberAddResponse;
import io.etcd.jetcd.cluster.MemberListResponse;
import io.etcd.jetcd.cluster.MemberPromoteResponse;
import io.etcd.jetcd.cluster.MemberRemoveResponse;
import io.etcd.jetcd.cluster.MemberUpdateResponse;
import java.net.URI;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.etcdjakarta.EtcdCluster;
import org.etcdjakarta.core.link.protocol.MemberListRequest;

/** {@link EtcdCluster}. */
final class ClusterClient implements EtcdCluster {

    private final Calls calls;

    ClusterClient(Calls calls) {
        this.calls = calls;
    }

    @Override
    public CompletableFuture<MemberListResponse> listMember() {
        return listMember(false);
    }

    @Override
    public CompletableFuture<MemberListResponse> listMember(boolean linearizable) {
        MemberListRequest request =
                MemberListRequest.newBuilder().setLinearizable(linearizable).build();
        return calls.read(EtcdMethods.MEMBER_LIST, request).thenApply(MemberListResponse::new);
    }

    @Override
    public CompletableFuture<MemberAddResponse> addMember(List<URI> peerAddrs) {
        return addMember(peerAddrs, false);
    }

    @Override
    public CompletableFuture<MemberAddResponse> addMember(List<URI> peerAddrs, boolean isLearner) {
        MemberAddRequest request = MemberAddRequest.newBuilder()
                .addAllPeerURLs(texts(peerAddrs))
                .setIsLearner(isLearner)
                .build();
        return calls.write(ClusterGrpc.getMemberAddMethod(), request).thenApply(MemberAddResponse::new);
    }

    @Override
    public CompletableFuture<MemberRemoveResponse> removeMember(long memberId) {
        MemberRemoveRequest request =
                MemberRemoveRequest.newBuilder().setID(memberId).build();
        return calls.write(ClusterGrpc.getMemberRemoveMethod(), request).thenApply(MemberRemoveResponse::new);
    }

    @Override
    public CompletableFuture<MemberUpdateResponse> updateMember(long memberId, List<URI> peerAddrs) {
        MemberUpdateRequest request = MemberUpdateRequest.newBuilder()
                .setID(memberId)
                .addAllPeerURLs(texts(peerAddrs))
                .build();
        return calls.write(ClusterGrpc.getMemberUpdateMethod(), request).thenApply(MemberUpdateResponse::new);
    }

    @Override
    public CompletableFuture<MemberPromoteResponse> promoteMember(long memberId) {
        MemberPromoteRequest request =
                MemberPromoteRequest.newBuilder().setID(memberId).build();
        return calls.write(ClusterGrpc.getMemberPromoteMethod(), request).thenApply(MemberPromoteResponse::new);
    }

    private static List<String> texts(List<URI> uris) {
        return uris.stream().map(URI::toString).toList();
    }
}
