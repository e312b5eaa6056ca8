package org.etcdjakarta.core.watch;

import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.api.RangeRequest;
import io.etcd.jetcd.api.RangeResponse;
import io.etcd.jetcd.api.WatchRequest;
import io.etcd.jetcd.api.WatchResponse;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import org.etcdjakarta.EtcdException;
import org.jspecify.annotations.Nullable;

/** What watches need of the link. The link implements it, so that this package knows nothing of channels and tokens. */
public interface WatchTransport {

    ByteSequence namespace();

    /** What watches do not show. */
    AdapterKeys adapterKeys();

    /** Begins a stream that requires a leader and sends the first request; returns at once. Nothing is received before {@link Stream#request}. */
    Stream open(WatchRequest first, Events events);

    CompletableFuture<RangeResponse> range(RangeRequest request);

    /** The watch is refused or cannot go on, in the words of {@code reason}. */
    EtcdException refused(String reason);

    /** What a request is refused with that is larger than the link sends; null when it is not. */
    default @Nullable EtcdException tooLarge(WatchRequest request) {
        return null;
    }

    /** Another cluster, or an older state of it, answers. */
    EtcdException historyChanged(String what);

    /** Runs the task on {@link #executor()} after the pause. Does nothing when the link is closed. */
    void later(Duration pause, Runnable task);

    /** The link's pool: for our own steps, never a network thread. */
    Executor executor();

    /** One gRPC stream. Safe for use by several threads. */
    interface Stream {

        /** Allows so many more responses. */
        void request(int responses);

        void send(WatchRequest request);

        /** {@link Events#onEnd} may or may not still be called. */
        void cancel();

        /** Drops the token this stream was opened with. False when there was none to drop, so that another try is no use. */
        boolean renewToken();
    }

    /** What a stream tells; one call at a time, on {@link #executor()}. */
    interface Events {

        void onResponse(WatchResponse response);

        /** The stream has failed; {@code mayResume} is false when another one would end in the same way. */
        void onEnd(EtcdException failure, boolean mayResume);

        /** The stream has ended because what it told was not taken fast enough. All has been told; another one goes on. */
        default void onHeldBack() {}
    }
}
