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
import org.etcdjakarta.EtcdAccessException;
import org.etcdjakarta.EtcdException;
import org.etcdjakarta.EtcdGap;
import org.etcdjakarta.EtcdGap.Reason;
import org.jspecify.annotations.Nullable;

/**
 * One watch that outlives its streams. The only thing it believes in is {@code next}: the revision after the last one that
 * was <em>delivered</em>. A stream that breaks, for whatever reason, is replaced by one that starts there.
 *
 * <p>Hazards it is built around: the created header of a re-opened watch carries the store's revision, not the watch's, and
 * must never move {@code next} (that is how jetcd loses events); a watch from "now" that has seen no event yet must resume
 * behind its first created header, not at "now"; a lagging member answers with an older revision, which is no restored
 * backup as long as the cluster as a whole knows the newer one; a compaction takes the deletes of its own revision with it; and
 * etcd 3.4 says "permission denied" where it means an expired token.
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
    private final StateReader states;

    /** Volatile for close() and requestProgress() only. */
    private volatile WatchTransport.@Nullable Stream stream;

    /** Tells the events of the present stream from late ones of earlier streams. */
    private int generation;

    private long next;
    private long streamStart;
    private long clusterId;
    private boolean announced;
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
        next = spec.startRevision();
        key = Util.prefixNamespace(spec.key(), transport.namespace());
        rangeEnd = spec.rangeEnd() == null
                ? ByteString.EMPTY
                : Util.prefixNamespaceToRangeEnd(spec.rangeEnd(), transport.namespace());
        states = new StateReader(transport::range, rangeEnd, transport.namespace());
    }

    void start() {
        post(this::openStream);
    }

    // ---- streams

    private void openStream() {
        int mine = ++generation;
        streamStart = next;
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
                .setStartRevision(startRevision())
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

    /**
     * One revision earlier than what is wanted. A compaction at a revision drops the deletes of that revision itself, and etcd
     * takes a watch from there all the same: it would not tell them, and not that it does not. From one revision earlier it is
     * refused as compacted. What is told twice is left out. A start that an application of jetcd asks for is taken as it is.
     */
    private long startRevision() {
        return next > 1 && (announced || sink.startIsPast()) ? next - 1 : next;
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
            mailbox.callback(() -> sink.progress(response));
            requestMore();
        }
    }

    private void created(WatchResponse response) {
        tokenRenewals = 0;
        long cluster = response.getHeader().getClusterId();
        long revision = response.getHeader().getRevision();
        if (clusterId != 0 && cluster != clusterId) {
            lost(Reason.CLUSTER_CHANGED, 0);
        } else if (next > 0 && revision < next - 1 && (announced || sink.startIsPast())) {
            askWholeCluster(response);
        } else {
            standing(response);
        }
    }

    /** The watch stands at the server. Only the very first header of a watch from "now" says where it begins. */
    private void standing(WatchResponse response) {
        clusterId = response.getHeader().getClusterId();
        if (next == 0) {
            next = response.getHeader().getRevision() + 1;
            streamStart = next;
        }
        if (!announced) {
            announced = true;
            long after = next - 1;
            mailbox.callback(() -> sink.created(response, after));
        }
        requestMore();
    }

    /** This member is behind what we have seen. Only a linearizable read tells a lagging member from a restored backup. */
    private void askWholeCluster(WatchResponse response) {
        int mine = generation;
        var unused = states.revision(key)
                .whenComplete((state, failure) -> post(() -> {
                    if (mine != generation) {
                        return;
                    }
                    if (failure != null) {
                        EtcdException cause = etcdException(failure);
                        ended(cause, !(cause instanceof EtcdAccessException));
                    } else if (state.revision() < next - 1) {
                        lost(Reason.REVISION_WENT_BACK, 0);
                    } else {
                        standing(response);
                    }
                }));
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
            if (revision >= streamStart) {
                List<Event> visible = events.subList(from, to).stream()
                        .filter(event -> !AdapterKeys.hidden(key, event.getKv().getKey()))
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
                next = Math.max(next, revision + 1);
            }
            from = to;
        }
        pause = SHORTEST_PAUSE_MILLIS;
    }

    private void canceled(WatchResponse response) {
        String reason = response.getCancelReason();
        WatchTransport.Stream current = stream;
        if (response.getCompactRevision() > 0 && next > response.getCompactRevision()) {
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
                    () -> "watch of " + text() + " interrupted, resumes at " + next + ": " + failure.getMessage());
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
        boolean[] goOn = new boolean[1];
        mailbox.callback(() -> goOn[0] = sink.lost(reason, compactRevision));
        if (goOn[0]) {
            readState(reason);
        } else {
            closeQuietly();
        }
    }

    private void readState(Reason reason) {
        int mine = generation;
        var unused = states.read(key)
                .whenComplete((state, failure) -> post(() -> {
                    if (mine != generation) {
                        return;
                    }
                    if (failure == null) {
                        resumeBehind(reason, state);
                        return;
                    }
                    EtcdException cause = etcdException(failure);
                    if (cause instanceof EtcdAccessException) {
                        fail(cause);
                        return;
                    }
                    // Also when a page was compacted away under our hands: the whole state is read anew.
                    LOG.log(
                            Level.DEBUG,
                            () -> "state of " + text() + " after lost events not read yet: " + cause.getMessage());
                    pause = Math.min(2 * pause, LONGEST_PAUSE_MILLIS);
                    transport.later(
                            Duration.ofMillis(pause),
                            () -> post(() -> {
                                if (mine == generation) {
                                    readState(reason);
                                }
                            }));
                }));
    }

    private void resumeBehind(Reason reason, StateReader.State state) {
        LOG.log(
                Level.INFO,
                () -> "watch of " + text() + ": events from revision " + next + " are lost (" + reason
                        + "), goes on from the state at revision " + state.revision());
        EtcdGap gap = new EtcdGap(reason, text(), next, state.revision(), state.keyValues());
        mailbox.callback(() -> sink.gap(gap));
        next = state.revision() + 1;
        clusterId = state.clusterId();
        openStream();
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

    private EtcdException etcdException(Throwable failure) {
        return etcdException(failure, transport);
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
