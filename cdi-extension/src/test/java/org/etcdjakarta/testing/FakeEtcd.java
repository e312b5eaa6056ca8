package org.etcdjakarta.testing;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.protobuf.ByteString;
import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.KeyValue;
import io.etcd.jetcd.Txn;
import io.etcd.jetcd.api.RangeResponse;
import io.etcd.jetcd.api.ResponseHeader;
import io.etcd.jetcd.kv.CompactResponse;
import io.etcd.jetcd.kv.DeleteResponse;
import io.etcd.jetcd.kv.GetResponse;
import io.etcd.jetcd.kv.PutResponse;
import io.etcd.jetcd.op.TxnImpl;
import io.etcd.jetcd.options.CompactOption;
import io.etcd.jetcd.options.DeleteOption;
import io.etcd.jetcd.options.GetOption;
import io.etcd.jetcd.options.PutOption;
import io.etcd.jetcd.options.TxnOption;
import io.etcd.jetcd.watch.WatchEvent;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import org.etcdjakarta.EtcdException;
import org.etcdjakarta.EtcdGap;
import org.etcdjakarta.EtcdKv;
import org.etcdjakarta.EtcdOp;
import org.etcdjakarta.EtcdPages;
import org.etcdjakarta.EtcdResult;
import org.etcdjakarta.core.range.KvPages;
import org.etcdjakarta.core.range.PageSource;
import org.etcdjakarta.core.watch.OnThrow;
import org.etcdjakarta.core.watch.RevisionBatch;
import org.etcdjakarta.core.watch.WatchConsumer;
import org.etcdjakarta.core.watch.WatchHub;
import org.etcdjakarta.core.watch.WatchSpec;
import org.jspecify.annotations.Nullable;

/** What the extension uses of a cluster: ranges at a revision, puts, transactions that it only counts, and watches. */
public final class FakeEtcd implements EtcdKv, PageSource, WatchHub {

    private final Map<Long, NavigableMap<String, KeyValue>> history = new HashMap<>();
    private final List<FakeWatch> watches = new CopyOnWriteArrayList<>();
    private final List<String> calls = new CopyOnWriteArrayList<>();
    private volatile @Nullable RuntimeException failure;
    private @Nullable Runnable afterPage;
    private long revision = 1;

    public FakeEtcd() {
        history.put(revision, new TreeMap<>());
    }

    /** Every call fails with this, until it is called with null. */
    public void fail(@Nullable RuntimeException with) {
        failure = with;
    }

    /** Something that happens between the first page of a range and the second. */
    public synchronized void afterFirstPage(Runnable action) {
        afterPage = action;
    }

    public List<String> calls() {
        return calls;
    }

    public List<FakeWatch> watches() {
        return watches;
    }

    public synchronized long revision() {
        return revision;
    }

    /** Key, value, key, value...; a null value deletes. All in one revision, told to all watches. */
    public void put(@Nullable String... keysAndValues) {
        List<WatchEvent> events = new ArrayList<>();
        synchronized (this) {
            for (int i = 0; i < keysAndValues.length; i += 2) {
                String value = keysAndValues[i + 1];
                events.add(
                        change(String.valueOf(keysAndValues[i]), value == null ? null : value.getBytes(UTF_8), i == 0));
            }
        }
        tell(events);
    }

    public void putBytes(String key, byte[] value) {
        List<WatchEvent> events;
        synchronized (this) {
            events = List.of(change(key, value, true));
        }
        tell(events);
    }

    public void lose(EtcdGap.Reason reason) {
        for (FakeWatch watch : watches) {
            EtcdGap gap;
            synchronized (this) {
                gap = new EtcdGap(
                        reason,
                        watch.spec.key().toString(UTF_8),
                        1,
                        revision,
                        range(watch.spec.key(), watch.spec.rangeEnd(), revision));
            }
            watch.run(() -> watch.consumer.onGap(gap));
        }
    }

    /** Changes that no watch is told of: they come to light with the next gap. */
    public synchronized void putUnseen(String key, String value) {
        change(key, value.getBytes(UTF_8), true);
    }

    public void endWatches(EtcdException with) {
        watches.forEach(watch -> watch.run(() -> watch.consumer.onFailure(with)));
        watches.clear();
    }

    private WatchEvent change(String key, byte @Nullable [] value, boolean nextRevision) {
        if (nextRevision) {
            history.put(revision + 1, new TreeMap<>(state(revision)));
            revision++;
        }
        NavigableMap<String, KeyValue> now = state(revision);
        KeyValue before = now.get(key);
        var changed = io.etcd.jetcd.api.KeyValue.newBuilder()
                .setKey(ByteString.copyFromUtf8(key))
                .setModRevision(revision);
        KeyValue none = new KeyValue(io.etcd.jetcd.api.KeyValue.getDefaultInstance(), ByteSequence.EMPTY);
        if (value == null) {
            now.remove(key);
        } else {
            changed.setValue(ByteString.copyFrom(value))
                    .setVersion(before == null ? 1 : before.getVersion() + 1)
                    .setCreateRevision(before == null ? revision : before.getCreateRevision());
            now.put(key, new KeyValue(changed.build(), ByteSequence.EMPTY));
        }
        return new WatchEvent(
                new KeyValue(changed.build(), ByteSequence.EMPTY),
                before == null ? none : before,
                value == null ? WatchEvent.EventType.DELETE : WatchEvent.EventType.PUT);
    }

    private void tell(List<WatchEvent> events) {
        for (FakeWatch watch : watches) {
            List<WatchEvent> seen = events.stream().filter(watch::sees).toList();
            if (!seen.isEmpty()) {
                long at = seen.get(0).getKeyValue().getModRevision();
                watch.run(() -> watch.consumer.onBatch(new RevisionBatch(at, seen)));
            }
        }
    }

    private NavigableMap<String, KeyValue> state(long at) {
        NavigableMap<String, KeyValue> state = history.get(at);
        if (state == null) {
            throw new IllegalStateException("no revision " + at);
        }
        return state;
    }

    private List<KeyValue> range(ByteSequence from, @Nullable ByteSequence end, long at) {
        NavigableMap<String, KeyValue> state = state(at);
        String first = from.toString(UTF_8);
        return List.copyOf(
                (end == null ? state.subMap(first, true, first, true) : state.subMap(first, end.toString(UTF_8)))
                        .values());
    }

    @Override
    public CompletableFuture<GetResponse> get(ByteSequence key, GetOption option) {
        calls.add("get " + key.toString(UTF_8));
        RuntimeException failing = failure;
        if (failing != null) {
            return CompletableFuture.failedFuture(failing);
        }
        GetResponse response;
        Runnable action;
        synchronized (this) {
            long at = option.getRevision() == 0 ? revision : option.getRevision();
            List<KeyValue> all = range(key, option.getEndKey().orElse(null), at);
            int size = option.getLimit() == 0 ? all.size() : (int) Math.min(all.size(), option.getLimit());
            var range = RangeResponse.newBuilder()
                    .setHeader(ResponseHeader.newBuilder().setRevision(revision))
                    .setMore(size < all.size())
                    .setCount(all.size());
            for (KeyValue one : all.subList(0, size)) {
                range.addKvs(io.etcd.jetcd.api.KeyValue.newBuilder()
                        .setKey(ByteString.copyFrom(one.getKey().getBytes()))
                        .setValue(ByteString.copyFrom(one.getValue().getBytes()))
                        .setModRevision(one.getModRevision()));
            }
            response = new GetResponse(range.build(), ByteSequence.EMPTY);
            action = afterPage;
            afterPage = null;
        }
        if (action != null) {
            action.run();
        }
        return CompletableFuture.completedFuture(response);
    }

    @Override
    public CompletableFuture<PutResponse> put(ByteSequence key, ByteSequence value) {
        calls.add("put " + key.toString(UTF_8));
        put(key.toString(UTF_8), value.toString(UTF_8));
        return CompletableFuture.completedFuture(
                new PutResponse(io.etcd.jetcd.api.PutResponse.getDefaultInstance(), ByteSequence.EMPTY));
    }

    @Override
    public Txn txn(TxnOption option) {
        return TxnImpl.newTxn(
                request -> {
                    calls.add("txn " + request.getCompareCount() + " " + request.getSuccessCount() + " "
                            + request.getFailureCount());
                    return CompletableFuture.completedFuture(new io.etcd.jetcd.kv.TxnResponse(
                            io.etcd.jetcd.api.TxnResponse.getDefaultInstance(), ByteSequence.EMPTY));
                },
                ByteSequence.EMPTY);
    }

    @Override
    public CompletableFuture<EtcdResult> execute(EtcdOp op) {
        calls.add("execute " + op.getClass().getSimpleName());
        return CompletableFuture.completedFuture(new EtcdResult.Put(
                new PutResponse(io.etcd.jetcd.api.PutResponse.getDefaultInstance(), ByteSequence.EMPTY)));
    }

    @Override
    public EtcdPages pages(ByteSequence key, GetOption option) {
        return new KvPages(this, key, option);
    }

    @Override
    public CompletableFuture<Page> page(ByteSequence key, GetOption option, @Nullable Origin origin) {
        GetOption.Builder pinned = GetOption.builder().withLimit(option.getLimit());
        option.getEndKey().ifPresent(pinned::withRange);
        long at = origin == null ? option.getRevision() : origin.revision();
        return get(key, pinned.withRevision(at).build())
                .thenApply(response -> new Page(
                        response,
                        100L * response.getKvs().size(),
                        origin == null ? new Origin(response.getHeader().getRevision(), null) : origin));
    }

    @Override
    public Subscription subscribe(WatchSpec spec, WatchConsumer consumer, Executor executor, OnThrow onThrow) {
        calls.add("watch " + spec.key().toString(UTF_8));
        FakeWatch watch = new FakeWatch(spec, consumer, executor);
        watches.add(watch);
        return watch;
    }

    @Override
    public CompletableFuture<GetResponse> get(ByteSequence key) {
        return get(key, GetOption.DEFAULT);
    }

    @Override
    public Txn txn() {
        return txn(TxnOption.DEFAULT);
    }

    @Override
    public CompletableFuture<PutResponse> put(ByteSequence key, ByteSequence value, PutOption option) {
        return put(key, value);
    }

    @Override
    public CompletableFuture<DeleteResponse> delete(ByteSequence key) {
        throw new UnsupportedOperationException();
    }

    @Override
    public CompletableFuture<DeleteResponse> delete(ByteSequence key, DeleteOption option) {
        throw new UnsupportedOperationException();
    }

    @Override
    public CompletableFuture<CompactResponse> compact(long rev) {
        throw new UnsupportedOperationException();
    }

    @Override
    public CompletableFuture<CompactResponse> compact(long rev, CompactOption option) {
        throw new UnsupportedOperationException();
    }

    /** A watch that calls its consumer one at a time, as the hub promises. */
    public final class FakeWatch implements Subscription {

        private final WatchSpec spec;
        private final WatchConsumer consumer;
        private final Executor executor;
        private final AtomicBoolean closed = new AtomicBoolean();
        private CompletableFuture<Void> last = CompletableFuture.completedFuture(null);

        private FakeWatch(WatchSpec spec, WatchConsumer consumer, Executor executor) {
            this.spec = spec;
            this.consumer = consumer;
            this.executor = executor;
        }

        public WatchSpec spec() {
            return spec;
        }

        private boolean sees(WatchEvent event) {
            ByteSequence end = spec.rangeEnd();
            String key = event.getKeyValue().getKey().toString(UTF_8);
            String first = spec.key().toString(UTF_8);
            boolean inRange = end == null
                    ? key.equals(first)
                    : key.compareTo(first) >= 0 && key.compareTo(end.toString(UTF_8)) < 0;
            return inRange && (event.getEventType() == WatchEvent.EventType.PUT ? spec.puts() : spec.deletes());
        }

        private synchronized void run(Runnable task) {
            last = last.thenRunAsync(
                    () -> {
                        if (!closed.get()) {
                            task.run();
                        }
                    },
                    executor);
        }

        @Override
        public boolean isClosed() {
            return closed.get();
        }

        @Override
        public void close() {
            closed.set(true);
            watches.remove(this);
            calls.add("unwatch " + spec.key().toString(UTF_8));
        }
    }
}
