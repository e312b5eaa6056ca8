package org.etcdjakarta.core.tx.simulation;

import io.etcd.jetcd.api.CompactionRequest;
import io.etcd.jetcd.api.CompactionResponse;
import io.etcd.jetcd.api.DeleteRangeRequest;
import io.etcd.jetcd.api.DeleteRangeResponse;
import io.etcd.jetcd.api.PutRequest;
import io.etcd.jetcd.api.PutResponse;
import io.etcd.jetcd.api.RangeRequest;
import io.etcd.jetcd.api.RangeResponse;
import io.etcd.jetcd.api.TxnRequest;
import io.etcd.jetcd.api.TxnResponse;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.etcdjakarta.EtcdException;
import org.etcdjakarta.EtcdException.Effect;
import org.etcdjakarta.EtcdInDoubtException;
import org.etcdjakarta.EtcdUnavailableException;
import org.etcdjakarta.core.link.KvProtocol;
import org.etcdjakarta.core.tx.simulation.Faults.Fate;

/**
 * The connection of a process to an etcd. Each call is two moments, that of its application and that of its answer, and other
 * fibers run before and between them; either may be lost, and then the link says what the real one would: a read has failed, a
 * write is in doubt.
 */
final class SimulatedLink implements KvProtocol {

    private final Scheduler scheduler;
    private final SimulatedEtcd etcd;
    private final String process;
    private final Mutation mutation;
    private final Map<Fate, Integer> suffered = new EnumMap<>(Fate.class);
    private Faults faults;
    private Duration brokenUntil = Duration.ZERO;

    SimulatedLink(Scheduler scheduler, SimulatedEtcd etcd, String process, Faults faults, Mutation mutation) {
        this.scheduler = scheduler;
        this.etcd = etcd;
        this.process = process;
        this.faults = faults;
        this.mutation = mutation;
    }

    /** Nothing arrives until then. */
    void breakFor(Duration time) {
        brokenUntil = scheduler.now().plus(time);
        scheduler.trace(() -> process + "-" + etcd.name() + " is broken for " + time);
    }

    void mend() {
        faults = Faults.NONE;
        brokenUntil = Duration.ZERO;
    }

    Map<Fate, Integer> suffered() {
        return suffered;
    }

    @Override
    public CompletableFuture<RangeResponse> range(RangeRequest request) {
        return call(() -> "range " + Text.of(request), false, () -> SimulatedEtcd.call(etcd.kv()::range, request));
    }

    @Override
    public CompletableFuture<PutResponse> put(PutRequest request) {
        return call(() -> "put " + Text.of(request), true, () -> SimulatedEtcd.call(etcd.kv()::put, request));
    }

    @Override
    public CompletableFuture<DeleteRangeResponse> deleteRange(DeleteRangeRequest request) {
        return call(
                () -> "delete " + Text.of(request), true, () -> SimulatedEtcd.call(etcd.kv()::deleteRange, request));
    }

    @Override
    public CompletableFuture<TxnResponse> txn(TxnRequest request) {
        TxnRequest sent = mutation.of(request);
        return call(() -> "txn " + Text.of(sent), true, () -> SimulatedEtcd.call(etcd.kv()::txn, sent));
    }

    @Override
    public CompletableFuture<CompactionResponse> compact(CompactionRequest request) {
        return call(() -> "compact", true, () -> SimulatedEtcd.call(etcd.kv()::compact, request));
    }

    private <T> CompletableFuture<T> call(Supplier<String> what, boolean write, Supplier<CompletableFuture<T>> apply) {
        Fiber fiber = Fiber.current();
        fiber.requireAlive();
        Random random = scheduler.random();
        CompletableFuture<T> answer = new CompletableFuture<>();
        if (scheduler.now().compareTo(brokenUntil) < 0) {
            fail(random.nextBoolean() ? Fate.REFUSED : Fate.LOST_BEFORE, what, write, apply, answer);
        } else if (random.nextInt(100) < faults.rate()) {
            fail(faults.fate(random), what, write, apply, answer);
        } else {
            scheduler.after(Faults.latency(random), () -> {
                CompletableFuture<T> applied = apply.get();
                trace(what, applied);
                scheduler.after(Faults.latency(random), () -> {
                    var unused = applied.whenComplete((value, error) -> {
                        if (error == null) {
                            answer.complete(value);
                        } else {
                            answer.completeExceptionally(error);
                        }
                    });
                });
            });
        }
        fiber.await(answer);
        return answer;
    }

    private <T> void fail(
            Fate fate,
            Supplier<String> what,
            boolean write,
            Supplier<CompletableFuture<T>> apply,
            CompletableFuture<T> answer) {
        Random random = scheduler.random();
        suffered.merge(fate, 1, Integer::sum);
        Duration noticed = Faults.noticed(random);
        Runnable applied = () -> trace(() -> what.get() + "  [" + fate + "]", apply.get());
        switch (fate) {
            case REFUSED, LOST_BEFORE ->
                scheduler.trace(() -> process + "-" + etcd.name() + ": " + what.get() + "  [" + fate + "]");
            case LOST_AFTER -> scheduler.after(Faults.within(random, noticed), applied);
            case LATE -> scheduler.after(noticed.plus(Faults.late(random)), applied);
        }
        scheduler.after(noticed, () -> {
            scheduler.trace(() -> process + "-" + etcd.name() + " gives up: " + what.get() + "  [" + fate + "]");
            boolean inDoubt = write && fate != Fate.REFUSED;
            answer.completeExceptionally(
                    inDoubt
                            ? new EtcdInDoubtException("ETCD-00000", "answer lost", Effect.IN_DOUBT, etcd.name(), null)
                            : unavailable());
        });
    }

    private EtcdException unavailable() {
        return new EtcdUnavailableException("ETCD-00000", "no answer", Effect.NOT_APPLIED, etcd.name(), null);
    }

    private void trace(Supplier<String> what, CompletableFuture<?> applied) {
        scheduler.trace(() -> process + "-" + etcd.name() + ": " + what.get() + " -> " + Text.of(applied));
    }
}
