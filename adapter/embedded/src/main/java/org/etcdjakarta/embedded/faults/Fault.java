package org.etcdjakarta.embedded.faults;

import io.grpc.MethodDescriptor;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** A fault that was set. It strikes until it is used up or cleared; its counters can be read afterwards too. */
public final class Fault implements AutoCloseable {

    private final Faults faults;
    private final @Nullable String method;
    private final Predicate<Object> condition;
    private final Effect effect;
    private long left;
    private long seen;
    private long hits;

    Fault(
            Faults faults,
            @Nullable MethodDescriptor<?, ?> method,
            Predicate<Object> condition,
            long limit,
            Effect effect) {
        this.faults = faults;
        this.method = method == null ? null : method.getFullMethodName();
        this.condition = condition;
        this.left = limit;
        this.effect = effect;
    }

    Effect effect() {
        return effect;
    }

    /** One lock a fault: of two calls at once only one is "the next". */
    synchronized boolean strikes(MethodDescriptor<?, ?> called, Object request) {
        if (method != null && !method.equals(called.getFullMethodName())) {
            return false;
        }
        seen++;
        if (left == 0 || !condition.test(request) || !effect.concerns(request)) {
            return false;
        }
        left--;
        hits++;
        return true;
    }

    /** How many calls of its method came by while it was set: those that it struck, and those that it let pass. */
    public synchronized long seen() {
        return seen;
    }

    /** How many calls it struck. */
    public synchronized long hits() {
        return hits;
    }

    /** It strikes no more. What it has struck stays struck: a delayed call stays delayed. Idempotent. */
    public void clear() {
        faults.forget(this);
    }

    /** As {@link #clear()}. */
    @Override
    public void close() {
        clear();
    }
}
