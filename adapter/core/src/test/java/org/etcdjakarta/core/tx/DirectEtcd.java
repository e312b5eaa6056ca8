package org.etcdjakarta.core.tx;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.etcd.jetcd.api.CompactionRequest;
import io.etcd.jetcd.api.CompactionResponse;
import io.etcd.jetcd.api.DeleteRangeRequest;
import io.etcd.jetcd.api.DeleteRangeResponse;
import io.etcd.jetcd.api.Event;
import io.etcd.jetcd.api.KeyValue;
import io.etcd.jetcd.api.PutRequest;
import io.etcd.jetcd.api.PutResponse;
import io.etcd.jetcd.api.RangeRequest;
import io.etcd.jetcd.api.RangeResponse;
import io.etcd.jetcd.api.TxnRequest;
import io.etcd.jetcd.api.TxnResponse;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.function.BiConsumer;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.etcdjakarta.EtcdException;
import org.etcdjakarta.EtcdInDoubtException;
import org.etcdjakarta.EtcdUnavailableException;
import org.etcdjakarta.core.link.KvProtocol;
import org.etcdjakarta.embedded.service.BareServices;
import org.etcdjakarta.embedded.service.KvService;
import org.etcdjakarta.embedded.store.Draft;
import org.etcdjakarta.embedded.store.KeyRange;
import org.etcdjakarta.embedded.store.Revision;
import org.etcdjakarta.embedded.store.Store;

/**
 * The KV service of the embedded etcd, asked on the caller's own thread: answers are there when a call returns, and a test can
 * fork the whole store thousands of times. Faults are given in advance, one for each Txn to come, as the link would report them;
 * {@link LostAnswersTest} has the same ones happen to real calls.
 */
final class DirectEtcd implements KvProtocol {

    /** What becomes of a Txn and of its answer. */
    enum Fault {
        NONE,
        APPLIED_AND_LOST,
        NOT_APPLIED_AND_LOST,
        /** The answer is lost, and the request arrives when {@link #deliverLate()} says so. */
        LATE_AND_LOST,
        UNAVAILABLE
    }

    private static final Pattern SLOT = Pattern.compile(".*/o/[-0-9a-f.]{73}/\\d+");
    private static final ByteString FILLER = ByteString.copyFromUtf8("filler");
    private static final ByteString ZERO = ByteString.copyFrom(new byte[1]);
    private static final RangeRequest EVERYTHING =
            RangeRequest.newBuilder().setKey(ZERO).setRangeEnd(ZERO).build();

    private final Store store;
    private final KvService kv;
    private final Deque<Fault> faults = new ArrayDeque<>();
    private final Deque<TxnRequest> late = new ArrayDeque<>();
    private final List<TxnRequest> txns = new ArrayList<>();
    private final List<RangeRequest> ranges = new ArrayList<>();
    private Runnable beforeAnswer = () -> {};
    private boolean away;
    private int failingPuts;

    /** Empty. Time stands still: no lease ends. */
    DirectEtcd() {
        this(new Store(Clock.fixed(Instant.EPOCH, ZoneOffset.UTC)));
    }

    private DirectEtcd(Store store) {
        this.store = store;
        this.kv = BareServices.over(store, 42).kv();
    }

    /** Another one with the same data, as they are now. */
    DirectEtcd fork() {
        return new DirectEtcd(store.fork());
    }

    /** Another one with the same revisions, in which the keys below a prefix have never been written. */
    DirectEtcd without(String prefix) {
        DirectEtcd other = new DirectEtcd();
        store.leases().forEach(lease -> other.grant(lease.id()));
        for (Revision revision : store.keyspace().since(2)) {
            other.store.write(draft -> {
                // Also a revision of which nothing is left has its number.
                draft.put(FILLER, ByteString.EMPTY, 0);
                draft.delete(single(FILLER));
                for (Event event : revision.events()) {
                    if (!event.getKv().getKey().toStringUtf8().startsWith(prefix)) {
                        replay(event, draft);
                    }
                }
                return null;
            });
        }
        return other;
    }

    private static void replay(Event event, Draft draft) {
        KeyValue kv = event.getKv();
        if (event.getType() == Event.EventType.PUT) {
            draft.put(kv.getKey(), kv.getValue(), kv.getLease());
        } else {
            draft.delete(single(kv.getKey()));
        }
    }

    private static KeyRange single(ByteString key) {
        return new KeyRange(key, ByteString.EMPTY);
    }

    /** From now on no Txn is answered, and none arrives, once those of {@link #failNext} are through; until it is back. */
    synchronized void away(boolean now) {
        away = now;
    }

    synchronized void failNext(Fault... next) {
        faults.addAll(List.of(next));
    }

    /** Runs after a range or a Txn was answered and before its caller hears of it. */
    synchronized void beforeAnswer(Runnable hook) {
        beforeAnswer = hook;
    }

    synchronized boolean deliverLate() {
        return Requests.done(call(kv::txn, late.remove())).getSucceeded();
    }

    synchronized List<TxnRequest> txns() {
        return List.copyOf(txns);
    }

    synchronized List<RangeRequest> ranges() {
        return List.copyOf(ranges);
    }

    long revision() {
        return store.keyspace().current().number();
    }

    /** etcd takes no key on a lease that it does not have. */
    void grant(long lease) {
        assertThat(store.grant(lease, 60)).isNotNull();
    }

    void put(String key, String value) {
        Requests.put(this, key, value);
    }

    void delete(String key) {
        Requests.delete(this, key);
    }

    /** But for slots, which are kept for the next commit. */
    List<String> keys() {
        return all().filter(key -> !isSlot(key)).toList();
    }

    List<String> slots() {
        return all().filter(DirectEtcd::isSlot).toList();
    }

    private static boolean isSlot(String key) {
        return SLOT.matcher(key).matches();
    }

    private Stream<String> all() {
        return store().keySet().stream().map(ByteString::toStringUtf8);
    }

    String value(String key) {
        KeyValue kv = store().get(ByteString.copyFromUtf8(key));
        return kv == null ? "(absent)" : kv.getValue().toStringUtf8();
    }

    /** The key as it is now. */
    KeyValue kv(String key) {
        return Objects.requireNonNull(store().get(ByteString.copyFromUtf8(key)), key);
    }

    /** All keys as they are now, in their order. */
    Map<ByteString, KeyValue> store() {
        Map<ByteString, KeyValue> found = new LinkedHashMap<>();
        Requests.done(call(kv::range, EVERYTHING)).getKvsList().forEach(kv -> found.put(kv.getKey(), kv));
        return found;
    }

    @Override
    public CompletableFuture<RangeResponse> range(RangeRequest request) {
        CompletableFuture<RangeResponse> answer;
        Runnable hook;
        synchronized (this) {
            ranges.add(request);
            answer = call(kv::range, request);
            hook = beforeAnswer;
        }
        hook.run();
        return answer;
    }

    /** Applied, and not answered. */
    synchronized void failNextPuts(int number) {
        failingPuts = number;
    }

    @Override
    public CompletableFuture<PutResponse> put(PutRequest request) {
        CompletableFuture<PutResponse> answer = call(kv::put, request);
        synchronized (this) {
            return failingPuts-- > 0 ? lost() : answer;
        }
    }

    @Override
    public CompletableFuture<DeleteRangeResponse> deleteRange(DeleteRangeRequest request) {
        return call(kv::deleteRange, request);
    }

    @Override
    public CompletableFuture<TxnResponse> txn(TxnRequest request) {
        CompletableFuture<TxnResponse> answer;
        Runnable hook;
        synchronized (this) {
            txns.add(request);
            Fault fault = !faults.isEmpty() ? faults.remove() : away ? Fault.UNAVAILABLE : Fault.NONE;
            answer = switch (fault) {
                case NONE -> call(kv::txn, request);
                case APPLIED_AND_LOST -> call(kv::txn, request).thenCompose(applied -> lost());
                case NOT_APPLIED_AND_LOST -> lost();
                case LATE_AND_LOST -> {
                    late.add(request);
                    yield lost();
                }
                case UNAVAILABLE ->
                    CompletableFuture.failedFuture(new EtcdUnavailableException(
                            "ETCD-00000", "no endpoint answered", EtcdException.Effect.NOT_APPLIED, "direct", null));
            };
            hook = beforeAnswer;
        }
        hook.run();
        return answer;
    }

    @Override
    public CompletableFuture<CompactionResponse> compact(CompactionRequest request) {
        return call(kv::compact, request);
    }

    private static <Q, R> CompletableFuture<R> call(BiConsumer<Q, StreamObserver<R>> method, Q request) {
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
                        "direct",
                        failure));
            }

            @Override
            public void onCompleted() {
                // The answer came before.
            }
        });
        return answer;
    }

    private static <T> CompletableFuture<T> lost() {
        return CompletableFuture.failedFuture(
                new EtcdInDoubtException("ETCD-00000", "answer lost", EtcdException.Effect.IN_DOUBT, "direct", null));
    }
}
