package org.etcdjakarta.itests.embedded;

import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import io.etcd.jetcd.api.CompactionRequest;
import io.etcd.jetcd.api.DeleteRangeRequest;
import io.etcd.jetcd.api.KVGrpc;
import io.etcd.jetcd.api.LeaseGrantRequest;
import io.etcd.jetcd.api.LeaseGrantResponse;
import io.etcd.jetcd.api.LeaseGrpc;
import io.etcd.jetcd.api.LeaseKeepAliveRequest;
import io.etcd.jetcd.api.LeaseKeepAliveResponse;
import io.etcd.jetcd.api.LeaseRevokeRequest;
import io.etcd.jetcd.api.LeaseTimeToLiveRequest;
import io.etcd.jetcd.api.LeaseTimeToLiveResponse;
import io.etcd.jetcd.api.PutRequest;
import io.etcd.jetcd.api.RangeRequest;
import io.etcd.jetcd.api.ResponseHeader;
import io.etcd.jetcd.api.TxnRequest;
import io.etcd.jetcd.api.WatchGrpc;
import io.etcd.jetcd.api.WatchRequest;
import io.etcd.jetcd.api.WatchResponse;
import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.shaded.io.netty.channel.EventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.nio.NioEventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.socket.nio.NioSocketChannel;
import io.grpc.stub.StreamObserver;
import java.net.URI;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * One of the two servers, by gRPC's bare stubs. Of an answer only what cannot be alike is replaced: the ids of cluster and member
 * and the raft term by 1 where they are the server's own, the time a lease has left by the time it was granted for, and the order
 * of a lease's keys, which etcd leaves to chance.
 */
final class Peer implements AutoCloseable {

    private final EventLoopGroup loop = new NioEventLoopGroup(1);
    private final ManagedChannel channel;
    private final KVGrpc.KVBlockingStub kv;
    private final LeaseGrpc.LeaseBlockingStub lease;
    private final BlockingQueue<LeaseKeepAliveResponse> keptAlive = new LinkedBlockingQueue<>();
    private final StreamObserver<LeaseKeepAliveRequest> keepAlive;
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
        kv = KVGrpc.newBlockingStub(channel);
        lease = LeaseGrpc.newBlockingStub(channel);
        keepAlive = LeaseGrpc.newStub(channel).leaseKeepAlive(new Collecting<>(keptAlive::add));
        self = kv.range(RangeRequest.newBuilder()
                        .setKey(ByteString.copyFromUtf8("who are you"))
                        .build())
                .getHeader();
    }

    /** The answer, or the refusal as a text: gRPC's code and the server's words. */
    Object answer(Message request) {
        try {
            return comparable(request, call(request));
        } catch (StatusRuntimeException refused) {
            return refused.getStatus().getCode() + ": " + refused.getStatus().getDescription();
        }
    }

    private Message call(Message request) {
        if (request instanceof RangeRequest range) {
            return kv.range(range);
        } else if (request instanceof PutRequest put) {
            return kv.put(put);
        } else if (request instanceof DeleteRangeRequest delete) {
            return kv.deleteRange(delete);
        } else if (request instanceof TxnRequest txn) {
            return kv.txn(txn);
        } else if (request instanceof CompactionRequest compaction) {
            return kv.compact(compaction);
        } else if (request instanceof LeaseGrantRequest grant) {
            return lease.leaseGrant(grant);
        } else if (request instanceof LeaseRevokeRequest revoke) {
            return lease.leaseRevoke(revoke);
        } else if (request instanceof LeaseTimeToLiveRequest look) {
            return lease.leaseTimeToLive(look);
        } else if (request instanceof LeaseKeepAliveRequest renewal) {
            return renewed(renewal);
        }
        throw new IllegalArgumentException("no service takes " + request);
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

    private Message comparable(Message request, Message answer) {
        Message mapped = mapped(answer);
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
