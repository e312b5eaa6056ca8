package org.etcdjakarta.core.tx;

import com.google.protobuf.ByteString;
import io.etcd.jetcd.api.CompactionRequest;
import io.etcd.jetcd.api.CompactionResponse;
import io.etcd.jetcd.api.Compare;
import io.etcd.jetcd.api.DeleteRangeRequest;
import io.etcd.jetcd.api.DeleteRangeResponse;
import io.etcd.jetcd.api.KeyValue;
import io.etcd.jetcd.api.PutRequest;
import io.etcd.jetcd.api.PutResponse;
import io.etcd.jetcd.api.RangeRequest;
import io.etcd.jetcd.api.RangeRequest.SortOrder;
import io.etcd.jetcd.api.RangeRequest.SortTarget;
import io.etcd.jetcd.api.RangeResponse;
import io.etcd.jetcd.api.RequestOp;
import io.etcd.jetcd.api.ResponseHeader;
import io.etcd.jetcd.api.ResponseOp;
import io.etcd.jetcd.api.TxnRequest;
import io.etcd.jetcd.api.TxnResponse;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.etcdjakarta.EtcdException;
import org.etcdjakarta.EtcdInDoubtException;
import org.etcdjakarta.EtcdUnavailableException;
import org.etcdjakarta.core.link.KvProtocol;

/**
 * etcd's KV service in memory: the whole store at every revision, written down from etcd's own code and sharing nothing with
 * the code under test. Faults are given in advance, one for each Txn to come.
 */
final class FakeEtcd implements KvProtocol {

    /** What becomes of a Txn and of its answer. */
    enum Fault {
        NONE,
        APPLIED_AND_LOST,
        NOT_APPLIED_AND_LOST,
        /** The answer is lost, and the request arrives when {@link #deliverLate()} says so. */
        LATE_AND_LOST,
        UNAVAILABLE
    }

    static final Comparator<ByteString> ORDER = ByteString.unsignedLexicographicalComparator();

    private final List<NavigableMap<ByteString, KeyValue>> history = new ArrayList<>();
    private final Deque<Fault> faults = new ArrayDeque<>();
    private final Deque<TxnRequest> late = new ArrayDeque<>();
    private final List<TxnRequest> txns = new ArrayList<>();
    private final List<RangeRequest> ranges = new ArrayList<>();
    private Runnable beforeAnswer = () -> {};
    private long compacted;

    FakeEtcd() {
        history.add(new TreeMap<>(ORDER));
        history.add(new TreeMap<>(ORDER));
    }

    synchronized FakeEtcd copy() {
        FakeEtcd copy = new FakeEtcd();
        copy.history.clear();
        history.forEach(revision -> copy.history.add(new TreeMap<>(revision)));
        copy.compacted = compacted;
        return copy;
    }

    /** The store as it was at a revision, and without the keys below a prefix; revisions stay what they are. */
    synchronized FakeEtcd copyAt(long revision, String without) {
        FakeEtcd copy = copy();
        while (copy.revision() > revision) {
            copy.history.remove(copy.history.size() - 1);
        }
        copy.history.forEach(
                store -> store.keySet().removeIf(key -> key.toStringUtf8().startsWith(without)));
        return copy;
    }

    synchronized void failNext(Fault... next) {
        faults.addAll(List.of(next));
    }

    synchronized void beforeAnswer(Runnable hook) {
        beforeAnswer = hook;
    }

    synchronized boolean deliverLate() {
        return apply(late.remove()).getSucceeded();
    }

    synchronized List<TxnRequest> txns() {
        return List.copyOf(txns);
    }

    synchronized List<RangeRequest> ranges() {
        return List.copyOf(ranges);
    }

    synchronized long revision() {
        return history.size() - 1L;
    }

    synchronized void put(String key, String value) {
        put(PutRequest.newBuilder()
                        .setKey(ByteString.copyFromUtf8(key))
                        .setValue(ByteString.copyFromUtf8(value))
                        .build())
                .join();
    }

    synchronized void delete(String key) {
        deleteRange(DeleteRangeRequest.newBuilder()
                        .setKey(ByteString.copyFromUtf8(key))
                        .build())
                .join();
    }

    synchronized List<String> keys() {
        return now().keySet().stream().map(ByteString::toStringUtf8).toList();
    }

    synchronized String value(String key) {
        KeyValue kv = now().get(ByteString.copyFromUtf8(key));
        return kv == null ? "(absent)" : kv.getValue().toStringUtf8();
    }

    /** The key as it is now. */
    synchronized KeyValue kv(String key) {
        return Objects.requireNonNull(now().get(ByteString.copyFromUtf8(key)), key);
    }

    synchronized NavigableMap<ByteString, KeyValue> store() {
        return new TreeMap<>(now());
    }

    @Override
    public CompletableFuture<RangeResponse> range(RangeRequest request) {
        RangeResponse answer;
        Runnable hook;
        synchronized (this) {
            ranges.add(request);
            if (request.getRevision() > revision()) {
                return failed("etcdserver: mvcc: required revision is a future revision");
            }
            if (request.getRevision() > 0 && request.getRevision() < compacted) {
                return failed("etcdserver: mvcc: required revision has been compacted");
            }
            NavigableMap<ByteString, KeyValue> at =
                    request.getRevision() > 0 ? history.get((int) request.getRevision()) : now();
            answer = range(request, at, revision());
            hook = beforeAnswer;
        }
        hook.run();
        return CompletableFuture.completedFuture(answer);
    }

    @Override
    public synchronized CompletableFuture<PutResponse> put(PutRequest request) {
        return outcome(() ->
                write(RequestOp.newBuilder().setRequestPut(request).build()).getResponsePut());
    }

    @Override
    public synchronized CompletableFuture<DeleteRangeResponse> deleteRange(DeleteRangeRequest request) {
        return outcome(() -> write(
                        RequestOp.newBuilder().setRequestDeleteRange(request).build())
                .getResponseDeleteRange());
    }

    @Override
    public CompletableFuture<TxnResponse> txn(TxnRequest request) {
        Runnable hook;
        CompletableFuture<TxnResponse> answer;
        synchronized (this) {
            txns.add(request);
            Fault fault = faults.isEmpty() ? Fault.NONE : faults.remove();
            hook = beforeAnswer;
            answer = switch (fault) {
                case NONE -> outcome(() -> apply(request));
                case APPLIED_AND_LOST -> {
                    apply(request);
                    yield lost();
                }
                case NOT_APPLIED_AND_LOST -> lost();
                case LATE_AND_LOST -> {
                    late.add(request);
                    yield lost();
                }
                case UNAVAILABLE ->
                    CompletableFuture.failedFuture(new EtcdUnavailableException(
                            "ETCD-00000", "no endpoint answered", EtcdException.Effect.NOT_APPLIED, "fake", null));
            };
        }
        hook.run();
        return answer;
    }

    @Override
    public synchronized CompletableFuture<CompactionResponse> compact(CompactionRequest request) {
        compacted = request.getRevision();
        return CompletableFuture.completedFuture(
                CompactionResponse.newBuilder().setHeader(header(revision())).build());
    }

    private ResponseOp write(RequestOp operation) {
        TxnResponse answer = apply(TxnRequest.newBuilder().addSuccess(operation).build());
        return answer.getResponses(0);
    }

    private synchronized TxnResponse apply(TxnRequest request) {
        NavigableMap<ByteString, KeyValue> next = new TreeMap<>(now());
        List<ByteString> changed = new ArrayList<>();
        limit(request, 128);
        TxnResponse answer = apply(request, new TreeMap<>(now()), next, changed);
        if (changed.isEmpty()) {
            return answer;
        }
        history.add(next);
        return answer.toBuilder().setHeader(header(revision())).build();
    }

    private static void limit(TxnRequest request, int allowed) {
        int most = Math.max(request.getCompareCount(), Math.max(request.getSuccessCount(), request.getFailureCount()));
        if (most > allowed) {
            throw refused("etcdserver: too many operations in txn request");
        }
    }

    private TxnResponse apply(
            TxnRequest request,
            NavigableMap<ByteString, KeyValue> before,
            NavigableMap<ByteString, KeyValue> next,
            List<ByteString> changed) {
        boolean succeeded = request.getCompareList().stream().allMatch(compare -> holds(compare, before));
        TxnResponse.Builder answer =
                TxnResponse.newBuilder().setSucceeded(succeeded).setHeader(header(revision()));
        long revision = revision() + 1;
        for (RequestOp operation : succeeded ? request.getSuccessList() : request.getFailureList()) {
            ResponseOp.Builder response = ResponseOp.newBuilder();
            if (operation.hasRequestRange()) {
                response.setResponseRange(range(operation.getRequestRange(), next, revision()));
            } else if (operation.hasRequestPut()) {
                response.setResponsePut(put(operation.getRequestPut(), next, revision, changed));
            } else if (operation.hasRequestDeleteRange()) {
                response.setResponseDeleteRange(delete(operation.getRequestDeleteRange(), next, changed));
            } else {
                response.setResponseTxn(apply(operation.getRequestTxn(), before, next, changed));
            }
            answer.addResponses(response);
        }
        return answer.build();
    }

    private static PutResponse put(
            PutRequest put, NavigableMap<ByteString, KeyValue> next, long revision, List<ByteString> changed) {
        if (changed.contains(put.getKey())) {
            throw refused("etcdserver: duplicate key given in txn request");
        }
        KeyValue old = next.get(put.getKey());
        if (old == null && (put.getIgnoreValue() || put.getIgnoreLease())) {
            throw refused("etcdserver: key not found");
        }
        KeyValue.Builder kv = KeyValue.newBuilder()
                .setKey(put.getKey())
                .setValue(put.getIgnoreValue() && old != null ? old.getValue() : put.getValue())
                .setLease(put.getIgnoreLease() && old != null ? old.getLease() : put.getLease())
                .setModRevision(revision)
                .setCreateRevision(old == null ? revision : old.getCreateRevision())
                .setVersion(old == null ? 1 : old.getVersion() + 1);
        next.put(put.getKey(), kv.build());
        changed.add(put.getKey());
        PutResponse.Builder answer = PutResponse.newBuilder().setHeader(header(revision));
        if (put.getPrevKv() && old != null) {
            answer.setPrevKv(old);
        }
        return answer.build();
    }

    private static DeleteRangeResponse delete(
            DeleteRangeRequest delete, NavigableMap<ByteString, KeyValue> next, List<ByteString> changed) {
        List<KeyValue> gone = in(next, delete.getKey(), delete.getRangeEnd());
        DeleteRangeResponse.Builder answer = DeleteRangeResponse.newBuilder().setDeleted(gone.size());
        for (KeyValue kv : gone) {
            if (changed.contains(kv.getKey())) {
                throw refused("etcdserver: duplicate key given in txn request");
            }
            next.remove(kv.getKey());
            changed.add(kv.getKey());
            if (delete.getPrevKv()) {
                answer.addPrevKvs(kv);
            }
        }
        return answer.build();
    }

    private static boolean holds(Compare compare, NavigableMap<ByteString, KeyValue> store) {
        List<KeyValue> found = in(store, compare.getKey(), compare.getRangeEnd());
        if (found.isEmpty()) {
            return compare.getTarget() != Compare.CompareTarget.VALUE && holds(compare, KeyValue.getDefaultInstance());
        }
        for (KeyValue kv : found) {
            if (!holds(compare, kv)) {
                return false;
            }
        }
        return true;
    }

    private static boolean holds(Compare compare, KeyValue kv) {
        int difference =
                switch (compare.getTarget()) {
                    case VERSION -> Long.signum(kv.getVersion() - compare.getVersion());
                    case CREATE -> Long.signum(kv.getCreateRevision() - compare.getCreateRevision());
                    case MOD -> Long.signum(kv.getModRevision() - compare.getModRevision());
                    case VALUE -> ORDER.compare(kv.getValue(), compare.getValue());
                    // LEASE, which jetcd's protocol file does not have
                    case UNRECOGNIZED -> Long.compare(kv.getLease(), lease(compare));
                };
        return switch (compare.getResult()) {
            case EQUAL -> difference == 0;
            case NOT_EQUAL -> difference != 0;
            case LESS -> difference < 0;
            case GREATER -> difference > 0;
            case UNRECOGNIZED -> throw new IllegalArgumentException();
        };
    }

    private static long lease(Compare compare) {
        if (compare.getTargetValue() != 4) {
            throw new IllegalArgumentException("target " + compare.getTargetValue());
        }
        return compare.getUnknownFields().getField(8).getVarintList().get(0);
    }

    /** As applierV3backend.Range does it. */
    private static RangeResponse range(RangeRequest asked, NavigableMap<ByteString, KeyValue> store, long revision) {
        List<KeyValue> all = in(store, asked.getKey(), asked.getRangeEnd());
        RangeResponse.Builder answer =
                RangeResponse.newBuilder().setHeader(header(revision)).setCount(all.size());
        if (asked.getCountOnly()) {
            return answer.build();
        }
        long fetch = asked.getLimit();
        if (asked.getSortOrder() != SortOrder.NONE
                || asked.getMinModRevision() != 0
                || asked.getMaxModRevision() != 0
                || asked.getMinCreateRevision() != 0
                || asked.getMaxCreateRevision() != 0) {
            fetch = 0;
        }
        List<KeyValue> kvs = new ArrayList<>();
        for (KeyValue kv : all) {
            if (fetch > 0 && kvs.size() == fetch + 1) {
                break;
            }
            kvs.add(kv);
        }
        if (asked.getMaxModRevision() != 0) {
            kvs.removeIf(kv -> kv.getModRevision() > asked.getMaxModRevision());
        }
        if (asked.getMinModRevision() != 0) {
            kvs.removeIf(kv -> kv.getModRevision() < asked.getMinModRevision());
        }
        if (asked.getMaxCreateRevision() != 0) {
            kvs.removeIf(kv -> kv.getCreateRevision() > asked.getMaxCreateRevision());
        }
        if (asked.getMinCreateRevision() != 0) {
            kvs.removeIf(kv -> kv.getCreateRevision() < asked.getMinCreateRevision());
        }
        Comparator<KeyValue> order =
                switch (asked.getSortTarget()) {
                    case KEY, UNRECOGNIZED -> (a, b) -> ORDER.compare(a.getKey(), b.getKey());
                    case VALUE -> (a, b) -> ORDER.compare(a.getValue(), b.getValue());
                    case VERSION -> Comparator.comparing(KeyValue::getVersion);
                    case CREATE -> Comparator.comparing(KeyValue::getCreateRevision);
                    case MOD -> Comparator.comparing(KeyValue::getModRevision);
                };
        if (asked.getSortOrder() == SortOrder.DESCEND) {
            kvs.sort(order.reversed());
        } else if (asked.getSortOrder() == SortOrder.ASCEND || asked.getSortTarget() != SortTarget.KEY) {
            kvs.sort(order);
        }
        for (KeyValue kv : kvs) {
            if (asked.getLimit() > 0 && answer.getKvsCount() == asked.getLimit()) {
                answer.setMore(true);
                break;
            }
            answer.addKvs(asked.getKeysOnly() ? kv.toBuilder().clearValue() : kv.toBuilder());
        }
        return answer.build();
    }

    private static List<KeyValue> in(NavigableMap<ByteString, KeyValue> store, ByteString key, ByteString end) {
        List<KeyValue> found = new ArrayList<>();
        boolean open = end.size() == 1 && end.byteAt(0) == 0;
        for (KeyValue kv : store.values()) {
            boolean in = end.isEmpty()
                    ? kv.getKey().equals(key)
                    : ORDER.compare(key, kv.getKey()) <= 0 && (open || ORDER.compare(kv.getKey(), end) < 0);
            if (in) {
                found.add(kv);
            }
        }
        return found;
    }

    private NavigableMap<ByteString, KeyValue> now() {
        return history.get(history.size() - 1);
    }

    private static ResponseHeader header(long revision) {
        return ResponseHeader.newBuilder()
                .setClusterId(42)
                .setRevision(revision)
                .build();
    }

    private static EtcdException refused(String message) {
        return new EtcdException("ETCD-00000", message, EtcdException.Effect.NOT_APPLIED, "fake", null);
    }

    private static <T> CompletableFuture<T> failed(String message) {
        return CompletableFuture.failedFuture(refused(message));
    }

    private static <T> CompletableFuture<T> lost() {
        return CompletableFuture.failedFuture(
                new EtcdInDoubtException("ETCD-00000", "answer lost", EtcdException.Effect.IN_DOUBT, "fake", null));
    }

    private static <T> CompletableFuture<T> outcome(Supplier<T> call) {
        try {
            return CompletableFuture.completedFuture(call.get());
        } catch (EtcdException e) {
            return CompletableFuture.failedFuture(e);
        }
    }
}
