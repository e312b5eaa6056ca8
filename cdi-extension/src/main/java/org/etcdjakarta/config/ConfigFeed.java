package org.etcdjakarta.config;

import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.KeyValue;
import io.etcd.jetcd.watch.WatchEvent;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.function.Function;
import org.eclipse.microprofile.config.Config;
import org.etcdjakarta.EtcdAccessException;
import org.etcdjakarta.EtcdException;
import org.etcdjakarta.EtcdGap;
import org.etcdjakarta.config.ConfigSettings.Startup;
import org.etcdjakarta.core.link.EtcdLinkConfig;
import org.etcdjakarta.core.watch.RevisionBatch;
import org.etcdjakarta.core.watch.WatchConsumer;
import org.etcdjakarta.core.watch.WatchHub.Subscription;
import org.etcdjakarta.core.watch.WatchSpec;
import org.jspecify.annotations.Nullable;

/**
 * Keeps one snapshot current: reads the prefix at a pinned revision, then watches from the next one. All changes are made on
 * the feed's own thread, one revision after the other; readers see the volatile snapshot. When the prefix cannot be read, or
 * the watch ends for good, it is read anew with growing pauses, and the last snapshot stays in force.
 */
final class ConfigFeed implements AutoCloseable {

    private static final System.Logger LOG = System.getLogger(ConfigFeed.class.getName());
    private static final Duration FIRST_PAUSE = Duration.ofMillis(250);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(10);
    private static final Duration CLEAR_AGAIN = Duration.ofMillis(200);
    private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(5);

    private final ConfigSettings settings;
    private final String source;
    private final ByteSequence prefix;
    private final ConfigCluster cluster;
    private final ScheduledExecutorService thread;
    private final CompletableFuture<Void> firstLoad = new CompletableFuture<>();
    private final long opened = System.nanoTime();

    // touched on the feed's thread only
    private final Map<String, String> keys = new HashMap<>();
    private final Set<String> reportedCollisions = new HashSet<>();
    private Duration pause = FIRST_PAUSE;
    private boolean failureReported;
    private @Nullable ConfigCaches caches;
    private @Nullable Consumer<EtcdConfigChanged> listener;
    // the application has been told of everything up to this snapshot
    private ConfigSnapshot announced = ConfigSnapshot.NONE;

    private volatile ConfigSnapshot current = ConfigSnapshot.NONE;
    private volatile @Nullable Throwable lastFailure;

    private final Object lock = new Object();
    private boolean closed;
    private @Nullable Subscription subscription;

    ConfigFeed(
            ConfigSettings settings,
            @Nullable ClassLoader application,
            Function<EtcdLinkConfig, ? extends ConfigCluster> open) {
        this.settings = settings;
        source = settings.sourceName();
        prefix = Utf8.encode(settings.prefix());
        cluster = open.apply(settings.link());
        thread = Executors.newSingleThreadScheduledExecutor(task -> {
            Thread created = new Thread(task, "etcd-config");
            created.setDaemon(true);
            created.setContextClassLoader(application);
            return created;
        });
        thread.execute(this::load);
    }

    String name() {
        return source;
    }

    int ordinal() {
        return settings.ordinal();
    }

    ConfigSnapshot current() {
        return current;
    }

    /** Waits for the first snapshot, no longer than the start-up timeout; throws when the application may not start without. */
    void awaitStart() {
        Duration timeout = settings.startupTimeout();
        Throwable failure;
        try {
            // counted from the opening: a second Config of the application does not wait a second time
            firstLoad.get(opened + timeout.toNanos() - System.nanoTime(), TimeUnit.NANOSECONDS);
            return;
        } catch (TimeoutException e) {
            Throwable last = lastFailure;
            failure = last == null ? new TimeoutException("no answer") : last;
        } catch (ExecutionException e) {
            failure = e.getCause() == null ? e : e.getCause();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            failure = e;
        }
        if (failure instanceof EtcdAccessException) {
            throw ConfigMessages.accessDenied(source, failure);
        }
        if (settings.startup() == Startup.REQUIRED) {
            throw ConfigMessages.startupFailed(source, timeout, failure);
        }
        LOG.log(Level.WARNING, ConfigMessages.startsWithout(source, timeout, failure));
    }

    /**
     * The application is up: from now on the caches of its Config are told, and the listener once a revision. What has changed
     * since {@code seen} arrives as one change.
     */
    void attach(Config config, ConfigSnapshot seen, Consumer<EtcdConfigChanged> changes) {
        if (thread.isShutdown()) {
            return;
        }
        thread.execute(() -> {
            caches = ConfigCaches.of(config, source);
            announced = seen;
            listener = changes;
            announce();
        });
    }

    private void load() {
        try {
            ConfigRange range = ConfigRange.read(cluster.kv(), prefix);
            replace(range.revision(), range.keyValues());
            LOG.log(
                    Level.INFO,
                    ConfigMessages.loaded(
                            source, range.revision(), current.values().size()));
            pause = FIRST_PAUSE;
            failureReported = false;
            watchFrom(range.revision() + 1);
            firstLoad.complete(null);
        } catch (RuntimeException e) {
            loadFailed(e);
        }
    }

    private void loadFailed(Throwable failure) {
        synchronized (lock) {
            if (closed) {
                return;
            }
        }
        lastFailure = failure;
        // the boot waits for nothing that time alone does not mend
        if (failure instanceof EtcdAccessException) {
            firstLoad.completeExceptionally(failure);
        }
        if (!failureReported) {
            failureReported = true;
            Level level = failure instanceof EtcdAccessException ? Level.ERROR : Level.WARNING;
            LOG.log(level, ConfigMessages.stillUnreadable(source, failure, pause));
        }
        loadAgain();
    }

    private void loadAgain() {
        later(this::load, pause);
        Duration doubled = pause.multipliedBy(2);
        pause = doubled.compareTo(LONGEST_PAUSE) > 0 ? LONGEST_PAUSE : doubled;
    }

    private void later(Runnable task, Duration pauseBefore) {
        try {
            var unused = thread.schedule(task, pauseBefore.toMillis(), TimeUnit.MILLISECONDS);
        } catch (RejectedExecutionException e) {
            LOG.log(Level.DEBUG, "closed meanwhile", e);
        }
    }

    private void watchFrom(long revision) {
        synchronized (lock) {
            if (!closed) {
                subscription =
                        cluster.watches().subscribe(WatchSpec.prefix(prefix).from(revision), new Changes(), thread);
            }
        }
    }

    private void replace(long revision, List<KeyValue> state) {
        keys.clear();
        state.forEach(this::put);
        swap(revision);
    }

    private void put(KeyValue keyValue) {
        ConfigSnapshot.Entry entry =
                ConfigSnapshot.entry(source, settings.prefix().length(), keyValue);
        if (entry == null) {
            // a value that is no text any more must not leave the one before it in force in silence
            keys.remove(suffix(keyValue));
        } else {
            keys.put(entry.key(), entry.value());
        }
    }

    private String suffix(KeyValue keyValue) {
        String key = Utf8.decode(keyValue.getKey());
        int length = settings.prefix().length();
        return key == null || key.length() < length ? "" : key.substring(length);
    }

    private void swap(long revision) {
        current = ConfigSnapshot.of(source, revision, keys, reportedCollisions);
        announce();
    }

    /** After the swap: the caches first, so that a listener that reads the configuration reads the new values. */
    private void announce() {
        ConfigCaches known = caches;
        Consumer<EtcdConfigChanged> told = listener;
        if (known == null || told == null) {
            return;
        }
        ConfigSnapshot now = current;
        known.clear();
        // a reader that fetched the old value before the swap may have put it into the cache behind our back
        if (known.keepsValues()) {
            later(known::clear, CLEAR_AGAIN);
        }
        var changes = now.changesSince(announced, known::hidden);
        announced = now;
        if (!changes.isEmpty()) {
            try {
                told.accept(new EtcdConfigChanged(now.revision(), changes, now.origin()));
            } catch (RuntimeException e) {
                LOG.log(Level.ERROR, ConfigMessages.listenerFailed(source, e), e);
            }
        }
    }

    /** Idempotent. Afterwards the last snapshot is still read, and neither thread nor socket is left. */
    @Override
    public void close() {
        Subscription running;
        synchronized (lock) {
            if (closed) {
                return;
            }
            closed = true;
            running = subscription;
        }
        if (running != null) {
            running.close();
        }
        thread.shutdownNow();
        cluster.close();
        try {
            if (!thread.awaitTermination(CLOSE_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS)) {
                LOG.log(Level.WARNING, "the thread of {0} has not ended yet", source);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private final class Changes implements WatchConsumer {

        @Override
        public void onBatch(RevisionBatch batch) {
            for (WatchEvent event : batch.events()) {
                if (event.getEventType() == WatchEvent.EventType.DELETE) {
                    keys.remove(suffix(event.getKeyValue()));
                } else {
                    put(event.getKeyValue());
                }
            }
            swap(batch.revision());
        }

        @Override
        public void onGap(EtcdGap gap) {
            LOG.log(Level.WARNING, ConfigMessages.gap(source, gap.reason().name(), gap.revision()));
            replace(gap.revision(), gap.state());
        }

        @Override
        public void onFailure(EtcdException failure) {
            LOG.log(Level.ERROR, ConfigMessages.watchEnded(source, failure));
            loadAgain();
        }
    }
}
