package org.etcdjakarta.core.watch;

import com.google.protobuf.ByteString;
import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.KeyValue;
import io.etcd.jetcd.api.RangeRequest;
import io.etcd.jetcd.api.RangeResponse;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.BiConsumer;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import org.etcdjakarta.EtcdAccessException;
import org.etcdjakarta.core.range.PageLimit;

/**
 * Reads a whole range at one revision, in pages: the first page is linearizable, and its header's revision pins the others.
 * A compaction between two pages fails the read; who calls tries again.
 */
final class StateReader {

    private static final ByteString ZERO = ByteString.copyFrom(new byte[1]);

    private static final System.Logger LOG = System.getLogger(StateReader.class.getName());

    private static final long SHORTEST_PAUSE_MILLIS = 100;
    private static final long LONGEST_PAUSE_MILLIS = 1_000;

    private final Function<RangeRequest, CompletableFuture<RangeResponse>> range;
    private final ByteString watched;
    private final ByteString rangeEnd;
    private final ByteSequence namespace;
    private final AdapterKeys adapterKeys;

    StateReader(
            Function<RangeRequest, CompletableFuture<RangeResponse>> range,
            ByteString watched,
            ByteString rangeEnd,
            ByteSequence namespace,
            AdapterKeys adapterKeys) {
        this.range = range;
        this.watched = watched;
        this.rangeEnd = rangeEnd;
        this.namespace = namespace;
        this.adapterKeys = adapterKeys;
    }

    record State(long clusterId, long revision, List<KeyValue> keyValues) {}

    /**
     * Tries again, after a pause, until it has succeeded or access is denied: etcd may be away, or a page compacted away
     * under our hands. Completes never when it is not wanted any more.
     */
    CompletableFuture<State> readPatiently(BiConsumer<Duration, Runnable> later, BooleanSupplier wanted) {
        CompletableFuture<State> result = new CompletableFuture<>();
        attempt(later, wanted, SHORTEST_PAUSE_MILLIS, result);
        return result;
    }

    private void attempt(
            BiConsumer<Duration, Runnable> later,
            BooleanSupplier wanted,
            long pauseMillis,
            CompletableFuture<State> result) {
        var unused = read().whenComplete((state, failure) -> {
            Throwable cause = failure instanceof CompletionException ? failure.getCause() : failure;
            if (failure == null) {
                result.complete(state);
            } else if (cause instanceof EtcdAccessException) {
                result.completeExceptionally(cause);
            } else {
                LOG.log(Level.DEBUG, "the state after lost events could not be read yet", cause);
                later.accept(Duration.ofMillis(pauseMillis), () -> {
                    if (wanted.getAsBoolean()) {
                        attempt(later, wanted, Math.min(2 * pauseMillis, LONGEST_PAUSE_MILLIS), result);
                    }
                });
            }
        });
    }

    CompletableFuture<State> read() {
        return page(notEmpty(watched), 0, new PageLimit(), new ArrayList<>());
    }

    /** The store's revision now, as the whole cluster agrees on it. */
    CompletableFuture<State> revision() {
        RangeRequest request = RangeRequest.newBuilder()
                .setKey(notEmpty(watched))
                .setCountOnly(true)
                .build();
        return range.apply(request)
                .thenApply(response -> new State(
                        response.getHeader().getClusterId(),
                        response.getHeader().getRevision(),
                        List.of()));
    }

    private CompletableFuture<State> page(ByteString key, long revision, PageLimit limit, List<KeyValue> sofar) {
        RangeRequest.Builder request =
                RangeRequest.newBuilder().setKey(key).setRangeEnd(rangeEnd).setRevision(revision);
        return read(request, limit).thenCompose(response -> after(response, revision, limit, sofar));
    }

    private CompletableFuture<RangeResponse> read(RangeRequest.Builder request, PageLimit limit) {
        return range.apply(request.setLimit(limit.keys()).build())
                .exceptionallyCompose(failure ->
                        limit.lower(failure) ? read(request, limit) : CompletableFuture.failedFuture(failure));
    }

    private CompletableFuture<State> after(
            RangeResponse response, long revision, PageLimit limit, List<KeyValue> sofar) {
        long pinned = revision == 0 ? response.getHeader().getRevision() : revision;
        for (io.etcd.jetcd.api.KeyValue keyValue : response.getKvsList()) {
            if (!adapterKeys.hidden(watched, keyValue.getKey())) {
                sofar.add(new KeyValue(keyValue, namespace));
            }
        }
        if (!response.getMore() || response.getKvsCount() == 0) {
            return CompletableFuture.completedFuture(
                    new State(response.getHeader().getClusterId(), pinned, sofar));
        }
        limit.seen(response.getKvsCount(), response.getSerializedSize());
        ByteString last = response.getKvs(response.getKvsCount() - 1).getKey();
        return page(last.concat(ZERO), pinned, limit, sofar);
    }

    /** A watch takes the empty key for the first one, a range does not. */
    static ByteString notEmpty(ByteString key) {
        return key.isEmpty() ? ZERO : key;
    }
}
