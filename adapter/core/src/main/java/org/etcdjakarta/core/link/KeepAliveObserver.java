package org.etcdjakarta.core.link;

import com.google.common.util.concurrent.MoreExecutors;
import io.etcd.jetcd.lease.LeaseKeepAliveResponse;
import io.grpc.stub.StreamObserver;
import java.lang.System.Logger.Level;
import java.util.concurrent.Executor;
import java.util.function.Consumer;

/** One observer of a keep-alive, called one at a time on the link's pool ({@link Deliveries}), never after its end. */
final class KeepAliveObserver {

    private static final System.Logger LOG = System.getLogger(KeepAliveObserver.class.getName());

    private final long leaseId;
    private final StreamObserver<LeaseKeepAliveResponse> observer;
    private final Executor turn;
    private final Consumer<KeepAliveObserver> onEnd;
    private volatile boolean ended;

    /** @param onEnd told once, before the observer hears of its end */
    KeepAliveObserver(
            long leaseId,
            StreamObserver<LeaseKeepAliveResponse> observer,
            Executor executor,
            Consumer<KeepAliveObserver> onEnd) {
        this.leaseId = leaseId;
        this.observer = observer;
        this.onEnd = onEnd;
        turn = MoreExecutors.newSequentialExecutor(executor);
    }

    long leaseId() {
        return leaseId;
    }

    void tell(LeaseKeepAliveResponse response) {
        turn.execute(() -> {
            if (!ended) {
                guarded(told -> told.onNext(response));
            }
        });
    }

    void complete() {
        end(StreamObserver::onCompleted);
    }

    void fail(Throwable failure) {
        end(told -> told.onError(failure));
    }

    private void end(Consumer<StreamObserver<LeaseKeepAliveResponse>> what) {
        turn.execute(() -> {
            if (!ended) {
                ended = true;
                onEnd.accept(this);
                guarded(what);
            }
        });
    }

    private void guarded(Consumer<StreamObserver<LeaseKeepAliveResponse>> what) {
        try {
            what.accept(observer);
        } catch (RuntimeException | Error e) {
            LOG.log(Level.ERROR, "a keep-alive observer, " + observer.getClass().getName() + ", failed", e);
        }
    }
}
