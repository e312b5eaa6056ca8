package org.etcdjakarta.itests.tx.history;

import io.etcd.jetcd.options.GetOption;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import javax.transaction.xa.XAException;
import javax.transaction.xa.XAResource;
import javax.transaction.xa.Xid;
import org.etcdjakarta.core.link.EtcdLink;
import org.etcdjakarta.core.tx.TxEngine;
import org.etcdjakarta.core.tx.TxSettings;
import org.etcdjakarta.itests.tx.history.Recorded.Outcome;
import org.etcdjakarta.itests.tx.history.Serializability.Finding;
import org.jspecify.annotations.Nullable;

/** A run of many clients on a few engines: begin, let go on, finish, and have it explained. */
final class Histories implements AutoCloseable {

    /** @param violations what contradicts etcd */
    record Result(
            Map<Outcome, Integer> outcomes,
            List<String> violations,
            @Nullable Finding finding,
            List<String> leftOver,
            String text) {

        boolean isGood() {
            return violations.isEmpty() && finding == null && leftOver.isEmpty();
        }
    }

    private static final String PREFIX = "history/";
    private static final List<String> OF_BRANCHES = List.of("p/", "i/", "h/");

    private final EtcdLink link;
    private final long first;
    private final List<Recorded> records = new CopyOnWriteArrayList<>();
    private final AtomicInteger begun = new AtomicInteger();
    private final TxEngine successor;
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final List<CompletableFuture<Void>> clients = new ArrayList<>();

    /**
     * @param link undisturbed, to look at the end
     * @param done counts what clients have done
     */
    Histories(EtcdLink link, List<TxEngine> engines, int threadsEach, int transactions, long seed, AtomicInteger done) {
        this.link = link;
        this.successor = engines.get(0);
        var kv = link.client().getKVClient();
        kv.delete(
                        Events.bytes(PREFIX),
                        io.etcd.jetcd.options.DeleteOption.builder()
                                .isPrefix(true)
                                .build())
                .join();
        first = kv.get(Events.bytes(PREFIX)).join().getHeader().getRevision() + 1;
        for (int i = 0; i < engines.size() * threadsEach; i++) {
            Client client = new Client(engines.get(i % engines.size()), PREFIX, "c" + i, new Random(seed * 1_000 + i));
            List<Recorded> mine = new ArrayList<>();
            clients.add(CompletableFuture.runAsync(
                    () -> {
                        while (begun.incrementAndGet() <= transactions) {
                            mine.add(client.next());
                            done.incrementAndGet();
                        }
                        records.addAll(mine);
                    },
                    threads));
        }
    }

    boolean isOver() {
        return clients.stream().allMatch(CompletableFuture::isDone);
    }

    Result finish() {
        clients.forEach(CompletableFuture::join);
        int orphans = rollBackOrphans();
        Events events = Events.read(link, PREFIX, first);
        Explained explained = new Explained(records, events);
        Map<Outcome, Integer> outcomes = new EnumMap<>(Outcome.class);
        records.forEach(record -> outcomes.merge(record.outcome(), 1, Integer::sum));
        return new Result(
                outcomes,
                explained.violations(),
                Serializability.check(explained.history()),
                leftOver(),
                explained + ", " + outcomes + ", " + orphans + " orphans");
    }

    /** As a transaction manager does with what it knows nothing of, when there is any: everything that was decided is done. */
    private int rollBackOrphans() {
        XAResource resource = successor.newSession().xaResource();
        try {
            Xid[] orphans = resource.recover(XAResource.TMSTARTRSCAN | XAResource.TMENDRSCAN);
            for (Xid orphan : orphans) {
                resource.rollback(orphan);
            }
            return orphans.length;
        } catch (XAException e) {
            throw new IllegalStateException("recovery ended with " + e.errorCode, e);
        }
    }

    private List<String> leftOver() {
        return OF_BRANCHES.stream()
                .map(kind -> Events.bytes(TxSettings.DEFAULT_RESERVED_PREFIX + kind))
                .flatMap(prefix -> link
                        .client()
                        .getKVClient()
                        .get(
                                prefix,
                                GetOption.builder()
                                        .isPrefix(true)
                                        .withKeysOnly(true)
                                        .build())
                        .join()
                        .getKvs()
                        .stream())
                .map(kv -> kv.getKey().toString())
                .toList();
    }

    @Override
    public void close() {
        threads.shutdownNow();
    }
}
