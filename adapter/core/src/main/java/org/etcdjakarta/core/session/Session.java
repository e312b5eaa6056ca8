package org.etcdjakarta.core.session;

import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.LongConsumer;
import java.util.function.LongSupplier;
import org.etcdjakarta.EtcdException;
import org.etcdjakarta.EtcdSession;
import org.jspecify.annotations.Nullable;

/**
 * A lease on a link that heals itself; see {@link EtcdSession}. With a TTL of T and by the clock of this machine, counted from when
 * the last keep-alive was sent that etcd has answered: the next keep-alive is due after T/4, the session is {@code SUSPENDED} after
 * T/2 and {@code LOST} after T less a tenth of it, at least half a second. etcd counts from when it hears the keep-alive, which is
 * later; so it cannot have expired the lease before {@code LOST} is told, as long as its clock does not run ahead of ours by
 * that tenth, and as long as it answers each question for itself, which etcd's own gRPC proxy does not.
 *
 * <p>Time counts by the monotonic clock, and by the wall clock when that goes ahead of it: a process that was stopped and a machine
 * that was suspended find out when they go on. Every method looks at the clock first.
 *
 * <p>At most one question is under way, and none is queued while there is no connection. There is no thread and no timer but one of
 * the link's for the next step.
 */
public final class Session implements EtcdSession {

    /** Of a link whose configuration has no other. */
    public static final Duration DEFAULT_TTL = Duration.ofSeconds(10);

    private static final System.Logger LOG = System.getLogger(Session.class.getName());

    private static final long SHORTEST_PAUSE_MILLIS = 100;
    private static final long LONGEST_PAUSE_MILLIS = 2_000;

    /** A timer need not be longer than anybody has tried. */
    private static final long LONGEST_TIMER_NANOS = Duration.ofDays(1).toNanos();

    private final LeaseTransport transport;
    private final LeaseClock clock;
    private final Duration wantedTtl;
    private final Executor executor;
    private final Consumer<Session> onEnd;
    private final List<StateListener> listeners = new CopyOnWriteArrayList<>();
    private final SessionMachine machine;
    private CompletableFuture<Long> connected = new CompletableFuture<>();

    /** The grant or revoke that is under way. */
    private @Nullable CompletableFuture<?> call;

    private @Nullable Question question;

    /** The lease that a failed attempt may have granted all the same. */
    private long doubtful;

    private long pauseMillis = SHORTEST_PAUSE_MILLIS;
    private long notBefore;
    private @Nullable Timer timer;

    /** One keep-alive. */
    private static final class Question {

        final CompletableFuture<Long> answer;

        /** Earlier than the truth before it is sent. */
        volatile long sentAt;

        Question(LeaseTransport transport, LeaseClock clock, long leaseId) {
            sentAt = clock.now();
            answer = transport.keepAlive(leaseId, () -> sentAt = clock.now());
        }
    }

    /** The next look at the clock. */
    private static final class Timer {

        final long at;
        Runnable cancel = () -> {};

        Timer(long at) {
            this.at = at;
        }
    }

    Session(
            LeaseTransport transport,
            LeaseClock clock,
            LongSupplier newIds,
            Duration ttl,
            Executor executor,
            Consumer<Session> onEnd) {
        this.transport = transport;
        this.clock = clock;
        this.wantedTtl = ttl;
        this.executor = executor;
        this.onEnd = onEnd;
        machine = new SessionMachine(ttl, newIds, this::changed);
        notBefore = clock.now();
    }

    void start() {
        event(now -> {});
    }

    // ---- what the owner sees

    @Override
    public State state() {
        return look(SessionMachine::state);
    }

    @Override
    public long leaseId() {
        return look(session -> session.phase().isHeld() ? session.leaseId() : 0L);
    }

    @Override
    public Duration ttl() {
        return look(SessionMachine::ttl);
    }

    /**
     * How long the lease may still be relied on if nothing more is heard of etcd; does not block.
     *
     * @return time until the session is {@code LOST}; zero when there is no lease that can be relied on
     */
    public Duration remaining() {
        return look(this::remainingNow);
    }

    /**
     * How long this very lease may still be relied on; does not block. What was created under a lease asks with its id: the session
     * may have another one by now.
     *
     * @param leaseId as {@link #leaseId()} has told it
     * @return as {@link #remaining()}; zero when the session does not hold this lease any more
     */
    public Duration remaining(long leaseId) {
        return look(session -> session.leaseId() == leaseId ? remainingNow(session) : Duration.ZERO);
    }

    private Duration remainingNow(SessionMachine session) {
        Renewal renewal = session.renewal();
        if (renewal == null) {
            return Duration.ZERO;
        }
        return Duration.ofNanos(Math.max(0, renewal.lostAt() - clock.now()));
    }

    /**
     * The lease, as soon as the session is {@code CONNECTED}, now or later. By the time that one looks it may be lost again.
     *
     * @return its id; completed by the link's pool, or with IllegalStateException when the session is closed. Cancelling it does
     *     nothing to the session
     */
    public CompletableFuture<Long> connected() {
        return look(session -> switch (session.phase()) {
            case CONNECTED -> CompletableFuture.completedFuture(session.leaseId());
            case CLOSED -> CompletableFuture.failedFuture(closedException());
            default -> connected.copy();
        });
    }

    private static IllegalStateException closedException() {
        return new IllegalStateException("the session is closed");
    }

    @Override
    public AutoCloseable onChange(Consumer<State> listener) {
        StateListener[] self = new StateListener[1];
        StateListener added =
                new StateListener(listener, executor, transport.executor(), () -> listeners.remove(self[0]));
        self[0] = added;
        // With what the clock has said by now behind it: "from now on".
        look(session -> listeners.add(added));
        return added;
    }

    /** In the middle of an event: the link's pool runs nothing at once. */
    private void changed(State state) {
        listeners.forEach(listener -> listener.tell(state));
        CompletableFuture<Long> waiting = connected;
        if (state == State.CONNECTED) {
            long leaseId = machine.leaseId();
            connected = new CompletableFuture<>();
            transport.executor().execute(() -> waiting.complete(leaseId));
        } else if (state == State.CLOSED) {
            transport.executor().execute(() -> waiting.completeExceptionally(closedException()));
        } else if (state == State.LOST) {
            LOG.log(
                    Level.WARNING,
                    () -> "session lost: lease " + Long.toHexString(machine.leaseId())
                            + " has ended at etcd, or no answer to a keep-alive came in time. Another lease is asked for");
        }
    }

    // ---- events

    /** One at a time, each followed by what the phase then calls for. */
    private synchronized void event(LongConsumer what) {
        what.accept(clock.now());
        act();
    }

    private synchronized <T> T look(Function<SessionMachine, T> view) {
        Phase before = machine.phase();
        machine.passed(clock.now());
        if (machine.phase() != before) {
            act();
        }
        return view.apply(machine);
    }

    /** The clock may have jumped. */
    void look() {
        event(machine::passed);
    }

    private void granted(long leaseId, long sentAt, @Nullable Long ttl, @Nullable Throwable failure, long now) {
        call = null;
        if (ttl == null) {
            if (!isNotApplied(failure)) {
                doubtful = leaseId;
            }
            failed("no lease was granted", failure, now);
        } else if (ttl == LeaseTransport.TAKEN) {
            machine.taken(doubtful == leaseId);
        } else {
            pauseMillis = SHORTEST_PAUSE_MILLIS;
            machine.granted(new Renewal(Duration.ofSeconds(ttl), sentAt), now);
        }
    }

    private void revoked(@Nullable Boolean gone, @Nullable Throwable failure, long now) {
        call = null;
        if (gone == null) {
            failed("a lost lease could not be revoked", failure, now);
        } else {
            if (!gone) {
                LOG.log(Level.DEBUG, "etcd refuses to revoke a lost lease; it expires by itself");
            }
            pauseMillis = SHORTEST_PAUSE_MILLIS;
            machine.revoked();
        }
    }

    private void answered(Question asked, @Nullable Long ttl, @Nullable Throwable failure, long now) {
        if (asked != question) {
            return;
        }
        question = null;
        if (ttl == null) {
            failed("a lease was not kept alive", failure, now);
        } else if (ttl > 0) {
            pauseMillis = SHORTEST_PAUSE_MILLIS;
            machine.renewed(new Renewal(Duration.ofSeconds(ttl), asked.sentAt), now);
        } else {
            machine.passed(now);
            machine.gone();
        }
    }

    /** The same again, but not at once. */
    private void failed(String what, @Nullable Throwable failure, long now) {
        Level level = pauseMillis == SHORTEST_PAUSE_MILLIS ? Level.WARNING : Level.DEBUG;
        if (machine.phase() != Phase.CLOSED) {
            LOG.log(level, () -> "session: " + what + ", it is tried again. " + unwrapped(failure));
        }
        long millis = ThreadLocalRandom.current().nextLong(pauseMillis / 2, pauseMillis + 1);
        notBefore = now + Duration.ofMillis(millis).toNanos();
        pauseMillis = Math.min(2 * pauseMillis, LONGEST_PAUSE_MILLIS);
    }

    private static boolean isNotApplied(@Nullable Throwable failure) {
        return unwrapped(failure) instanceof EtcdException known && known.effect() == EtcdException.Effect.NOT_APPLIED;
    }

    private static @Nullable Throwable unwrapped(@Nullable Throwable failure) {
        return failure instanceof CompletionException wrapped ? wrapped.getCause() : failure;
    }

    // ---- what the phase calls for

    private void act() {
        long now = clock.now();
        boolean mayTry = now - notBefore >= 0;
        switch (machine.phase()) {
            case GRANTING -> {
                drop();
                if (call == null && mayTry) {
                    grant(now);
                }
            }
            case CONFIRMING -> {
                if (question == null && mayTry) {
                    ask();
                }
            }
            case CONNECTED, SUSPENDED -> {
                Renewal renewal = machine.renewal();
                if (question == null && mayTry && renewal != null && now - renewal.askAt() >= 0) {
                    ask();
                }
            }
            case REVOKING -> {
                drop();
                if (call == null && mayTry) {
                    revoke();
                }
            }
            case CLOSED -> drop();
        }
        setTimer(nextLook(), now);
    }

    private void grant(long now) {
        long leaseId = machine.leaseId();
        CompletableFuture<Long> granting = transport.grant(leaseId, wantedTtl.toSeconds());
        call = granting;
        // Never at once: this is in the middle of an event.
        var unused = granting.whenCompleteAsync(
                (ttl, failure) -> event(then -> granted(leaseId, now, ttl, failure, then)), transport.steps());
    }

    private void revoke() {
        CompletableFuture<Boolean> revoking = transport.revoke(machine.leaseId());
        call = revoking;
        var unused = revoking.whenCompleteAsync(
                (gone, failure) -> event(then -> revoked(gone, failure, then)), transport.steps());
    }

    private void ask() {
        Question asked = new Question(transport, clock, machine.leaseId());
        question = asked;
        var unused = asked.answer.whenCompleteAsync(
                (ttl, failure) -> event(then -> answered(asked, ttl, failure, then)), transport.steps());
    }

    /** The answer is not wanted any more: it would be one about another lease. */
    private void drop() {
        Question open = question;
        question = null;
        if (open != null) {
            open.answer.cancel(false);
        }
    }

    /** Null when there is nothing to do before the next answer. */
    private @Nullable Long nextLook() {
        Renewal renewal = machine.renewal();
        if (machine.phase() == Phase.CLOSED) {
            return null;
        }
        if (renewal == null) {
            return call == null && question == null ? notBefore : null;
        }
        long change = machine.phase() == Phase.CONNECTED ? renewal.suspendAt() : renewal.lostAt();
        if (question != null) {
            return change;
        }
        long ask = renewal.askAt() - notBefore > 0 ? renewal.askAt() : notBefore;
        return ask - change < 0 ? ask : change;
    }

    /** One that comes too early does no harm, and most are followed by a later one: it sets that when it fires. */
    private void setTimer(@Nullable Long at, long now) {
        Timer set = timer;
        if (at != null && set != null && set.at - at <= 0) {
            return;
        }
        if (set != null) {
            set.cancel.run();
            timer = null;
        }
        if (at != null) {
            Timer next = new Timer(at);
            timer = next;
            next.cancel = transport.later(
                    Duration.ofNanos(Math.max(0, Math.min(at - now, LONGEST_TIMER_NANOS))), () -> fired(next));
        }
    }

    private void fired(Timer one) {
        event(now -> {
            if (timer == one) {
                timer = null;
            }
            machine.passed(now);
        });
    }

    // ---- the end

    @Override
    public void close() {
        CompletableFuture<?> released;
        synchronized (this) {
            if (machine.phase() == Phase.CLOSED) {
                return;
            }
            released = release();
            machine.close();
            act();
        }
        onEnd.accept(this);
        try {
            released.get(transport.requestTimeout().toNanos(), TimeUnit.NANOSECONDS);
        } catch (ExecutionException | TimeoutException e) {
            LOG.log(Level.DEBUG, "a lease that could not be revoked expires by itself", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Of whatever there may be at etcd. */
    private CompletableFuture<?> release() {
        long leaseId = machine.leaseId();
        CompletableFuture<?> underWay = call;
        if (machine.phase() == Phase.REVOKING && underWay != null) {
            return underWay;
        }
        if (machine.phase() != Phase.GRANTING) {
            return transport.revoke(leaseId);
        }
        boolean mayBe = doubtful == leaseId;
        CompletableFuture<?> before = underWay == null ? CompletableFuture.completedFuture(null) : underWay;
        return before.handle((granted, failure) -> mayBe || (granted != null && failure == null) || doubt(failure))
                .thenCompose(there -> there ? transport.revoke(leaseId) : CompletableFuture.completedFuture(true));
    }

    private static boolean doubt(@Nullable Throwable failure) {
        return failure != null && !isNotApplied(failure);
    }

    /** The lease is not revoked. */
    void end() {
        event(now -> machine.close());
        onEnd.accept(this);
    }

    @Override
    public String toString() {
        return look(session -> "session " + session.state() + ", lease " + Long.toHexString(session.leaseId()));
    }
}
