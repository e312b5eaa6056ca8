package org.etcdjakarta.itests.watch;

import static org.etcdjakarta.itests.link.Links.GENEROUS;

import com.google.protobuf.ByteString;
import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.api.Event;
import io.etcd.jetcd.api.KeyValue;
import io.etcd.jetcd.api.WatchCreateRequest;
import io.etcd.jetcd.api.WatchRequest;
import io.etcd.jetcd.api.WatchResponse;
import io.grpc.stub.StreamObserver;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.etcdjakarta.itests.link.BareStubs;

/**
 * What really happened: every event of every revision, read by a watch of its own that nothing disturbs, with gRPC's own stubs. It
 * reads in pieces, before each compaction and at the end, when etcd is well.
 */
final class WatchTruth {

    private static final ByteString FIRST = ByteString.copyFrom(new byte[1]);

    private final NavigableMap<Long, List<Event>> events = new TreeMap<>();
    private long next;
    private long compacted;

    /** @param first the first revision to know of */
    WatchTruth(long first) {
        next = first;
    }

    /** The revision of the whole cluster now. */
    static long now(BareStubs bare) {
        return bare.kv()
                .withWaitForReady()
                .withDeadlineAfter(GENEROUS.toSeconds(), TimeUnit.SECONDS)
                .range(BareStubs.get("/none"))
                .getHeader()
                .getRevision();
    }

    /** Before each compaction, and at the end. Returns the revision it has come to. */
    long catchUp(BareStubs bare) {
        long now = now(bare);
        if (now >= next) {
            CompletableFuture<Void> read = new CompletableFuture<>();
            StreamObserver<WatchRequest> requests = bare.watch().watch(new Reader(now, read));
            requests.onNext(WatchRequest.newBuilder()
                    .setCreateRequest(WatchCreateRequest.newBuilder()
                            .setKey(FIRST)
                            .setRangeEnd(FIRST)
                            .setStartRevision(next))
                    .build());
            read.orTimeout(GENEROUS.toSeconds(), TimeUnit.SECONDS).join();
            requests.onCompleted();
            next = now + 1;
        }
        return now;
    }

    private final class Reader implements StreamObserver<WatchResponse> {

        private final long last;
        private final CompletableFuture<Void> read;

        Reader(long last, CompletableFuture<Void> read) {
            this.last = last;
            this.read = read;
        }

        @Override
        public void onNext(WatchResponse response) {
            if (read.isDone()) {
                return;
            }
            boolean reached = false;
            for (Event event : response.getEventsList()) {
                long revision = event.getKv().getModRevision();
                if (revision <= last) {
                    events.computeIfAbsent(revision, none -> new ArrayList<>()).add(event);
                }
                reached |= revision >= last;
            }
            // The last revision may have several events, and who waits reads them at once.
            if (reached) {
                read.complete(null);
            }
        }

        @Override
        public void onError(Throwable failure) {
            read.completeExceptionally(failure);
        }

        @Override
        public void onCompleted() {
            read.completeExceptionally(new IllegalStateException("ended"));
        }
    }

    /** For a history made by hand. */
    void happened(long revision, Event... eventsOfIt) {
        events.put(revision, List.of(eventsOfIt));
    }

    /** All revisions from one on at which something happened that a watch is to be told. */
    SortedSet<Long> revisionsFrom(long first, WatchHistory history) {
        SortedSet<Long> revisions = new TreeSet<>();
        for (long revision : events.tailMap(first, true).keySet()) {
            if (!keysAt(revision, history).isEmpty()) {
                revisions.add(revision);
            }
        }
        return revisions;
    }

    /** The keys of the events of one revision that a watch is to be told, in their order. */
    List<String> keysAt(long revision, WatchHistory history) {
        return events.getOrDefault(revision, List.of()).stream()
                .filter(event -> event.getKv().getKey().toStringUtf8().startsWith(history.prefix()))
                .filter(event -> event.getType() == Event.EventType.PUT
                        ? history.spec().puts()
                        : history.spec().deletes())
                .map(event -> event.getKv().getKey().toStringUtf8())
                .toList();
    }

    static String text(ByteSequence key) {
        return key.toString(StandardCharsets.UTF_8);
    }

    void compactedAt(long revision) {
        compacted = revision;
    }

    /** Whether etcd still knows what a key was before this revision. */
    boolean remembersBefore(long revision) {
        return revision - 1 >= compacted;
    }

    /** Every key as it was at a revision. */
    NavigableMap<String, KeyValue> at(long revision) {
        NavigableMap<String, KeyValue> state = new TreeMap<>();
        events.headMap(revision, true)
                .values()
                .forEach(list -> list.forEach(event -> {
                    String key = event.getKv().getKey().toStringUtf8();
                    if (event.getType() == Event.EventType.PUT) {
                        state.put(key, event.getKv());
                    } else {
                        state.remove(key);
                    }
                }));
        return state;
    }
}
