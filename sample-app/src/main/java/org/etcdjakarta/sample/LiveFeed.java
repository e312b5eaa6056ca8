package org.etcdjakarta.sample;

import jakarta.annotation.PostConstruct;
import jakarta.annotation.PreDestroy;
import jakarta.annotation.Resource;
import jakarta.enterprise.concurrent.ManagedScheduledExecutorService;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import jakarta.json.Json;
import jakarta.json.JsonObjectBuilder;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.etcdjakarta.EtcdEvent;
import org.etcdjakarta.cdi.EtcdWatch;
import org.jspecify.annotations.Nullable;

/** Sends every change below the prefix, and every change of the greeting, to all browsers that listen. */
@ApplicationScoped
public class LiveFeed {

    /** The keys that the page follows. */
    static final String PREFIX = "/demo/";

    private static final int MOST_SUBSCRIBERS = 200;
    private static final long TICK_MILLIS = 500;
    /** A browser that has gone is noticed by a write that fails, so something is written now and then. */
    private static final int TICKS_BETWEEN_HEARTBEATS = 20;

    @SuppressWarnings("NullAway.Init") // the container injects it
    @Resource
    ManagedScheduledExecutorService executor;

    @Inject
    Greeting greeting;

    private final Set<Subscriber> subscribers = ConcurrentHashMap.newKeySet();
    private @Nullable ScheduledFuture<?> ticking;
    private @Nullable String lastGreeting;
    private int ticks;

    @PostConstruct
    void start() {
        ticking = executor.scheduleWithFixedDelay(this::tick, TICK_MILLIS, TICK_MILLIS, TimeUnit.MILLISECONDS);
    }

    @PreDestroy
    void stop() {
        if (ticking != null) {
            ticking.cancel(false);
        }
        subscribers.forEach(Subscriber::close);
    }

    void changed(@Observes @EtcdWatch(PREFIX) EtcdEvent<String> event) {
        JsonObjectBuilder data = Json.createObjectBuilder()
                .add("type", event.type().name())
                .add("key", event.key())
                .add("revision", event.revision());
        String value = event.value();
        if (value != null) {
            data.add("value", value);
        }
        broadcast(new Subscriber.Message("change", data.build().toString()));
    }

    /** False when there are too many already. */
    boolean subscribe(Subscriber.Connection connection) {
        if (subscribers.size() >= MOST_SUBSCRIBERS) {
            return false;
        }
        Subscriber subscriber = new Subscriber(connection, executor);
        // in the set first: a change between the greeting below and the set would be missed
        subscribers.add(subscriber);
        subscriber.offer(new Subscriber.Message("ready", "{}"));
        return true;
    }

    private void broadcast(Subscriber.Message message) {
        subscribers.removeIf(subscriber -> !subscriber.offer(message));
    }

    /** A supplier does not say when its value changes; looking costs a map access. */
    private void tick() {
        if (subscribers.isEmpty()) {
            return;
        }
        String now = greeting.current();
        if (!now.equals(lastGreeting)) {
            lastGreeting = now;
            broadcast(new Subscriber.Message(
                    "greeting",
                    Json.createObjectBuilder().add("greeting", now).build().toString()));
        }
        ticks++;
        if (ticks % TICKS_BETWEEN_HEARTBEATS == 0) {
            broadcast(new Subscriber.Message("", ""));
        }
    }
}
