package org.etcdjakarta.cdi;

import jakarta.enterprise.inject.spi.EventContext;
import jakarta.enterprise.inject.spi.EventMetadata;
import jakarta.enterprise.inject.spi.ObserverMethod;
import jakarta.enterprise.inject.spi.configurator.ObserverMethodConfigurator.EventConsumer;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.LongAdder;
import org.etcdjakarta.EtcdBatch;
import org.etcdjakarta.EtcdEvent;
import org.etcdjakarta.cdi.EtcdWatch.OnFailure;
import org.jspecify.annotations.Nullable;

/**
 * An observer with its policy around it. CDI selects the observers and this class stands between CDI and the method, because
 * what CDI does with a failure, to skip all observers behind it, is what a watch must not do: each observer has its own filter,
 * its own retries and its own end. Nothing is ever thrown from here.
 */
final class GuardedObserver<T> implements EventConsumer<T> {

    private static final System.Logger LOG = System.getLogger(GuardedObserver.class.getName());
    private static final List<Duration> PAUSES =
            List.of(Duration.ofMillis(100), Duration.ofSeconds(1), Duration.ofSeconds(5));

    private final ObserverMethod<T> observer;
    private final String name;
    private final @Nullable EtcdWatch watch;
    private final Delivery delivery;
    private final AtomicBoolean stopped = new AtomicBoolean();
    private final LongAdder failures = new LongAdder();

    GuardedObserver(ObserverMethod<T> observer, String name, @Nullable EtcdWatch watch, Delivery delivery) {
        this.observer = observer;
        this.name = name;
        this.watch = watch;
        this.delivery = delivery;
    }

    @Override
    public void accept(EventContext<T> context) {
        T event = filtered(context.getEvent());
        if (event == null || stopped.get()) {
            return;
        }
        EventContext<T> narrowed = new Context<>(event, context.getMetadata());
        for (int attempt = 0; !attempt(narrowed, attempt); attempt++) {
            if (!delivery.pause(PAUSES.get(attempt))) {
                return;
            }
        }
    }

    /** A value that could not be decoded counts as a failure of this observer that no retry mends. */
    void undecodable() {
        failures.increment();
        if (onFailure() == OnFailure.STOP) {
            stopped.set(true);
        }
    }

    /** Whether this observer is to be told of such a change. */
    boolean wants(EtcdEvent.Type kind) {
        return watch == null || wants(watch, kind);
    }

    /** True when there is nothing more to do. */
    private boolean attempt(EventContext<T> context, int attempt) {
        try {
            delivery.inRequestContext(() -> observer.notify(context));
            return true;
        } catch (Exception | LinkageError | AssertionError | StackOverflowError e) {
            failures.increment();
            return failed(context.getEvent(), attempt, e);
        }
    }

    private boolean failed(T event, int attempt, Throwable failure) {
        switch (onFailure()) {
            case STOP -> {
                stopped.set(true);
                report(
                        Level.ERROR,
                        event,
                        "It gets nothing more until the application is deployed again (STOP).",
                        failure);
            }
            case IGNORE -> report(Level.WARNING, event, "The next event follows (IGNORE).", failure);
            default -> {
                if (attempt < PAUSES.size()) {
                    String again =
                            "It gets the event again in " + PAUSES.get(attempt).toMillis() + " ms (RETRY).";
                    report(Level.WARNING, event, again, failure);
                    return false;
                }
                report(
                        Level.ERROR,
                        event,
                        "Given up after " + PAUSES.size() + " retries; the next event follows.",
                        failure);
            }
        }
        return true;
    }

    private void report(Level level, T event, String consequence, Throwable failure) {
        LOG.log(level, CdiMessages.observerFailed(name, describe(event), consequence, failures.sum()), failure);
    }

    private OnFailure onFailure() {
        return watch == null ? OnFailure.RETRY : watch.onFailure();
    }

    /** Without the values: they may be secrets, and logs outlive them. */
    private static Object describe(Object event) {
        if (event instanceof EtcdEvent<?> change) {
            return change.type() + " of '" + change.key() + "' at revision " + change.revision();
        }
        if (event instanceof EtcdBatch<?> batch) {
            return batch.events().size() + " changes at revision " + batch.revision();
        }
        return event.getClass().getSimpleName();
    }

    /** What of the event this observer wants; null for nothing. */
    private @Nullable T filtered(T event) {
        EtcdWatch wanted = watch;
        if (wanted == null || (wanted.put() && wanted.delete())) {
            return event;
        }
        if (event instanceof EtcdEvent<?> change) {
            return wants(wanted, change.type()) ? event : null;
        }
        if (event instanceof EtcdBatch<?> batch) {
            return narrowed(wanted, batch);
        }
        return event;
    }

    @SuppressWarnings("unchecked") // a batch of the same values
    private <V> @Nullable T narrowed(EtcdWatch wanted, EtcdBatch<V> batch) {
        List<EtcdEvent<V>> left = batch.events().stream()
                .filter(change -> wants(wanted, change.type()))
                .toList();
        return left.isEmpty() ? null : (T) new EtcdBatch<>(batch.revision(), left);
    }

    private static boolean wants(EtcdWatch wanted, EtcdEvent.Type kind) {
        return kind == EtcdEvent.Type.PUT ? wanted.put() : wanted.delete();
    }

    private record Context<T>(T event, EventMetadata metadata) implements EventContext<T> {

        @Override
        public T getEvent() {
            return event;
        }

        @Override
        public EventMetadata getMetadata() {
            return metadata;
        }
    }
}
