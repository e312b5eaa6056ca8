package org.etcdjakarta.core.link;

import io.etcd.jetcd.api.LeaseGrpc;
import io.etcd.jetcd.api.LeaseKeepAliveRequest;
import io.etcd.jetcd.api.LeaseKeepAliveResponse;
import io.etcd.jetcd.common.exception.EtcdExceptionFactory;
import io.etcd.jetcd.support.CloseableClient;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ThreadLocalRandom;
import org.etcdjakarta.EtcdException;
import org.jspecify.annotations.Nullable;

/**
 * Keeps leases alive, all on one stream, each at a third of its TTL, and asks once for those who want just that. While there is
 * no connection nothing is queued (the requests would all go out at once afterwards); a broken stream is replaced. Only etcd
 * says that a lease is gone, by an answer with TTL 0: until then we go on trying, however long etcd is away.
 */
final class KeepAlives {

    private static final System.Logger LOG = System.getLogger(KeepAlives.class.getName());

    private static final Duration TICK = Duration.ofMillis(200);
    private static final long SHORTEST_PAUSE_MILLIS = 50;
    private static final long LONGEST_PAUSE_MILLIS = 1_000;

    /** A stream without leases stays for so long: one that asks once every second needs no stream for each question. */
    private static final long LINGER_NANOS = Duration.ofSeconds(10).toNanos();

    private final Calls calls;
    private final long answerNanos;
    private final Map<Long, KeptLease> leases = new HashMap<>();
    private @Nullable StreamCall<LeaseKeepAliveRequest, LeaseKeepAliveResponse> stream;
    private boolean ticking;
    private boolean reopening;
    private boolean closed;
    private long pause = SHORTEST_PAUSE_MILLIS;
    private long lastUsed;

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
        KeepAliveObserver added = new KeepAliveObserver(observer, calls.pool);
        synchronized (this) {
            if (closed) {
                throw EtcdExceptionFactory.newClosedLeaseClientException();
            }
            KeptLease kept = leases.computeIfAbsent(leaseId, KeptLease::new);
            kept.add(added);
            begin(kept);
        }
        return new CloseableClient() {
            @Override
            public void close() {
                remove(leaseId, added);
                added.complete();
            }
        };
    }

    private synchronized void remove(long leaseId, KeepAliveObserver observer) {
        KeptLease kept = leases.get(leaseId);
        if (kept != null) {
            kept.remove(observer);
            // An idle one stays until the next tick, and so does the stream.
        }
    }

    /** One message, and its own answer; fails when that does not come within the time. */
    CompletableFuture<io.etcd.jetcd.lease.LeaseKeepAliveResponse> once(long leaseId, Duration within) {
        CompletableFuture<io.etcd.jetcd.lease.LeaseKeepAliveResponse> answer = new CompletableFuture<>();
        synchronized (this) {
            if (closed || calls.isClosed()) {
                answer.completeExceptionally(calls.errors.closed(LeaseGrpc.getLeaseKeepAliveMethod(), false, false));
                return answer;
            }
            KeptLease kept = leases.computeIfAbsent(leaseId, KeptLease::new);
            kept.addOnce(answer, System.nanoTime() + within.toNanos());
            begin(kept);
        }
        return answer;
    }

    /** Ends everything: observers are told, and nothing can be added any more. */
    void close() {
        List<KeptLease> ended;
        synchronized (this) {
            closed = true;
            ended = giveUp();
        }
        EtcdException cut = calls.errors.closed(LeaseGrpc.getLeaseKeepAliveMethod(), false, false);
        ended.forEach(kept -> kept.fail(EtcdExceptionFactory.newClosedLeaseClientException(), cut));
    }

    private List<KeptLease> giveUp() {
        List<KeptLease> ended = new ArrayList<>(leases.values());
        leases.clear();
        if (stream != null) {
            stream.cancel();
            stream = null;
        }
        return ended;
    }

    // ---- questions

    private void begin(KeptLease kept) {
        openStream();
        if (!ticking) {
            ticking = true;
            calls.later(TICK, this::tick);
        }
        if (stream != null && stream.isReady()) {
            send(stream, kept, System.nanoTime());
        }
    }

    private void send(StreamCall<LeaseKeepAliveRequest, LeaseKeepAliveResponse> current, KeptLease kept, long now) {
        for (int questions = kept.take(now, answerNanos); questions > 0; questions--) {
            current.send(kept.question());
        }
    }

    private synchronized void sendAll() {
        var current = stream;
        if (current != null && current.isReady()) {
            long now = System.nanoTime();
            leases.values().forEach(kept -> send(current, kept, now));
        }
    }

    private void tick() {
        sendAll();
        List<CompletableFuture<?>> late = new ArrayList<>();
        synchronized (this) {
            long now = System.nanoTime();
            leases.values().forEach(kept -> late.addAll(kept.expired(now)));
            leases.values().removeIf(KeptLease::isIdle);
            if (!leases.isEmpty()) {
                lastUsed = now;
            } else if (now - lastUsed > LINGER_NANOS) {
                giveUp();
            }
            ticking = !closed && (stream != null || !leases.isEmpty());
            if (ticking) {
                calls.later(TICK, this::tick);
            }
        }
        late.forEach(answer -> answer.completeExceptionally(
                calls.errors.of(LeaseGrpc.getLeaseKeepAliveMethod(), Status.DEADLINE_EXCEEDED, false, true)));
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
        lastUsed = System.nanoTime();
        opened.request(1);
        opened.start();
    }

    private synchronized boolean isCurrent(@Nullable Object mine) {
        return mine != null && mine == stream;
    }

    private void answered(LeaseKeepAliveResponse answer) {
        var response = new io.etcd.jetcd.lease.LeaseKeepAliveResponse(answer);
        CompletableFuture<io.etcd.jetcd.lease.LeaseKeepAliveResponse> asked;
        List<KeepAliveObserver> observers;
        KeptLease kept;
        synchronized (this) {
            pause = SHORTEST_PAUSE_MILLIS;
            kept = leases.get(answer.getID());
            if (kept == null) {
                return;
            }
            asked = kept.answered(
                    System.nanoTime() + Duration.ofSeconds(answer.getTTL()).toNanos() / 3);
            observers = kept.observers();
            if (answer.getTTL() <= 0) {
                leases.remove(answer.getID());
            }
        }
        if (answer.getTTL() > 0) {
            asked.complete(response);
            observers.forEach(observer -> observer.tell(response));
        } else {
            EtcdException gone = calls.errors.leaseGone(answer.getID());
            asked.completeExceptionally(gone);
            kept.fail(gone, gone);
        }
    }

    private synchronized void interrupted() {
        stream = null;
        long now = System.nanoTime();
        leases.values().forEach(kept -> kept.interrupted(now));
        leases.values().removeIf(KeptLease::isIdle);
        if (closed || leases.isEmpty()) {
            return;
        }
        reopening = true;
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
        List<KeptLease> ended;
        synchronized (this) {
            ended = giveUp();
        }
        ended.forEach(kept -> kept.fail(failure, failure));
    }

    private final class Receiver implements StreamCall.Events<LeaseKeepAliveResponse> {

        private volatile @Nullable StreamCall<LeaseKeepAliveRequest, LeaseKeepAliveResponse> mine;

        @Override
        public void onReady() {
            sendAll();
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
}
