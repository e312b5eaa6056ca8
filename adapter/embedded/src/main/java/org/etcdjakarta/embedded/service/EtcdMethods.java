package org.etcdjakarta.embedded.service;

import com.google.protobuf.Message;
import io.etcd.jetcd.api.AuthGrpc;
import io.etcd.jetcd.api.LeaseGrpc;
import io.etcd.jetcd.api.MaintenanceGrpc;
import io.grpc.MethodDescriptor;
import io.grpc.ServerMethodDefinition;
import io.grpc.ServerServiceDefinition;
import io.grpc.protobuf.ProtoUtils;
import io.grpc.stub.ServerCalls;
import org.etcdjakarta.embedded.protocol.AuthStatusRequest;
import org.etcdjakarta.embedded.protocol.AuthStatusResponse;
import org.etcdjakarta.embedded.protocol.DowngradeRequest;
import org.etcdjakarta.embedded.protocol.DowngradeResponse;
import org.etcdjakarta.embedded.protocol.LeaseLeasesRequest;
import org.etcdjakarta.embedded.protocol.LeaseLeasesResponse;

/** The calls of etcd that jetcd's protocol classes lack: etcd's names, our messages. */
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

    private EtcdMethods() {}

    /** The service with one call more. */
    static <Q, R> ServerServiceDefinition add(
            ServerServiceDefinition service, MethodDescriptor<Q, R> method, ServerCalls.UnaryMethod<Q, R> call) {
        // By name: a descriptor of jetcd's would not allow for another call.
        ServerServiceDefinition.Builder all =
                ServerServiceDefinition.builder(service.getServiceDescriptor().getName());
        for (ServerMethodDefinition<?, ?> known : service.getMethods()) {
            all.addMethod(known);
        }
        return all.addMethod(method, ServerCalls.asyncUnaryCall(call)).build();
    }

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
