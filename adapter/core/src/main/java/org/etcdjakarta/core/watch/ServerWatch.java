package org.etcdjakarta.core.watch;

import com.google.protobuf.UnknownFieldSet;
import io.etcd.jetcd.api.Event;
import io.etcd.jetcd.api.WatchCreateRequest;
import io.etcd.jetcd.api.WatchResponse;
import java.util.ArrayList;
import java.util.List;
import org.etcdjakarta.EtcdException;
import org.jspecify.annotations.Nullable;

/** A watch at the server, for all who ask for the same. Its state belongs to the lock of {@link SharedStreams}. */
final class ServerWatch {

    private static final int FRAGMENT = 7;

    final SharedStream stream;
    final long id;
    final WatchCreateRequest question;
    private final long start;
    private final List<StreamPart> parts = new ArrayList<>(1);

    /** Nothing before this revision comes any more; 0 until the watch stands. */
    private long next;

    /** It begins later than the store is (yet, or since a backup was restored): nobody else's "now" is in it. */
    private boolean future;

    private WatchResponse.@Nullable Builder fragments;

    /** @param start as in the request: 0 for now */
    ServerWatch(SharedStream stream, long id, WatchCreateRequest question, long start) {
        this.stream = stream;
        this.id = id;
        this.question = question;
        this.start = start;
    }

    boolean stands() {
        return next > 0;
    }

    /** Whether one that begins there misses nothing here. */
    boolean takes(long from) {
        if (stands()) {
            return from == 0 ? !future : from >= next;
        }
        return start == 0 ? from == 0 : from >= start;
    }

    void add(StreamPart part) {
        part.watch = this;
        part.placedOn(stream);
        parts.add(part);
    }

    /** True when it was the last one. */
    boolean remove(StreamPart part) {
        part.watch = null;
        return parts.remove(part) && parts.isEmpty();
    }

    void clear() {
        parts.forEach(part -> part.watch = null);
        parts.clear();
    }

    /** Hands it on when it is whole. Returns those that have not taken what came before for too long. */
    List<StreamPart> deliver(WatchResponse response, List<Runnable> afterwards) {
        WatchResponse whole = whole(response);
        if (whole == null) {
            return List.of();
        }
        if (whole.getCreated()) {
            long now = whole.getHeader().getRevision() + 1;
            next = start > 0 ? start : now;
            future = next > now;
        }
        int events = whole.getEventsCount();
        if (events > 0) {
            future = false;
            next = Math.max(next, whole.getEvents(events - 1).getKv().getModRevision() + 1);
        }
        List<StreamPart> slow = new ArrayList<>(0);
        for (StreamPart part : parts) {
            if (!part.offer(whole)) {
                slow.add(part);
            }
            afterwards.add(stream.draining(part));
        }
        return slow;
    }

    /**
     * Whole revisions, as far as there are any; null while pieces of the first one are still to come. An answer may carry a thousand
     * revisions, which need not wait in memory for the last of its pieces, nor be lost with it when the stream breaks.
     */
    private @Nullable WatchResponse whole(WatchResponse response) {
        UnknownFieldSet unknown = response.getUnknownFields();
        boolean more = unknown.hasField(FRAGMENT)
                && unknown.getField(FRAGMENT).getVarintList().contains(1L);
        WatchResponse.Builder before = fragments;
        if (before == null && !more) {
            return response;
        }
        WatchResponse.Builder sofar = before == null ? WatchResponse.newBuilder() : before;
        sofar.mergeFrom(response).setUnknownFields(UnknownFieldSet.getDefaultInstance());
        if (!more) {
            fragments = null;
            return sofar.build();
        }
        List<Event> events = List.copyOf(sofar.getEventsList());
        int unfinished = lastRevision(events);
        if (unfinished == 0) {
            fragments = sofar;
            return null;
        }
        fragments = sofar.clone().clearEvents().addAllEvents(events.subList(unfinished, events.size()));
        return sofar.clearEvents().addAllEvents(events.subList(0, unfinished)).build();
    }

    /** Where the events of the last revision begin. */
    private static int lastRevision(List<Event> events) {
        int begin = events.size();
        while (begin > 0
                && events.get(begin - 1).getKv().getModRevision()
                        == events.get(events.size() - 1).getKv().getModRevision()) {
            begin--;
        }
        return begin;
    }

    /** Speaks for watches that stand: before that, what is older may still come. */
    void progress(WatchResponse response, List<Runnable> afterwards) {
        if (!stands()) {
            return;
        }
        for (StreamPart part : parts) {
            if (part.wantsProgress) {
                part.wantsProgress = false;
                if (part.offer(response)) {
                    afterwards.add(stream.draining(part));
                }
            }
        }
    }

    /** Returns those who have to be told. */
    List<StreamPart> end(EtcdException failure, boolean mayResume) {
        List<StreamPart> ended = List.copyOf(parts);
        for (StreamPart part : ended) {
            part.watch = null;
            part.end(failure, mayResume);
        }
        parts.clear();
        return ended;
    }
}
