package org.etcdjakarta.embedded.faults;

import io.grpc.MethodDescriptor;
import java.time.Duration;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The calls that a fault is to strike: all of a method, or those whose request meets a condition, or the next few of these.
 * Immutable; nothing happens until one of the methods that return a {@link Fault} is called.
 *
 * <p>In a stream (Watch, LeaseKeepAlive) each request that the client sends counts as a call, and what the server sends next as
 * its answer.
 *
 * <p>A call meets the faults in the order in which they were set. Delays add up; the first fault of another kind decides, and
 * later ones neither see nor strike that call.
 *
 * @param <Q> the type of the requests
 */
public final class Calls<Q> {

    private static final long ALWAYS = Long.MAX_VALUE;

    private final Faults faults;
    private final @Nullable MethodDescriptor<?, ?> method;
    private final Predicate<Object> condition;
    private final long limit;

    private Calls(Faults faults, @Nullable MethodDescriptor<?, ?> method, Predicate<Object> condition, long limit) {
        this.faults = faults;
        this.method = method;
        this.condition = condition;
        this.limit = limit;
    }

    static <Q> Calls<Q> of(Faults faults, @Nullable MethodDescriptor<Q, ?> method) {
        return new Calls<>(faults, method, request -> true, ALWAYS);
    }

    /**
     * Only calls whose request meets this condition, and those set before.
     *
     * @param more is called on the server's threads, must not block, and must not throw
     */
    @SuppressWarnings("unchecked") // the method decides the type of its requests
    public Calls<Q> when(Predicate<? super Q> more) {
        return new Calls<>(faults, method, condition.and(request -> more.test((Q) request)), limit);
    }

    /**
     * Only the next few; without it, until the fault is cleared.
     *
     * @param calls one or more, or IllegalArgumentException
     */
    public Calls<Q> next(int calls) {
        if (calls < 1) {
            throw new IllegalArgumentException("calls: " + calls + " is not allowed; a fault strikes one call or more");
        }
        return new Calls<>(faults, method, condition, calls);
    }

    /** They are not applied and end with this refusal; of a stream, the whole stream ends. */
    public Fault refuse(Refusal refusal) {
        return set(new Effect.Refuse(refusal));
    }

    /** They are applied, and their caller does not learn it. What etcd would have refused is lost as well. */
    public Fault loseAnswer(LostAnswer how) {
        return set(new Effect.LoseAnswer(how));
    }

    /**
     * Of streams: the answer arrives, then the stream ends with UNAVAILABLE, with nothing between. For a watch, with
     * {@code when(WatchRequest::hasCreateRequest)}: exactly after it was created.
     */
    public Fault cutAfterAnswer() {
        return set(new Effect.CutAfterAnswer());
    }

    /**
     * They are applied later, in real time, whatever the server's clock; what follows in the same stream waits as well. A call
     * that its caller gives up meanwhile is applied nevertheless.
     *
     * @param duration not negative, or IllegalArgumentException
     */
    public Fault delay(Duration duration) {
        if (duration.isNegative()) {
            throw new IllegalArgumentException("duration: " + duration + " is negative; a delay is zero or longer");
        }
        return set(new Effect.Delay(duration));
    }

    private Fault set(Effect effect) {
        return faults.set(new Fault(faults, method, condition, limit, effect));
    }
}
