package org.etcdjakarta.core.watch;

import com.google.protobuf.ByteString;
import io.etcd.jetcd.api.Event;
import io.etcd.jetcd.api.WatchCreateRequest;
import io.etcd.jetcd.api.WatchProgressRequest;
import io.etcd.jetcd.api.WatchRequest;
import io.etcd.jetcd.api.WatchResponse;
import io.etcd.jetcd.support.Util;
import java.lang.System.Logger.Level;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Consumer;
import org.etcdjakarta.EtcdAccessException;
import org.etcdjakarta.EtcdException;
import org.etcdjakarta.EtcdGap.Reason;
import org.jspecify.annotations.Nullable;

/**
 * One watch that outlives its streams: a stream that breaks, for whatever reason, is replaced by one that starts at the
 * {@link ResumePoint}.
 *
 * <p>Hazards it is built around, besides those of the resume point: a lagging member answers with an older revision, which is no
 * restored backup as long as the cluster as a whole knows the newer one; requested progress overtakes events; and etcd 3.4 says
 * "permission denied" where it means an expired token.
 *
 * <p>All state belongs to the steps of the mailbox; there is no lock. The stream gets its next response only when the former
 * one has been delivered, so that a slow consumer slows the server down instead of filling the memory.
 */
final class ResumingWatch implements WatchHub.Subscription {

    private static final System.Logger LOG = System.getLogger(ResumingWatch.class.getName());

    private static final long SHORTEST_PAUSE_MILLIS = 50;
    private static final long LONGEST_PAUSE_MILLIS = 1_000;

    /** A callback that hangs must not hang an undeployment, or whoever holds a lock that the callback waits for. */
    private static final long CALLBACK_MILLIS = 5_000;

    /** A stream that lived so long has not failed because of its predecessor's trouble. */
    private static final long STABLE_NANOS = 5_000_000_000L;

    /** As for calls: a member may lag behind, and a stream may be one that was opened with an older token. */
    private static final int MOST_RENEWALS = 3;

    private final WatchTransport transport;
    private final WatchSpec spec;
    private final boolean progressNotify;
    private final WatchSink sink;
    private final Runnable onClosed;
    private final Mailbox mailbox;
    private final ByteString key;
    private final ByteString rangeEnd;
    private final LostEvents lostEvents;

    /** Volatile for close() and requestProgress() only. */
    private volatile WatchTransport.@Nullable Stream stream;

    /** Tells the events of the present stream from late ones of earlier streams. */
    private int generation;

    private final ResumePoint point;
    private int tokenRenewals;
    private long openedAt;
    private long pause = SHORTEST_PAUSE_MILLIS;

    ResumingWatch(
            WatchTransport transport,
            WatchSpec spec,
            boolean progressNotify,
            WatchSink sink,
            Executor executor,
            Runnable onClosed) {
        this.transport = transport;
        this.spec = spec;
        this.progressNotify = progressNotify;
        this.sink = sink;
        this.onClosed = onClosed;
        mailbox = new Mailbox(executor);
        point = new ResumePoint(spec.startRevision(), sink.startIsPast());
        key = Util.prefixNamespace(spec.key(), transport.namespace());
        rangeEnd = spec.rangeEnd() == null
                ? ByteString.EMPTY
                : Util.prefixNamespaceToRangeEnd(spec.rangeEnd(), transport.namespace());
        StateReader states =
                new StateReader(transport::range, key, rangeEnd, transport.namespace(), transport.adapterKeys());
        lostEvents = new LostEvents(new Losing(), transport, sink, point, states);
    }

    void start() {
        post(this::openStream);
    }

    // ---- streams

    private void openStream() {
        int mine = ++generation;
        point.streamOpens();
        openedAt = System.nanoTime();
        WatchTransport.Stream opened = transport.open(createRequest(), new WatchTransport.Events() {
            @Override
            public void onResponse(WatchResponse response) {
                post(() -> {
                    if (mine == generation) {
                        received(response);
                    }
                });
            }

            @Override
            public void onEnd(EtcdException failure, boolean mayResume) {
                post(() -> {
                    if (mine == generation) {
                        ended(failure, mayResume);
                    }
                });
            }

            @Override
            public void onHeldBack() {
                post(() -> {
                    if (mine == generation) {
                        openStream();
                    }
                });
            }
        });
        stream = opened;
        if (mailbox.isClosed()) {
            opened.cancel();
        } else {
            opened.request(1);
        }
    }

    private WatchRequest createRequest() {
        WatchCreateRequest.Builder create = WatchCreateRequest.newBuilder()
                .setKey(key)
                .setRangeEnd(rangeEnd)
                .setStartRevision(point.startRevision())
                .setPrevKv(spec.prevKv())
                .setProgressNotify(progressNotify);
        if (!spec.puts()) {
            create.addFilters(WatchCreateRequest.FilterType.NOPUT);
        }
        if (!spec.deletes()) {
            create.addFilters(WatchCreateRequest.FilterType.NODELETE);
        }
        return WatchRequest.newBuilder().setCreateRequest(create).build();
    }

    /** No event of the present stream counts from now on. */
    private void dropStream() {
        generation++;
        WatchTransport.Stream dropped = stream;
        stream = null;
        if (dropped != null) {
            dropped.cancel();
        }
    }

    private void reopenLater() {
        long millis = ThreadLocalRandom.current().nextLong(pause / 2, pause + 1);
        pause = Math.min(2 * pause, LONGEST_PAUSE_MILLIS);
        int mine = generation;
        transport.later(
                Duration.ofMillis(millis),
                () -> post(() -> {
                    if (mine == generation) {
                        openStream();
                    }
                }));
    }

    private void requestMore() {
        WatchTransport.Stream current = stream;
        if (current != null) {
            current.request(1);
        }
    }

    // ---- what a stream tells

    private void received(WatchResponse response) {
        if (response.getCanceled()) {
            canceled(response);
        } else if (response.getCreated()) {
            created(response);
        } else if (response.getEventsCount() > 0) {
            deliver(response);
            requestMore();
        } else {
            progressed(response);
            requestMore();
        }
    }

    /**
     * etcd's own notice for one watch goes the way of its events, behind them. The answer to a question for progress (watch id
     * -1) overtakes events before etcd 3.4.25 and 3.5.8 (etcd#15220); the version of the member at the other end is not
     * known for sure, so that it never moves the resume point.
     */
    private void progressed(WatchResponse response) {
        long revision = response.getHeader().getRevision();
        if (response.getWatchId() >= 0) {
            if (point.contradictedByNotice(revision)) {
                lost(Reason.REVISION_WENT_BACK, 0);
                return;
            }
            point.passed(revision);
        }
        mailbox.callback(() -> sink.progress(response));
    }

    private void created(WatchResponse response) {
        tokenRenewals = 0;
        switch (point.judge(response.getHeader())) {
            case ANOTHER_CLUSTER -> lost(Reason.CLUSTER_CHANGED, 0);
            case OLDER -> askWholeCluster(response);
            case SAME -> standing(response);
        }
    }

    private void standing(WatchResponse response) {
        if (point.stands(response.getHeader())) {
            long after = point.next() - 1;
            mailbox.callback(() -> sink.created(response, after));
        }
        requestMore();
    }

    /** This member is behind what we have seen. */
    private void askWholeCluster(WatchResponse response) {
        lostEvents.askWholeCluster(new LostEvents.Judgement() {
            @Override
            public void lagsBehind() {
                standing(response);
            }

            @Override
            public void wentBack() {
                lost(Reason.REVISION_WENT_BACK, 0);
            }

            @Override
            public void unknown(EtcdException cause) {
                ended(cause, !(cause instanceof EtcdAccessException));
            }
        });
    }

    /**
     * A response may carry many revisions; without the fragment option etcd never splits one revision over two responses
     * ({@code eventBatch.add} counts whole revisions). What lies before the start of this stream was delivered already.
     */
    private void deliver(WatchResponse response) {
        List<Event> events = response.getEventsList();
        int from = 0;
        while (from < events.size()) {
            long revision = events.get(from).getKv().getModRevision();
            int to = from + 1;
            while (to < events.size() && events.get(to).getKv().getModRevision() == revision) {
                to++;
            }
            List<Event> together = events.subList(from, to);
            if (point.contradictedBy(revision, together)) {
                lost(Reason.REVISION_WENT_BACK, 0);
                return;
            }
            if (point.isNew(revision)) {
                List<Event> visible = together.stream()
                        .filter(event -> !transport
                                .adapterKeys()
                                .hidden(key, event.getKv().getKey()))
                        .toList();
                if (!visible.isEmpty()) {
                    WatchResponse one = visible.size() == events.size()
                            ? response
                            : response.toBuilder()
                                    .clearEvents()
                                    .addAllEvents(visible)
                                    .build();
                    mailbox.callback(() -> sink.batch(one, revision));
                }
                point.delivered(revision, together);
            }
            from = to;
        }
        pause = SHORTEST_PAUSE_MILLIS;
    }

    private void canceled(WatchResponse response) {
        String reason = response.getCancelReason();
        WatchTransport.Stream current = stream;
        if (response.getCompactRevision() > 0 && point.next() > response.getCompactRevision()) {
            // Somebody else's part of the watch at the server began too early.
            ended(transport.refused(reason), true);
        } else if (response.getCompactRevision() > 0) {
            lost(Reason.COMPACTED, response.getCompactRevision());
        } else if (deniedForToken(reason) && tokenRenewals < MOST_RENEWALS && current != null && current.renewToken()) {
            tokenRenewals++;
            ended(transport.refused(reason), true);
        } else if (response.getCreated() || deniedForToken(reason)) {
            ended(transport.refused(reason), false);
        } else {
            // An established watch that the server gives up for reasons of its own.
            ended(transport.refused(reason), true);
        }
    }

    private static boolean deniedForToken(String reason) {
        return reason.contains("permission denied")
                || reason.contains("invalid auth token")
                || reason.contains("auth store is old")
                || reason.contains("user name is empty");
    }

    private void ended(EtcdException failure, boolean mayResume) {
        dropStream();
        if (System.nanoTime() - openedAt > STABLE_NANOS) {
            pause = SHORTEST_PAUSE_MILLIS;
        }
        if (mayResume) {
            LOG.log(
                    Level.DEBUG,
                    () -> "watch of " + text() + " interrupted, resumes at " + point.next() + ": "
                            + failure.getMessage());
            reopenLater();
        } else {
            fail(failure);
        }
    }

    private void fail(EtcdException failure) {
        mailbox.callback(() -> sink.failed(failure));
        closeQuietly();
    }

    // ---- lost events

    private void lost(Reason reason, long compactRevision) {
        dropStream();
        lostEvents.handle(reason, compactRevision);
    }

    private final class Losing implements LostEvents.Watch {

        @Override
        public String text() {
            return ResumingWatch.this.text();
        }

        @Override
        public void callback(Runnable call) {
            mailbox.callback(call);
        }

        @Override
        public Consumer<Runnable> steps() {
            int mine = generation;
            return step -> post(() -> {
                if (mine == generation) {
                    step.run();
                }
            });
        }

        @Override
        public boolean isClosed() {
            return mailbox.isClosed();
        }

        @Override
        public void openStream() {
            ResumingWatch.this.openStream();
        }

        @Override
        public void fail(EtcdException failure) {
            ResumingWatch.this.fail(failure);
        }

        @Override
        public void closeQuietly() {
            ResumingWatch.this.closeQuietly();
        }
    }

    // ---- life

    @Override
    public void requestProgress() {
        WatchTransport.Stream current = stream;
        if (current != null) {
            current.send(WatchRequest.newBuilder()
                    .setProgressRequest(WatchProgressRequest.getDefaultInstance())
                    .build());
        }
    }

    @Override
    public boolean isClosed() {
        return mailbox.isClosed();
    }

    @Override
    public void close() {
        closeQuietly();
        if (!mailbox.awaitCallback(CALLBACK_MILLIS)) {
            LOG.log(
                    Level.WARNING,
                    () -> "the watch of " + text()
                            + " is closed, but its consumer has been busy with an event for more than "
                            + CALLBACK_MILLIS + " ms; nothing waits for it any longer");
        }
    }

    /** As close(), but does not wait for a running callback. */
    void closeQuietly() {
        mailbox.close();
        WatchTransport.Stream last = stream;
        if (last != null) {
            last.cancel();
        }
        onClosed.run();
    }

    private void post(Runnable step) {
        if (!mailbox.post(step)) {
            LOG.log(Level.WARNING, () -> "watch of " + text() + " ends: its executor takes no more work");
            closeQuietly();
        }
    }

    static EtcdException etcdException(Throwable failure, WatchTransport transport) {
        Throwable cause =
                failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
        return cause instanceof EtcdException known ? known : transport.refused(String.valueOf(cause));
    }

    private String text() {
        return spec.key().toString(StandardCharsets.UTF_8);
    }
}
