package org.etcdjakarta.core.watch;

import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.api.RangeRequest;
import io.etcd.jetcd.api.RangeResponse;
import io.etcd.jetcd.api.WatchCreateRequest;
import io.etcd.jetcd.api.WatchRequest;
import io.etcd.jetcd.api.WatchResponse;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.etcdjakarta.EtcdAccessException;
import org.etcdjakarta.EtcdException;
import org.jspecify.annotations.Nullable;

/**
 * All watches of a link on one gRPC stream; what {@link #open} returns is a part of it. Watches that ask for the same are one watch
 * at the server. A stream costs etcd some 33 KB, a watch on a stream that is there less than 1 KB.
 *
 * <p>A second stream exists only while a token is renewed, because a stream keeps the token that it was opened with: the watch that
 * was refused is created on a new stream, and when that succeeds, all others move there. When it is refused there, too, it was not
 * the token, and the others have noticed nothing.
 *
 * <p>One lock for all. Whoever is to be told something is told when it has been released.
 */
public final class SharedStreams implements WatchTransport {

    private final WatchTransport link;

    /** What waits for all parts, in bytes on the wire. */
    private final AtomicLong waiting = new AtomicLong();

    /** Streams with old tokens, the newest last. */
    private final Deque<SharedStream> superseded = new ArrayDeque<>();

    private @Nullable SharedStream current;

    /** The server numbers watches by itself, as etcd's grpc-proxy does: then their answers cannot be told apart. */
    private boolean notShared;

    /**
     * Over a link.
     *
     * @param link opens a gRPC stream each time that it is asked to
     */
    public SharedStreams(WatchTransport link) {
        this.link = link;
    }

    private void locked(Consumer<List<Runnable>> change) {
        List<Runnable> afterwards = new ArrayList<>();
        synchronized (this) {
            change.accept(afterwards);
        }
        afterwards.forEach(Runnable::run);
    }

    /** What waits for all parts, for those who keep it. */
    AtomicLong waiting() {
        return waiting;
    }

    // ---- what watches want

    @Override
    public Stream open(WatchRequest first, Events events) {
        if (isNotShared()) {
            return link.open(first, events);
        }
        WatchCreateRequest request = first.getCreateRequest();
        StreamPart part = new StreamPart(this, events);
        EtcdException tooLarge = link.tooLarge(first);
        if (tooLarge != null) {
            // etcd would end the stream for it, and with it everybody else's watch.
            part.end(tooLarge, false);
            link.executor().execute(part::drain);
            return part;
        }
        locked(afterwards -> {
            if (current == null) {
                current = new SharedStream(this, link);
            }
            current.join(part, request, afterwards);
        });
        return part;
    }

    /**
     * The watch at the server stands already, so etcd says nothing to a newcomer. What it has to be told is the store's revision
     * now: what comes after that is what it wants, or what comes after the one that it knows.
     */
    void introduce(StreamPart part, WatchCreateRequest request) {
        RangeRequest question = RangeRequest.newBuilder()
                .setKey(StateReader.notEmpty(request.getKey()))
                .setCountOnly(true)
                .build();
        var unused = link.range(question).whenComplete((answer, failure) -> {
            if (failure == null) {
                part.introduce(WatchResponse.newBuilder()
                        .setHeader(answer.getHeader())
                        .setCreated(true)
                        .build());
            } else {
                EtcdException cause = ResumingWatch.etcdException(failure, this);
                leave(part);
                part.end(cause, !(cause instanceof EtcdAccessException));
                part.drain();
            }
        });
    }

    void leave(StreamPart part) {
        locked(afterwards -> {
            ServerWatch watch = part.watch;
            if (watch != null) {
                watch.stream.leave(part, afterwards);
            }
        });
    }

    void requestProgress(StreamPart part) {
        locked(afterwards -> {
            ServerWatch watch = part.watch;
            if (watch != null) {
                watch.stream.requestProgress(part, afterwards);
            }
        });
    }

    /** A new stream for the next watch. False when there was no token to drop. */
    boolean renewToken(SharedStream stream) {
        if (!stream.renewToken()) {
            return false;
        }
        locked(afterwards -> {
            if (current == stream) {
                current = null;
                superseded.add(stream);
            }
        });
        return true;
    }

    private synchronized boolean isNotShared() {
        return notShared;
    }

    // ---- what streams tell

    /** With the lock held. From now on each watch has a stream of its own. */
    void doNotShare(SharedStream stream, List<Runnable> afterwards) {
        notShared = true;
        stream.close(link.refused("the server numbers watches by itself"), true, afterwards);
    }

    void received(SharedStream stream, WatchResponse response) {
        locked(afterwards -> stream.route(response, afterwards));
    }

    /** The stream's token is a good one, with the lock held. */
    void stands(SharedStream stream, List<Runnable> afterwards) {
        if (stream == current) {
            while (!superseded.isEmpty()) {
                superseded.remove().close(link.refused("the token of this stream is an old one"), true, afterwards);
            }
        }
    }

    void ended(SharedStream stream, EtcdException failure, boolean mayResume) {
        locked(afterwards -> stream.close(failure, mayResume, afterwards));
    }

    /** With the lock held. */
    void forget(SharedStream stream) {
        superseded.remove(stream);
        if (current == stream) {
            // Was the token renewed in vain? Then the stream before is as good.
            current = superseded.pollLast();
        }
    }

    // ---- all else is the link's

    @Override
    public ByteSequence namespace() {
        return link.namespace();
    }

    @Override
    public AdapterKeys adapterKeys() {
        return link.adapterKeys();
    }

    @Override
    public CompletableFuture<RangeResponse> range(RangeRequest request) {
        return link.range(request);
    }

    @Override
    public EtcdException refused(String reason) {
        return link.refused(reason);
    }

    @Override
    public @Nullable EtcdException tooLarge(WatchRequest request) {
        return link.tooLarge(request);
    }

    @Override
    public EtcdException historyChanged(String what) {
        return link.historyChanged(what);
    }

    @Override
    public void later(Duration pause, Runnable task) {
        link.later(pause, task);
    }

    @Override
    public Executor executor() {
        return link.executor();
    }
}
