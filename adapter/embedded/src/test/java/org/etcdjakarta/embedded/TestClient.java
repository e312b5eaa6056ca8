package org.etcdjakarta.embedded;

import com.google.protobuf.ByteString;
import io.etcd.jetcd.api.ElectionGrpc;
import io.etcd.jetcd.api.KVGrpc;
import io.etcd.jetcd.api.LeaseGrantRequest;
import io.etcd.jetcd.api.LeaseGrpc;
import io.etcd.jetcd.api.LeaseKeepAliveRequest;
import io.etcd.jetcd.api.LeaseKeepAliveResponse;
import io.etcd.jetcd.api.PutRequest;
import io.etcd.jetcd.api.PutResponse;
import io.etcd.jetcd.api.RangeRequest;
import io.etcd.jetcd.api.RangeResponse;
import io.etcd.jetcd.api.WatchCreateRequest;
import io.etcd.jetcd.api.WatchGrpc;
import io.etcd.jetcd.api.WatchRequest;
import io.etcd.jetcd.api.WatchResponse;
import io.etcd.jetcd.api.lock.LockGrpc;
import io.etcd.jetcd.api.lock.LockRequest;
import io.etcd.jetcd.api.lock.LockResponse;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.StreamObserver;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.assertj.core.api.Assertions;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionFactory;
import org.jspecify.annotations.Nullable;

/** gRPC's own stubs, which repeat nothing and hide nothing, in few words. */
public final class TestClient implements AutoCloseable {

    private final ManagedChannel channel;
    private final boolean own;

    private TestClient(ManagedChannel channel, boolean own) {
        this.channel = channel;
        this.own = own;
    }

    public static TestClient onPort(EmbeddedEtcd etcd) {
        return onPort(etcd.endpoint());
    }

    public static TestClient onPort(String endpoint) {
        return new TestClient(
                NettyChannelBuilder.forTarget(endpoint.replace("http://", "dns:///"))
                        .usePlaintext()
                        .build(),
                true);
    }

    public static TestClient inProcess(EmbeddedEtcd etcd) {
        return new TestClient(etcd.channel(), false);
    }

    /** Generous: builds run on slow machines. */
    public static ConditionFactory patiently() {
        return Awaitility.await().atMost(60, TimeUnit.SECONDS);
    }

    public KVGrpc.KVBlockingStub kv() {
        return KVGrpc.newBlockingStub(channel).withDeadlineAfter(60, TimeUnit.SECONDS);
    }

    public LeaseGrpc.LeaseBlockingStub lease() {
        return LeaseGrpc.newBlockingStub(channel).withDeadlineAfter(60, TimeUnit.SECONDS);
    }

    public LockGrpc.LockBlockingStub locks() {
        return LockGrpc.newBlockingStub(channel).withDeadlineAfter(60, TimeUnit.SECONDS);
    }

    public ElectionGrpc.ElectionBlockingStub elections() {
        return ElectionGrpc.newBlockingStub(channel).withDeadlineAfter(60, TimeUnit.SECONDS);
    }

    public PutResponse put(String key) {
        return kv().put(putOf(key));
    }

    public Future<PutResponse> putLater(String key) {
        CompletableFuture<PutResponse> later = new CompletableFuture<>();
        KVGrpc.newStub(channel).put(putOf(key), new StreamObserver<>() {
            @Override
            public void onNext(PutResponse answer) {
                later.complete(answer);
            }

            @Override
            public void onError(Throwable end) {
                later.completeExceptionally(end);
            }

            @Override
            public void onCompleted() {}
        });
        return later;
    }

    /** Whether it is given is left open. */
    public void lockLater(String name) {
        LockGrpc.newStub(channel)
                .lock(LockRequest.newBuilder().setName(bytes(name)).build(), new Stream<LockRequest, LockResponse>());
    }

    public static PutRequest putOf(String key) {
        return PutRequest.newBuilder()
                .setKey(bytes(key))
                .setValue(bytes("value"))
                .build();
    }

    public RangeResponse range(String key) {
        return kv().range(RangeRequest.newBuilder().setKey(bytes(key)).build());
    }

    public boolean has(String key) {
        return range(key).getCount() == 1;
    }

    public long grant(long ttl) {
        return lease().leaseGrant(LeaseGrantRequest.newBuilder().setTTL(ttl).build())
                .getID();
    }

    public void putWithLease(String key, long lease) {
        var unused = kv().put(putOf(key).toBuilder().setLease(lease).build());
    }

    /** A watch on one key. */
    public Stream<WatchRequest, WatchResponse> watch(String key) {
        Stream<WatchRequest, WatchResponse> stream = new Stream<>();
        stream.requests = WatchGrpc.newStub(channel).watch(stream);
        stream.send(WatchRequest.newBuilder()
                .setCreateRequest(WatchCreateRequest.newBuilder().setKey(bytes(key)))
                .build());
        return stream;
    }

    /** As {@link #watch}, when it was created. */
    public Stream<WatchRequest, WatchResponse> watching(String key) {
        Stream<WatchRequest, WatchResponse> stream = watch(key);
        patiently().until(() -> !stream.answers().isEmpty());
        return stream;
    }

    public Stream<LeaseKeepAliveRequest, LeaseKeepAliveResponse> keepAlive() {
        Stream<LeaseKeepAliveRequest, LeaseKeepAliveResponse> stream = new Stream<>();
        stream.requests = LeaseGrpc.newStub(channel).leaseKeepAlive(stream);
        return stream;
    }

    public static LeaseKeepAliveRequest keepAliveOf(long lease) {
        return LeaseKeepAliveRequest.newBuilder().setID(lease).build();
    }

    public static ByteString bytes(String text) {
        return ByteString.copyFromUtf8(text);
    }

    @Override
    public void close() {
        if (own) {
            channel.shutdownNow();
            try {
                Assertions.assertThat(channel.awaitTermination(60, TimeUnit.SECONDS))
                        .isTrue();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** What a stream has brought, and how it has ended. */
    public static final class Stream<Q, R> implements StreamObserver<R> {

        private final List<R> answers = new CopyOnWriteArrayList<>();
        private @Nullable StreamObserver<Q> requests;
        private volatile @Nullable Status end;

        public void send(Q request) {
            if (requests != null) {
                requests.onNext(request);
            }
        }

        public void stopAsking() {
            if (requests != null) {
                requests.onCompleted();
            }
        }

        public List<R> answers() {
            return answers;
        }

        public boolean isOpen() {
            return end == null;
        }

        /** Waits for it. */
        public Status.Code end() {
            patiently().until(() -> end != null);
            return end == null ? Status.Code.OK : end.getCode();
        }

        @Override
        public void onNext(R answer) {
            answers.add(answer);
        }

        @Override
        public void onError(Throwable cut) {
            end = Status.fromThrowable(cut);
        }

        @Override
        public void onCompleted() {
            end = Status.OK;
        }
    }
}
