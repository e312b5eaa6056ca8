package org.etcdjakarta.core.link;

import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.api.KVGrpc;
import io.etcd.jetcd.api.RangeRequest;
import io.etcd.jetcd.api.RangeResponse;
import io.etcd.jetcd.api.WatchGrpc;
import io.etcd.jetcd.api.WatchRequest;
import io.etcd.jetcd.api.WatchResponse;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import org.etcdjakarta.EtcdException;
import org.etcdjakarta.core.watch.AdapterKeys;
import org.etcdjakarta.core.watch.WatchTransport;
import org.jspecify.annotations.Nullable;

/** What watches need of the link. */
final class LinkWatchTransport implements WatchTransport {

    private final Calls calls;
    private final ByteSequence namespace;
    private final AdapterKeys adapterKeys = new AdapterKeys();

    LinkWatchTransport(Calls calls, ByteSequence namespace) {
        this.calls = calls;
        this.namespace = namespace;
    }

    @Override
    public ByteSequence namespace() {
        return namespace;
    }

    @Override
    public AdapterKeys adapterKeys() {
        return adapterKeys;
    }

    @Override
    public Stream open(WatchRequest first, Events events) {
        var call = new StreamCall<>(calls, WatchGrpc.getWatchMethod(), new StreamCall.Events<WatchResponse>() {
            @Override
            public void onMessage(WatchResponse message) {
                events.onResponse(message);
            }

            @Override
            public void onCompleted() {
                events.onEnd(calls.errors.watchRefused("the server ended the stream"), true);
            }

            @Override
            public void onFailure(EtcdException failure, boolean mayResume) {
                events.onEnd(failure, mayResume);
            }
        });
        call.send(first);
        call.start();
        return new Stream() {
            @Override
            public void request(int responses) {
                call.request(responses);
            }

            @Override
            public void send(WatchRequest request) {
                call.send(request);
            }

            @Override
            public void cancel() {
                call.cancel();
            }

            @Override
            public boolean renewToken() {
                return call.renewToken();
            }
        };
    }

    @Override
    public CompletableFuture<RangeResponse> range(RangeRequest request) {
        return calls.readPart(KVGrpc.getRangeMethod(), request, calls.deadline());
    }

    @Override
    public EtcdException refused(String reason) {
        return calls.errors.watchRefused(reason);
    }

    @Override
    public @Nullable EtcdException tooLarge(WatchRequest request) {
        int limit = calls.config().maxOutboundMessageSize();
        int size = request.getSerializedSize();
        return size > limit ? calls.errors.requestTooLarge(WatchGrpc.getWatchMethod(), size, limit, false) : null;
    }

    @Override
    public EtcdException historyChanged(String what) {
        return calls.errors.historyChanged(what);
    }

    @Override
    public void later(Duration pause, Runnable task) {
        calls.later(pause, task);
    }

    @Override
    public Executor executor() {
        return calls.pool;
    }
}
