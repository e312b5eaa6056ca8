package org.etcdjakarta.core.link;

import io.etcd.jetcd.api.LeaseGrpc;
import io.etcd.jetcd.common.exception.EtcdExceptionFactory;
import io.etcd.jetcd.lease.LeaseKeepAliveResponse;
import io.etcd.jetcd.support.CloseableClient;
import io.grpc.stub.StreamObserver;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.etcdjakarta.EtcdException;

/** What one reference on a link keeps alive on the link's stream; it ends with that reference, and the stream goes on for others. */
final class OwnKeepAlives {

    private final Calls calls;
    private final KeepAlives all;
    private final Set<KeepAliveObserver> observers = new HashSet<>();
    private final Set<Runnable> questions = new HashSet<>();
    private boolean closed;

    OwnKeepAlives(Calls calls, KeepAlives all) {
        this.calls = calls;
        this.all = all;
    }

    /** Begins at once. */
    CloseableClient add(long leaseId, StreamObserver<LeaseKeepAliveResponse> observer) {
        KeepAliveObserver added = new KeepAliveObserver(leaseId, observer, all.deliveries(), this::forget);
        synchronized (this) {
            if (closed) {
                throw EtcdExceptionFactory.newClosedLeaseClientException();
            }
            observers.add(added);
        }
        // close() may have ended it just now; then it is not kept alive for anybody.
        if (all.add(added) && isClosed()) {
            all.remove(added);
        }
        return new CloseableClient() {
            @Override
            public void close() {
                all.remove(added);
                added.complete();
            }
        };
    }

    private synchronized boolean isClosed() {
        return closed;
    }

    private synchronized void forget(KeepAliveObserver observer) {
        observers.remove(observer);
    }

    /** One message, and its own answer; fails when that does not come within the time, or before the end of the reference. */
    CompletableFuture<LeaseKeepAliveResponse> once(long leaseId, Duration within) {
        CompletableFuture<LeaseKeepAliveResponse> answer = new CompletableFuture<>();
        Runnable giveUp = () -> answer.completeExceptionally(end());
        synchronized (this) {
            if (closed) {
                giveUp.run();
                return answer;
            }
            questions.add(giveUp);
        }
        var unused = answer.whenComplete((told, failure) -> forget(giveUp));
        all.ask(leaseId, answer, within, () -> {});
        return answer;
    }

    private synchronized void forget(Runnable giveUp) {
        questions.remove(giveUp);
    }

    private EtcdException end() {
        return calls.errors.closed(LeaseGrpc.getLeaseKeepAliveMethod(), false, false);
    }

    /** Ends everything: observers are told, and nothing can be added any more. */
    void close() {
        List<KeepAliveObserver> ended;
        List<Runnable> unanswered;
        synchronized (this) {
            closed = true;
            ended = List.copyOf(observers);
            unanswered = List.copyOf(questions);
        }
        for (KeepAliveObserver observer : ended) {
            all.remove(observer);
            observer.fail(EtcdExceptionFactory.newClosedLeaseClientException());
        }
        unanswered.forEach(Runnable::run);
    }
}
