package org.etcdjakarta.embedded.service;

import com.google.protobuf.Message;
import io.etcd.jetcd.api.AuthGrpc;
import io.etcd.jetcd.api.KVGrpc;
import io.etcd.jetcd.api.LeaseGrpc;
import io.etcd.jetcd.api.MaintenanceGrpc;
import io.etcd.jetcd.api.TxnRequest;
import io.etcd.jetcd.api.TxnResponse;
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

    /** etcd takes 128 Txns within each other, which are more than twice as many messages; the parser's own limit is 100. */
    private static final int NESTED_MESSAGES = 1_000;

    static final MethodDescriptor<TxnRequest, TxnResponse> TXN = KVGrpc.getTxnMethod().toBuilder(
                    ProtoUtils.marshallerWithRecursionLimit(TxnRequest.getDefaultInstance(), NESTED_MESSAGES),
                    ProtoUtils.marshallerWithRecursionLimit(TxnResponse.getDefaultInstance(), NESTED_MESSAGES))
            .build();

    private EtcdMethods() {}

    /** The service with one call more, or with another one in its place. */
    static <Q, R> ServerServiceDefinition add(
            ServerServiceDefinition service, MethodDescriptor<Q, R> method, ServerCalls.UnaryMethod<Q, R> call) {
        // By name: a descriptor of jetcd's would not allow for another call.
        ServerServiceDefinition.Builder all =
                ServerServiceDefinition.builder(service.getServiceDescriptor().getName());
        for (ServerMethodDefinition<?, ?> known : service.getMethods()) {
            if (!known.getMethodDescriptor().getFullMethodName().equals(method.getFullMethodName())) {
                all.addMethod(known);
            }
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
