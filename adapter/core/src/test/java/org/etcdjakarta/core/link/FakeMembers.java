package org.etcdjakarta.core.link;

import io.etcd.jetcd.api.ClusterGrpc;
import io.etcd.jetcd.api.Member;
import io.etcd.jetcd.api.MemberListRequest;
import io.etcd.jetcd.api.MemberListResponse;
import io.grpc.stub.StreamObserver;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** etcd's list of members, as the test says. */
final class FakeMembers extends ClusterGrpc.ClusterImplBase {

    final List<Member> list = new CopyOnWriteArrayList<>();
    volatile boolean silent;
    final List<MemberListRequest> requests = new CopyOnWriteArrayList<>();

    @Override
    public void memberList(MemberListRequest request, StreamObserver<MemberListResponse> observer) {
        requests.add(request);
        if (silent) {
            return;
        }
        observer.onNext(MemberListResponse.newBuilder().addAllMembers(list).build());
        observer.onCompleted();
    }
}
