package org.etcdjakarta.itests.link;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.etcdjakarta.itests.link.Links.GENEROUS;
import static org.etcdjakarta.itests.link.Links.bytes;
import static org.etcdjakarta.itests.link.Links.config;
import static org.etcdjakarta.itests.link.Links.get;

import io.etcd.jetcd.KV;
import io.etcd.jetcd.op.Op;
import io.etcd.jetcd.options.DeleteOption;
import io.etcd.jetcd.options.PutOption;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.LongStream;
import org.etcdjakarta.core.link.EtcdLink;
import org.etcdjakarta.core.watch.RevisionBatch;
import org.etcdjakarta.core.watch.WatchSpec;
import org.etcdjakarta.itests.support.EtcdServer;
import org.etcdjakarta.itests.support.TcpProxy;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Watches of all kinds while a schedule of writes, cuts, kills, stops, pauses and compactions goes on; what they were told is held
 * against what happened. A schedule is its seed: {@code -Dwatch.seed=} repeats one, {@code -Dwatch.seeds=} runs so many.
 */
class WatchHistoryIT {

    private static final int STEPS = 12;

    static LongStream seeds() {
        Long one = Long.getLong("watch.seed");
        return one != null ? LongStream.of(one) : LongStream.rangeClosed(1, Integer.getInteger("watch.seeds", 4));
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void whatWatchesAreToldIsWhatHappened(long seed) {
        try (EtcdServer etcd = EtcdServer.start();
                Schedule schedule = new Schedule(etcd, seed)) {
            for (int step = 0; step < STEPS; step++) {
                schedule.step();
            }
            schedule.finish();
        }
    }

    /** The control: histories with one thing wrong in them. */
    @Test
    void eachWrongHistoryIsFound() {
        try (EtcdServer etcd = EtcdServer.start();
                Schedule schedule = new Schedule(etcd, 0)) {
            WatchHistory history =
                    schedule.watch("/h/", WatchSpec.prefix(bytes("/h/")).withPrevKv());
            await().atMost(GENEROUS).until(() -> !history.told().isEmpty());
            for (int i = 0; i < 5; i++) {
                schedule.write();
            }
            schedule.finish();
            List<Object> good = history.told();
            assertThat(good).hasSizeGreaterThan(10);
            Map<String, List<Object>> wrong = new LinkedHashMap<>();
            wrong.put("lost", without(good, 3));
            wrong.put("last lost", without(good, good.size() - 1));
            List<Object> twice = new ArrayList<>(good);
            twice.add(4, good.get(4));
            wrong.put("twice", twice);
            List<Object> swapped = new ArrayList<>(good);
            Collections.swap(swapped, 3, 4);
            wrong.put("swapped", swapped);
            List<Object> early = new ArrayList<>(good);
            Collections.swap(early, 0, 1);
            wrong.put("before created", early);
            List<Object> halved = new ArrayList<>(good);
            halved.replaceAll(entry ->
                    entry instanceof RevisionBatch batch && batch.events().size() > 1
                            ? new RevisionBatch(
                                    batch.revision(),
                                    batch.events().subList(1, batch.events().size()))
                            : entry);
            wrong.put("halved", halved);
            List<Object> shifted = new ArrayList<>(good);
            shifted.set(
                    5,
                    new RevisionBatch(
                            ((RevisionBatch) good.get(5)).revision(), ((RevisionBatch) good.get(6)).events()));
            wrong.put("of another revision", shifted);

            assertThat(history.violations(schedule.truth, good)).isEmpty();
            wrong.forEach((name, entries) -> assertThat(history.violations(schedule.truth, entries))
                    .as(name)
                    .isNotEmpty());
        }
    }

    private static List<Object> without(List<Object> entries, int index) {
        List<Object> fewer = new ArrayList<>(entries);
        fewer.remove(index);
        return fewer;
    }

    private static final class Schedule implements AutoCloseable {

        private final EtcdServer etcd;
        private final long seed;
        private final Random random;
        private final TcpProxy proxy;
        private final BareStubs bare;
        private final EtcdLink direct;
        private final EtcdLink link;
        private final WatchTruth truth;
        private final List<WatchHistory> histories = new ArrayList<>();
        private final ExecutorService slow = Executors.newSingleThreadExecutor();
        private final CountDownLatch over = new CountDownLatch(1);
        private final StringBuilder steps = new StringBuilder();
        private long compacted;

        Schedule(EtcdServer etcd, long seed) {
            this.etcd = etcd;
            this.seed = seed;
            random = new Random(seed);
            proxy = TcpProxy.to(etcd);
            bare = BareStubs.to(etcd.endpoint());
            direct = EtcdLink.open(config(etcd.endpoint()).build());
            link = EtcdLink.open(config(proxy.endpoint()).build());
            truth = new WatchTruth(bare);
            write();
            watch("/h/", WatchSpec.prefix(bytes("/h/")).withPrevKv());
            watch("/h/a/", WatchSpec.prefix(bytes("/h/a/")).only(true, false));
            watch("/h/b/", WatchSpec.prefix(bytes("/h/b/")).only(false, true));
            watch("/h/", WatchSpec.prefix(bytes("/h/")).from(2));
            slow.execute(() -> await().forever().until(() -> over.getCount() == 0));
            WatchSpec idle = WatchSpec.prefix(bytes("/h/")).from(2);
            WatchHistory late = new WatchHistory("/h/", idle);
            histories.add(late);
            var unused = link.watches().subscribe(idle, late, slow);
        }

        WatchHistory watch(String prefix, WatchSpec spec) {
            WatchHistory history = new WatchHistory(prefix, spec);
            histories.add(history);
            var unused = link.watches().subscribe(spec, history, Runnable::run);
            return history;
        }

        void step() {
            int kind = random.nextInt(9);
            steps.append(kind).append(' ');
            switch (kind) {
                case 0 -> {
                    proxy.cut();
                    write();
                    proxy.restore();
                }
                case 1 -> {
                    proxy.cutAfterResponseBytes(1 + random.nextInt(3_000));
                    write();
                    proxy.restore();
                }
                case 2 -> {
                    etcd.kill();
                    etcd.restart();
                }
                case 3 -> {
                    etcd.stop();
                    etcd.restart();
                }
                case 4 -> {
                    etcd.pause();
                    proxy.cut();
                    etcd.resume();
                    proxy.restore();
                }
                case 5 -> compact();
                case 6 -> {
                    proxy.cut();
                    write();
                    compact();
                    proxy.restore();
                }
                case 7 -> watch("/h/", WatchSpec.prefix(bytes("/h/")).from(later()));
                default -> watch("/h/b/", WatchSpec.prefix(bytes("/h/b/")).withPrevKv());
            }
            write();
        }

        /** A revision whose history is still there; that of the compaction itself may have lost its deletes. */
        private long later() {
            long now = truth.catchUp();
            long first = Math.max(2, compacted);
            return first + (long) (random.nextDouble() * (now + 1 - first));
        }

        private void compact() {
            compacted = truth.catchUp();
            truth.compactedAt(compacted);
            get(direct.client().getKVClient().compact(compacted));
        }

        void write() {
            KV kv = direct.client().getKVClient();
            int writes = 3 + random.nextInt(10);
            for (int i = 0; i < writes; i++) {
                Set<String> keys = new LinkedHashSet<>();
                for (int k = 1 + random.nextInt(3); k > 0; k--) {
                    keys.add((random.nextBoolean() ? "/h/a/" : "/h/b/") + random.nextInt(4));
                }
                Op[] operations = keys.stream()
                        .map(key -> random.nextInt(4) == 0
                                ? Op.delete(bytes(key), DeleteOption.DEFAULT)
                                : Op.put(bytes(key), bytes("v" + random.nextInt()), PutOption.DEFAULT))
                        .toArray(Op[]::new);
                // A lost answer is as good: what happened is read from etcd.
                get(kv.txn().Then(operations).commit().handle((answer, failure) -> 0));
            }
        }

        void finish() {
            proxy.restore();
            over.countDown();
            truth.catchUp();
            for (WatchHistory history : histories) {
                await().atMost(GENEROUS).untilAsserted(() -> assertThat(history.violations(truth))
                        .as("seed %d, steps %s: %s", seed, steps, history.spec())
                        .isEmpty());
            }
        }

        @Override
        public void close() {
            over.countDown();
            link.close();
            direct.close();
            bare.close();
            proxy.close();
            slow.shutdownNow();
        }
    }
}
