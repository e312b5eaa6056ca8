package org.etcdjakarta.embedded.faults;

import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.LongAdder;
import org.etcdjakarta.embedded.store.Keyspace;
import org.etcdjakarta.embedded.store.Store;

/**
 * Makes an embedded etcd fail, on demand and exactly where a test wants it.
 *
 * <pre>{@code
 * Fault fault = etcd.faults().on(KVGrpc.getPutMethod()).next(1).loseAnswer(LostAnswer.UNAVAILABLE);
 * }</pre>
 *
 * <p>Faults that wait for calls begin with {@link #on} or {@link #onEveryCall}; the others happen at once. All methods may be
 * called by any thread, while calls are under way, and do not block.
 */
public final class Faults {

    private final FaultTarget target;
    private final List<Fault> set = new CopyOnWriteArrayList<>();
    private final Map<String, LongAdder> seen = new ConcurrentHashMap<>();
    private final Set<FaultyCall<?, ?>> open = ConcurrentHashMap.newKeySet();

    /** For who runs the server; a test takes its server's. */
    public Faults(FaultTarget target) {
        this.target = target;
    }

    // ---- faults that wait for calls ----

    /**
     * The calls of one method.
     *
     * @param method as generated, for example {@code KVGrpc.getPutMethod()}
     */
    public <Q> Calls<Q> on(MethodDescriptor<Q, ?> method) {
        return Calls.of(this, method);
    }

    /** The calls of all methods. */
    public Calls<Object> onEveryCall() {
        return Calls.of(this, null);
    }

    /** How many calls of this method (in a stream: requests) have come since the server was started first. */
    public long seen(MethodDescriptor<?, ?> method) {
        LongAdder counter = seen.get(method.getFullMethodName());
        return counter == null ? 0 : counter.sum();
    }

    /** Clears all faults that wait for calls. */
    public void clear() {
        set.clear();
    }

    // ---- faults of now ----

    /** Ends all streams that are open now with UNAVAILABLE. Returns how many there were. */
    public int cutStreams() {
        return cut(open.stream().filter(FaultyCall::isStream).toList());
    }

    /** As {@link #cutStreams()}, those of one method. */
    public int cutStreams(MethodDescriptor<?, ?> method) {
        return cut(open.stream()
                .filter(FaultyCall::isStream)
                .filter(stream ->
                        stream.getMethodDescriptor().getFullMethodName().equals(method.getFullMethodName()))
                .toList());
    }

    private static int cut(List<FaultyCall<?, ?>> doomed) {
        doomed.forEach(FaultyCall::cut);
        return doomed.size();
    }

    /** Cuts all connections to the port that are open now, without a good-bye. Calls in process have none. */
    public void cutConnections() {
        target.cutAllConnections();
    }

    /** Compacts all history up to now and returns the revision of now. */
    public long compact() {
        Store store = target.store();
        return store.exclusively(() -> {
            Keyspace keyspace = store.keyspace();
            long now = keyspace.current().number();
            if (keyspace.compacted() < now) {
                store.compact(now);
            }
            return now;
        });
    }

    /**
     * A lease ends now and its keys with it, as if its time were over.
     *
     * @throws IllegalArgumentException if there is no such lease
     */
    public void expire(long leaseId) {
        if (!target.store().revoke(leaseId)) {
            throw new IllegalArgumentException(
                    "leaseId: there is no lease " + leaseId + "; it was never granted, or is gone");
        }
    }

    /** No token that was given out so far counts any more: who shows one is told so, and may authenticate again. */
    public void expireTokens() {
        target.expireTokens();
    }

    // ---- for the server ----

    /** Ends all calls and streams that are open now with UNAVAILABLE, whatever they wait for; what comes next is to end it. */
    public void cutAll() {
        var unused = cut(List.copyOf(open));
    }

    /** To be passed by each call before anything else. */
    public ServerInterceptor interceptor() {
        return new ServerInterceptor() {
            @Override
            public <Q, R> ServerCall.Listener<Q> interceptCall(
                    ServerCall<Q, R> call, Metadata headers, ServerCallHandler<Q, R> service) {
                return intercept(call, headers, service);
            }
        };
    }

    private <Q, R> ServerCall.Listener<Q> intercept(
            ServerCall<Q, R> call, Metadata headers, ServerCallHandler<Q, R> service) {
        FaultyCall<Q, R> faulty = new FaultyCall<>(this, target, call);
        open.add(faulty);
        return faulty.requestsTo(service.startCall(faulty, headers));
    }

    void over(FaultyCall<?, ?> call) {
        open.remove(call);
    }

    Fault set(Fault fault) {
        set.add(fault);
        return fault;
    }

    void forget(Fault fault) {
        set.remove(fault);
    }

    Strike strike(MethodDescriptor<?, ?> method, Object request) {
        seen.computeIfAbsent(method.getFullMethodName(), name -> new LongAdder())
                .increment();
        Duration delay = Duration.ZERO;
        for (Fault fault : set) {
            if (fault.strikes(method, request)) {
                if (!(fault.effect() instanceof Effect.Delay held)) {
                    return new Strike(delay, fault.effect());
                }
                delay = delay.plus(held.duration());
            }
        }
        return delay.isZero() ? Strike.NONE : new Strike(delay, null);
    }
}
