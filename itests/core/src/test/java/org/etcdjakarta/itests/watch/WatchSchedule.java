package org.etcdjakarta.itests.watch;

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
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.Stream;
import org.etcdjakarta.EtcdException;
import org.etcdjakarta.EtcdGap;
import org.etcdjakarta.core.link.EtcdLink;
import org.etcdjakarta.core.watch.RevisionBatch;
import org.etcdjakarta.core.watch.WatchConsumer;
import org.etcdjakarta.core.watch.WatchSpec;
import org.etcdjakarta.itests.link.BareStubs;
import org.etcdjakarta.itests.support.TcpProxy;

/**
 * Writes, faults, compactions and new watches in an order that a seed decides, on keys of its own. Watches are of all kinds: of what
 * comes, from a revision, of puts or deletes only, with previous values, and one whose consumer stands still at its first event,
 * until the end, so that it loses its place on the stream. They
 * go through proxies that break; writes do not.
 */
final class WatchSchedule implements AutoCloseable {

    /** What a kind of cluster can suffer; when it returns, the cluster is well again, and something was written meanwhile. */
    interface Fault {
        void befall(WatchSchedule schedule);
    }

    private final long seed;
    private final String prefix;
    private final List<Fault> faults;
    private final Random random;
    private final BareStubs bare;
    private final List<TcpProxy> proxies;
    private final EtcdLink direct;
    private final EtcdLink link;
    private final WatchTruth truth;
    private final long first;
    private final List<WatchHistory> histories = new ArrayList<>();
    private final ExecutorService slow = Executors.newSingleThreadExecutor();
    private final CountDownLatch over = new CountDownLatch(1);
    private final WatchHistory late;
    private final StringBuilder steps = new StringBuilder();
    private long compacted;

    /**
     * On a cluster that is well.
     *
     * @param endpoints of the members
     * @param proxies one before each of them
     */
    WatchSchedule(long seed, List<String> endpoints, List<TcpProxy> proxies, List<Fault> faults) {
        this.seed = seed;
        this.proxies = proxies;
        this.faults = faults;
        prefix = "/h/" + seed + "/";
        random = new Random(seed);
        bare = BareStubs.to(endpoints.get(0));
        direct = EtcdLink.open(config(String.join(",", endpoints)).build());
        link = EtcdLink.open(
                config(String.join(",", proxies.stream().map(TcpProxy::endpoint).toList()))
                        .build());
        first = WatchTruth.now(bare) + 1;
        compacted = first - 1;
        truth = new WatchTruth(first);
        write();
        watch(WatchSpec.prefix(bytes(prefix)).withPrevKv());
        watch(WatchSpec.prefix(bytes(prefix + "a/")).only(true, false));
        watch(WatchSpec.prefix(bytes(prefix + "b/")).only(false, true));
        watch(WatchSpec.prefix(bytes(prefix)).from(first));
        watch(WatchSpec.prefix(bytes(prefix + "quiet/")));
        WatchSpec all = WatchSpec.prefix(bytes(prefix)).from(first);
        late = new WatchHistory(prefix, all);
        histories.add(late);
        var unused = link.watches().subscribe(all, new StandingStill(), slow);
    }

    WatchHistory watch(WatchSpec spec) {
        WatchHistory history = new WatchHistory(WatchTruth.text(spec.key()), spec);
        histories.add(history);
        var unused = link.watches().subscribe(spec, history, Runnable::run);
        return history;
    }

    void step() {
        int kind = random.nextInt(faults.size() + 4);
        steps.append(kind).append(' ');
        switch (kind) {
            case 0 -> compact();
            case 1 -> {
                cutAll();
                write();
                compact();
                restoreAll();
            }
            case 2 -> watch(WatchSpec.prefix(bytes(prefix)).from(later()));
            case 3 -> watch(WatchSpec.prefix(bytes(prefix + "b/")).withPrevKv());
            default -> faults.get(kind - 4).befall(this);
        }
        write();
    }

    Random random() {
        return random;
    }

    List<TcpProxy> proxies() {
        return proxies;
    }

    void cutAll() {
        proxies.forEach(TcpProxy::cut);
    }

    void restoreAll() {
        proxies.forEach(TcpProxy::restore);
    }

    /** A revision whose history is still there; that of the compaction itself may have lost its deletes. */
    private long later() {
        long now = truth.catchUp(bare);
        long earliest = Math.max(first, compacted);
        return earliest + (long) (random.nextDouble() * (now + 1 - earliest));
    }

    private void compact() {
        long revision = truth.catchUp(bare);
        if (revision > compacted) {
            compacted = revision;
            truth.compactedAt(revision);
            KV kv = direct.client().getKVClient();
            // Whether or not an answer comes: it is compacted when etcd says that it cannot be compacted again.
            await().atMost(GENEROUS)
                    .until(() -> get(kv.compact(revision)
                            .handle((answer, failure) ->
                                    failure != null && failure.toString().contains("compacted"))));
        }
    }

    /** Some Txns of one to three keys. A lost answer is as good as any: what happened is read from etcd. */
    void write() {
        write(direct);
    }

    void write(EtcdLink through) {
        KV kv = through.client().getKVClient();
        for (int writes = 3 + random.nextInt(10); writes > 0; writes--) {
            Set<String> keys = new LinkedHashSet<>();
            for (int k = 1 + random.nextInt(3); k > 0; k--) {
                keys.add(prefix + (random.nextBoolean() ? "a/" : "b/") + random.nextInt(4));
            }
            Op[] operations = keys.stream()
                    .map(key -> random.nextInt(4) == 0
                            ? Op.delete(bytes(key), DeleteOption.DEFAULT)
                            : Op.put(bytes(key), bytes("v" + random.nextInt()), PutOption.DEFAULT))
                    .toArray(Op[]::new);
            get(kv.txn().Then(operations).commit().handle((answer, failure) -> 0));
        }
    }

    /** Everything is well and everybody goes on; then each watch must have been told all, and nothing else. */
    void finish() {
        restoreAll();
        over.countDown();
        truth.catchUp(bare);
        for (WatchHistory history : histories) {
            await().atMost(GENEROUS).untilAsserted(() -> assertThat(Validator.allViolations(history, truth))
                    .as("-Dwatch.seed=%d, steps %s: %s", seed, steps, history.spec())
                    .isEmpty());
        }
    }

    WatchTruth truth() {
        return truth;
    }

    /** Of those that listen all the time. */
    Stream<Told> everythingTold() {
        return histories.stream().filter(history -> history != late).flatMap(history -> history.told().stream());
    }

    private final class StandingStill implements WatchConsumer {

        @Override
        public void onCreated(long revision) {
            late.onCreated(revision);
        }

        @Override
        public void onBatch(RevisionBatch batch) {
            await().forever().until(() -> over.getCount() == 0);
            late.onBatch(batch);
        }

        @Override
        public void onProgress(long revision) {
            late.onProgress(revision);
        }

        @Override
        public void onGap(EtcdGap gap) {
            late.onGap(gap);
        }

        @Override
        public void onFailure(EtcdException failure) {
            late.onFailure(failure);
        }
    }

    @Override
    public void close() {
        over.countDown();
        restoreAll();
        link.close();
        direct.close();
        bare.close();
        slow.shutdownNow();
    }
}
