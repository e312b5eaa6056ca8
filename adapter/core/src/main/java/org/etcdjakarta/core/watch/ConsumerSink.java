package org.etcdjakarta.core.watch;

import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.api.WatchResponse;
import java.lang.System.Logger.Level;
import org.etcdjakarta.EtcdException;
import org.etcdjakarta.EtcdGap;
import org.etcdjakarta.EtcdGap.Reason;

/** Delivers to a {@link WatchConsumer}; one that throws is logged and gets what follows, or nothing more. */
final class ConsumerSink implements WatchSink {

    private static final System.Logger LOG = System.getLogger(ConsumerSink.class.getName());

    private final WatchConsumer consumer;
    private final ByteSequence namespace;
    private final OnThrow onThrow;
    private final Runnable stop;

    /** @param stop closes the watch, from inside a callback */
    ConsumerSink(WatchConsumer consumer, ByteSequence namespace, OnThrow onThrow, Runnable stop) {
        this.consumer = consumer;
        this.namespace = namespace;
        this.onThrow = onThrow;
        this.stop = stop;
    }

    @Override
    public boolean startIsPast() {
        return true;
    }

    @Override
    public void created(WatchResponse response, long revision) {
        guarded("created", revision, () -> consumer.onCreated(revision));
    }

    @Override
    public void batch(WatchResponse oneRevision, long revision) {
        var response = new io.etcd.jetcd.watch.WatchResponse(oneRevision, namespace);
        guarded("batch", revision, () -> consumer.onBatch(new RevisionBatch(revision, response.getEvents())));
    }

    @Override
    public void progress(WatchResponse response) {
        // An answer to a question, with the id -1, may have overtaken events.
        if (response.getWatchId() >= 0) {
            long revision = response.getHeader().getRevision();
            guarded("progress", revision, () -> consumer.onProgress(revision));
        }
    }

    @Override
    public boolean lost(Reason reason, long compactRevision) {
        return true;
    }

    @Override
    public void gap(EtcdGap gap) {
        guarded("gap", gap.revision(), () -> consumer.onGap(gap));
    }

    @Override
    public void failed(EtcdException failure) {
        guarded("failure", 0, () -> consumer.onFailure(failure));
    }

    private void guarded(String what, long revision, Runnable call) {
        try {
            call.run();
        } catch (RuntimeException | Error e) {
            LOG.log(
                    Level.ERROR,
                    "the consumer of a watch, " + consumer.getClass().getName() + ", failed on the " + what
                            + " at revision " + revision
                            + (onThrow == OnThrow.GO_ON ? "; it gets the next one" : "; its watch is closed"),
                    e);
            if (onThrow == OnThrow.STOP) {
                stop.run();
            }
        }
    }
}
