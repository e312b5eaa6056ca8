package org.etcdjakarta.core.watch;

import com.google.protobuf.ByteString;
import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.api.Event;
import io.etcd.jetcd.api.KeyValue;
import io.etcd.jetcd.api.RangeRequest;
import io.etcd.jetcd.api.RangeResponse;
import io.etcd.jetcd.api.ResponseHeader;
import io.etcd.jetcd.api.WatchRequest;
import io.etcd.jetcd.api.WatchResponse;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import org.etcdjakarta.EtcdException;
import org.etcdjakarta.EtcdException.Effect;

/**
 * A store with history, behind watch streams that do only what the test says: nothing happens by itself, not even time, so a
 * stream can be cut at any point.
 */
final class FakeCluster implements WatchTransport {

    private final TreeMap<Long, List<Event>> history = new TreeMap<>();
    private final Deque<Runnable> later = new ArrayDeque<>();
    final List<FakeStream> streams = new ArrayList<>();
    final List<RangeRequest> ranges = new ArrayList<>();

    long clusterId = 7;
    long revision = 1;
    long compacted;

    /** How far the member that streams are opened at is behind. */
    long lag;

    boolean tokenRenewable;
    Runnable beforeRange = () -> {};

    void put(String key, String value) {
        put(new String[] {key}, value);
    }

    /** All keys at one revision. */
    void put(String[] keys, String value) {
        revision++;
        List<Event> events = new ArrayList<>();
        for (String key : keys) {
            events.add(Event.newBuilder()
                    .setKv(KeyValue.newBuilder()
                            .setKey(ByteString.copyFromUtf8(key))
                            .setValue(ByteString.copyFromUtf8(value))
                            .setModRevision(revision)
                            .setCreateRevision(revision)
                            .setVersion(1))
                    .build());
        }
        history.put(revision, events);
    }

    FakeStream stream() {
        return streams.get(streams.size() - 1);
    }

    /** Lets the pauses pass that are under way. */
    void pass() {
        for (int due = later.size(); due > 0; due--) {
            later.remove().run();
        }
    }

    ResponseHeader header(long atRevision) {
        return ResponseHeader.newBuilder()
                .setClusterId(clusterId)
                .setRevision(atRevision)
                .build();
    }

    @Override
    public ByteSequence namespace() {
        return ByteSequence.EMPTY;
    }

    @Override
    public FakeStream open(WatchRequest first, Events events) {
        FakeStream opened = new FakeStream(first, events);
        streams.add(opened);
        return opened;
    }

    @Override
    public CompletableFuture<RangeResponse> range(RangeRequest request) {
        beforeRange.run();
        ranges.add(request);
        long at = request.getRevision() == 0 ? revision : request.getRevision();
        if (request.getRevision() != 0 && request.getRevision() < compacted) {
            return CompletableFuture.failedFuture(refused("required revision has been compacted"));
        }
        TreeMap<String, KeyValue> state = new TreeMap<>();
        history.headMap(at, true)
                .values()
                .forEach(events ->
                        events.forEach(event -> state.put(event.getKv().getKey().toStringUtf8(), event.getKv())));
        var found = state.tailMap(request.getKey().toStringUtf8()).values();
        RangeResponse.Builder response = RangeResponse.newBuilder().setHeader(header(revision));
        if (!request.getCountOnly()) {
            found.stream().limit(request.getLimit()).forEach(response::addKvs);
            response.setMore(found.size() > request.getLimit());
        }
        return CompletableFuture.completedFuture(response.build());
    }

    @Override
    public EtcdException refused(String reason) {
        return new EtcdException("ETCD-00000", reason, Effect.NONE, "fake", null);
    }

    @Override
    public EtcdException historyChanged(String what) {
        return refused(what);
    }

    @Override
    public void later(Duration pause, Runnable task) {
        later.add(task);
    }

    @Override
    public Executor executor() {
        return Runnable::run;
    }

    /** One watch stream at a member. */
    final class FakeStream implements Stream {

        private final Events events;
        final long startRevision;
        private long at;
        int requested;
        int progressRequests;
        boolean cancelled;

        FakeStream(WatchRequest first, Events events) {
            this.events = events;
            startRevision = first.getCreateRequest().getStartRevision();
        }

        void created() {
            at = startRevision == 0 ? revision - lag + 1 : startRevision;
            answer(WatchResponse.newBuilder().setHeader(header(revision - lag)).setCreated(true));
        }

        /** All that has happened since, in one response. */
        void events() {
            WatchResponse.Builder response = WatchResponse.newBuilder().setHeader(header(revision));
            history.tailMap(at, true).values().forEach(response::addAllEvents);
            at = revision + 1;
            answer(response);
        }

        void progress() {
            answer(WatchResponse.newBuilder().setHeader(header(revision)));
        }

        void refusedAsCompacted() {
            answer(WatchResponse.newBuilder()
                    .setHeader(header(revision))
                    .setCanceled(true)
                    .setCompactRevision(compacted));
        }

        void refusedAtCreation(String reason) {
            answer(WatchResponse.newBuilder()
                    .setHeader(header(revision))
                    .setCreated(true)
                    .setCanceled(true)
                    .setCancelReason(reason));
        }

        private void answer(WatchResponse.Builder response) {
            events.onResponse(response.build());
        }

        void cut() {
            events.onEnd(refused("cut"), true);
        }

        void end(boolean mayResume) {
            events.onEnd(refused("ended"), mayResume);
        }

        @Override
        public void request(int responses) {
            requested += responses;
        }

        @Override
        public void send(WatchRequest request) {
            if (request.hasProgressRequest()) {
                progressRequests++;
            }
        }

        @Override
        public void cancel() {
            cancelled = true;
        }

        @Override
        public boolean renewToken() {
            return tokenRenewable;
        }
    }
}
