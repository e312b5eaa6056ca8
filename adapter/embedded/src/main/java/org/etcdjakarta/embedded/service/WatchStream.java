package org.etcdjakarta.embedded.service;

import com.google.protobuf.UnknownFieldSet;
import io.etcd.jetcd.api.Event;
import io.etcd.jetcd.api.WatchCancelRequest;
import io.etcd.jetcd.api.WatchCreateRequest;
import io.etcd.jetcd.api.WatchResponse;
import io.grpc.stub.StreamObserver;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.etcdjakarta.embedded.store.Keyspace;
import org.etcdjakarta.embedded.store.Revision;
import org.etcdjakarta.embedded.store.Store;

/**
 * All watches of one stream. Everything happens under the store's lock: a watch is created, has its history replayed and hears
 * the next revision without anything between, so it can neither miss an event nor see one twice.
 */
final class WatchStream {

    /** The id of answers that belong to no watch. */
    private static final long NO_WATCH = -1;

    /** Bigger answers are sent in pieces to a watch that asked for it; etcd's own limit, too. */
    private static final int FRAGMENT_BYTES = 1536 * 1024;

    private static final int FRAGMENT_FIELD = 7;

    private final Store store;
    private final Headers headers;
    private final StreamObserver<WatchResponse> caller;
    private final Consumer<Revision> listener = this::revision;
    private final Map<Long, Watcher> watchers = new TreeMap<>();
    private long lastId = -1;
    private boolean ended;

    WatchStream(Store store, Headers headers, StreamObserver<WatchResponse> caller) {
        this.store = store;
        this.headers = headers;
        this.caller = caller;
        store.listen(listener);
    }

    void create(WatchCreateRequest request) {
        store.exclusively(() -> {
            createExclusively(request);
            return null;
        });
    }

    private void createExclusively(WatchCreateRequest request) {
        if (ended) {
            return;
        }
        long chosen = Watcher.chosenId(request);
        if (chosen != 0 && watchers.containsKey(chosen)) {
            send(answer(NO_WATCH)
                    .setCreated(true)
                    .setCanceled(true)
                    .setCancelReason("mvcc: duplicate watch ID provided on the WatchStream"));
            return;
        }
        long id = chosen != 0 ? chosen : freeId();
        send(answer(id).setCreated(true));
        Keyspace keyspace = store.keyspace();
        long start = request.getStartRevision();
        if (start > 0 && start < keyspace.compacted()) {
            send(answer(id)
                    .setCompactRevision(keyspace.compacted())
                    .setCanceled(true)
                    .setCancelReason("etcdserver: mvcc: required revision has been compacted"));
            return;
        }
        Watcher watcher = new Watcher(request);
        watchers.put(id, watcher);
        if (start > 0) {
            keyspace.since(start).forEach(revision -> deliver(id, watcher, revision));
        }
    }

    private long freeId() {
        do {
            lastId++;
        } while (watchers.containsKey(lastId));
        return lastId;
    }

    void cancel(WatchCancelRequest request) {
        store.exclusively(() -> {
            if (watchers.remove(request.getWatchId()) != null) {
                send(answer(request.getWatchId()).setCanceled(true));
            }
            return null;
        });
    }

    /** All watches are always up to date here, so the answer is true at once. */
    void progress() {
        store.exclusively(() -> {
            send(answer(NO_WATCH));
            return null;
        });
    }

    void end() {
        store.exclusively(() -> {
            ended = true;
            watchers.clear();
            store.forget(listener);
            return null;
        });
    }

    private void revision(Revision revision) {
        watchers.forEach((id, watcher) -> deliver(id, watcher, revision));
    }

    private void deliver(long id, Watcher watcher, Revision revision) {
        List<Event> events = watcher.events(revision);
        if (events.isEmpty()) {
            return;
        }
        if (!watcher.takesFragments()) {
            send(answer(id, revision).addAllEvents(events));
            return;
        }
        List<List<Event>> pieces = pieces(events);
        for (int i = 0; i < pieces.size(); i++) {
            WatchResponse.Builder piece = answer(id, revision).addAllEvents(pieces.get(i));
            send(i < pieces.size() - 1 ? piece.setUnknownFields(moreToCome()) : piece);
        }
    }

    private static List<List<Event>> pieces(List<Event> events) {
        List<List<Event>> pieces = new ArrayList<>();
        List<Event> piece = new ArrayList<>();
        int bytes = 0;
        for (Event event : events) {
            if (!piece.isEmpty() && bytes + event.getSerializedSize() > FRAGMENT_BYTES) {
                pieces.add(piece);
                piece = new ArrayList<>();
                bytes = 0;
            }
            piece.add(event);
            bytes += event.getSerializedSize();
        }
        pieces.add(piece);
        return pieces;
    }

    private static UnknownFieldSet moreToCome() {
        return UnknownFieldSet.newBuilder()
                .addField(
                        FRAGMENT_FIELD,
                        UnknownFieldSet.Field.newBuilder().addVarint(1).build())
                .build();
    }

    private WatchResponse.Builder answer(long id) {
        return WatchResponse.newBuilder().setHeader(headers.now()).setWatchId(id);
    }

    private WatchResponse.Builder answer(long id, Revision revision) {
        return WatchResponse.newBuilder()
                .setHeader(headers.at(revision.number()))
                .setWatchId(id);
    }

    private void send(WatchResponse.Builder answer) {
        if (!ended) {
            caller.onNext(answer.build());
        }
    }
}
