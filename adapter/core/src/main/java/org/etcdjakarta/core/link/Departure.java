package org.etcdjakarta.core.link;

import io.grpc.Attributes;
import io.grpc.ClientStreamTracer;
import io.grpc.Grpc;
import io.grpc.Metadata;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import org.jspecify.annotations.Nullable;

/**
 * Notes whether the request of a call may have reached etcd, and which member. gRPC tells the tracer when the stream is given
 * to a live connection; an attempt that follows as a "transparent" retry says that the one before was provably not processed.
 */
final class Departure extends ClientStreamTracer {

    /** One for all calls: it knows a call by its executor. */
    static final ClientStreamTracer.Factory TRACERS = new ClientStreamTracer.Factory() {
        @Override
        public ClientStreamTracer newClientStreamTracer(StreamInfo info, Metadata headers) {
            if (!(info.getCallOptions().getExecutor() instanceof CallExecutor call)) {
                throw new IllegalArgumentException("not a call of a link: " + info);
            }
            if (info.isTransparentRetry()) {
                call.departure().takeBack();
            }
            return call.departure();
        }
    };

    private volatile @Nullable Attributes transport;

    boolean left() {
        return transport != null;
    }

    /** Nothing is left of what went before: it was provably not processed. */
    void takeBack() {
        transport = null;
    }

    /** As {@code host:port}; null when the request is still here. */
    @Nullable
    String destination() {
        Attributes known = transport;
        SocketAddress address = known == null ? null : known.get(Grpc.TRANSPORT_ATTR_REMOTE_ADDR);
        if (address instanceof InetSocketAddress inet) {
            String host = inet.getHostString();
            return (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + inet.getPort();
        }
        return address == null ? null : address.toString();
    }

    @Override
    public void streamCreated(Attributes attributes, Metadata sent) {
        transport = attributes;
    }
}
