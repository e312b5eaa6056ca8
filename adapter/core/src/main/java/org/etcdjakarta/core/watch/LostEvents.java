package org.etcdjakarta.core.watch;

import java.lang.System.Logger.Level;
import java.util.function.Consumer;
import org.etcdjakarta.EtcdException;
import org.etcdjakarta.EtcdGap;
import org.etcdjakarta.EtcdGap.Reason;

/**
 * What is done when events are gone for good: who watches is asked, and, unless it ends there, gets the complete state at one revision
 * in their place; the watch goes on behind it. All of it in the steps of one watch, whose stream has been dropped before.
 */
final class LostEvents {

    private static final System.Logger LOG = System.getLogger(LostEvents.class.getName());

    /** The watch that has lost them. */
    interface Watch {

        String text();

        void callback(Runnable call);

        /** Takes steps for as long as the watch is at what it is at now: they are nothing once it has gone on to something else. */
        Consumer<Runnable> steps();

        boolean isClosed();

        void openStream();

        void fail(EtcdException failure);

        void closeQuietly();
    }

    /** What a member that knows less than we have seen makes of it. */
    interface Judgement {

        void lagsBehind();

        void wentBack();

        void unknown(EtcdException cause);
    }

    private final Watch watch;
    private final WatchTransport transport;
    private final WatchSink sink;
    private final ResumePoint point;
    private final StateReader states;

    LostEvents(Watch watch, WatchTransport transport, WatchSink sink, ResumePoint point, StateReader states) {
        this.watch = watch;
        this.transport = transport;
        this.sink = sink;
        this.point = point;
        this.states = states;
    }

    /** @param compactRevision as etcd reported it, else 0 */
    void handle(Reason reason, long compactRevision) {
        boolean[] goOn = new boolean[1];
        watch.callback(() -> goOn[0] = sink.lost(reason, compactRevision));
        if (!goOn[0]) {
            watch.closeQuietly();
            return;
        }
        Consumer<Runnable> steps = watch.steps();
        var unused = states.readPatiently(transport::later, () -> !watch.isClosed())
                .whenComplete((state, failure) -> steps.accept(() -> {
                    if (failure == null) {
                        handOver(reason, state);
                    } else {
                        watch.fail(ResumingWatch.etcdException(failure, transport));
                    }
                }));
    }

    private void handOver(Reason reason, StateReader.State state) {
        LOG.log(
                Level.INFO,
                () -> "watch of " + watch.text() + ": events from revision " + point.next() + " are lost (" + reason
                        + "), goes on from the state at revision " + state.revision());
        EtcdGap gap = new EtcdGap(reason, watch.text(), point.next(), state.revision(), state.keyValues());
        watch.callback(() -> sink.gap(gap));
        point.restored(state.revision(), state.clusterId());
        watch.openStream();
    }

    /** Only a linearizable read tells a lagging member from a restored backup. */
    void askWholeCluster(Judgement judgement) {
        Consumer<Runnable> steps = watch.steps();
        var unused = states.revision()
                .whenComplete((state, failure) -> steps.accept(() -> {
                    if (failure != null) {
                        judgement.unknown(ResumingWatch.etcdException(failure, transport));
                    } else if (state.revision() < point.known()) {
                        judgement.wentBack();
                    } else {
                        judgement.lagsBehind();
                    }
                }));
    }
}
