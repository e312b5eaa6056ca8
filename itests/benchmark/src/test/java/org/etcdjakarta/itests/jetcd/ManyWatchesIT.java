package org.etcdjakarta.itests.jetcd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.etcdjakarta.itests.jetcd.Text.b;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicInteger;
import org.etcdjakarta.EtcdException;
import org.etcdjakarta.EtcdGap;
import org.etcdjakarta.core.link.EtcdLink;
import org.etcdjakarta.core.link.EtcdLinkConfig;
import org.etcdjakarta.core.watch.RevisionBatch;
import org.etcdjakarta.core.watch.WatchConsumer;
import org.etcdjakarta.core.watch.WatchSpec;
import org.etcdjakarta.itests.support.EtcdServer;
import org.junit.jupiter.api.Test;

/**
 * What many watches of different keys cost, ours beside jetcd's, an etcd each: {@code -Dwatch.count=} of them, 10,000 with the profile
 * {@code long}. Streams are asserted; memory is reported, in {@code target/many-watches.md}.
 */
class ManyWatchesIT {

    private static final Duration GENEROUS = Duration.ofMinutes(5);
    private static final int COUNT = Integer.getInteger("watch.count", 500);

    private interface Begin {
        AutoCloseable watches(String endpoint) throws Exception;
    }

    private record Cost(long streams, double megabytesOfEtcd, double bytesOfHeap) {

        String row(String client) {
            return String.format(
                    Locale.ROOT,
                    "| %s | %d | %d | %.1f MB | %.0f B |%n",
                    client,
                    COUNT,
                    streams,
                    megabytesOfEtcd,
                    bytesOfHeap);
        }
    }

    @Test
    void manyWatchesAreOneStreamWithUsOnly() throws Exception {
        Cost ours = measure(ManyWatchesIT::ours);
        Cost theirs = measure(endpoint -> JetcdLoader.shared().startWatches(endpoint, COUNT));
        report(
                "| client | watches | streams | more memory in etcd | heap a watch |\n| --- | ---: | ---: | ---: | ---: |\n"
                        + ours.row("link") + theirs.row("jetcd"));

        assertThat(ours.streams()).isEqualTo(1);
        assertThat(theirs.streams()).isEqualTo(COUNT);
    }

    private static Cost measure(Begin begin) throws Exception {
        try (EtcdServer etcd = EtcdServer.start()) {
            double etcdBefore = memory(etcd);
            long heapBefore = heap();
            try (AutoCloseable watches = begin.watches(etcd.endpoint())) {
                await().atMost(GENEROUS).until(() -> etcd.metrics().watches() == COUNT);
                double bytes = (heap() - heapBefore) / (double) COUNT;
                double megabytes = (memory(etcd) - etcdBefore) / 1e6;
                assertThat(watches).isNotNull();
                return new Cost(etcd.metrics().watchStreams(), megabytes, bytes);
            }
        }
    }

    private static AutoCloseable ours(String endpoint) {
        EtcdLink link =
                EtcdLink.open(EtcdLinkConfig.builder().endpoints(endpoint).build());
        AtomicInteger heard = new AtomicInteger();
        WatchConsumer consumer = new WatchConsumer() {
            @Override
            public void onBatch(RevisionBatch batch) {
                heard.incrementAndGet();
            }

            @Override
            public void onGap(EtcdGap gap) {
                heard.incrementAndGet();
            }

            @Override
            public void onFailure(EtcdException failure) {
                heard.incrementAndGet();
            }
        };
        for (int i = 0; i < COUNT; i++) {
            var unused = link.watches().subscribe(WatchSpec.key(b("/many/" + i)), consumer, Runnable::run);
        }
        return link;
    }

    private static double memory(EtcdServer etcd) {
        return etcd.metrics().value("process_resident_memory_bytes");
    }

    private static long heap() {
        Runtime runtime = Runtime.getRuntime();
        for (int i = 0; i < 3; i++) {
            System.gc();
        }
        return runtime.totalMemory() - runtime.freeMemory();
    }

    private static void report(String table) throws IOException {
        Path file = Path.of("target", "many-watches.md");
        Files.createDirectories(file.getParent());
        Files.writeString(file, table);
    }
}
