package org.etcdjakarta.core.tx.simulation;

import com.google.protobuf.ByteString;
import io.etcd.jetcd.api.KeyValue;
import io.etcd.jetcd.api.RangeRequest;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.BiConsumer;
import org.etcdjakarta.EtcdException;
import org.etcdjakarta.embedded.service.BareServices;
import org.etcdjakarta.embedded.service.KvService;
import org.etcdjakarta.embedded.store.Store;

/** The embedded etcd's KV service, which answers at once; what lies between it and its callers is {@link SimulatedLink}'s. */
final class SimulatedEtcd {

    private static final ByteString ZERO = ByteString.copyFrom(new byte[1]);

    private final String name;
    private final Store store = new Store(Clock.fixed(Instant.EPOCH, ZoneOffset.UTC));
    private final KvService kv;

    SimulatedEtcd(String name, long clusterId) {
        this.name = name;
        this.kv = BareServices.over(store, clusterId).kv();
    }

    String name() {
        return name;
    }

    KvService kv() {
        return kv;
    }

    Store store() {
        return store;
    }

    /** All keys and values as they are now, in their order. */
    Map<String, KeyValue> everything() {
        Map<String, KeyValue> found = new LinkedHashMap<>();
        RangeRequest all =
                RangeRequest.newBuilder().setKey(ZERO).setRangeEnd(ZERO).build();
        call(kv::range, all)
                .join()
                .getKvsList()
                .forEach(each -> found.put(each.getKey().toStringUtf8(), each));
        return found;
    }

    /** Complete when it returns. */
    static <Q, R> CompletableFuture<R> call(BiConsumer<Q, StreamObserver<R>> method, Q request) {
        CompletableFuture<R> answer = new CompletableFuture<>();
        method.accept(request, new StreamObserver<>() {
            @Override
            public void onNext(R value) {
                answer.complete(value);
            }

            @Override
            public void onError(Throwable failure) {
                answer.completeExceptionally(new EtcdException(
                        "ETCD-00000",
                        String.valueOf(Status.fromThrowable(failure).getDescription()),
                        EtcdException.Effect.NOT_APPLIED,
                        "simulated",
                        failure));
            }

            @Override
            public void onCompleted() {
                // The answer came before.
            }
        });
        return answer;
    }
}
