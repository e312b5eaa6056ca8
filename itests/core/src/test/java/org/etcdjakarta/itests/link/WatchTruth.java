package org.etcdjakarta.itests.link;

import static org.etcdjakarta.itests.link.Links.GENEROUS;

import com.google.protobuf.ByteString;
import io.etcd.jetcd.api.Event;
import io.etcd.jetcd.api.KeyValue;
import io.etcd.jetcd.api.WatchCreateRequest;
import io.etcd.jetcd.api.WatchRequest;
import io.etcd.jetcd.api.WatchResponse;
import io.grpc.stub.StreamObserver;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** What really happened: every event of every revision, read from etcd itself when nothing disturbs it. */
final class WatchTruth {

    private static final ByteString FIRST = ByteString.copyFrom(new byte[1]);

    private final BareStubs bare;
    private final NavigableMap<Long, List<Event>> events = new TreeMap<>();
    private long next = 2;
    private long compacted;

    WatchTruth(BareStubs bare) {
        this.bare = bare;
    }

    /** Before each compaction, and at the end. Returns the revision it has come to. */
    long catchUp() {
        long now = bare.kv()
                .withWaitForReady()
                .withDeadlineAfter(GENEROUS.toSeconds(), TimeUnit.SECONDS)
                .range(BareStubs.get("/none"))
                .getHeader()
                .getRevision();
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
            for (Event event : response.getEventsList()) {
                long revision = event.getKv().getModRevision();
                if (revision <= last) {
                    events.computeIfAbsent(revision, none -> new ArrayList<>()).add(event);
                }
                if (revision >= last) {
                    read.complete(null);
                }
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

    NavigableMap<Long, List<Event>> events() {
        return events;
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
