package org.etcdjakarta.itests.watch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.etcdjakarta.itests.link.Links.GENEROUS;

import io.etcd.jetcd.api.PutRequest;
import io.etcd.jetcd.api.WatchCreateRequest;
import io.etcd.jetcd.api.WatchProgressRequest;
import io.etcd.jetcd.api.WatchRequest;
import io.etcd.jetcd.api.WatchResponse;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.etcdjakarta.itests.link.BareStubs;
import org.etcdjakarta.itests.support.EtcdServer;
import org.etcdjakarta.itests.support.WithEtcd;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * Why the answer to a question for progress moves no resume point: etcd 3.4.23 gives it before events that it speaks of
 * (etcd#15220). A client that resumed there would lose them. Asked with gRPC's own stubs.
 */
@WithEtcd
class RequestedProgressIT {

    private static final int BACKLOG = 400;
    private static final int ATTEMPTS = 200;

    private final EtcdServer etcd;
    private final BareStubs bare;

    RequestedProgressIT(EtcdServer etcd) {
        this.etcd = etcd;
        bare = BareStubs.to(etcd.endpoint());
    }

    @AfterEach
    void close() {
        bare.close();
    }

    @Test
    void answerOvertakesEventsUntilEtcdHadItMended() {
        for (int i = 0; i < BACKLOG; i++) {
            var unused = bare.kv()
                    .put(PutRequest.newBuilder()
                            .setKey(BareStubs.utf8("/progress/k"))
                            .setValue(BareStubs.utf8("x".repeat(2_000)))
                            .build());
        }
        boolean old = etcd.etcdctl("version").contains("3.4.23");
        boolean overtaken = false;
        for (int attempt = 0; attempt < (old ? ATTEMPTS : ATTEMPTS / 10) && !overtaken; attempt++) {
            overtaken = progressOvertakes();
        }

        assertThat(overtaken).isEqualTo(old);
    }

    /** A watch of the whole backlog, and at once the question how far it has come. */
    private boolean progressOvertakes() {
        Reader reader = new Reader();
        bare.watch().watch(reader);
        return reader.result.orTimeout(GENEROUS.toSeconds(), TimeUnit.SECONDS).join();
    }

    private static final class Reader implements ClientResponseObserver<WatchRequest, WatchResponse> {

        final CompletableFuture<Boolean> result = new CompletableFuture<>();
        private @Nullable ClientCallStreamObserver<WatchRequest> requests;
        private int events;

        @Override
        public void beforeStart(ClientCallStreamObserver<WatchRequest> call) {
            requests = call;
            call.setOnReadyHandler(() -> {
                if (!result.isDone() && events == 0) {
                    call.onNext(WatchRequest.newBuilder()
                            .setCreateRequest(WatchCreateRequest.newBuilder()
                                    .setKey(BareStubs.utf8("/progress/k"))
                                    .setStartRevision(2))
                            .build());
                    call.onNext(WatchRequest.newBuilder()
                            .setProgressRequest(WatchProgressRequest.getDefaultInstance())
                            .build());
                }
            });
        }

        @Override
        public void onNext(WatchResponse response) {
            events += response.getEventsCount();
            boolean progress = response.getWatchId() == -1;
            if (progress || events >= BACKLOG) {
                result.complete(
                        progress && events < BACKLOG && response.getHeader().getRevision() > events + 1);
                Objects.requireNonNull(requests).cancel("seen", null);
            }
        }

        @Override
        public void onError(Throwable failure) {
            result.completeExceptionally(failure);
        }

        @Override
        public void onCompleted() {
            result.completeExceptionally(new IllegalStateException("ended"));
        }
    }
}
