package org.etcdjakarta.itests.embedded;

import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import io.etcd.jetcd.api.AuthGrpc;
import io.etcd.jetcd.api.AuthenticateRequest;
import io.etcd.jetcd.api.AuthenticateResponse;
import io.etcd.jetcd.api.ClusterGrpc;
import io.etcd.jetcd.api.ElectionGrpc;
import io.etcd.jetcd.api.KVGrpc;
import io.etcd.jetcd.api.LeaseGrantRequest;
import io.etcd.jetcd.api.LeaseGrantResponse;
import io.etcd.jetcd.api.LeaseGrpc;
import io.etcd.jetcd.api.LeaseKeepAliveRequest;
import io.etcd.jetcd.api.LeaseKeepAliveResponse;
import io.etcd.jetcd.api.LeaseTimeToLiveResponse;
import io.etcd.jetcd.api.MaintenanceGrpc;
import io.etcd.jetcd.api.RangeRequest;
import io.etcd.jetcd.api.ResponseHeader;
import io.etcd.jetcd.api.WatchGrpc;
import io.etcd.jetcd.api.WatchRequest;
import io.etcd.jetcd.api.WatchResponse;
import io.etcd.jetcd.api.lock.LockGrpc;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientInterceptors;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.PrototypeMarshaller;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.shaded.io.netty.channel.EventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.nio.NioEventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.socket.nio.NioSocketChannel;
import io.grpc.protobuf.ProtoUtils;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.MetadataUtils;
import io.grpc.stub.StreamObserver;
import java.net.URI;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.etcdjakarta.embedded.protocol.AuthStatusRequest;
import org.etcdjakarta.embedded.protocol.AuthStatusResponse;
import org.etcdjakarta.embedded.protocol.LeaseLeasesRequest;
import org.etcdjakarta.embedded.protocol.LeaseLeasesResponse;
import org.etcdjakarta.embedded.protocol.LeaseStatus;

/**
 * One of the two servers, by gRPC's bare stubs. Of an answer only what cannot be alike is replaced: the ids of cluster and member
 * and the raft term by 1 where they are the server's own, the time a lease has left by the time it was granted for, the order of
 * leases and of a lease's keys, which etcd leaves to chance, and tokens.
 */
final class Peer implements AutoCloseable {

    private static final Map<Class<?>, MethodDescriptor<Message, Message>> METHODS = methods();

    private final EventLoopGroup loop = new NioEventLoopGroup(1);
    private final ManagedChannel channel;
    private final BlockingQueue<LeaseKeepAliveResponse> keptAlive = new LinkedBlockingQueue<>();
    private final StreamObserver<LeaseKeepAliveRequest> keepAlive;
    private final Map<String, String> tokens = new HashMap<>();
    private final ResponseHeader self;

    Peer(String endpoint) {
        URI uri = URI.create(endpoint);
        channel = NettyChannelBuilder.forAddress(uri.getHost(), uri.getPort())
                .channelType(NioSocketChannel.class)
                .eventLoopGroup(loop)
                .directExecutor()
                .maxInboundMessageSize(Integer.MAX_VALUE)
                .usePlaintext()
                .build();
        keepAlive = LeaseGrpc.newStub(channel).leaseKeepAlive(new Collecting<>(keptAlive::add));
        self = KVGrpc.newBlockingStub(channel)
                .range(RangeRequest.newBuilder()
                        .setKey(ByteString.copyFromUtf8("who are you"))
                        .build())
                .getHeader();
    }

    /** The answer, or the refusal as a text: gRPC's code and the server's words. */
    Object answer(Message request) {
        return answer(request, channel);
    }

    /** As {@link #answer(Message)}, for a user who has authenticated here; a name that has not is shown as a token itself. */
    Object answer(Message request, String user) {
        return answer(request, channelOf(user));
    }

    private Channel channelOf(String user) {
        Metadata headers = new Metadata();
        headers.put(Metadata.Key.of("token", Metadata.ASCII_STRING_MARSHALLER), tokens.getOrDefault(user, user));
        return ClientInterceptors.intercept(channel, MetadataUtils.newAttachHeadersInterceptor(headers));
    }

    private Object answer(Message request, Channel as) {
        try {
            return comparable(request, call(request, as));
        } catch (StatusRuntimeException refused) {
            return refused.getStatus().getCode() + ": " + refused.getStatus().getDescription();
        }
    }

    private Message call(Message request, Channel as) {
        if (request instanceof LeaseKeepAliveRequest renewal) {
            return renewed(renewal);
        }
        return ClientCalls.blockingUnaryCall(as, METHODS.get(request.getClass()), CallOptions.DEFAULT, request);
    }

    /** Each request's class tells which call it is for. */
    @SuppressWarnings("unchecked")
    private static Map<Class<?>, MethodDescriptor<Message, Message>> methods() {
        Map<Class<?>, MethodDescriptor<Message, Message>> methods = new HashMap<>();
        Stream.of(
                        KVGrpc.getServiceDescriptor(),
                        LeaseGrpc.getServiceDescriptor(),
                        ClusterGrpc.getServiceDescriptor(),
                        MaintenanceGrpc.getServiceDescriptor(),
                        AuthGrpc.getServiceDescriptor(),
                        LockGrpc.getServiceDescriptor(),
                        ElectionGrpc.getServiceDescriptor())
                .flatMap(service -> service.getMethods().stream())
                .filter(method -> method.getType() == MethodDescriptor.MethodType.UNARY)
                .map(method -> (MethodDescriptor<Message, Message>) method)
                .forEach(method -> methods.put(
                        ((PrototypeMarshaller<?>) method.getRequestMarshaller())
                                .getMessagePrototype()
                                .getClass(),
                        method));
        methods.put(
                LeaseLeasesRequest.class,
                unary(
                        "etcdserverpb.Lease/LeaseLeases",
                        LeaseLeasesRequest.getDefaultInstance(),
                        LeaseLeasesResponse.getDefaultInstance()));
        methods.put(
                AuthStatusRequest.class,
                unary(
                        "etcdserverpb.Auth/AuthStatus",
                        AuthStatusRequest.getDefaultInstance(),
                        AuthStatusResponse.getDefaultInstance()));
        return methods;
    }

    /** What jetcd's protocol classes lack. */
    private static MethodDescriptor<Message, Message> unary(String name, Message request, Message answer) {
        return MethodDescriptor.newBuilder(ProtoUtils.marshaller(request), ProtoUtils.marshaller(answer))
                .setType(MethodDescriptor.MethodType.UNARY)
                .setFullMethodName(name)
                .build();
    }

    private LeaseKeepAliveResponse renewed(LeaseKeepAliveRequest renewal) {
        keepAlive.onNext(renewal);
        try {
            LeaseKeepAliveResponse answer = keptAlive.poll(60, TimeUnit.SECONDS);
            if (answer == null) {
                throw new AssertionError("no answer within 60 s to " + renewal);
            }
            return answer;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    StreamObserver<WatchRequest> watch(StreamObserver<WatchResponse> answers) {
        return WatchGrpc.newStub(channel).watch(answers);
    }

    StreamObserver<WatchRequest> watch(String user, StreamObserver<WatchResponse> answers) {
        return WatchGrpc.newStub(channelOf(user)).watch(answers);
    }

    private Message comparable(Message request, Message answer) {
        Message mapped = mapped(answer);
        if (mapped instanceof AuthenticateResponse authenticated && request instanceof AuthenticateRequest user) {
            tokens.put(user.getName(), authenticated.getToken());
            return authenticated.toBuilder().setToken("a token").build();
        }
        if (mapped instanceof LeaseGrantResponse granted
                && request instanceof LeaseGrantRequest grant
                && grant.getID() == 0) {
            return granted.toBuilder().setID(Long.signum(granted.getID())).build();
        }
        if (mapped instanceof LeaseTimeToLiveResponse left) {
            List<ByteString> keys = left.getKeysList().stream()
                    .sorted(ByteString.unsignedLexicographicalComparator())
                    .toList();
            boolean plausible = left.getTTL() >= 0 && left.getTTL() <= left.getGrantedTTL();
            return left.toBuilder()
                    .clearKeys()
                    .addAllKeys(keys)
                    .setTTL(plausible ? left.getGrantedTTL() : left.getTTL())
                    .build();
        }
        if (mapped instanceof LeaseLeasesResponse leases) {
            return leases.toBuilder()
                    .clearLeases()
                    .addAllLeases(leases.getLeasesList().stream()
                            .filter(one -> Math.abs(one.getID()) < RandomRequests.CHOSEN_LEASES)
                            .sorted(Comparator.comparing(LeaseStatus::getID))
                            .toList())
                    .build();
        }
        return mapped;
    }

    /** Only its own header: those within a Txn's answer have no ids, and must not have. */
    @SuppressWarnings("unchecked")
    <M extends Message> M mapped(M answer) {
        FieldDescriptor field = answer.getDescriptorForType().findFieldByName("header");
        if (!answer.hasField(field)) {
            return answer;
        }
        ResponseHeader header = (ResponseHeader) answer.getField(field);
        ResponseHeader.Builder mapped = header.toBuilder();
        if (header.getClusterId() == self.getClusterId()) {
            mapped.setClusterId(1);
        }
        if (header.getMemberId() == self.getMemberId()) {
            mapped.setMemberId(1);
        }
        if (header.getRaftTerm() == self.getRaftTerm()) {
            mapped.setRaftTerm(1);
        }
        return (M) answer.toBuilder().setField(field, mapped.build()).build();
    }

    @Override
    public void close() {
        channel.shutdownNow();
        var unused = loop.shutdownGracefully(0, 1, TimeUnit.SECONDS);
    }
}
