package org.etcdjakarta.core.session;

import io.etcd.jetcd.api.LeaseGrantRequest;
import io.etcd.jetcd.api.LeaseGrpc;
import io.etcd.jetcd.api.LeaseKeepAliveRequest;
import io.etcd.jetcd.api.LeaseKeepAliveResponse;
import io.etcd.jetcd.api.LeaseRevokeRequest;
import io.etcd.jetcd.api.LeaseTimeToLiveRequest;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.StreamObserver;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.etcdjakarta.EtcdException.Effect;
import org.etcdjakarta.EtcdInDoubtException;
import org.etcdjakarta.EtcdUnavailableException;
import org.etcdjakarta.embedded.EmbeddedEtcd;
import org.etcdjakarta.embedded.ManualClock;

/**
 * The leases of an embedded etcd behind a link of which the test moves every part: both clocks of this machine and etcd's,
 * timers, questions on their way to etcd, and answers on their way back. All of it happens on the test's thread.
 */
final class SteppedLeases implements LeaseTransport, AutoCloseable {

    private final ManualClock etcdClock = new ManualClock();
    final EmbeddedEtcd etcd = EmbeddedEtcd.start(etcdClock);
    private final LeaseGrpc.LeaseBlockingStub stub = LeaseGrpc.newBlockingStub(etcd.channel());
    private final Queue<Runnable> pool = new ArrayDeque<>();
    private final List<Timer> timers = new ArrayList<>();
    private final List<Runnable> toEtcd = new ArrayList<>();
    private final List<Runnable> fromEtcd = new ArrayList<>();

    /** Ids of new leases, one after the other. */
    long nextId = 100;

    /** Not zero, so that nothing counts on it. */
    private long monotonicNanos = -5_000_000_000L;

    private long wallMillis = 1_700_000_000_000L;

    /** What is asked does not leave, and is not sent. */
    boolean connected = true;

    /** What was sent stays on its way until {@link #reach()}. */
    boolean slowThere;

    /** What was answered stays on its way until {@link #arrive()}. */
    boolean slowBack;

    /** Grants are applied, and their answers are lost. */
    boolean losesGrants;

    final List<Long> granted = new ArrayList<>();
    final List<Long> revoked = new ArrayList<>();

    /** When keep-alives were sent, by the monotonic clock. */
    final List<Duration> sent = new ArrayList<>();

    private record Timer(long at, Runnable task) {}

    LeaseClock clock() {
        return new LeaseClock(() -> monotonicNanos, () -> wallMillis);
    }

    Sessions sessions() {
        return new Sessions(this, clock(), () -> nextId++);
    }

    /** Since the beginning, by the monotonic clock. */
    Duration now() {
        return Duration.ofNanos(monotonicNanos + 5_000_000_000L);
    }

    // ---- the test moves

    /** Time goes on for everybody, and what is due happens. */
    void advance(Duration time) {
        long end = monotonicNanos + time.toNanos();
        settle();
        while (monotonicNanos != end) {
            long next = timers.stream()
                    .mapToLong(Timer::at)
                    .filter(at -> at > monotonicNanos)
                    .min()
                    .orElse(end);
            pass(Duration.ofNanos(Math.min(next, end) - monotonicNanos), true);
            wake();
        }
    }

    /** Time goes on for everybody, and nothing happens in this process: it is stopped. */
    void stopped(Duration time) {
        pass(time, true);
    }

    /** Time goes on for everybody but the monotonic clock of this machine. */
    void suspended(Duration time) {
        pass(time, false);
    }

    /** Timers that are due fire, and what follows from them. */
    void wake() {
        settle();
        List<Timer> due = timers.stream()
                .filter(timer -> timer.at - monotonicNanos <= 0)
                .sorted(Comparator.comparingLong(Timer::at))
                .toList();
        for (Timer timer : due) {
            if (timers.remove(timer)) {
                timer.task.run();
                settle();
            }
        }
    }

    private long wallNanos;

    private void pass(Duration time, boolean monotonic) {
        if (monotonic) {
            monotonicNanos += time.toNanos();
        }
        wallNanos += time.toNanos();
        wallMillis += wallNanos / 1_000_000;
        wallNanos %= 1_000_000;
        etcdClock.advance(time);
    }

    void putWallClock(Duration by) {
        wallMillis += by.toMillis();
    }

    /** What runs on the pool. */
    void settle() {
        for (Runnable next = pool.poll(); next != null; next = pool.poll()) {
            next.run();
        }
    }

    /** What is on its way to etcd gets there. */
    void reach() {
        drain(toEtcd);
        settle();
    }

    /** What is on its way back gets here. Returns how many answers there were. */
    int arrive() {
        int answers = fromEtcd.size();
        drain(fromEtcd);
        settle();
        return answers;
    }

    private static void drain(List<Runnable> waiting) {
        List<Runnable> all = List.copyOf(waiting);
        waiting.clear();
        all.forEach(Runnable::run);
    }

    int timers() {
        return timers.size();
    }

    boolean livesAtEtcd(long leaseId) {
        return stub.leaseTimeToLive(LeaseTimeToLiveRequest.newBuilder()
                                .setID(leaseId)
                                .build())
                        .getTTL()
                >= 0;
    }

    List<Long> livingAtEtcd() {
        return granted.stream().distinct().filter(this::livesAtEtcd).toList();
    }

    // ---- the link

    private <T> CompletableFuture<T> call(Runnable leaving, Supplier<Runnable> atEtcd, CompletableFuture<T> answer) {
        Runnable there = () -> {
            Runnable back = atEtcd.get();
            if (slowBack) {
                fromEtcd.add(back);
            } else {
                back.run();
            }
        };
        leaving.run();
        if (slowThere) {
            toEtcd.add(there);
        } else {
            there.run();
        }
        return answer;
    }

    static EtcdUnavailableException away() {
        return new EtcdUnavailableException("ETCD-0", "away", Effect.NOT_APPLIED, "test", null);
    }

    @Override
    public CompletableFuture<Long> grant(long leaseId, long ttlSeconds) {
        if (!connected) {
            return CompletableFuture.failedFuture(away());
        }
        CompletableFuture<Long> answer = new CompletableFuture<>();
        return call(
                () -> {},
                () -> {
                    granted.add(leaseId);
                    Runnable back;
                    try {
                        long ttl = stub.leaseGrant(LeaseGrantRequest.newBuilder()
                                        .setID(leaseId)
                                        .setTTL(ttlSeconds)
                                        .build())
                                .getTTL();
                        back = () -> answer.complete(ttl);
                    } catch (StatusRuntimeException e) {
                        back = () -> answer.complete(TAKEN);
                    }
                    return losesGrants
                            ? () -> answer.completeExceptionally(
                                    new EtcdInDoubtException("ETCD-0", "lost", Effect.IN_DOUBT, "test", null))
                            : back;
                },
                answer);
    }

    @Override
    public CompletableFuture<Boolean> revoke(long leaseId) {
        if (!connected) {
            return CompletableFuture.failedFuture(away());
        }
        CompletableFuture<Boolean> answer = new CompletableFuture<>();
        return call(
                () -> {},
                () -> {
                    revoked.add(leaseId);
                    try {
                        var unused = stub.leaseRevoke(
                                LeaseRevokeRequest.newBuilder().setID(leaseId).build());
                    } catch (StatusRuntimeException e) {
                        if (e.getStatus().getCode() != Status.Code.NOT_FOUND) {
                            throw e;
                        }
                    }
                    return () -> answer.complete(true);
                },
                answer);
    }

    private final List<Runnable> unsent = new ArrayList<>();

    @Override
    public CompletableFuture<Long> keepAlive(long leaseId, Runnable onSend) {
        CompletableFuture<Long> answer = new CompletableFuture<>();
        Runnable send = () -> {
            if (!answer.isDone()) {
                var unused = call(
                        () -> {
                            onSend.run();
                            sent.add(now());
                        },
                        () -> {
                            long ttl = renew(leaseId);
                            return () -> answer.complete(ttl);
                        },
                        answer);
            }
        };
        if (connected) {
            send.run();
        } else {
            unsent.add(send);
        }
        return answer;
    }

    private long renew(long leaseId) {
        CompletableFuture<Long> ttl = new CompletableFuture<>();
        StreamObserver<LeaseKeepAliveRequest> stream = LeaseGrpc.newStub(etcd.channel())
                .leaseKeepAlive(new StreamObserver<LeaseKeepAliveResponse>() {
                    @Override
                    public void onNext(LeaseKeepAliveResponse response) {
                        ttl.complete(response.getTTL());
                    }

                    @Override
                    public void onError(Throwable failure) {
                        ttl.completeExceptionally(failure);
                    }

                    @Override
                    public void onCompleted() {}
                });
        stream.onNext(LeaseKeepAliveRequest.newBuilder().setID(leaseId).build());
        long answered = ttl.orTimeout(60, TimeUnit.SECONDS).join();
        stream.onCompleted();
        return answered;
    }

    void disconnect() {
        connected = false;
    }

    void connect() {
        connected = true;
        drain(unsent);
        settle();
    }

    @Override
    public Runnable later(Duration pause, Runnable task) {
        Timer timer = new Timer(monotonicNanos + pause.toNanos(), task);
        timers.add(timer);
        return () -> timers.remove(timer);
    }

    @Override
    public Executor steps() {
        return pool::add;
    }

    @Override
    public Executor executor() {
        return pool::add;
    }

    @Override
    public Duration requestTimeout() {
        return Duration.ofMillis(200);
    }

    @Override
    public void close() {
        etcd.close();
    }
}
