package org.etcdjakarta.core.watch;

import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.Watch;
import io.etcd.jetcd.api.WatchResponse;
import io.etcd.jetcd.common.exception.EtcdExceptionFactory;
import io.etcd.jetcd.options.OptionsUtil;
import io.etcd.jetcd.options.WatchOption;
import java.lang.System.Logger.Level;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import org.etcdjakarta.EtcdException;
import org.etcdjakarta.EtcdGap;
import org.etcdjakarta.EtcdGap.Reason;
import org.jspecify.annotations.Nullable;

/**
 * jetcd's {@link Watch}. Differs from jetcd's own where that loses events or dies: interruptions are resumed without a word
 * (onError is called once, for an end for good, and onCompleted follows), a listener that throws is logged and goes on, and
 * a leader is required in any case. History that is compacted away ends the watch with jetcd's CompactedException.
 */
final class JetcdWatch implements Watch {

    private static final System.Logger LOG = System.getLogger(JetcdWatch.class.getName());

    private final StreamWatches watches;
    private final WatchTransport transport;
    private final Set<JetcdWatcher> watchers = ConcurrentHashMap.newKeySet();

    JetcdWatch(StreamWatches watches, WatchTransport transport) {
        this.watches = watches;
        this.transport = transport;
    }

    @Override
    public Watcher watch(ByteSequence key, WatchOption option, Listener listener) {
        JetcdWatcher watcher = new JetcdWatcher(option, listener);
        watchers.add(watcher);
        try {
            watcher.start(spec(key, option));
        } catch (IllegalStateException e) {
            watchers.remove(watcher);
            throw EtcdExceptionFactory.newClosedWatchClientException();
        }
        return watcher;
    }

    private static WatchSpec spec(ByteSequence key, WatchOption option) {
        ByteSequence end = option.getEndKey().orElseGet(() -> option.isPrefix() ? OptionsUtil.prefixEndOf(key) : null);
        return new WatchSpec(
                key,
                end,
                Math.max(0, option.getRevision()),
                option.isPrevKV(),
                !option.isNoPut(),
                !option.isNoDelete());
    }

    @Override
    public void requestProgress() {
        watchers.forEach(JetcdWatcher::requestProgress);
    }

    /** Ends the watchers opened here; the link stays. */
    @Override
    public void close() {
        watchers.forEach(JetcdWatcher::close);
    }

    private final class JetcdWatcher implements Watcher, WatchSink {

        private final WatchOption option;
        private final Listener listener;
        private final AtomicBoolean completed = new AtomicBoolean();
        private volatile @Nullable ResumingWatch watch;

        JetcdWatcher(WatchOption option, Listener listener) {
            this.option = option;
            this.listener = listener;
        }

        void start(WatchSpec spec) {
            ResumingWatch started = watches.start(spec, option.isProgressNotify(), stop -> this, transport.executor());
            watch = started;
            if (completed.get()) {
                // close() of all watchers came in between.
                started.closeQuietly();
            }
        }

        @Override
        public boolean startIsPast() {
            return false;
        }

        @Override
        public void created(WatchResponse response, long revision) {
            if (option.isCreatedNotify()) {
                next(response);
            }
        }

        @Override
        public void batch(WatchResponse oneRevision, long revision) {
            next(oneRevision);
        }

        @Override
        public void progress(WatchResponse response) {
            next(response);
        }

        private void next(WatchResponse response) {
            guarded(() -> listener.onNext(new io.etcd.jetcd.watch.WatchResponse(response, transport.namespace())));
        }

        @Override
        public boolean lost(Reason reason, long compactRevision) {
            end(
                    reason == Reason.COMPACTED
                            ? EtcdExceptionFactory.newCompactedException(compactRevision)
                            : transport.historyChanged(reason.name()));
            return false;
        }

        @Override
        public void gap(EtcdGap gap) {}

        @Override
        public void failed(EtcdException failure) {
            end(failure);
        }

        private void end(Throwable failure) {
            guarded(() -> listener.onError(failure));
            complete();
        }

        private void complete() {
            watchers.remove(this);
            if (completed.compareAndSet(false, true)) {
                guarded(listener::onCompleted);
            }
        }

        private void guarded(Runnable call) {
            try {
                call.run();
            } catch (RuntimeException | Error e) {
                LOG.log(
                        Level.ERROR,
                        "a watch listener, " + listener.getClass().getName() + ", failed; the watch goes on",
                        e);
            }
        }

        @Override
        public void close() {
            ResumingWatch running = watch;
            if (running != null) {
                // as jetcd's own, it does not wait for the listener: the caller may hold a lock that it needs
                running.closeQuietly();
            }
            complete();
        }

        @Override
        public boolean isClosed() {
            ResumingWatch running = watch;
            return completed.get() || (running != null && running.isClosed());
        }

        @Override
        public void requestProgress() {
            ResumingWatch running = watch;
            if (running != null) {
                running.requestProgress();
            }
        }
    }
}
