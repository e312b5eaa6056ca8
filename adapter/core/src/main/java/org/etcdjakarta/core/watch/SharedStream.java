package org.etcdjakarta.core.watch;

import com.google.protobuf.UnknownFieldSet;
import io.etcd.jetcd.api.WatchCancelRequest;
import io.etcd.jetcd.api.WatchCreateRequest;
import io.etcd.jetcd.api.WatchProgressRequest;
import io.etcd.jetcd.api.WatchRequest;
import io.etcd.jetcd.api.WatchResponse;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.etcdjakarta.EtcdException;
import org.jspecify.annotations.Nullable;

/**
 * One gRPC stream with its watches. Their ids are chosen here, so that answers find their watch. An answer without an id (etcd
 * gives none to a watch that it refuses) belongs to the oldest watch that has not been answered: etcd takes them one by one.
 *
 * <p>State belongs to the lock of {@link SharedStreams}, but for what goes out: that is queued under the lock and sent without it.
 */
final class SharedStream implements WatchTransport.Events {

    private static final long PROGRESS_NANOS = 100_000_000L;
    private static final int WATCH_ID = 7;
    private static final int FRAGMENT = 8;
    private static final UnknownFieldSet.Field YES =
            UnknownFieldSet.Field.newBuilder().addVarint(1).build();

    private final SharedStreams all;
    private final WatchTransport link;
    private final Map<Long, ServerWatch> watches = new HashMap<>();

    /** The newest of those that ask for the same, by what they ask for besides the revision to begin at. */
    private final Map<WatchCreateRequest, ServerWatch> newest = new HashMap<>();

    private final Deque<ServerWatch> unanswered = new ArrayDeque<>();
    private final Queue<WatchRequest> outgoing = new ConcurrentLinkedQueue<>();
    private volatile boolean closed;
    private long lastId;
    private boolean progressAsked;
    private long progressAskedAt;

    /** Written with the monitor of {@link #outgoing} held. */
    private volatile WatchTransport.@Nullable Stream stream;

    SharedStream(SharedStreams all, WatchTransport link) {
        this.all = all;
        this.link = link;
    }

    // ---- what watches want

    void join(StreamPart part, WatchCreateRequest request, List<Runnable> afterwards) {
        WatchCreateRequest question = request.toBuilder().clearStartRevision().build();
        long start = request.getStartRevision();
        ServerWatch watch = newest.get(question);
        if (watch == null || !watch.takes(start)) {
            watch = new ServerWatch(this, ++lastId, question, start);
            watches.put(watch.id, watch);
            newest.put(question, watch);
            unanswered.add(watch);
            outgoing.add(create(request, watch.id));
            afterwards.add(this::flush);
        } else if (watch.stands()) {
            part.awaitIntroduction();
            afterwards.add(() -> all.introduce(part, request));
        }
        watch.add(part);
    }

    private static WatchRequest create(WatchCreateRequest request, long id) {
        UnknownFieldSet.Field number =
                UnknownFieldSet.Field.newBuilder().addVarint(id).build();
        return WatchRequest.newBuilder()
                .setCreateRequest(request.toBuilder()
                        .setUnknownFields(UnknownFieldSet.newBuilder()
                                .addField(WATCH_ID, number)
                                .addField(FRAGMENT, YES)
                                .build()))
                .build();
    }

    void leave(StreamPart part, List<Runnable> afterwards) {
        ServerWatch watch = part.watch;
        if (watch == null || !watch.remove(part)) {
            return;
        }
        drop(watch);
        cancel(watch, afterwards);
        closeIfUnused(afterwards);
    }

    private void cancel(ServerWatch watch, List<Runnable> afterwards) {
        outgoing.add(WatchRequest.newBuilder()
                .setCancelRequest(WatchCancelRequest.newBuilder().setWatchId(watch.id))
                .build());
        afterwards.add(this::flush);
    }

    private void drop(ServerWatch watch) {
        watches.remove(watch.id);
        newest.remove(watch.question, watch);
    }

    /** One question for all who ask within a moment; not for ever, because etcd may leave it unanswered. */
    void requestProgress(StreamPart part, List<Runnable> afterwards) {
        part.wantsProgress = true;
        long now = System.nanoTime();
        if (progressAsked && now - progressAskedAt < PROGRESS_NANOS) {
            return;
        }
        progressAsked = true;
        progressAskedAt = now;
        outgoing.add(WatchRequest.newBuilder()
                .setProgressRequest(WatchProgressRequest.getDefaultInstance())
                .build());
        afterwards.add(this::flush);
    }

    /** Drops the token of this stream. Not with the lock held. */
    boolean renewToken() {
        WatchTransport.Stream known = stream;
        return known != null && known.renewToken();
    }

    private void flush() {
        synchronized (outgoing) {
            WatchTransport.Stream known = stream;
            while (!closed) {
                WatchRequest next = outgoing.poll();
                if (next == null) {
                    break;
                }
                if (known == null) {
                    known = link.open(next, this);
                    stream = known;
                    known.request(1);
                } else {
                    known.send(next);
                }
            }
            if (closed && known != null) {
                known.cancel();
            }
        }
    }

    // ---- what etcd tells

    @Override
    public void onResponse(WatchResponse response) {
        all.received(this, response);
        WatchTransport.Stream known = stream;
        if (known != null && !closed) {
            known.request(1);
        }
    }

    @Override
    public void onEnd(EtcdException failure, boolean mayResume) {
        all.ended(this, failure, mayResume);
    }

    void route(WatchResponse response, List<Runnable> afterwards) {
        if (closed) {
            return;
        }
        long id = response.getWatchId();
        if (response.getCreated()
                && !response.getCanceled()
                && unanswered.stream().noneMatch(one -> one.id == id)) {
            all.doNotShare(this, afterwards);
            return;
        }
        ServerWatch watch = response.getCreated() ? answered(id) : watches.get(id);
        if (watch != null && watches.containsKey(watch.id)) {
            route(watch, response, afterwards);
        } else if (isProgressOfAll(response)) {
            progressAsked = false;
            for (ServerWatch one : watches.values()) {
                one.progress(response, afterwards);
            }
        }
        closeIfUnused(afterwards);
    }

    private @Nullable ServerWatch answered(long id) {
        for (ServerWatch watch : unanswered) {
            if (watch.id == id) {
                unanswered.remove(watch);
                return watch;
            }
        }
        return unanswered.poll();
    }

    private static boolean isProgressOfAll(WatchResponse response) {
        return response.getWatchId() < 0
                && !response.getCreated()
                && !response.getCanceled()
                && response.getEventsCount() == 0;
    }

    private void route(ServerWatch watch, WatchResponse response, List<Runnable> afterwards) {
        if (response.getCanceled()) {
            drop(watch);
            if (!response.getCreated()) {
                // etcd keeps a compacted one, and answers no question for progress as long as it does.
                cancel(watch, afterwards);
            }
        } else if (response.getCreated()) {
            all.stands(this, afterwards);
        }
        for (StreamPart slow : watch.deliver(response, afterwards)) {
            leave(slow, afterwards);
            slow.holdBack();
        }
        if (response.getCanceled()) {
            watch.clear();
        }
    }

    private void closeIfUnused(List<Runnable> afterwards) {
        if (watches.isEmpty() && !closed) {
            closed = true;
            all.forget(this);
            afterwards.add(this::flush);
        }
    }

    /** All its watches end. */
    void close(EtcdException failure, boolean mayResume, List<Runnable> afterwards) {
        if (closed) {
            return;
        }
        closed = true;
        all.forget(this);
        afterwards.add(this::flush);
        List<ServerWatch> last = new ArrayList<>(watches.values());
        watches.clear();
        newest.clear();
        List<StreamPart> ended = new ArrayList<>();
        for (ServerWatch watch : last) {
            ended.addAll(watch.end(failure, mayResume));
        }
        // All in one task: there may be thousands, and none of them has anything to do but to resume.
        afterwards.add(() -> link.executor().execute(() -> ended.forEach(StreamPart::drain)));
    }

    /** On the pool: where a consumer runs on the thread that brings the news, it would hold up the stream. */
    Runnable draining(StreamPart part) {
        return () -> link.executor().execute(part::drain);
    }
}
