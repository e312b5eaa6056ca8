package org.etcdjakarta.itests.link;

import static org.assertj.core.api.Assertions.assertThat;
import static org.etcdjakarta.itests.link.Links.GENEROUS;
import static org.etcdjakarta.itests.link.Links.bytes;

import io.etcd.jetcd.KV;
import io.etcd.jetcd.api.KVGrpc;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;
import org.etcdjakarta.EtcdException;
import org.etcdjakarta.EtcdException.Effect;
import org.etcdjakarta.core.link.EtcdLink;
import org.jspecify.annotations.Nullable;

/**
 * Callers that write a new key with every put and read it back, and a ledger of what the link said about each. Since no key is
 * written on purpose twice, a version above 1 is a write that was applied twice.
 */
final class Load implements AutoCloseable {

    private enum Said {
        ACKNOWLEDGED,
        NOT_APPLIED,
        IN_DOUBT;

        boolean allows(long version) {
            return switch (this) {
                case ACKNOWLEDGED -> version == 1;
                case NOT_APPLIED -> version == 0;
                case IN_DOUBT -> version <= 1;
            };
        }
    }

    private final KV kv;
    private final String prefix;
    private final List<Thread> callers = new ArrayList<>();
    private final Map<String, Said> ledger = new ConcurrentHashMap<>();
    private final ConcurrentLinkedQueue<EtcdException> failedReads = new ConcurrentLinkedQueue<>();
    private final ConcurrentLinkedQueue<Throwable> unexpected = new ConcurrentLinkedQueue<>();
    private final AtomicLong acknowledged = new AtomicLong();
    private final AtomicLong reads = new AtomicLong();
    private volatile boolean stopped;

    private Load(KV kv, String prefix) {
        this.kv = kv;
        this.prefix = prefix;
    }

    static Load of(int callers, EtcdLink link, String prefix) {
        Load load = new Load(link.client().getKVClient(), prefix);
        for (int i = 0; i < callers; i++) {
            String mine = prefix + i + "/";
            Thread caller = new Thread(() -> load.call(mine), "load-" + i);
            load.callers.add(caller);
            caller.start();
        }
        return load;
    }

    private void call(String mine) {
        try {
            for (long i = 0; !stopped; i++) {
                String key = mine + i;
                Said said = put(key);
                ledger.put(key, said);
                if (said == Said.ACKNOWLEDGED) {
                    acknowledged.incrementAndGet();
                    read(key);
                }
            }
        } catch (InterruptedException | ExecutionException | TimeoutException | RuntimeException | Error e) {
            unexpected.add(e);
        }
    }

    private Said put(String key) throws InterruptedException, ExecutionException, TimeoutException {
        EtcdException failure = failure(kv.put(bytes(key), bytes("1")));
        if (failure == null) {
            return Said.ACKNOWLEDGED;
        }
        assertThat(failure.effect()).as(failure.getMessage()).isIn(Effect.NOT_APPLIED, Effect.IN_DOUBT);
        return failure.effect() == Effect.IN_DOUBT ? Said.IN_DOUBT : Said.NOT_APPLIED;
    }

    private void read(String key) throws InterruptedException, ExecutionException, TimeoutException {
        var answer = kv.get(bytes(key));
        EtcdException failure = failure(answer);
        if (failure == null) {
            assertThat(answer.join().getCount()).as(key).isEqualTo(1);
            reads.incrementAndGet();
        } else {
            failedReads.add(failure);
        }
    }

    /** Null when the call succeeds; a call that does not end is a TimeoutException. */
    @Nullable
    private static EtcdException failure(CompletableFuture<?> call)
            throws InterruptedException, ExecutionException, TimeoutException {
        try {
            call.get(GENEROUS.toSeconds(), TimeUnit.SECONDS);
            return null;
        } catch (ExecutionException e) {
            if (e.getCause() instanceof EtcdException known) {
                return known;
            }
            throw e;
        }
    }

    long acknowledged() {
        return acknowledged.get();
    }

    long reads() {
        return reads.get();
    }

    long failedWrites() {
        return ledger.values().stream()
                .filter(said -> said != Said.ACKNOWLEDGED)
                .count();
    }

    List<EtcdException> failedReads() {
        return List.copyOf(failedReads);
    }

    /** Lets every caller end its call, and checks the ledger against what etcd has. */
    void stopAndCheck(KVGrpc.KVBlockingStub witness) {
        close();
        assertThat(callers).as("callers whose call does not end").noneMatch(Thread::isAlive);
        assertThat(unexpected).isEmpty();
        Map<String, Long> versions = BareStubs.versions(witness, prefix);
        List<String> wrong = new ArrayList<>();
        ledger.forEach((key, said) -> {
            long version = versions.getOrDefault(key, 0L);
            if (!said.allows(version)) {
                wrong.add(key + " is said to be " + said + " and was written " + version + " times");
            }
        });
        assertThat(wrong).isEmpty();
        assertThat(ledger.keySet()).containsAll(versions.keySet());
    }

    @Override
    public void close() {
        stopped = true;
        try {
            for (Thread caller : callers) {
                caller.join(GENEROUS.toMillis());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }

    /** What was said how often. */
    @Override
    public String toString() {
        return ledger.values().stream()
                        .collect(Collectors.groupingBy(said -> said, TreeMap::new, Collectors.counting()))
                + ", reads " + reads + ", failed reads " + failedReads.size();
    }
}
