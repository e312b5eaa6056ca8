package org.etcdjakarta.itests.recipe;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.awaitility.Awaitility.await;

import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.options.GetOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.core.ConditionTimeoutException;
import org.etcdjakarta.EtcdException;
import org.etcdjakarta.EtcdKv;
import org.etcdjakarta.EtcdLease;
import org.etcdjakarta.EtcdOp;
import org.etcdjakarta.EtcdTxn;
import org.etcdjakarta.core.link.EtcdLink;
import org.etcdjakarta.core.link.EtcdLinkConfig;
import org.etcdjakarta.core.recipe.FencedLock;
import org.etcdjakarta.core.recipe.Recipes;
import org.etcdjakarta.core.session.Session;
import org.etcdjakarta.itests.support.EtcdServer;

/**
 * Processes that count under one lock: each reads the counter and writes it one higher, and beside it, in the same Txn, a key for
 * this very increment. So the counter must be the number of those keys, whatever was lost or in doubt.
 */
final class LockWorkload {

    private static final Duration GENEROUS = Duration.ofSeconds(60);
    private static final int PROCESSES = 4;
    private static final int LOSSES_TO_A_KILL = 4;

    private final EtcdServer etcd;
    private final String prefix;
    private final ByteSequence counter;
    private final boolean guarded;
    private final int faults;

    /** Leases revoked in the hands of a holder that has read and not written yet, while others counted on. */
    private final AtomicInteger losses = new AtomicInteger();

    private final AtomicInteger acknowledged = new AtomicInteger();
    private final AtomicInteger refused = new AtomicInteger();
    private int kills;

    /** @param guarded whether writes carry the fencing compare */
    LockWorkload(EtcdServer etcd, boolean guarded, int faults) {
        this.etcd = etcd;
        prefix = guarded ? "/guarded/" : "/unguarded/";
        counter = bytes(prefix + "counter");
        this.guarded = guarded;
        this.faults = faults;
    }

    /** What etcd has in the end. */
    record Result(long counter, long increments, int acknowledged, int refused, int losses, int kills) {}

    private boolean isOver() {
        return losses.get() + kills >= faults;
    }

    Result run() {
        List<CompletableFuture<Void>> running = new ArrayList<>();
        for (int i = 0; i < PROCESSES; i++) {
            int number = i;
            running.add(CompletableFuture.runAsync(() -> process(number), task -> new Thread(task).start()));
        }
        CompletableFuture<Void> all = CompletableFuture.allOf(running.toArray(CompletableFuture[]::new));
        while (!isOver()) {
            int next = (kills + 1) * LOSSES_TO_A_KILL;
            await().atMost(GENEROUS).until(() -> losses.get() >= next || isOver() || all.isDone());
            if (all.isDone()) {
                break;
            }
            if (!isOver()) {
                etcd.kill();
                etcd.restart();
                kills++;
            }
        }
        all.orTimeout(GENEROUS.toSeconds(), TimeUnit.SECONDS).join();
        try (EtcdLink link = open(PROCESSES)) {
            return new Result(
                    read(link),
                    link.client()
                            .getKVClient()
                            .get(
                                    bytes(prefix + "increments/"),
                                    GetOption.builder()
                                            .isPrefix(true)
                                            .withCountOnly(true)
                                            .build())
                            .join()
                            .getCount(),
                    acknowledged.get(),
                    refused.get(),
                    losses.get(),
                    kills);
        }
    }

    /** Links of equal configuration would be one. */
    private EtcdLink open(int number) {
        return EtcdLink.open(EtcdLinkConfig.builder()
                .endpoints(etcd.endpoint())
                .requestTimeout(Duration.ofSeconds(10).plusMillis(number))
                .build());
    }

    private void process(int number) {
        Random random = new Random(number);
        try (EtcdLink link = open(number);
                Session session = link.newSession(Duration.ofSeconds(4))) {
            FencedLock lock = new Recipes(link, session).lock(prefix + "lock");
            for (int n = 0; !isOver(); n++) {
                try {
                    if (lock.tryLock(GENEROUS)) {
                        increment(link, session, lock, number + "/" + n, random.nextInt(3) == 0);
                    }
                } catch (EtcdException | CompletionException e) {
                    // Nothing is known of this increment. Its key will tell.
                }
            }
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private void increment(EtcdLink link, Session session, FencedLock lock, String name, boolean lose) {
        try {
            long seen = read(link);
            if (lose) {
                loseTheLock(link, session, seen);
            }
            EtcdTxn txn = EtcdKv.of(link.client().getKVClient()).newTxn();
            if (guarded) {
                txn.If(lock.ownership());
            }
            boolean applied = txn.Then(
                            EtcdOp.put(counter, bytes(Long.toString(seen + 1))),
                            EtcdOp.put(bytes(prefix + "increments/" + name), bytes("")))
                    .commit()
                    .join()
                    .succeeded();
            (applied ? acknowledged : refused).incrementAndGet();
        } finally {
            lock.unlock();
        }
    }

    /** As if this process stood still after its read, until its lease was over and somebody else had counted. */
    private void loseTheLock(EtcdLink link, Session session, long seen) {
        EtcdLease.of(link.client().getLeaseClient()).revoke(session.leaseId()).join();
        try {
            await().atMost(Duration.ofSeconds(20)).ignoreExceptions().until(() -> read(link) != seen || isOver());
        } catch (ConditionTimeoutException e) {
            // Nobody else counts at the moment: it is lost all the same.
        }
        losses.incrementAndGet();
    }

    private long read(EtcdLink link) {
        var kvs = link.client().getKVClient().get(counter).join().getKvs();
        return kvs.isEmpty() ? 0 : Long.parseLong(kvs.get(0).getValue().toString(UTF_8));
    }

    private static ByteSequence bytes(String text) {
        return ByteSequence.from(text, UTF_8);
    }
}
