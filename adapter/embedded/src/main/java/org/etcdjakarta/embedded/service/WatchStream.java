package org.etcdjakarta.embedded.service;

import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.UnknownFieldSet;
import io.etcd.jetcd.api.Event;
import io.etcd.jetcd.api.ResponseHeader;
import io.etcd.jetcd.api.WatchCancelRequest;
import io.etcd.jetcd.api.WatchCreateRequest;
import io.etcd.jetcd.api.WatchResponse;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.StreamObserver;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.etcdjakarta.embedded.store.Keyspace;
import org.etcdjakarta.embedded.store.Revision;
import org.etcdjakarta.embedded.store.Store;
import org.jspecify.annotations.Nullable;

/**
 * All watches of one stream. Everything happens under the store's lock: a watch is created, has its history replayed and hears
 * the next revision without anything between, so it can neither miss an event nor see one twice.
 */
final class WatchStream {

    /** The id of answers that belong to no watch. */
    private static final long NO_WATCH = -1;

    /** Bigger answers are sent in pieces to a watch that asked for it: etcd's limit of a request and the room for its envelope. */
    private static final int FRAGMENT_BYTES = 2 * 1024 * 1024;

    /** At most so many revisions of the history in one answer, as etcd. */
    private static final int REPLAYED_REVISIONS = 1000;

    private static final int FRAGMENT_FIELD = 7;

    private final Store store;
    private final Headers headers;
    private final Admission admission;
    private final StreamObserver<WatchResponse> caller;
    private final Consumer<Revision> listener = this::revision;
    private final Map<Long, Watcher> watchers = new TreeMap<>();

    /** Those of them that began too early; they never hear anything again. */
    private final Set<Long> compacted = new HashSet<>();

    private long lastId = -1;
    private boolean ended;

    WatchStream(Store store, Headers headers, Admission admission, StreamObserver<WatchResponse> caller) {
        this.store = store;
        this.headers = headers;
        this.admission = admission;
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
        String refusal = refusal(request);
        if (refusal != null) {
            send(answer(NO_WATCH).setCreated(true).setCanceled(true).setCancelReason(refusal));
            return;
        }
        long chosen = Watcher.chosenId(request);
        long id = chosen != 0 ? chosen : freeId();
        Watcher watcher = new Watcher(request);
        watchers.put(id, watcher);
        send(answer(id).setCreated(true));
        Keyspace keyspace = store.keyspace();
        long start = request.getStartRevision();
        if (start > 0 && start < keyspace.compacted()) {
            // etcd gives neither a revision nor a reason, and the id stays taken until its client cancels it.
            compacted.add(id);
            send(WatchResponse.newBuilder()
                    .setHeader(headers.at(0))
                    .setWatchId(id)
                    .setCompactRevision(keyspace.compacted())
                    .setCanceled(true));
        } else if (start > 0) {
            replay(id, watcher, keyspace.since(start));
        }
    }

    private @Nullable String refusal(WatchCreateRequest request) {
        try {
            admission.watch(new Watcher(request).range());
        } catch (StatusRuntimeException refused) {
            return Answer.inWords(refused);
        }
        if (request.getStartRevision() < 0) {
            return "etcdserver: mvcc: required revision has been compacted";
        }
        if (Watcher.isEmptyRange(request)) {
            return "mvcc: watcher range is empty";
        }
        boolean taken = Watcher.chosenId(request) != 0 && watchers.containsKey(Watcher.chosenId(request));
        return taken ? "mvcc: duplicate watch ID provided on the WatchStream" : null;
    }

    private void replay(long id, Watcher watcher, Collection<Revision> history) {
        List<Event> batch = new ArrayList<>();
        int revisions = 0;
        for (Revision revision : history) {
            List<Event> events = watcher.events(revision);
            if (!events.isEmpty() && ++revisions > REPLAYED_REVISIONS) {
                deliver(id, watcher, headers.now(), batch);
                batch = new ArrayList<>();
                revisions = 1;
            }
            batch.addAll(events);
        }
        deliver(id, watcher, headers.now(), batch);
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
                compacted.remove(request.getWatchId());
                send(answer(request.getWatchId()).setCanceled(true));
            }
            return null;
        });
    }

    /** All watches are up to date here at any time. Only of a stream without any, or with a compacted one, etcd says nothing. */
    void progress() {
        store.exclusively(() -> {
            if (!watchers.isEmpty() && compacted.isEmpty()) {
                send(answer(NO_WATCH));
            }
            return null;
        });
    }

    void end() {
        store.tidy(() -> {
            ended = true;
            watchers.clear();
            store.forget(listener);
        });
    }

    private void revision(Revision revision) {
        watchers.forEach((id, watcher) -> {
            if (!compacted.contains(id)) {
                deliver(id, watcher, headers.at(revision.number()), watcher.events(revision));
            }
        });
    }

    private void deliver(long id, Watcher watcher, ResponseHeader header, List<Event> events) {
        if (events.isEmpty()) {
            return;
        }
        WatchResponse.Builder answer =
                WatchResponse.newBuilder().setHeader(header).setWatchId(id);
        if (!watcher.takesFragments()) {
            send(answer.addAllEvents(events));
            return;
        }
        List<List<Event>> pieces = pieces(answer, events);
        for (int i = 0; i < pieces.size(); i++) {
            WatchResponse.Builder piece = answer.clone().addAllEvents(pieces.get(i));
            send(i < pieces.size() - 1 ? piece.setUnknownFields(moreToCome()) : piece);
        }
    }

    private static List<List<Event>> pieces(WatchResponse.Builder empty, List<Event> events) {
        if (empty.clone().addAllEvents(events).build().getSerializedSize() < FRAGMENT_BYTES) {
            return List.of(events);
        }
        int envelope = empty.clone().setUnknownFields(moreToCome()).build().getSerializedSize();
        List<List<Event>> pieces = new ArrayList<>();
        List<Event> piece = new ArrayList<>();
        int bytes = envelope;
        for (Event event : events) {
            int size = CodedOutputStream.computeMessageSize(WatchResponse.EVENTS_FIELD_NUMBER, event);
            if (!piece.isEmpty() && bytes + size >= FRAGMENT_BYTES) {
                pieces.add(piece);
                piece = new ArrayList<>();
                bytes = envelope;
            }
            piece.add(event);
            bytes += size;
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

    private void send(WatchResponse.Builder answer) {
        if (!ended) {
            caller.onNext(answer.build());
        }
    }
}
