package org.etcdjakarta.connector.inbound;

import jakarta.resource.ResourceException;
import jakarta.resource.spi.ActivationSpec;
import jakarta.resource.spi.BootstrapContext;
import jakarta.resource.spi.endpoint.MessageEndpointFactory;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.WeakHashMap;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * The endpoints of a resource adapter. Servers disagree about the order: they activate before they start the adapter, twice, and
 * deactivate after they have stopped it, what is not active, or at the same time. Endpoints and specifications are told apart by identity,
 * as Connectors demands.
 */
public final class Activations {

    private static final System.Logger LOG = System.getLogger(Activations.class.getName());
    private static final Duration GRACE = Duration.ofSeconds(30);

    /** MessageEndpointFactory and ActivationSpec keep identity; a record compares what they compare. */
    private record Key(MessageEndpointFactory factory, ActivationSpec spec) {}

    private static final class Entry {

        final ActivationSettings settings;

        @Nullable
        Activation running;

        @Nullable
        Runnable unregister;

        Entry(ActivationSettings settings) {
            this.settings = settings;
        }
    }

    /** Shows a bean to the server's operators. */
    public interface Management {

        /** Returns what takes it back. */
        Runnable register(String name, Object bean);
    }

    private final Management management;
    private final Duration grace;
    private final Map<Key, Entry> active = new HashMap<>();

    /** Those that are being deactivated. */
    private final Map<Key, CompletableFuture<Void>> ending = new HashMap<>();

    /** Up to which an endpoint had got everything when it was deactivated: a server that is suspended activates it again. */
    private final Map<ActivationSpec, Long> leftOff = new WeakHashMap<>();

    private @Nullable Server server;
    private boolean stopped;

    /** None are active. */
    public Activations(Management management) {
        this(management, GRACE);
    }

    /** @param grace how long deliveries under way may take after deactivation before they are interrupted */
    Activations(Management management, Duration grace) {
        this.management = management;
        this.grace = grace;
    }

    /** Those that were activated before begin now. */
    public synchronized void start(BootstrapContext context) {
        server = Server.of(context);
        stopped = false;
        active.forEach((key, entry) -> {
            if (entry.running == null) {
                try {
                    begin(key, entry, Server.of(context));
                } catch (ResourceException | RuntimeException e) {
                    // all others begin
                    LOG.log(Level.ERROR, "the endpoint of " + entry.settings + " could not be activated", e);
                }
            }
        });
    }

    /**
     * Does not wait for etcd; for the deactivation of the same endpoint that is under way, so that it goes on where that one leaves off.
     *
     * @throws ResourceException the adapter has been stopped, or the endpoint is of another kind
     */
    public void activate(MessageEndpointFactory factory, ActivationSpec spec, ActivationSettings settings)
            throws ResourceException {
        Key key = new Key(factory, spec);
        CompletableFuture<Void> before;
        synchronized (this) {
            before = ending.get(key);
        }
        if (before != null) {
            before.join();
        }
        activate(key, settings);
    }

    private synchronized void activate(Key key, ActivationSettings settings) throws ResourceException {
        if (stopped) {
            throw InboundMessages.stopped(settings);
        }
        if (active.containsKey(key)) {
            LOG.log(Level.WARNING, InboundMessages.activatedTwice(settings));
            return;
        }
        Entry entry = new Entry(settings);
        Server present = server;
        if (present != null) {
            begin(key, entry, present);
        }
        active.put(key, entry);
    }

    private void begin(Key key, Entry entry, Server present) throws ResourceException {
        long before = leftOff.getOrDefault(key.spec(), 0L);
        Activation activation = new Activation(entry.settings, present, key.factory(), grace, before);
        entry.running = activation;
        entry.unregister = management.register(name(key.factory(), entry.settings), activation);
        activation.start();
    }

    /** WildFly gives all beans of an adapter the same activation name, but says of which class they are; others may not. */
    private static String name(MessageEndpointFactory factory, ActivationSettings settings) {
        Class<?> bean = factory.getEndpointClass();
        String given = bean == null ? factory.getActivationName() : bean.getName();
        return given == null || given.isBlank() ? settings.range() : given;
    }

    /**
     * Waits for deliveries under way, and interrupts them when they take too long; also when somebody else has begun that. Nothing when it
     * is not active.
     */
    public void deactivate(MessageEndpointFactory factory, ActivationSpec spec) {
        Key key = new Key(factory, spec);
        Entry entry;
        CompletableFuture<Void> before;
        synchronized (this) {
            entry = active.remove(key);
            before = ending.get(key);
            if (entry != null) {
                ends(key);
            }
        }
        if (entry != null) {
            end(key, entry);
        } else if (before != null) {
            before.join();
        }
    }

    private synchronized void ends(Key key) {
        var unused = ending.put(key, new CompletableFuture<>());
    }

    private void end(Key key, Entry entry) {
        try {
            stop(key, entry);
        } finally {
            CompletableFuture<Void> over;
            synchronized (this) {
                over = ending.remove(key);
            }
            if (over != null) {
                over.complete(null);
            }
        }
    }

    private void stop(Key key, Entry entry) {
        Activation running = entry.running;
        if (running == null) {
            return;
        }
        if (entry.unregister != null) {
            entry.unregister.run();
        }
        long reached = running.stop();
        synchronized (this) {
            leftOff.put(key.spec(), reached);
        }
    }

    /** Deactivates all. */
    public void stop() {
        Map<Key, Entry> all;
        synchronized (this) {
            stopped = true;
            server = null;
            all = new HashMap<>(active);
            all.keySet().forEach(this::ends);
            active.clear();
        }
        List<Thread> threads = new ArrayList<>();
        all.forEach((key, entry) -> {
            // side by side: each may take its grace
            Thread thread = new Thread(() -> end(key, entry), "etcd-deactivation");
            thread.setDaemon(true);
            thread.start();
            threads.add(thread);
        });
        for (Thread thread : threads) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            }
        }
    }
}
