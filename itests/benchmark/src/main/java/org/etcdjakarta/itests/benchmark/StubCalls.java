package org.etcdjakarta.itests.benchmark;

import com.google.protobuf.ByteString;
import io.etcd.jetcd.api.KVGrpc;
import io.etcd.jetcd.api.PutRequest;
import io.etcd.jetcd.api.RangeRequest;
import io.etcd.jetcd.api.RequestOp;
import io.etcd.jetcd.api.TxnRequest;
import io.grpc.ManagedChannel;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import java.net.URI;
import java.util.concurrent.TimeUnit;

/** The floor: the generated blocking stub on a channel with default settings. No deadline, no token, no error mapping. */
final class StubCalls implements KvCalls {

    private final ManagedChannel channel;
    private final KVGrpc.KVBlockingStub stub;
    private final ByteString[] keys = new ByteString[KEYS];
    private final ByteString value = ByteString.copyFrom(KvCalls.value());

    private StubCalls(ManagedChannel channel) {
        this.channel = channel;
        this.stub = KVGrpc.newBlockingStub(channel);
        for (int key = 0; key < KEYS; key++) {
            keys[key] = ByteString.copyFromUtf8(KvCalls.key(key));
        }
    }

    static KvCalls open(String endpoint) {
        URI uri = URI.create(endpoint);
        return new StubCalls(NettyChannelBuilder.forAddress(uri.getHost(), uri.getPort())
                .usePlaintext()
                .build());
    }

    @Override
    public void get(int key) {
        Check.found(
                stub.range(RangeRequest.newBuilder().setKey(keys[key]).build()).getKvsCount());
    }

    @Override
    public void put(int key) {
        Check.written(stub.put(request(key)).getHeader().getRevision());
    }

    @Override
    public void txn(int key) {
        TxnRequest request = TxnRequest.newBuilder()
                .addSuccess(RequestOp.newBuilder().setRequestPut(request(key)))
                .build();
        Check.written(stub.txn(request).getHeader().getRevision());
    }

    private PutRequest request(int key) {
        return PutRequest.newBuilder().setKey(keys[key]).setValue(value).build();
    }

    @Override
    public void close() {
        channel.shutdownNow();
        try {
            channel.awaitTermination(10, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
