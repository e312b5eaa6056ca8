package org.etcdjakarta.core.tx;

import io.etcd.jetcd.api.CompactionRequest;
import io.etcd.jetcd.api.CompactionResponse;
import io.etcd.jetcd.api.DeleteRangeRequest;
import io.etcd.jetcd.api.DeleteRangeResponse;
import io.etcd.jetcd.api.PutRequest;
import io.etcd.jetcd.api.PutResponse;
import io.etcd.jetcd.api.RangeRequest;
import io.etcd.jetcd.api.RangeResponse;
import io.etcd.jetcd.api.RequestOp;
import io.etcd.jetcd.api.ResponseHeader;
import io.etcd.jetcd.api.ResponseOp;
import io.etcd.jetcd.api.TxnRequest;
import io.etcd.jetcd.api.TxnResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.etcdjakarta.core.link.KvProtocol;
import org.etcdjakarta.core.tx.IntentGuard.Held;
import org.etcdjakarta.core.tx.IntentGuard.Known;
import org.etcdjakarta.core.tx.IntentGuard.Need;

/**
 * Writes outside of transactions, held off from what prepared branches hold: each is one Txn behind the intent guard. Reads pass
 * as they are: what a prepared branch will write is not there yet.
 *
 * <p>Calls do not block: a write that has to wait for a branch is sent again by the link's own timer.
 */
final class GuardedKv implements KvProtocol {

    private static final int MOST_LOOKS = 64;

    private final KvProtocol kv;
    private final SharedEngine engine;

    GuardedKv(KvProtocol kv, SharedEngine engine) {
        this.kv = kv;
        this.engine = engine;
    }

    @Override
    public CompletableFuture<RangeResponse> range(RangeRequest request) {
        return kv.range(request);
    }

    @Override
    public CompletableFuture<PutResponse> put(PutRequest request) {
        RequestOp put = RequestOp.newBuilder().setRequestPut(request).build();
        return guarded(Footprint.of(List.of(request.getKey()), List.of()), put)
                .thenApply(answer -> answer.getResponses(0).getResponsePut().toBuilder()
                        .setHeader(answer.getHeader())
                        .build());
    }

    @Override
    public CompletableFuture<DeleteRangeResponse> deleteRange(DeleteRangeRequest request) {
        RequestOp delete = RequestOp.newBuilder().setRequestDeleteRange(request).build();
        KeyRange range = KeyRange.of(request.getKey(), request.getRangeEnd());
        return guarded(Footprint.of(List.of(), List.of(range)), delete)
                .thenApply(answer -> answer.getResponses(0).getResponseDeleteRange().toBuilder()
                        .setHeader(answer.getHeader())
                        .build());
    }

    @Override
    public CompletableFuture<TxnResponse> txn(TxnRequest request) {
        Footprint writes = Footprint.writtenBy(request);
        if (writes.isEmpty()) {
            return kv.txn(request);
        }
        Inner inner = Inner.of(request, engine.settings().maxTxnOps());
        RequestOp nested = RequestOp.newBuilder().setRequestTxn(inner.sent()).build();
        return guarded(writes, nested)
                .thenApply(answer -> inner.answer(answer.getResponses(0).getResponseTxn(), answer.getHeader()));
    }

    @Override
    public CompletableFuture<CompactionResponse> compact(CompactionRequest request) {
        return kv.compact(request);
    }

    private CompletableFuture<TxnResponse> guarded(Footprint writes, RequestOp operation) {
        CompletableFuture<TxnResponse> done = new CompletableFuture<>();
        new Attempt(new Need(writes, Footprint.NONE, null), operation, done).begin();
        return done;
    }

    /** One write, until it is applied or given up. */
    private final class Attempt {

        private final Need need;
        private final RequestOp operation;
        private final CompletableFuture<TxnResponse> done;
        private long waitingSince;
        private int waits;
        private int looks;

        Attempt(Need need, RequestOp operation, CompletableFuture<TxnResponse> done) {
            this.need = need;
            this.operation = operation;
            this.done = done;
        }

        void begin() {
            Known known = engine.intents().known();
            if (known.held(need) == null) {
                send(known);
            } else {
                waitingSince = engine.pace().nanos();
                look();
            }
        }

        /** What is in the way may have been completed long ago. */
        private void look() {
            then(engine.intents().refreshed(kv), known -> {
                Held held = known.held(need);
                if (held == null) {
                    send(known);
                    return;
                }
                Duration pause = Backoff.after(waits++, engine.pace().random());
                long waited = engine.pace().nanos() - waitingSince;
                if (waited + pause.toNanos() > Backoff.LONGEST_WAIT.toNanos()) {
                    engine.metrics().conflicted();
                    done.completeExceptionally(TxErrors.held(held, engine.pace().millis(), engine.endpoint()));
                } else {
                    engine.later(pause, done, this::look);
                }
            });
        }

        private void send(Known known) {
            TxnRequest txn = TxnRequest.newBuilder()
                    .addCompare(engine.intents().nothingNewerThan(known))
                    .addSuccess(operation)
                    .addFailure(engine.intents().look())
                    .build();
            then(kv.txn(txn), answer -> {
                long revision = answer.getHeader().getRevision();
                if (answer.getSucceeded()) {
                    engine.intents().applied(known, revision, Map.of(), Map.of());
                    done.complete(answer);
                    return;
                }
                engine.metrics().retried();
                engine.followIntents();
                Known now = engine.intents()
                        .learned(known, revision, answer.getResponses(0).getResponseRange());
                if (++looks > MOST_LOOKS) {
                    done.completeExceptionally(TxErrors.tooBusy(now.branches().size(), engine.endpoint()));
                } else if (looks == 1) {
                    begin();
                } else {
                    engine.later(Backoff.after(looks, engine.pace().random()), done, this::begin);
                }
            });
        }

        private <T> void then(CompletableFuture<T> call, Consumer<T> next) {
            var unused = call.whenComplete((answer, failure) -> {
                if (failure != null) {
                    done.completeExceptionally(failure);
                    return;
                }
                try {
                    next.accept(answer);
                } catch (Throwable e) {
                    done.completeExceptionally(e);
                }
            });
        }
    }

    /**
     * The application's Txn inside of the guard's, where it has one operation less of etcd's limit. One that has as many as the
     * server allows is divided into nested ones, which etcd applies in their order and at one revision all the same.
     */
    private record Inner(TxnRequest sent, boolean divided) {

        static Inner of(TxnRequest asked, int maxTxnOps) {
            int longest = Math.max(asked.getSuccessCount(), asked.getFailureCount());
            if (longest < maxTxnOps) {
                return new Inner(asked, false);
            }
            TxnRequest.Builder sent = asked.toBuilder().clearSuccess().clearFailure();
            sent.addAllSuccess(halves(asked.getSuccessList()));
            sent.addAllFailure(halves(asked.getFailureList()));
            return new Inner(sent.build(), true);
        }

        private static List<RequestOp> halves(List<RequestOp> operations) {
            int middle = operations.size() / 2;
            return List.of(group(operations.subList(0, middle)), group(operations.subList(middle, operations.size())));
        }

        private static RequestOp group(List<RequestOp> operations) {
            return RequestOp.newBuilder()
                    .setRequestTxn(TxnRequest.newBuilder().addAllSuccess(operations))
                    .build();
        }

        TxnResponse answer(TxnResponse got, ResponseHeader header) {
            TxnResponse.Builder answer = got.toBuilder().setHeader(header);
            if (divided) {
                List<ResponseOp> all = new ArrayList<>();
                got.getResponsesList()
                        .forEach(half -> all.addAll(half.getResponseTxn().getResponsesList()));
                answer.clearResponses().addAllResponses(all);
            }
            return answer.build();
        }
    }
}
