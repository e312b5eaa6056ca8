package org.etcdjakarta.itests.link;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.protobuf.ByteString;
import io.etcd.jetcd.api.AuthGrpc;
import io.etcd.jetcd.api.AuthenticateRequest;
import io.etcd.jetcd.api.KVGrpc;
import io.etcd.jetcd.api.KeyValue;
import io.etcd.jetcd.api.LeaseGrpc;
import io.etcd.jetcd.api.PutRequest;
import io.etcd.jetcd.api.RangeRequest;
import io.etcd.jetcd.api.WatchGrpc;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.shaded.io.netty.channel.EventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.nio.NioEventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.socket.nio.NioSocketChannel;
import io.grpc.stub.MetadataUtils;
import java.net.URI;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/**
 * gRPC's own blocking stubs on one endpoint, with nothing of ours in between: no deadline, no repetition, no token unless given.
 * With them a test shows that its fault is really there, and looks at etcd without the link it judges.
 */
public final class BareStubs implements AutoCloseable {

    private static final Metadata.Key<String> TOKEN = Metadata.Key.of("token", Metadata.ASCII_STRING_MARSHALLER);

    /** NIO, as a link: gRPC's own choice is a native library, which only one class loader of a JVM can have. */
    private final EventLoopGroup loop = new NioEventLoopGroup(1);

    private final ManagedChannel channel;

    private BareStubs(String host, int port) {
        channel = NettyChannelBuilder.forAddress(host, port)
                .channelType(NioSocketChannel.class)
                .eventLoopGroup(loop)
                .usePlaintext()
                .build();
    }

    public static BareStubs to(String endpoint) {
        URI uri = URI.create(endpoint);
        return new BareStubs(uri.getHost(), uri.getPort());
    }

    public KVGrpc.KVBlockingStub kv() {
        return KVGrpc.newBlockingStub(channel);
    }

    public KVGrpc.KVBlockingStub kv(String token) {
        Metadata headers = new Metadata();
        headers.put(TOKEN, token);
        return kv().withInterceptors(MetadataUtils.newAttachHeadersInterceptor(headers));
    }

    public WatchGrpc.WatchStub watch() {
        return WatchGrpc.newStub(channel).withWaitForReady();
    }

    public LeaseGrpc.LeaseBlockingStub lease() {
        return LeaseGrpc.newBlockingStub(channel);
    }

    public String token(String user, String password) {
        return AuthGrpc.newBlockingStub(channel)
                .authenticate(AuthenticateRequest.newBuilder()
                        .setName(user)
                        .setPassword(password)
                        .build())
                .getToken();
    }

    public Map<String, Long> versions(String prefix) {
        return versions(kv(), prefix);
    }

    /**
     * How often each key below the prefix has been written since it was created. Waits for a connection: a channel that has
     * just seen etcd away would refuse to look until its back-off is over.
     */
    public static Map<String, Long> versions(KVGrpc.KVBlockingStub kv, String prefix) {
        RangeRequest range = RangeRequest.newBuilder()
                .setKey(utf8(prefix))
                .setRangeEnd(utf8(prefix + "\uffff"))
                .build();
        return kv.withWaitForReady().withDeadlineAfter(60, TimeUnit.SECONDS).range(range).getKvsList().stream()
                .collect(Collectors.toMap(one -> one.getKey().toStringUtf8(), KeyValue::getVersion));
    }

    /** 0 when the key does not exist. */
    public long version(String key) {
        return versions(key).getOrDefault(key, 0L);
    }

    public static PutRequest put(String key) {
        return PutRequest.newBuilder().setKey(utf8(key)).setValue(utf8("bare")).build();
    }

    public static RangeRequest get(String key) {
        return RangeRequest.newBuilder().setKey(utf8(key)).build();
    }

    public static ByteString utf8(String text) {
        return ByteString.copyFrom(text, UTF_8);
    }

    @Override
    public void close() {
        channel.shutdownNow();
        var unused = loop.shutdownGracefully(0, 1, TimeUnit.SECONDS);
    }
}
