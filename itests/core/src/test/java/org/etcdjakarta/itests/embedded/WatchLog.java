package org.etcdjakarta.itests.embedded;

import io.etcd.jetcd.api.WatchRequest;
import io.etcd.jetcd.api.WatchResponse;
import io.grpc.stub.StreamObserver;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/** One watch stream of one server: what it said since it was last looked at, and how far it has come. */
final class WatchLog {

    private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(60);

    private final StreamObserver<WatchRequest> requests;
    private List<WatchResponse> answers = new ArrayList<>();
    private int created;
    private int canceled;
    private long createdId;
    private boolean createdRefused;
    private long barrier;

    WatchLog(Peer peer) {
        requests = peer.watch(new Collecting<>(answer -> hear(peer.mapped(answer))));
    }

    private synchronized void hear(WatchResponse answer) {
        if (answer.getWatchId() == TwinStream.BARRIER_ID && answer.getEventsCount() > 0) {
            barrier = answer.getEvents(answer.getEventsCount() - 1).getKv().getModRevision();
        } else {
            answers.add(answer);
        }
        if (answer.getCreated()) {
            created++;
            createdId = answer.getWatchId();
            createdRefused = answer.getCanceled();
        } else if (answer.getCanceled() && answer.getCompactRevision() == 0) {
            canceled++;
        }
        notifyAll();
    }

    void send(WatchRequest request) {
        requests.onNext(request);
    }

    synchronized void awaitCreated(int count) {
        await("answer number " + count + " to a create request", () -> created >= count);
    }

    synchronized void awaitCanceled(int count) {
        await("answer number " + count + " to a cancel request", () -> canceled >= count);
    }

    synchronized void awaitBarrier(long revision) {
        await("event of revision " + revision, () -> barrier >= revision);
    }

    synchronized void awaitEvent(long id) {
        await("event of watch " + id, () -> answers.stream()
                .anyMatch(answer -> answer.getWatchId() == id && answer.getEventsCount() > 0));
    }

    synchronized boolean lastCreateWasRefused() {
        return createdRefused;
    }

    synchronized long lastCreatedId() {
        return createdId;
    }

    /** What was said since the last call. */
    synchronized List<WatchResponse> take() {
        List<WatchResponse> taken = answers;
        answers = new ArrayList<>();
        return taken;
    }

    private void await(String what, BooleanSupplier reached) {
        long end = System.nanoTime() + PATIENCE_NANOS;
        try {
            while (!reached.getAsBoolean()) {
                long left = TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime());
                if (left <= 0) {
                    throw new AssertionError("no " + what + " within 60 s; since the last comparison: " + answers);
                }
                wait(left);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }
}
