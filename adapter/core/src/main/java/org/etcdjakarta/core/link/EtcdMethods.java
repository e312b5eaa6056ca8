package org.etcdjakarta.core.link;

import com.google.protobuf.Message;
import io.etcd.jetcd.api.AuthGrpc;
import io.etcd.jetcd.api.AuthUserAddResponse;
import io.etcd.jetcd.api.ClusterGrpc;
import io.etcd.jetcd.api.LeaseGrpc;
import io.etcd.jetcd.api.MaintenanceGrpc;
import io.etcd.jetcd.api.MemberListResponse;
import io.grpc.MethodDescriptor;
import io.grpc.protobuf.ProtoUtils;
import org.etcdjakarta.core.link.protocol.AuthStatusRequest;
import org.etcdjakarta.core.link.protocol.AuthStatusResponse;
import org.etcdjakarta.core.link.protocol.DowngradeRequest;
import org.etcdjakarta.core.link.protocol.DowngradeResponse;
import org.etcdjakarta.core.link.protocol.LeaseLeasesRequest;
import org.etcdjakarta.core.link.protocol.LeaseLeasesResponse;
import org.etcdjakarta.core.link.protocol.MemberListRequest;
import org.etcdjakarta.core.link.protocol.UserAddRequest;

/** The calls of etcd that jetcd's protocol files lack, and those whose requests lack a field there: etcd's names, our messages. */
final class EtcdMethods {

    static final MethodDescriptor<LeaseLeasesRequest, LeaseLeasesResponse> LEASE_LEASES = unary(
            LeaseGrpc.SERVICE_NAME,
            "LeaseLeases",
            LeaseLeasesRequest.getDefaultInstance(),
            LeaseLeasesResponse.getDefaultInstance());

    static final MethodDescriptor<AuthStatusRequest, AuthStatusResponse> AUTH_STATUS = unary(
            AuthGrpc.SERVICE_NAME,
            "AuthStatus",
            AuthStatusRequest.getDefaultInstance(),
            AuthStatusResponse.getDefaultInstance());

    static final MethodDescriptor<DowngradeRequest, DowngradeResponse> DOWNGRADE = unary(
            MaintenanceGrpc.SERVICE_NAME,
            "Downgrade",
            DowngradeRequest.getDefaultInstance(),
            DowngradeResponse.getDefaultInstance());

    static final MethodDescriptor<UserAddRequest, AuthUserAddResponse> USER_ADD = unary(
            AuthGrpc.SERVICE_NAME,
            "UserAdd",
            UserAddRequest.getDefaultInstance(),
            AuthUserAddResponse.getDefaultInstance());

    static final MethodDescriptor<MemberListRequest, MemberListResponse> MEMBER_LIST = unary(
            ClusterGrpc.SERVICE_NAME,
            "MemberList",
            MemberListRequest.getDefaultInstance(),
            MemberListResponse.getDefaultInstance());

    private EtcdMethods() {}

    private static <Q extends Message, R extends Message> MethodDescriptor<Q, R> unary(
            String service, String method, Q request, R response) {
        return MethodDescriptor.<Q, R>newBuilder()
                .setType(MethodDescriptor.MethodType.UNARY)
                .setFullMethodName(MethodDescriptor.generateFullMethodName(service, method))
                .setRequestMarshaller(ProtoUtils.marshaller(request))
                .setResponseMarshaller(ProtoUtils.marshaller(response))
                .build();
    }
}
