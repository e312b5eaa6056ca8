package org.etcdjakarta.core.watch;

import io.etcd.jetcd.api.WatchRequest;
import io.etcd.jetcd.api.WatchResponse;
import java.util.ArrayDeque;
import java.util.Queue;
import org.etcdjakarta.EtcdException;
import org.jspecify.annotations.Nullable;

/**
 * One watch's part of a stream that many share. What it has not asked for yet waits here, up to a limit; a part that is slower
 * than that loses its place on the stream, takes what waits, and is then told to open another: etcd keeps the history meanwhile,
 * and nobody else is held up.
 */
final class StreamPart implements WatchTransport.Stream {

    private static final System.Logger LOG = System.getLogger(StreamPart.class.getName());

    /** At least one answer waits, however large it is. */
    static final long MOST_BYTES = 4L * 1024 * 1024;

    static final int MOST_ANSWERS = 1_000;

    /** For all parts of a link together. */
    static final long MOST_BYTES_OF_ALL = 64L * 1024 * 1024;

    private record End(@Nullable EtcdException failure, boolean mayResume) {}

    private final SharedStreams all;
    private final WatchTransport.Events events;

    /** Of the lock of {@link SharedStreams}; null when it has no place (any more). */
    @Nullable
    ServerWatch watch;

    /** Of that lock, too. */
    boolean wantsProgress;

    private volatile @Nullable SharedStream stream;
    private @Nullable Queue<WatchResponse> waiting;
    private long waitingBytes;
    private int wanted;
    private boolean unknown;
    private boolean draining;
    private boolean over;
    private @Nullable End end;

    StreamPart(SharedStreams all, WatchTransport.Events events) {
        this.all = all;
        this.events = events;
    }

    // ---- of the watch

    @Override
    public void request(int responses) {
        synchronized (this) {
            wanted += responses;
        }
        drain();
    }

    /** The only request of a watch that has begun is for its progress. */
    @Override
    public void send(WatchRequest request) {
        if (!request.hasProgressRequest()) {
            throw new IllegalArgumentException("not for a stream that is shared: " + request);
        }
        all.requestProgress(this);
    }

    @Override
    public void cancel() {
        synchronized (this) {
            over = true;
            drop();
        }
        all.leave(this);
    }

    @Override
    public boolean renewToken() {
        SharedStream known = stream;
        return known != null && all.renewToken(known);
    }

    // ---- of the stream

    void placedOn(SharedStream place) {
        stream = place;
    }

    /** Nothing is told before the introduction. */
    synchronized void awaitIntroduction() {
        unknown = true;
    }

    void introduce(WatchResponse created) {
        synchronized (this) {
            if (!unknown || over) {
                return;
            }
            unknown = false;
            Queue<WatchResponse> sofar = waiting;
            waiting = new ArrayDeque<>();
            waiting.add(created);
            reckon(created.getSerializedSize());
            if (sofar != null) {
                waiting.addAll(sofar);
            }
        }
        drain();
    }

    /** False when too much waits already; then it does not wait here. */
    synchronized boolean offer(WatchResponse response) {
        if (over || end != null) {
            return true;
        }
        Queue<WatchResponse> queue = waiting;
        if (queue == null) {
            queue = new ArrayDeque<>(2);
            waiting = queue;
        }
        // Reckoned once for all that it goes to.
        int bytes = response.getSerializedSize();
        boolean much = waitingBytes + bytes > MOST_BYTES
                || queue.size() >= MOST_ANSWERS
                || all.waiting().get() + bytes > MOST_BYTES_OF_ALL;
        if (!queue.isEmpty() && much) {
            return false;
        }
        queue.add(response);
        reckon(bytes);
        return true;
    }

    private void reckon(long bytes) {
        waitingBytes += bytes;
        all.waiting().addAndGet(bytes);
    }

    private void drop() {
        waiting = null;
        reckon(-waitingBytes);
    }

    /** What waits is taken before; nothing of it counts when nothing has been introduced. */
    synchronized void end(EtcdException failure, boolean mayResume) {
        if (unknown) {
            unknown = false;
            end = null;
            drop();
        }
        if (end == null) {
            end = new End(failure, mayResume);
        }
    }

    synchronized void holdBack() {
        if (end == null) {
            end = new End(null, true);
        }
    }

    /** Tells what is wanted. One thread at a time, so that the order stays; not with a lock held. */
    void drain() {
        while (true) {
            WatchResponse response;
            End last = null;
            synchronized (this) {
                if (draining || over || unknown) {
                    return;
                }
                response = wanted > 0 && waiting != null ? waiting.poll() : null;
                if (response != null) {
                    wanted--;
                    reckon(-response.getSerializedSize());
                    if (waiting != null && waiting.isEmpty()) {
                        // Most watches are quiet most of the time.
                        waiting = null;
                    }
                } else if (waiting == null && end != null) {
                    last = end;
                    over = true;
                } else {
                    return;
                }
                draining = true;
            }
            try {
                tell(response, last);
            } catch (RuntimeException | Error e) {
                // The others are told all the same.
                LOG.log(System.Logger.Level.ERROR, "a watch could not be told", e);
            } finally {
                synchronized (this) {
                    draining = false;
                }
            }
        }
    }

    private void tell(@Nullable WatchResponse response, @Nullable End last) {
        if (response != null) {
            events.onResponse(response);
        } else if (last != null && last.failure() != null) {
            events.onEnd(last.failure(), last.mayResume());
        } else {
            events.onHeldBack();
        }
    }
}
