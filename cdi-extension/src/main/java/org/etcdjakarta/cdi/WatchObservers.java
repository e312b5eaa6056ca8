package org.etcdjakarta.cdi;

import jakarta.enterprise.inject.spi.ObserverMethod;
import jakarta.enterprise.inject.spi.ProcessObserverMethod;
import java.lang.annotation.Annotation;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.etcdjakarta.cdi.EtcdWatch.OnFailure;
import org.jspecify.annotations.Nullable;

/** The observers found at deployment: checked, put under their policy, and collected into one watch a distinct literal. */
final class WatchObservers {

    private final Delivery delivery;
    private final Map<Watched, Demand> watches = new LinkedHashMap<>();
    // observers without @EtcdWatch start no watch and see what the others' watches bring
    private final Demand everywhere = new Demand();

    WatchObservers(Delivery delivery) {
        this.delivery = delivery;
    }

    <T, X> void process(ProcessObserverMethod<T, X> found) {
        ObserverMethod<T> observer = found.getObserverMethod();
        EtcdWatch watch = watchOf(observer);
        Observed observed = Observed.of(observer.getObservedType());
        String name = nameOf(found);
        if (watch != null) {
            RuntimeException error = error(watch, observed, name, observer);
            if (error != null) {
                found.addDefinitionError(error);
                return;
            }
        }
        if (observed == null) {
            return;
        }
        var guarded = new GuardedObserver<>(observer, name, watch, delivery);
        found.configureObserverMethod().notifyWith(guarded);
        Demand demand = watch == null
                ? everywhere
                : watches.computeIfAbsent(new Watched(watch.value(), watch.client()), key -> new Demand());
        demand.add(observed, watch == null || watch.put(), watch == null || watch.delete(), guarded);
    }

    /** One entry a watch to be started, with all that its events have to be fired as. */
    Map<Watched, Demand> watches() {
        Map<Watched, Demand> complete = new LinkedHashMap<>();
        watches.forEach((watched, demand) -> complete.put(watched, demand.and(everywhere)));
        return complete;
    }

    private static @Nullable RuntimeException error(
            EtcdWatch watch, @Nullable Observed observed, String name, ObserverMethod<?> observer) {
        if (observed == null) {
            return CdiMessages.wrongType(name, observer.getObservedType().getTypeName());
        }
        if (watch.onFailure() == OnFailure.DEAD_LETTER) {
            return CdiMessages.notAvailable(name, "onFailure = DEAD_LETTER");
        }
        if (!watch.cursor().isEmpty()) {
            return CdiMessages.notAvailable(name, "cursor = \"" + watch.cursor() + "\"");
        }
        if (watch.value().isEmpty()) {
            return CdiMessages.nothingToWatch(name, "@EtcdWatch names no key and no prefix");
        }
        if (!watch.put() && !watch.delete()) {
            return CdiMessages.nothingToWatch(name, "put = false and delete = false leave nothing");
        }
        return null;
    }

    private static @Nullable EtcdWatch watchOf(ObserverMethod<?> observer) {
        for (Annotation qualifier : observer.getObservedQualifiers()) {
            if (qualifier instanceof EtcdWatch watch) {
                return watch;
            }
        }
        return null;
    }

    private static String nameOf(ProcessObserverMethod<?, ?> found) {
        var method = found.getAnnotatedMethod();
        return method == null
                ? found.getObserverMethod().getBeanClass().getName()
                : method.getJavaMember().getDeclaringClass().getName() + "."
                        + method.getJavaMember().getName();
    }

    /** The binding members of the literal: equal ones share a watch. */
    record Watched(String keyOrPrefix, String client) {

        boolean isPrefix() {
            return keyOrPrefix.endsWith("/");
        }

        EtcdWatch literal() {
            return EtcdWatch.Literal.of(keyOrPrefix, client);
        }

        @Override
        public String toString() {
            return (isPrefix() ? "prefix '" : "key '") + keyOrPrefix + "'"
                    + (client.isEmpty() ? "" : " of client '" + client + "'");
        }
    }

    /** What the observers of a watch want from it. */
    static final class Demand {

        private final Set<ValueType<?>> changes = new HashSet<>();
        private final Set<ValueType<?>> revisions = new HashSet<>();
        private final Map<ValueType<?>, List<GuardedObserver<?>>> observers = new LinkedHashMap<>();
        private boolean puts;
        private boolean deletes;

        private void add(Observed observed, boolean put, boolean delete, GuardedObserver<?> observer) {
            // a watch that only gaps are observed of still has to see everything that can be lost
            puts |= put;
            deletes |= delete;
            if (observed instanceof Observed.Changes single) {
                changes.add(single.type());
                observers
                        .computeIfAbsent(single.type(), type -> new ArrayList<>())
                        .add(observer);
            } else if (observed instanceof Observed.Revisions whole) {
                revisions.add(whole.type());
                observers
                        .computeIfAbsent(whole.type(), type -> new ArrayList<>())
                        .add(observer);
            }
        }

        private Demand and(Demand other) {
            Demand both = new Demand();
            for (Demand one : List.of(this, other)) {
                both.puts |= one.puts;
                both.deletes |= one.deletes;
                both.changes.addAll(one.changes);
                both.revisions.addAll(one.revisions);
                one.observers.forEach((type, list) -> both.observers
                        .computeIfAbsent(type, key -> new ArrayList<>())
                        .addAll(list));
            }
            return both;
        }

        boolean puts() {
            return puts;
        }

        boolean deletes() {
            return deletes;
        }

        /** Every type that something is fired as. */
        Set<ValueType<?>> types() {
            return observers.keySet();
        }

        boolean firesChanges(ValueType<?> type) {
            return changes.contains(type);
        }

        boolean firesRevisions(ValueType<?> type) {
            return revisions.contains(type);
        }

        Collection<GuardedObserver<?>> observersOf(ValueType<?> type) {
            return observers.getOrDefault(type, List.of());
        }
    }
}
