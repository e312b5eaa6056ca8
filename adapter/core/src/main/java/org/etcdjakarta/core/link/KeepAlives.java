package org.etcdjakarta.core.link;

import io.etcd.jetcd.api.LeaseGrpc;
import io.etcd.jetcd.api.LeaseKeepAliveRequest;
import io.etcd.jetcd.api.LeaseKeepAliveResponse;
import io.etcd.jetcd.common.exception.EtcdExceptionFactory;
import io.grpc.Status;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.ThreadLocalRandom;
import org.etcdjakarta.EtcdException;
import org.jspecify.annotations.Nullable;

/**
 * Keeps the leases of a link alive, whoever on it wants that, all on one stream, each at a third of its TTL, and asks once for
 * those who want just that. While there is no connection nothing is queued (the requests would all go out at once afterwards); a
 * broken stream is replaced, and so is one that stays silent: the member at its other end may stand still while others
 * answer. Only etcd says that a lease is gone, by an answer with TTL 0: until then we go on trying, however long etcd is away.
 */
final class KeepAlives {

    private static final System.Logger LOG = System.getLogger(KeepAlives.class.getName());

    private static final Duration ANSWER_TIME = Duration.ofSeconds(5);
    private static final Duration TICK = Duration.ofMillis(200);
    private static final long SHORTEST_PAUSE_MILLIS = 50;
    private static final long LONGEST_PAUSE_MILLIS = 1_000;

    /**
     * A stream without leases stays for half the TTL of the last one, within these: who asks now and then, as a session does at each
     * quarter, needs no stream for each question.
     */
    private static final long SHORTEST_LINGER_SECONDS = 10;

    private static final long LONGEST_LINGER_SECONDS = 600;

    /** So many answers are let in at a time: there are no more than questions, and each permission is a change of threads. */
    private static final int ANSWERS = 1_000;

    private static final long SHORTEST_SILENCE_NANOS = Duration.ofSeconds(2).toNanos();
    private static final long LONGEST_SILENCE_NANOS = Duration.ofSeconds(16).toNanos();

    private final Calls calls;
    private final long answerNanos;
    private final Deliveries deliveries;
    private final Map<Long, KeptLease> leases = new HashMap<>();
    private final DueLeases due = new DueLeases();

    /** Those with questions of callers. */
    private final Set<KeptLease> asked = new HashSet<>();

    private @Nullable StreamCall<LeaseKeepAliveRequest, LeaseKeepAliveResponse> stream;
    private boolean ticking;
    private boolean reopening;
    private boolean closed;
    private long pause = SHORTEST_PAUSE_MILLIS;
    private long lastUsed;
    private long lingerNanos = Duration.ofSeconds(SHORTEST_LINGER_SECONDS).toNanos();
    private int unanswered;
    private long silentSince;

    /** Twice as long each time that it was no use to replace the stream: an etcd that is slow must get to answer. */
    private long longestSilence = SHORTEST_SILENCE_NANOS;

    /** Over the given link's calls. */
    KeepAlives(Calls calls) {
        this(calls, ANSWER_TIME);
    }

    /** @param answerTime an answer that does not come within it is asked for again */
    KeepAlives(Calls calls, Duration answerTime) {
        this.calls = calls;
        this.answerNanos = answerTime.toNanos();
        deliveries = new Deliveries(calls);
    }

    /** Where observers are called. */
    Executor deliveries() {
        return deliveries;
    }

    /** Begins at once. Several observers of one lease share its requests. False when it is ended instead: the link is closed. */
    boolean add(KeepAliveObserver observer) {
        synchronized (this) {
            if (!closed) {
                KeptLease kept = leases.computeIfAbsent(observer.leaseId(), KeptLease::new);
                kept.add(observer);
                begin(kept);
                return true;
            }
        }
        observer.fail(EtcdExceptionFactory.newClosedLeaseClientException());
        return false;
    }

    synchronized void remove(KeepAliveObserver observer) {
        KeptLease kept = leases.get(observer.leaseId());
        if (kept != null) {
            kept.remove(observer);
            forgetIfIdle(kept);
            // The stream stays for a while.
        }
    }

    /**
     * One message, and its own answer. Who completes the future before does not wait any more.
     *
     * @param answer fails when it does not come within the time
     * @param within null for as long as it takes
     * @param onSend runs just before the message goes out, each time that it does; holding the lock
     */
    void ask(
            long leaseId,
            CompletableFuture<io.etcd.jetcd.lease.LeaseKeepAliveResponse> answer,
            @Nullable Duration within,
            Runnable onSend) {
        synchronized (this) {
            if (!closed && !calls.isClosed()) {
                Long deadline = within == null ? null : System.nanoTime() + within.toNanos();
                KeptLease kept = leases.computeIfAbsent(leaseId, KeptLease::new);
                kept.add(new KeptLease.Question(answer, deadline, onSend));
                asked.add(kept);
                begin(kept);
                return;
            }
        }
        answer.completeExceptionally(calls.errors.closed(LeaseGrpc.getLeaseKeepAliveMethod(), false, false));
    }

    /** The link is closed: ends everything, and nothing can be added any more. */
    void close() {
        List<KeptLease> ended;
        synchronized (this) {
            closed = true;
            ended = giveUp();
        }
        EtcdException cut = calls.errors.closed(LeaseGrpc.getLeaseKeepAliveMethod(), false, false);
        ended.forEach(kept -> kept.fail(EtcdExceptionFactory.newClosedLeaseClientException(), cut));
        deliveries.disband();
    }

    private List<KeptLease> giveUp() {
        List<KeptLease> ended = new ArrayList<>(leases.values());
        leases.clear();
        due.clear();
        asked.clear();
        if (stream != null) {
            stream.cancel();
            stream = null;
        }
        return ended;
    }

    // ---- questions

    private void begin(KeptLease kept) {
        due.put(kept, System.nanoTime());
        openStream();
        if (!ticking) {
            ticking = true;
            calls.later(TICK, this::tick);
        }
        sendDue();
    }

    private synchronized void sendDue() {
        var current = stream;
        long now = System.nanoTime();
        // What is not ready would queue.
        while (current != null && current.isReady()) {
            KeptLease next = due.poll(now);
            if (next == null) {
                return;
            }
            send(current, next, now);
        }
    }

    private void send(StreamCall<LeaseKeepAliveRequest, LeaseKeepAliveResponse> current, KeptLease kept, long now) {
        int questions = kept.take();
        if (questions > 0 && unanswered == 0) {
            silentSince = now;
        }
        unanswered += questions;
        for (; questions > 0; questions--) {
            current.send(kept.request());
        }
        if (kept.isObserved()) {
            due.put(kept, now + answerNanos);
        } else {
            forgetIfIdle(kept);
        }
    }

    /** One with a question under way is not idle: its place in the order counts, whoever wants its answer. */
    private void forgetIfIdle(KeptLease kept) {
        if (kept.isIdle()) {
            leases.remove(kept.id());
            due.remove(kept);
            asked.remove(kept);
        }
    }

    private void tick() {
        sendDue();
        List<CompletableFuture<?>> late = new ArrayList<>();
        synchronized (this) {
            long now = System.nanoTime();
            for (KeptLease kept : List.copyOf(asked)) {
                late.addAll(kept.expired(now));
                if (kept.isUnasked()) {
                    asked.remove(kept);
                }
                forgetIfIdle(kept);
            }
            if (stream != null && unanswered > 0 && now - silentSince > longestSilence) {
                replaceSilentStream();
            }
            if (!leases.isEmpty()) {
                lastUsed = now;
            } else if (now - lastUsed > lingerNanos) {
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
        unanswered = 0;
        lastUsed = System.nanoTime();
        opened.request(2 * ANSWERS);
        opened.start();
    }

    private void replaceSilentStream() {
        LOG.log(Level.DEBUG, "no answer to a keep-alive; another stream may lead to another member");
        longestSilence = Math.min(2 * longestSilence, LONGEST_SILENCE_NANOS);
        if (stream != null) {
            stream.cancel();
            stream = null;
        }
        askAgain();
        if (!leases.isEmpty()) {
            openStream();
        }
    }

    private synchronized boolean isCurrent(@Nullable Object mine) {
        return mine != null && mine == stream;
    }

    private void answered(Object source, LeaseKeepAliveResponse answer) {
        CompletableFuture<io.etcd.jetcd.lease.LeaseKeepAliveResponse> question;
        List<KeepAliveObserver> observers;
        KeptLease kept;
        synchronized (this) {
            // An answer to what was asked on another stream would count for a later question.
            if (source != stream) {
                return;
            }
            heard(answer.getTTL());
            kept = leases.get(answer.getID());
            if (kept == null) {
                return;
            }
            question = kept.answered();
            observers = kept.observers();
            if (answer.getTTL() <= 0) {
                leases.remove(kept.id());
                due.remove(kept);
                asked.remove(kept);
            } else if (kept.isObserved() && !kept.hasUnsent()) {
                due.put(
                        kept,
                        System.nanoTime() + Duration.ofSeconds(answer.getTTL()).toNanos() / 3);
            } else {
                forgetIfIdle(kept);
            }
        }
        if (answer.getTTL() > 0) {
            var response = new io.etcd.jetcd.lease.LeaseKeepAliveResponse(answer);
            question.complete(response);
            observers.forEach(observer -> observer.tell(response));
        } else {
            EtcdException gone = calls.errors.leaseGone(answer.getID());
            question.completeExceptionally(gone);
            kept.fail(gone, gone);
        }
    }

    private void heard(long ttl) {
        long now = System.nanoTime();
        lastUsed = now;
        lingerNanos = Duration.ofSeconds(Math.max(SHORTEST_LINGER_SECONDS, Math.min(LONGEST_LINGER_SECONDS, ttl / 2)))
                .toNanos();
        if (now - silentSince < longestSilence / 2) {
            longestSilence = SHORTEST_SILENCE_NANOS;
        }
        pause = SHORTEST_PAUSE_MILLIS;
        silentSince = now;
        unanswered = Math.max(0, unanswered - 1);
    }

    /** What was sent on the stream that is gone; all else has its time. */
    private void askAgain() {
        long now = System.nanoTime();
        for (KeptLease kept : List.copyOf(leases.values())) {
            if (kept.interrupted()) {
                due.put(kept, now);
            }
            forgetIfIdle(kept);
        }
    }

    private synchronized void interrupted(Object source) {
        if (source != stream) {
            return;
        }
        stream = null;
        askAgain();
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

    private void failed(Object source, EtcdException failure) {
        List<KeptLease> ended;
        synchronized (this) {
            if (source != stream) {
                return;
            }
            ended = giveUp();
        }
        ended.forEach(kept -> kept.fail(failure, failure));
    }

    private final class Receiver implements StreamCall.Events<LeaseKeepAliveResponse> {

        private volatile @Nullable StreamCall<LeaseKeepAliveRequest, LeaseKeepAliveResponse> mine;
        private int answers;

        @Override
        public void onReady() {
            sendDue();
        }

        @Override
        public void onMessage(LeaseKeepAliveResponse message) {
            var source = mine;
            if (source != null) {
                answered(source, message);
                answers++;
                if (answers % ANSWERS == 0) {
                    source.request(ANSWERS);
                }
            }
        }

        @Override
        public void onCompleted() {
            var source = mine;
            if (source != null) {
                interrupted(source);
            }
        }

        @Override
        public void onFailure(EtcdException failure, boolean mayResume) {
            var source = mine;
            if (source == null || !isCurrent(source)) {
                return;
            }
            if (mayResume) {
                LOG.log(Level.DEBUG, () -> "keep-alive stream interrupted: " + failure.getMessage());
                interrupted(source);
            } else {
                failed(source, failure);
            }
        }
    }
}
