package org.etcdjakarta.embedded.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.etcd.jetcd.api.DeleteRangeRequest;
import io.etcd.jetcd.api.KVGrpc;
import io.etcd.jetcd.api.KeyValue;
import io.etcd.jetcd.api.LeaseGrantRequest;
import io.etcd.jetcd.api.LeaseGrpc;
import io.etcd.jetcd.api.PutRequest;
import io.etcd.jetcd.api.RangeRequest;
import io.grpc.Channel;
import io.grpc.ClientInterceptors;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.MetadataUtils;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.etcdjakarta.embedded.EmbeddedEtcd;
import org.etcdjakarta.embedded.ManualClock;

/** An embedded etcd of one test, a connection to it, and the few calls that every test makes. */
final class Embedded implements AutoCloseable {

    final ManualClock clock = new ManualClock();
    final EmbeddedEtcd etcd = EmbeddedEtcd.start(clock);
    final ManagedChannel channel = NettyChannelBuilder.forTarget(etcd.endpoint().replace("http://", "dns:///"))
            .usePlaintext()
            .build();
    final KVGrpc.KVBlockingStub kv = KVGrpc.newBlockingStub(channel);
    final LeaseGrpc.LeaseBlockingStub lease = LeaseGrpc.newBlockingStub(channel);

    @Override
    public void close() {
        channel.shutdownNow();
        try {
            assertThat(channel.awaitTermination(30, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        etcd.close();
    }

    /** The connection of somebody with this token. */
    Channel withToken(String token) {
        Metadata headers = new Metadata();
        headers.put(Metadata.Key.of("token", Metadata.ASCII_STRING_MARSHALLER), token);
        return ClientInterceptors.intercept(channel, MetadataUtils.newAttachHeadersInterceptor(headers));
    }

    /** Returns its revision. */
    long put(String key, String value) {
        return kv.put(putRequest(key, value)).getHeader().getRevision();
    }

    static PutRequest putRequest(String key, String value) {
        return PutRequest.newBuilder().setKey(bytes(key)).setValue(bytes(value)).build();
    }

    static RangeRequest rangeRequest(String key) {
        return RangeRequest.newBuilder().setKey(bytes(key)).build();
    }

    static DeleteRangeRequest deleteRequest(String key) {
        return DeleteRangeRequest.newBuilder().setKey(bytes(key)).build();
    }

    void delete(ByteString key) {
        var unused = kv.deleteRange(DeleteRangeRequest.newBuilder().setKey(key).build());
    }

    List<KeyValue> get(String key) {
        return kv.range(rangeRequest(key)).getKvsList();
    }

    long grant(long ttl) {
        return lease.leaseGrant(LeaseGrantRequest.newBuilder().setTTL(ttl).build())
                .getID();
    }

    static void assertRefused(Runnable call, Status.Code code, String text) {
        assertThatThrownBy(call::run).isInstanceOfSatisfying(StatusRuntimeException.class, refused -> {
            assertThat(refused.getStatus().getDescription()).isEqualTo(text);
            assertThat(refused.getStatus().getCode()).isEqualTo(code);
        });
    }

    static ByteString bytes(String text) {
        return ByteString.copyFromUtf8(text);
    }
}
