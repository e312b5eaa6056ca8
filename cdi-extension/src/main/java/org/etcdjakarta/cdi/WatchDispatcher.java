package org.etcdjakarta.cdi;

import io.etcd.jetcd.KeyValue;
import io.etcd.jetcd.watch.WatchEvent;
import jakarta.enterprise.event.Event;
import jakarta.enterprise.event.NotificationOptions;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionException;
import org.etcdjakarta.EtcdBatch;
import org.etcdjakarta.EtcdEvent;
import org.etcdjakarta.EtcdException;
import org.etcdjakarta.EtcdGap;
import org.etcdjakarta.cdi.WatchObservers.Demand;
import org.etcdjakarta.cdi.WatchObservers.Watched;
import org.etcdjakarta.config.Utf8;
import org.etcdjakarta.core.watch.RevisionBatch;
import org.etcdjakarta.core.watch.WatchConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Fires what one watch delivers, with exactly the literal of its observers. The hub calls one method at a time, and each
 * returns only after every observer has ended: that is the mailbox. Asynchronous observers run on this thread too, one after
 * the other, since a second thread of the same pool could be one that never comes free.
 */
final class WatchDispatcher implements WatchConsumer {

    private static final System.Logger LOG = System.getLogger(WatchDispatcher.class.getName());
    private static final NotificationOptions HERE = NotificationOptions.ofExecutor(Runnable::run);

    private final Watched watched;
    private final Demand demand;
    private final Event<Object> events;

    WatchDispatcher(Watched watched, Demand demand, Event<Object> events) {
        this.watched = watched;
        this.demand = demand;
        this.events = events;
    }

    @Override
    public void onBatch(RevisionBatch batch) {
        Map<ValueType<?>, List<?>> decoded = new HashMap<>();
        for (ValueType<?> type : demand.types()) {
            decoded.put(type, decoded(batch, type));
        }
        // change by change across the types, so that observers of different types see the same order
        for (int index = 0; index < batch.events().size(); index++) {
            for (ValueType<?> type : demand.types()) {
                if (demand.firesChanges(type)) {
                    fireChange(type, decoded.get(type), index);
                }
            }
        }
        for (ValueType<?> type : demand.types()) {
            if (demand.firesRevisions(type)) {
                fireRevision(type, batch.revision(), decoded.get(type));
            }
        }
    }

    @Override
    public void onGap(EtcdGap gap) {
        fire(events.select(EtcdGap.class, watched.literal()), gap);
    }

    @Override
    public void onFailure(EtcdException failure) {
        LOG.log(Level.ERROR, CdiMessages.watchEnded(watched.toString()), failure);
    }

    /** One element a change, null for one that is no such value. */
    private <T> List<@Nullable EtcdEvent<T>> decoded(RevisionBatch batch, ValueType<T> type) {
        List<@Nullable EtcdEvent<T>> changes = new ArrayList<>();
        for (WatchEvent event : batch.events()) {
            changes.add(decoded(event, batch.revision(), type));
        }
        return changes;
    }

    private <T> @Nullable EtcdEvent<T> decoded(WatchEvent event, long revision, ValueType<T> type) {
        KeyValue now = event.getKeyValue();
        boolean put = event.getEventType() == WatchEvent.EventType.PUT;
        EtcdEvent.Type kind = put ? EtcdEvent.Type.PUT : EtcdEvent.Type.DELETE;
        try {
            return new EtcdEvent<>(
                    kind,
                    ValueType.text(now.getKey()),
                    put ? type.decoder().apply(now.getValue()) : null,
                    previous(event.getPrevKV(), type),
                    revision,
                    now.getVersion(),
                    now.getCreateRevision(),
                    now.getLease());
        } catch (IllegalArgumentException e) {
            List<GuardedObserver<?>> missing = demand.observersOf(type).stream()
                    .filter(observer -> observer.wants(kind))
                    .toList();
            if (!missing.isEmpty()) {
                String key = now.getKey().toString();
                LOG.log(
                        Level.ERROR,
                        CdiMessages.undecodable(watched.toString(), key, revision, type.name(), reason(now, type)));
                missing.forEach(GuardedObserver::undecodable);
            }
            return null;
        }
    }

    /** Without the value, which the exception quotes: it may be a secret. */
    private static String reason(KeyValue now, ValueType<?> type) {
        if (Utf8.decode(now.getKey()) == null) {
            return "the key is not UTF-8";
        }
        return Utf8.decode(now.getValue()) == null ? "not UTF-8" : "text that is no " + type.name();
    }

    /** Unknown when it was no such value: what is wrong with the past must not hide the change that corrects it. */
    private static <T> @Nullable T previous(@Nullable KeyValue before, ValueType<T> type) {
        if (before == null || before.getModRevision() == 0) {
            return null;
        }
        try {
            return type.decoder().apply(before.getValue());
        } catch (IllegalArgumentException e) {
            return null;
        }
    }

    @SuppressWarnings("unchecked") // the list was decoded as this type
    private <T> void fireChange(ValueType<T> type, @Nullable List<?> decoded, int index) {
        EtcdEvent<T> change = decoded == null ? null : (EtcdEvent<T>) decoded.get(index);
        if (change != null) {
            fire(events.select(type.event(), watched.literal()), change);
        }
    }

    @SuppressWarnings("unchecked") // the list was decoded as this type
    private <T> void fireRevision(ValueType<T> type, long revision, @Nullable List<?> decoded) {
        List<EtcdEvent<T>> changes = new ArrayList<>();
        for (Object change : decoded == null ? List.of() : decoded) {
            if (change != null) {
                changes.add((EtcdEvent<T>) change);
            }
        }
        if (!changes.isEmpty()) {
            fire(events.select(type.batch(), watched.literal()), new EtcdBatch<>(revision, changes));
        }
    }

    /** Observers of ours never throw; one of a general type, such as {@code @Observes Object}, may. */
    private <T> void fire(Event<T> target, T event) {
        try {
            target.fire(event);
        } catch (RuntimeException e) {
            LOG.log(Level.ERROR, CdiMessages.eventFailed(watched.toString()), e);
        }
        try {
            target.fireAsync(event, HERE).toCompletableFuture().join();
        } catch (CompletionException e) {
            LOG.log(Level.ERROR, CdiMessages.eventFailed(watched.toString()), e);
        }
    }
}
