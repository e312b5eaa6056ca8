package org.etcdjakarta.core.tx;

import io.etcd.jetcd.api.CompactionRequest;
import io.etcd.jetcd.api.CompactionResponse;
import io.etcd.jetcd.api.Compare;
import io.etcd.jetcd.api.DeleteRangeRequest;
import io.etcd.jetcd.api.DeleteRangeResponse;
import io.etcd.jetcd.api.KeyValue;
import io.etcd.jetcd.api.PutRequest;
import io.etcd.jetcd.api.PutResponse;
import io.etcd.jetcd.api.RangeRequest;
import io.etcd.jetcd.api.RangeResponse;
import io.etcd.jetcd.api.RequestOp;
import io.etcd.jetcd.api.ResponseOp;
import io.etcd.jetcd.api.TxnRequest;
import io.etcd.jetcd.api.TxnResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.etcdjakarta.EtcdException;
import org.etcdjakarta.core.link.KvProtocol;

/**
 * etcd without the reserved keys: what addresses them is refused, ranges that span them are split around them. All other
 * requests pass as they are.
 */
final class FilteredKv implements KvProtocol {

    private final KvProtocol kv;
    private final ReservedKeys reserved;

    FilteredKv(KvProtocol kv, ReservedKeys reserved) {
        this.kv = kv;
        this.reserved = reserved;
    }

    /** Two parts are read one after the other, the second at the revision of the first. */
    @Override
    public CompletableFuture<RangeResponse> range(RangeRequest request) {
        return checked(() -> {
            KeyRange asked = KeyRange.of(request.getKey(), request.getRangeEnd());
            if (!reserved.touches(asked)) {
                return kv.range(request);
            }
            List<KeyRange> parts = reserved.around(asked);
            if (parts.size() == 1) {
                return kv.range(at(request.toBuilder(), parts.get(0)).build());
            }
            RangeRequest.Builder part = part(request);
            return kv.range(at(part, parts.get(0)).build()).thenCompose(first -> kv.range(at(part, parts.get(1))
                            .setRevision(
                                    request.getRevision() > 0
                                            ? request.getRevision()
                                            : first.getHeader().getRevision())
                            .build())
                    .thenApply(second -> merge(request, first, second)));
        });
    }

    @Override
    public CompletableFuture<PutResponse> put(PutRequest request) {
        return checked(() -> {
            reserved.refuse(request.getKey());
            return kv.put(request);
        });
    }

    @Override
    public CompletableFuture<DeleteRangeResponse> deleteRange(DeleteRangeRequest request) {
        return checked(() -> {
            if (!reserved.touches(KeyRange.of(request.getKey(), request.getRangeEnd()))) {
                return kv.deleteRange(request);
            }
            TxnRequest.Builder both = TxnRequest.newBuilder();
            split(request).forEach(both::addSuccess);
            return kv.txn(both.build()).thenApply(FilteredKv::mergeDeletes);
        });
    }

    @Override
    public CompletableFuture<TxnResponse> txn(TxnRequest request) {
        return checked(() -> {
            return spans(request)
                    ? kv.txn(rewrite(request)).thenApply(answer -> restore(request, answer))
                    : kv.txn(request);
        });
    }

    @Override
    public CompletableFuture<CompactionResponse> compact(CompactionRequest request) {
        return kv.compact(request);
    }

    /** True when a range of the Txn has to be split; refuses what addresses the reserved keys. */
    private boolean spans(TxnRequest request) {
        for (Compare compare : request.getCompareList()) {
            reserved.refuse(compare.getKey());
            if (reserved.touches(KeyRange.of(compare.getKey(), compare.getRangeEnd()))) {
                // etcd treats an empty range as one absent key: two compares would not say the same as one
                throw TxErrors.compareSpansReserved(compare.getKey());
            }
        }
        boolean spans = false;
        for (RequestOp operation : request.getSuccessList()) {
            spans |= spans(operation);
        }
        for (RequestOp operation : request.getFailureList()) {
            spans |= spans(operation);
        }
        return spans;
    }

    private boolean spans(RequestOp operation) {
        return switch (operation.getRequestCase()) {
            case REQUEST_RANGE ->
                reserved.touches(KeyRange.of(
                        operation.getRequestRange().getKey(),
                        operation.getRequestRange().getRangeEnd()));
            case REQUEST_DELETE_RANGE ->
                reserved.touches(KeyRange.of(
                        operation.getRequestDeleteRange().getKey(),
                        operation.getRequestDeleteRange().getRangeEnd()));
            case REQUEST_PUT -> {
                reserved.refuse(operation.getRequestPut().getKey());
                yield false;
            }
            case REQUEST_TXN -> spans(operation.getRequestTxn());
            case REQUEST_NOT_SET -> false;
        };
    }

    /** A range in a Txn that spans the reserved keys becomes a nested Txn of its parts. */
    private TxnRequest rewrite(TxnRequest request) {
        TxnRequest.Builder rewritten = request.toBuilder().clearSuccess().clearFailure();
        request.getSuccessList().forEach(operation -> rewritten.addSuccess(rewrite(operation)));
        request.getFailureList().forEach(operation -> rewritten.addFailure(rewrite(operation)));
        return rewritten.build();
    }

    private RequestOp rewrite(RequestOp operation) {
        if (!spans(operation)) {
            return operation;
        }
        TxnRequest.Builder parts = TxnRequest.newBuilder();
        if (operation.hasRequestTxn()) {
            parts = rewrite(operation.getRequestTxn()).toBuilder();
        } else if (operation.hasRequestRange()) {
            parts.addAllSuccess(split(operation.getRequestRange()));
        } else {
            parts.addAllSuccess(split(operation.getRequestDeleteRange()));
        }
        return RequestOp.newBuilder().setRequestTxn(parts).build();
    }

    /** The answers to the request as it was before {@link #rewrite(TxnRequest)}. */
    private TxnResponse restore(TxnRequest request, TxnResponse answer) {
        List<RequestOp> operations = answer.getSucceeded() ? request.getSuccessList() : request.getFailureList();
        TxnResponse.Builder restored = answer.toBuilder().clearResponses();
        for (int i = 0; i < operations.size(); i++) {
            RequestOp operation = operations.get(i);
            ResponseOp got = answer.getResponses(i);
            ResponseOp.Builder response = got.toBuilder();
            if (operation.hasRequestTxn()) {
                response.setResponseTxn(restore(operation.getRequestTxn(), got.getResponseTxn()));
            } else if (spans(operation) && operation.hasRequestRange()) {
                List<ResponseOp> parts = got.getResponseTxn().getResponsesList();
                RangeResponse first = parts.get(0).getResponseRange();
                RangeResponse second = parts.size() == 1
                        ? RangeResponse.getDefaultInstance()
                        : parts.get(1).getResponseRange();
                response.setResponseRange(merge(operation.getRequestRange(), first, second));
            } else if (spans(operation)) {
                response.setResponseDeleteRange(mergeDeletes(got.getResponseTxn()));
            }
            restored.addResponses(response);
        }
        return restored.build();
    }

    private List<RequestOp> split(RangeRequest request) {
        RangeRequest.Builder part = part(request);
        return reserved.around(KeyRange.of(request.getKey(), request.getRangeEnd())).stream()
                .map(range ->
                        RequestOp.newBuilder().setRequestRange(at(part, range)).build())
                .toList();
    }

    private List<RequestOp> split(DeleteRangeRequest request) {
        return reserved.around(KeyRange.of(request.getKey(), request.getRangeEnd())).stream()
                .map(range -> RequestOp.newBuilder()
                        .setRequestDeleteRange(
                                request.toBuilder().setKey(range.from()).setRangeEnd(range.rangeEnd()))
                        .build())
                .toList();
    }

    /** Asks for all that {@link RangeAnswer} needs to filter, sort and cut the parts together. */
    private static RangeRequest.Builder part(RangeRequest request) {
        RangeRequest.Builder part = RangeRequest.newBuilder()
                .setRevision(request.getRevision())
                .setSerializable(request.getSerializable())
                .setCountOnly(request.getCountOnly())
                .setKeysOnly(!RangeAnswer.needsValues(request));
        if (RangeAnswer.stopsEarly(request) && request.getLimit() < Long.MAX_VALUE) {
            part.setLimit(request.getLimit() + 1);
        }
        return part;
    }

    private static RangeRequest.Builder at(RangeRequest.Builder request, KeyRange range) {
        return request.setKey(range.from()).setRangeEnd(range.rangeEnd());
    }

    private static RangeResponse merge(RangeRequest request, RangeResponse first, RangeResponse second) {
        List<KeyValue> keys = new ArrayList<>(first.getKvsList());
        keys.addAll(second.getKvsList());
        return RangeAnswer.of(request, first.getHeader(), keys, first.getCount() + second.getCount());
    }

    private static DeleteRangeResponse mergeDeletes(TxnResponse answer) {
        DeleteRangeResponse.Builder merged = DeleteRangeResponse.newBuilder().setHeader(answer.getHeader());
        for (ResponseOp part : answer.getResponsesList()) {
            DeleteRangeResponse deleted = part.getResponseDeleteRange();
            merged.setDeleted(merged.getDeleted() + deleted.getDeleted());
            merged.addAllPrevKvs(deleted.getPrevKvsList());
        }
        return merged.build();
    }

    private static <T> CompletableFuture<T> checked(Supplier<CompletableFuture<T>> call) {
        try {
            return call.get();
        } catch (EtcdException e) {
            return CompletableFuture.failedFuture(e);
        }
    }
}
