package org.etcdjakarta.core.watch;

import io.etcd.jetcd.Watch;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.function.Function;

/** The watches opened through one reference on a link: each resumes by itself. */
public final class StreamWatches implements WatchHub, AutoCloseable {

    private final WatchTransport transport;
    private final Set<ResumingWatch> open = ConcurrentHashMap.newKeySet();
    private volatile boolean closed;

    public StreamWatches(WatchTransport transport) {
        this.transport = transport;
    }

    @Override
    public Subscription subscribe(WatchSpec spec, WatchConsumer consumer, Executor executor, OnThrow onThrow) {
        return start(spec, true, stop -> new ConsumerSink(consumer, transport.namespace(), onThrow, stop), executor);
    }

    /** jetcd's interface over the same watches; its listeners are called on the link's pool. */
    public Watch jetcdWatch() {
        return new JetcdWatch(this, transport);
    }

    /** @param sink made with what closes the watch; nothing calls it before this returns or the watch has been told something */
    ResumingWatch start(WatchSpec spec, boolean progressNotify, Function<Runnable, WatchSink> sink, Executor executor) {
        checkOpen();
        ResumingWatch[] self = new ResumingWatch[1];
        ResumingWatch watch = new ResumingWatch(
                transport,
                spec,
                progressNotify,
                sink.apply(() -> self[0].closeQuietly()),
                executor,
                () -> open.remove(self[0]));
        self[0] = watch;
        open.add(watch);
        watch.start();
        if (closed) {
            // close() may have looked at the set just before.
            watch.closeQuietly();
        }
        return watch;
    }

    private void checkOpen() {
        if (closed) {
            throw new IllegalStateException("the link that this watch hub comes from is closed");
        }
    }

    /** Ends all watches; no callback starts after it returns. Does not wait for running ones: one of them may be the caller. */
    @Override
    public void close() {
        closed = true;
        for (ResumingWatch watch : open) {
            watch.closeQuietly();
        }
    }
}
