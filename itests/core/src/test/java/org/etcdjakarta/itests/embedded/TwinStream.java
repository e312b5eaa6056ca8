package org.etcdjakarta.itests.embedded;

import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import com.google.protobuf.UnknownFieldSet;
import io.etcd.jetcd.api.Event;
import io.etcd.jetcd.api.WatchCancelRequest;
import io.etcd.jetcd.api.WatchCreateRequest;
import io.etcd.jetcd.api.WatchProgressRequest;
import io.etcd.jetcd.api.WatchRequest;
import io.etcd.jetcd.api.WatchResponse;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The same watches on a stream to each of the two servers. A watch of a key that only the test puts shows how far each has come:
 * etcd tells a stream one revision after the other, so with the barrier's event all earlier ones have been heard. Which watch
 * hears of one revision first is open, so the barrier's own events do not count.
 */
final class TwinStream {

    static final ByteString BARRIER_KEY = ByteString.copyFromUtf8("barrier");

    static final long BARRIER_ID = 1_000_000;

    /** Of a watch's create request: fields that jetcd's protocol lacks. */
    private static final int WATCH_ID = 7;

    private static final int FRAGMENT = 8;

    private final WatchLog etcd;
    private final WatchLog embedded;
    private final Map<Long, Boolean> open = new TreeMap<>();
    private final Map<Long, Boolean> replaying = new HashMap<>();
    private int created;
    private int canceled;

    TwinStream(Peer etcd, Peer embedded) {
        this.etcd = new WatchLog(etcd);
        this.embedded = new WatchLog(embedded);
        create(WatchCreateRequest.newBuilder().setKey(BARRIER_KEY), BARRIER_ID, false, 0);
    }

    /**
     * Waits until both have answered.
     *
     * @param current a watch that starts there or before has its history replayed first
     * @return whether they took it
     */
    boolean create(WatchCreateRequest.Builder watch, long id, boolean fragments, long current) {
        UnknownFieldSet.Builder more = UnknownFieldSet.newBuilder();
        if (id != 0) {
            more.addField(
                    WATCH_ID, UnknownFieldSet.Field.newBuilder().addVarint(id).build());
        }
        if (fragments) {
            more.addField(
                    FRAGMENT, UnknownFieldSet.Field.newBuilder().addVarint(1).build());
        }
        send(WatchRequest.newBuilder()
                .setCreateRequest(watch.setUnknownFields(more.build()))
                .build());
        created++;
        etcd.awaitCreated(created);
        embedded.awaitCreated(created);
        if (etcd.lastCreateWasRefused()) {
            return false;
        }
        long given = etcd.lastCreatedId();
        open.put(given, watch.getStartRevision() > current);
        if (watch.getStartRevision() > 0 && watch.getStartRevision() <= current) {
            replaying.put(given, true);
        }
        return true;
    }

    /** Of a watch that is there; waits until both have answered. */
    void cancel(long id) {
        cancelUnknown(id);
        open.remove(id);
        canceled++;
        etcd.awaitCanceled(canceled);
        embedded.awaitCanceled(canceled);
    }

    /** Neither may answer. */
    void cancelUnknown(long id) {
        send(WatchRequest.newBuilder()
                .setCancelRequest(WatchCancelRequest.newBuilder().setWatchId(id))
                .build());
    }

    /** After it a watch without a possible key, whose refusal tells that the request for progress has been read. */
    void progress(long current) {
        send(WatchRequest.newBuilder()
                .setProgressRequest(WatchProgressRequest.getDefaultInstance())
                .build());
        create(
                WatchCreateRequest.newBuilder().setKey(BARRIER_KEY).setRangeEnd(ByteString.copyFromUtf8("a")),
                0,
                false,
                current);
    }

    /** Those of the test, not the barrier's. */
    List<Long> open() {
        return open.keySet().stream().filter(id -> id != BARRIER_ID).toList();
    }

    boolean hasOneOfTheFuture() {
        return open.containsValue(true);
    }

    private void send(WatchRequest request) {
        etcd.send(request);
        embedded.send(request);
    }

    void awaitBarrier(long revision) {
        etcd.awaitBarrier(revision);
        embedded.awaitBarrier(revision);
    }

    /** Of a watch on one event of the past. */
    void awaitReplay(long id) {
        etcd.awaitEvent(id);
        embedded.awaitEvent(id);
    }

    /**
     * What each has said since the last call, by watch. Everything must have been heard.
     *
     * @param sides takes etcd's and the embedded one's
     */
    void compare(Comparison sides) {
        sides.compare(byWatch(etcd.take()), byWatch(embedded.take()));
        replaying.clear();
    }

    /** Two tellings of the same. */
    interface Comparison {
        void compare(Map<String, List<Message>> etcd, Map<String, List<Message>> embedded);
    }

    /**
     * The answers of each watch in their order; that of different watches is open in etcd. How the history is cut into answers,
     * and which revision their headers name, depends on when etcd comes to it, so of a replay only the events count.
     */
    private Map<String, List<Message>> byWatch(List<WatchResponse> answers) {
        Map<String, List<Message>> told = new TreeMap<>();
        for (WatchResponse answer : answers) {
            List<Event> events = answer.getEventsList().stream()
                    .filter(event -> !isBarrier(event))
                    .toList();
            if (events.isEmpty() && answer.getEventsCount() > 0) {
                continue;
            }
            List<Message> one = told.computeIfAbsent(teller(answer), key -> new ArrayList<>());
            if (answer.getEventsCount() > 0 && replaying.containsKey(answer.getWatchId())) {
                Event last = answer.getEvents(answer.getEventsCount() - 1);
                if (answer.getHeader().getRevision() < last.getKv().getModRevision()) {
                    throw new AssertionError("an answer from before its own event: " + answer);
                }
                one.addAll(events);
            } else {
                one.add(answer);
            }
        }
        return told;
    }

    private static boolean isBarrier(Event event) {
        return event.getType() == Event.EventType.PUT && event.getKv().getKey().equals(BARRIER_KEY);
    }

    private static String teller(WatchResponse answer) {
        if (answer.getCreated() && answer.getCanceled()) {
            return "refused";
        }
        return answer.getWatchId() == -1 ? "progress" : "watch " + answer.getWatchId();
    }
}
