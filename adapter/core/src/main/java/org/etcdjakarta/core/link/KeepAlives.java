package org.etcdjakarta.core.link;

import com.google.common.util.concurrent.MoreExecutors;
import io.etcd.jetcd.api.LeaseGrpc;
import io.etcd.jetcd.api.LeaseKeepAliveRequest;
import io.etcd.jetcd.api.LeaseKeepAliveResponse;
import io.etcd.jetcd.common.exception.EtcdExceptionFactory;
import io.etcd.jetcd.support.CloseableClient;
import io.grpc.stub.StreamObserver;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executor;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Consumer;
import org.etcdjakarta.EtcdException;
import org.jspecify.annotations.Nullable;

/**
 * Keeps leases alive, all on one stream, each at a third of its TTL. While there is no connection nothing is queued (the
 * requests would all go out at once afterwards); a broken stream is replaced. Only etcd says that a lease is gone, by an
 * answer with TTL 0: until then we go on trying, however long etcd is away.
 */
final class KeepAlives {

    private static final System.Logger LOG = System.getLogger(KeepAlives.class.getName());

    private static final Duration TICK = Duration.ofMillis(200);
    private static final long SHORTEST_PAUSE_MILLIS = 50;
    private static final long LONGEST_PAUSE_MILLIS = 1_000;

    private final Calls calls;
    private final long answerNanos;
    private final Map<Long, Kept> leases = new HashMap<>();
    private @Nullable StreamCall<LeaseKeepAliveRequest, LeaseKeepAliveResponse> stream;
    private boolean ticking;
    private boolean reopening;
    private boolean closed;
    private long pause = SHORTEST_PAUSE_MILLIS;

    /**
     * Over the given link's calls.
     *
     * @param answerTime an answer that does not come within it is asked for again
     */
    KeepAlives(Calls calls, Duration answerTime) {
        this.calls = calls;
        this.answerNanos = answerTime.toNanos();
    }

    /** Begins at once. Several observers of one lease share its requests. */
    CloseableClient add(long leaseId, StreamObserver<io.etcd.jetcd.lease.LeaseKeepAliveResponse> observer) {
        Watcher watcher = new Watcher(observer);
        synchronized (this) {
            if (closed) {
                throw EtcdExceptionFactory.newClosedLeaseClientException();
            }
            leases.computeIfAbsent(leaseId, id -> new Kept(id)).watchers.add(watcher);
            openStream();
            startTicking();
        }
        tick();
        return new CloseableClient() {
            @Override
            public void close() {
                remove(leaseId, watcher);
                watcher.end(StreamObserver::onCompleted);
            }
        };
    }

    private synchronized void remove(long leaseId, Watcher watcher) {
        Kept kept = leases.get(leaseId);
        if (kept != null && kept.watchers.remove(watcher) && kept.watchers.isEmpty()) {
            leases.remove(leaseId);
            closeStreamIfIdle();
        }
    }

    private void closeStreamIfIdle() {
        if (leases.isEmpty() && stream != null) {
            stream.cancel();
            stream = null;
        }
    }

    /** Tells all observers that it is over. */
    void close() {
        List<Kept> ended;
        synchronized (this) {
            closed = true;
            ended = new ArrayList<>(leases.values());
            leases.clear();
            closeStreamIfIdle();
        }
        for (Kept kept : ended) {
            kept.end(observer -> observer.onError(EtcdExceptionFactory.newClosedLeaseClientException()));
        }
    }

    // ---- the stream

    private void openStream() {
        if (stream != null || reopening) {
            return;
        }
        Receiver receiver = new Receiver();
        var opened = new StreamCall<>(calls, LeaseGrpc.getLeaseKeepAliveMethod(), receiver);
        receiver.mine = opened;
        stream = opened;
        opened.request(1);
        opened.start();
    }

    private void startTicking() {
        if (!ticking) {
            ticking = true;
            calls.later(TICK, this::tickAgain);
        }
    }

    private void tickAgain() {
        tick();
        synchronized (this) {
            if (closed || leases.isEmpty()) {
                ticking = false;
            } else {
                calls.later(TICK, this::tickAgain);
            }
        }
    }

    private synchronized void tick() {
        var current = stream;
        if (current == null || !current.isReady()) {
            return;
        }
        long now = System.nanoTime();
        for (Kept kept : leases.values()) {
            if (now - kept.due >= 0) {
                kept.due = now + answerNanos;
                current.send(LeaseKeepAliveRequest.newBuilder().setID(kept.id).build());
            }
        }
    }

    private synchronized boolean isCurrent(@Nullable Object mine) {
        return mine != null && mine == stream;
    }

    private void answered(LeaseKeepAliveResponse answer) {
        Kept kept;
        synchronized (this) {
            pause = SHORTEST_PAUSE_MILLIS;
            kept = leases.get(answer.getID());
            if (kept == null) {
                return;
            }
            if (answer.getTTL() > 0) {
                kept.due =
                        System.nanoTime() + Duration.ofSeconds(answer.getTTL()).toNanos() / 3;
            } else {
                leases.remove(answer.getID());
                closeStreamIfIdle();
            }
        }
        if (answer.getTTL() > 0) {
            var response = new io.etcd.jetcd.lease.LeaseKeepAliveResponse(answer);
            kept.tell(observer -> observer.onNext(response));
        } else {
            EtcdException gone = calls.errors.leaseGone(answer.getID());
            kept.end(observer -> observer.onError(gone));
        }
    }

    private synchronized void interrupted() {
        stream = null;
        if (closed || leases.isEmpty()) {
            return;
        }
        reopening = true;
        // What was sent on the old stream may be lost.
        long now = System.nanoTime();
        leases.values().forEach(kept -> kept.due = Math.min(kept.due, now));
        long millis = ThreadLocalRandom.current().nextLong(pause / 2, pause + 1);
        pause = Math.min(2 * pause, LONGEST_PAUSE_MILLIS);
        calls.later(Duration.ofMillis(millis), this::reopen);
    }

    private synchronized void reopen() {
        reopening = false;
        if (!closed && !leases.isEmpty()) {
            openStream();
        }
    }

    private void failed(EtcdException failure) {
        List<Kept> ended;
        synchronized (this) {
            stream = null;
            ended = new ArrayList<>(leases.values());
            leases.clear();
        }
        ended.forEach(kept -> kept.end(observer -> observer.onError(failure)));
    }

    private final class Receiver implements StreamCall.Events<LeaseKeepAliveResponse> {

        private volatile @Nullable StreamCall<LeaseKeepAliveRequest, LeaseKeepAliveResponse> mine;

        @Override
        public void onReady() {
            tick();
        }

        @Override
        public void onMessage(LeaseKeepAliveResponse message) {
            var source = mine;
            if (source != null && isCurrent(source)) {
                answered(message);
                source.request(1);
            }
        }

        @Override
        public void onCompleted() {
            if (isCurrent(mine)) {
                interrupted();
            }
        }

        @Override
        public void onFailure(EtcdException failure, boolean mayResume) {
            if (!isCurrent(mine)) {
                return;
            }
            if (mayResume) {
                LOG.log(Level.DEBUG, () -> "keep-alive stream interrupted: " + failure.getMessage());
                interrupted();
            } else {
                failed(failure);
            }
        }
    }

    private static final class Kept {

        private final long id;
        private final List<Watcher> watchers = new CopyOnWriteArrayList<>();
        private long due = System.nanoTime();

        Kept(long id) {
            this.id = id;
        }

        void tell(Consumer<StreamObserver<io.etcd.jetcd.lease.LeaseKeepAliveResponse>> what) {
            watchers.forEach(watcher -> watcher.tell(what));
        }

        void end(Consumer<StreamObserver<io.etcd.jetcd.lease.LeaseKeepAliveResponse>> what) {
            watchers.forEach(watcher -> watcher.end(what));
        }
    }

    /** One observer, called one at a time on the link's pool, never after its end. */
    private final class Watcher {

        private final StreamObserver<io.etcd.jetcd.lease.LeaseKeepAliveResponse> observer;
        private final Executor turn = MoreExecutors.newSequentialExecutor(calls.pool);
        private volatile boolean ended;

        Watcher(StreamObserver<io.etcd.jetcd.lease.LeaseKeepAliveResponse> observer) {
            this.observer = observer;
        }

        void tell(Consumer<StreamObserver<io.etcd.jetcd.lease.LeaseKeepAliveResponse>> what) {
            turn.execute(() -> {
                if (!ended) {
                    guarded(what);
                }
            });
        }

        void end(Consumer<StreamObserver<io.etcd.jetcd.lease.LeaseKeepAliveResponse>> what) {
            turn.execute(() -> {
                if (!ended) {
                    ended = true;
                    guarded(what);
                }
            });
        }

        private void guarded(Consumer<StreamObserver<io.etcd.jetcd.lease.LeaseKeepAliveResponse>> what) {
            try {
                what.accept(observer);
            } catch (RuntimeException | Error e) {
                LOG.log(
                        Level.ERROR,
                        "a keep-alive observer, " + observer.getClass().getName() + ", failed",
                        e);
            }
        }
    }
}
