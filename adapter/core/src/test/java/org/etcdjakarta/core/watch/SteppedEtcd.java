package org.etcdjakarta.core.watch;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.api.KVGrpc;
import io.etcd.jetcd.api.RangeRequest;
import io.etcd.jetcd.api.RangeResponse;
import io.etcd.jetcd.api.ResponseHeader;
import io.etcd.jetcd.api.WatchGrpc;
import io.etcd.jetcd.api.WatchRequest;
import io.etcd.jetcd.api.WatchResponse;
import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.StatusRuntimeException;
import io.grpc.inprocess.InProcessChannelBuilder;
import io.grpc.inprocess.InProcessServerBuilder;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import org.etcdjakarta.EtcdException;
import org.etcdjakarta.EtcdException.Effect;
import org.etcdjakarta.embedded.service.BareServices;
import org.etcdjakarta.embedded.store.Store;

/**
 * The embedded etcd behind watch streams that deliver only what the test says, and when: nothing happens by itself, not even
 * time, so a stream can be cut at any point. All runs on the test's thread.
 *
 * <p>What is answered is etcd's. This class adds what one member cannot be made to do: to lag behind the others, to refuse a
 * token that it has just given out, to put several revisions into one answer, to send on a stream that was cut.
 */
final class SteppedEtcd implements WatchTransport, AutoCloseable {

    private final AdapterKeys adapterKeys = new AdapterKeys();
    private final Deque<Runnable> later = new ArrayDeque<>();
    final List<SteppedStream> streams = new ArrayList<>();
    final List<RangeRequest> ranges = new ArrayList<>();

    /** How far the member that streams are opened at is behind. */
    long lag;

    boolean tokenRenewable;
    Runnable beforeRange = () -> {};

    private long clusterId = 7;
    private Store store = empty();
    private Server server;
    private ManagedChannel channel;

    SteppedEtcd() {
        start();
    }

    private static Store empty() {
        return new Store(Clock.fixed(Instant.EPOCH, ZoneOffset.UTC));
    }

    private void start() {
        String name = InProcessServerBuilder.generateName();
        BareServices services = BareServices.over(store, clusterId);
        try {
            server = InProcessServerBuilder.forName(name)
                    .directExecutor()
                    .addService(services.kv())
                    .addService(services.watch())
                    .build()
                    .start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        channel = InProcessChannelBuilder.forName(name).directExecutor().build();
    }

    @Override
    public void close() {
        channel.shutdownNow();
        server.shutdownNow();
    }

    // ---- its data

    void put(String key, String value) {
        put(new String[] {key}, value);
    }

    /** All keys at one revision. */
    void put(String[] keys, String value) {
        store.write(draft -> {
            for (String key : keys) {
                draft.put(ByteString.copyFromUtf8(key), ByteString.copyFromUtf8(value), 0);
            }
            return null;
        });
    }

    long revision() {
        return store.keyspace().current().number();
    }

    void compact(long revision) {
        store.compact(revision);
    }

    Store backup() {
        return store.fork();
    }

    /** What was written since the backup is gone; the cluster is the same. */
    void restore(Store backup) {
        close();
        store = backup;
        start();
    }

    /** Another cluster answers from now on, an empty one. */
    void replace() {
        clusterId++;
        restore(empty());
    }

    // ---- its streams

    /** The last one that was opened. */
    SteppedStream stream() {
        return streams.get(streams.size() - 1);
    }

    /** The first one that was opened is 0. */
    SteppedStream stream(int index) {
        return streams.get(index);
    }

    /** Lets the pauses pass that are under way. */
    void pass() {
        for (int due = later.size(); due > 0; due--) {
            later.remove().run();
        }
    }

    @Override
    public ByteSequence namespace() {
        return ByteSequence.EMPTY;
    }

    @Override
    public AdapterKeys adapterKeys() {
        return adapterKeys;
    }

    @Override
    public SteppedStream open(WatchRequest first, Events events) {
        SteppedStream opened = new SteppedStream(first, events);
        streams.add(opened);
        return opened;
    }

    @Override
    public CompletableFuture<RangeResponse> range(RangeRequest request) {
        beforeRange.run();
        ranges.add(request);
        try {
            return CompletableFuture.completedFuture(
                    KVGrpc.newBlockingStub(channel).range(request));
        } catch (StatusRuntimeException e) {
            return CompletableFuture.failedFuture(refused(String.valueOf(e.getMessage())));
        }
    }

    @Override
    public EtcdException refused(String reason) {
        return new EtcdException("ETCD-00000", reason, Effect.NONE, "stepped", null);
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

    /** One watch stream. What etcd sends waits here until the test delivers it. */
    final class SteppedStream implements Stream {

        private final Events events;
        private final Deque<WatchResponse> arrived = new ArrayDeque<>();
        private final ClientCallStreamObserver<WatchRequest> requests;
        final long startRevision;
        int requested;
        boolean cancelled;

        SteppedStream(WatchRequest first, Events events) {
            this.events = events;
            startRevision = first.getCreateRequest().getStartRevision();
            requests = (ClientCallStreamObserver<WatchRequest>)
                    WatchGrpc.newStub(channel).watch(new StreamObserver<>() {
                        @Override
                        public void onNext(WatchResponse answer) {
                            arrived.add(answer);
                        }

                        @Override
                        public void onError(Throwable failure) {
                            // A stream breaks when the test says so.
                        }

                        @Override
                        public void onCompleted() {
                            // As above.
                        }
                    });
            requests.onNext(first);
        }

        private WatchResponse next() {
            assertThat(arrived).as("what etcd has sent").isNotEmpty();
            return arrived.remove();
        }

        void created() {
            WatchResponse created = next();
            assertThat(created.getCreated()).isTrue();
            WatchResponse.Builder answer = created.toBuilder();
            answer.getHeaderBuilder().setRevision(created.getHeader().getRevision() - lag);
            events.onResponse(answer.build());
        }

        /** All that has happened since, in one answer, as etcd sends a backlog. */
        void events() {
            assertThat(arrived).as("what etcd has sent").isNotEmpty();
            WatchResponse.Builder all = WatchResponse.newBuilder();
            while (!arrived.isEmpty() && arrived.peek().getEventsCount() > 0) {
                WatchResponse one = arrived.remove();
                all.setHeader(one.getHeader()).addAllEvents(one.getEventsList());
            }
            events.onResponse(all.build());
        }

        void progress() {
            WatchResponse progress = next();
            assertThat(progress.getCreated()).isFalse();
            assertThat(progress.getEventsCount()).isZero();
            events.onResponse(progress);
        }

        /** etcd's own notice for a watch that is quiet; it follows all events up to the store's revision. */
        void notice() {
            assertThat(arrived).as("events before the notice").isEmpty();
            events.onResponse(progressAt(0, revision()));
        }

        /** The answer to a question for progress as etcd 3.4.23 gives it: ahead of events that have not been sent yet. */
        void answersTooEarly() {
            events.onResponse(progressAt(-1, revision()));
        }

        private WatchResponse progressAt(long watchId, long revision) {
            return WatchResponse.newBuilder()
                    .setWatchId(watchId)
                    .setHeader(
                            ResponseHeader.newBuilder().setClusterId(clusterId).setRevision(revision))
                    .build();
        }

        void refusedAsCompacted() {
            WatchResponse refused = next();
            assertThat(refused.getCanceled()).isTrue();
            assertThat(refused.getCompactRevision()).isPositive();
            events.onResponse(refused);
        }

        void refusedAtCreation(String reason) {
            events.onResponse(
                    next().toBuilder().setCanceled(true).setCancelReason(reason).build());
        }

        void cut() {
            end(true);
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
            requests.onNext(request);
        }

        @Override
        public void cancel() {
            cancelled = true;
            requests.cancel("cancelled by its watch", null);
        }

        @Override
        public boolean renewToken() {
            return tokenRenewable;
        }
    }
}
