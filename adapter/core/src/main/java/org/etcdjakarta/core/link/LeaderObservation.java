package org.etcdjakarta.core.link;

import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.Election;
import io.etcd.jetcd.api.ElectionGrpc;
import io.etcd.jetcd.api.LeaderRequest;
import io.etcd.jetcd.api.LeaderResponse;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicBoolean;
import org.etcdjakarta.EtcdException;
import org.jspecify.annotations.Nullable;

/**
 * Follows the leader of one election over as many streams as it takes. Each new stream begins with the present leader; one
 * that was told already is left out.
 */
final class LeaderObservation {

    private static final System.Logger LOG = System.getLogger(LeaderObservation.class.getName());
    private static final long PAUSE_MILLIS = 500;

    private final Calls calls;
    private final LeaderRequest request;
    private final ByteSequence namespace;
    private final Election.Listener listener;
    private final Set<LeaderObservation> open;
    private final AtomicBoolean ended = new AtomicBoolean();
    private volatile @Nullable StreamCall<LeaderRequest, LeaderResponse> stream;
    private long told;

    LeaderObservation(
            Calls calls,
            LeaderRequest request,
            ByteSequence namespace,
            Election.Listener listener,
            Set<LeaderObservation> open) {
        this.calls = calls;
        this.request = request;
        this.namespace = namespace;
        this.listener = listener;
        this.open = open;
    }

    void start() {
        open.add(this);
        openStream();
    }

    private void openStream() {
        if (ended.get()) {
            return;
        }
        var opened =
                new StreamCall<LeaderRequest, LeaderResponse>(calls, ElectionGrpc.getObserveMethod(), new Receiver());
        stream = opened;
        opened.send(request);
        opened.halfClose();
        opened.request(1);
        opened.start();
        if (ended.get()) {
            opened.cancel();
        }
    }

    private void reopenLater() {
        long millis = ThreadLocalRandom.current().nextLong(PAUSE_MILLIS / 2, PAUSE_MILLIS + 1);
        calls.later(Duration.ofMillis(millis), this::openStream);
    }

    void close() {
        if (end()) {
            guarded(listener::onCompleted);
        }
    }

    private boolean end() {
        open.remove(this);
        boolean first = ended.compareAndSet(false, true);
        var last = stream;
        if (last != null) {
            last.cancel();
        }
        return first;
    }

    private void guarded(Runnable call) {
        try {
            call.run();
        } catch (RuntimeException | Error e) {
            LOG.log(Level.ERROR, "an election listener, " + listener.getClass().getName() + ", failed", e);
        }
    }

    /** One stream at a time, so its calls come one at a time too. */
    private final class Receiver implements StreamCall.Events<LeaderResponse> {

        @Override
        public void onMessage(LeaderResponse message) {
            long revision = message.getKv().getModRevision();
            if (revision != told && !ended.get()) {
                told = revision;
                guarded(() -> listener.onNext(new io.etcd.jetcd.election.LeaderResponse(message, namespace)));
            }
            var current = stream;
            if (current != null) {
                current.request(1);
            }
        }

        @Override
        public void onCompleted() {
            reopenLater();
        }

        @Override
        public void onFailure(EtcdException failure, boolean mayResume) {
            if (mayResume) {
                reopenLater();
            } else if (end()) {
                guarded(() -> listener.onError(failure));
            }
        }
    }
}
