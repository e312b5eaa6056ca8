package org.etcdjakarta.core.tx;

import io.etcd.jetcd.api.CompactionRequest;
import io.etcd.jetcd.api.CompactionResponse;
import io.etcd.jetcd.api.Compare;
import io.etcd.jetcd.api.DeleteRangeRequest;
import io.etcd.jetcd.api.DeleteRangeResponse;
import io.etcd.jetcd.api.PutRequest;
import io.etcd.jetcd.api.PutResponse;
import io.etcd.jetcd.api.RangeRequest;
import io.etcd.jetcd.api.RangeResponse;
import io.etcd.jetcd.api.RequestOp;
import io.etcd.jetcd.api.ResponseOp;
import io.etcd.jetcd.api.TxnRequest;
import io.etcd.jetcd.api.TxnResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Consumer;
import org.etcdjakarta.EtcdException;
import org.etcdjakarta.core.link.KvProtocol;
import org.etcdjakarta.core.tx.IntentGuard.Held;
import org.etcdjakarta.core.tx.IntentGuard.Known;
import org.etcdjakarta.core.tx.IntentGuard.Need;
import org.jspecify.annotations.Nullable;

/**
 * Writes outside of transactions, held off from what prepared branches hold: each is one Txn behind the intent guard. Reads pass
 * as they are: what a prepared branch will write is not there yet.
 *
 * <p>Calls do not block: a write that has to wait for a branch is sent again by the link's own timer.
 */
final class GuardedKv implements KvProtocol {

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
        return writes.isEmpty()
                ? kv.txn(request)
                : guarded(writes, Sent.of(request, engine.settings().maxTxnOps()));
    }

    @Override
    public CompletableFuture<CompactionResponse> compact(CompactionRequest request) {
        return kv.compact(request);
    }

    private CompletableFuture<TxnResponse> guarded(Footprint writes, RequestOp operation) {
        return guarded(
                writes, new Beside(TxnRequest.newBuilder().addSuccess(operation).build(), false));
    }

    private CompletableFuture<TxnResponse> guarded(Footprint writes, Sent sent) {
        CompletableFuture<TxnResponse> done = new CompletableFuture<>();
        new Attempt(new Need(writes, Footprint.NONE, null), sent, done).begin();
        return done;
    }

    /** One write, until it is applied or given up. */
    private final class Attempt {

        private final Need need;
        private final Sent sent;
        private final CompletableFuture<TxnResponse> done;
        private long waitingSince;
        private int waits;
        private int looks;

        Attempt(Need need, Sent sent, CompletableFuture<TxnResponse> done) {
            this.need = need;
            this.sent = sent;
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
                    done.completeExceptionally(
                            BranchErrors.held(held, engine.pace().millis(), engine.endpoint()));
                } else {
                    engine.later(pause, done, this::look);
                }
            });
        }

        private void send(Known known) {
            Compare guard = engine.intents().nothingNewerThan(known);
            then(kv.txn(sent.behind(guard, engine.intents().look())), answer -> {
                long revision = answer.getHeader().getRevision();
                if (answer.getSucceeded() || !hasNewer(answer.getResponses(0), known)) {
                    engine.intents().applied(known, revision, Map.of(), Map.of());
                    done.complete(sent.answer(answer));
                    return;
                }
                engine.metrics().retried();
                Known now = engine.intents()
                        .learned(known, revision, answer.getResponses(0).getResponseRange());
                // from what is known now, not from the beginning, which may be compacted
                engine.followIntents();
                if (++looks > Backoff.MOST_LOOKS) {
                    done.completeExceptionally(TxErrors.tooBusy(now.branches().size(), engine.endpoint()));
                } else if (looks == 1) {
                    begin();
                } else {
                    engine.later(Backoff.after(looks, engine.pace().random()), done, this::begin);
                }
            });
        }

        /** The guard does not hold. If it does, what failed is a compare of the application. */
        private static boolean hasNewer(ResponseOp look, Known known) {
            return look.getResponseRange().getKvsList().stream()
                    .anyMatch(intents -> intents.getModRevision() > known.revision());
        }

        private static @Nullable Throwable cause(Throwable failure) {
            return failure instanceof CompletionException ? failure.getCause() : failure;
        }

        private <T> void then(CompletableFuture<T> call, Consumer<T> next) {
            var unused = call.whenComplete((answer, failure) -> {
                if (failure != null) {
                    done.completeExceptionally(
                            cause(failure) instanceof EtcdException e
                                    ? TxErrors.forbidden(e, engine.settings().reservedPrefix())
                                    : failure);
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

    /** A write as it is sent, and what the answer says of it. */
    private sealed interface Sent {

        /** @param look the first operation of the else branch */
        TxnRequest behind(Compare guard, RequestOp look);

        /** To what the application has asked; the guard has held. */
        TxnResponse answer(TxnResponse got);

        /**
         * Beside the guard if etcd's limit allows it, since etcd 3.4.23 and 3.5.16 do not look at the permissions of what is in
         * a nested Txn; else inside of it. If it does not fit at all by what is known of the limit, etcd has the word.
         */
        static Sent of(TxnRequest asked, int maxTxnOps) {
            TxnRequest otherwise = TxnRequest.newBuilder()
                    .addAllFailure(asked.getFailureList())
                    .build();
            Sent beside = new Beside(asked, !Footprint.writtenBy(otherwise).isEmpty());
            if (beside.fits(maxTxnOps)) {
                return beside;
            }
            Sent inside = new Inside(asked, false);
            for (int groups = 2; !inside.fits(maxTxnOps); groups++) {
                if (groups > maxTxnOps) {
                    return beside;
                }
                inside = Inside.divided(asked, groups);
            }
            return inside;
        }

        private boolean fits(int maxTxnOps) {
            return width(behind(Compare.getDefaultInstance(), RequestOp.getDefaultInstance())) <= maxTxnOps;
        }

        /** As etcd counts: the longest list of each level, and on each level the widest nested Txn. */
        private static int width(TxnRequest txn) {
            int widest = 0;
            for (List<RequestOp> branch : List.of(txn.getSuccessList(), txn.getFailureList())) {
                for (RequestOp operation : branch) {
                    if (operation.hasRequestTxn()) {
                        widest = Math.max(widest, width(operation.getRequestTxn()));
                    }
                }
            }
            int longest = Math.max(txn.getSuccessCount(), txn.getFailureCount());
            return Math.max(txn.getCompareCount(), longest) + widest;
        }
    }

    /**
     * The application's compares beside the guard, so the else branch is taken also when it is they that do not hold.
     *
     * @param writesOtherwise true when the application's else branch writes: it has to ask for the guard once more then
     */
    private record Beside(TxnRequest asked, boolean writesOtherwise) implements Sent {

        @Override
        public TxnRequest behind(Compare guard, RequestOp look) {
            TxnRequest.Builder txn = TxnRequest.newBuilder()
                    .addCompare(guard)
                    .addAllCompare(asked.getCompareList())
                    .addAllSuccess(asked.getSuccessList())
                    .addFailure(look);
            if (writesOtherwise) {
                txn.addFailure(RequestOp.newBuilder()
                        .setRequestTxn(
                                TxnRequest.newBuilder().addCompare(guard).addAllSuccess(asked.getFailureList())));
            } else {
                txn.addAllFailure(asked.getFailureList());
            }
            return txn.build();
        }

        @Override
        public TxnResponse answer(TxnResponse got) {
            if (got.getSucceeded()) {
                return got;
            }
            List<ResponseOp> otherwise = writesOtherwise
                    ? got.getResponses(1).getResponseTxn().getResponsesList()
                    : got.getResponsesList().subList(1, got.getResponsesCount());
            return got.toBuilder().clearResponses().addAllResponses(otherwise).build();
        }
    }

    /**
     * The application's Txn in one that has nothing but the guard.
     *
     * @param divided its operations are in nested Txns, which etcd applies in their order and at one revision all the same
     */
    private record Inside(TxnRequest sent, boolean divided) implements Sent {

        static Inside divided(TxnRequest asked, int groups) {
            TxnRequest.Builder sent = asked.toBuilder().clearSuccess().clearFailure();
            sent.addAllSuccess(divided(asked.getSuccessList(), groups));
            sent.addAllFailure(divided(asked.getFailureList(), groups));
            return new Inside(sent.build(), true);
        }

        private static List<RequestOp> divided(List<RequestOp> operations, int groups) {
            int size = (operations.size() + groups - 1) / groups;
            List<RequestOp> all = new ArrayList<>();
            for (int from = 0; from < operations.size(); from += size) {
                List<RequestOp> group = operations.subList(from, Math.min(from + size, operations.size()));
                all.add(RequestOp.newBuilder()
                        .setRequestTxn(TxnRequest.newBuilder().addAllSuccess(group))
                        .build());
            }
            return all;
        }

        @Override
        public TxnRequest behind(Compare guard, RequestOp look) {
            return TxnRequest.newBuilder()
                    .addCompare(guard)
                    .addSuccess(RequestOp.newBuilder().setRequestTxn(sent))
                    .addFailure(look)
                    .build();
        }

        @Override
        public TxnResponse answer(TxnResponse got) {
            TxnResponse inner = got.getResponses(0).getResponseTxn();
            TxnResponse.Builder answer = inner.toBuilder().setHeader(got.getHeader());
            if (divided) {
                answer.clearResponses();
                inner.getResponsesList()
                        .forEach(group ->
                                answer.addAllResponses(group.getResponseTxn().getResponsesList()));
            }
            return answer.build();
        }
    }
}
