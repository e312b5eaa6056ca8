package org.etcdjakarta.itests.jetcd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.etcdjakarta.itests.jetcd.Text.b;

import io.etcd.jetcd.KV;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import org.etcdjakarta.EtcdException;
import org.etcdjakarta.EtcdGap;
import org.etcdjakarta.core.link.EtcdLink;
import org.etcdjakarta.core.link.EtcdLinkConfig;
import org.etcdjakarta.core.watch.RevisionBatch;
import org.etcdjakarta.core.watch.WatchConsumer;
import org.etcdjakarta.core.watch.WatchSpec;
import org.etcdjakarta.itests.support.EtcdServer;
import org.etcdjakarta.itests.support.TcpProxy;
import org.etcdjakarta.itests.support.WithEtcd;
import org.junit.jupiter.api.Test;

/**
 * Why jetcd's own watch is not used: a connection that breaks between the notice that a watch stands and its first events makes it go
 * on at the store's revision, and all that lies before is lost without a sign. The same cuts befall a watch of ours.
 */
@WithEtcd
class WatchLossIT {

    private static final Duration GENEROUS = Duration.ofSeconds(60);
    private static final int HISTORY = 1_000;
    private static final int TRIES = 8;

    private final EtcdServer etcd;
    private final JetcdLoader jetcd;

    WatchLossIT(EtcdServer etcd) throws IOException {
        this.etcd = etcd;
        this.jetcd = JetcdLoader.shared();
    }

    @Test
    void cutBeforeTheFirstEventsLosesThemWithJetcdOnly() throws Exception {
        try (EtcdLink direct = link(etcd.endpoint())) {
            List<Long> written = new ArrayList<>(history(direct.client().getKVClient()));
            int losses = 0;
            for (int attempt = 0; attempt < TRIES; attempt++) {
                losses += jetcdLosesEvents(direct, written, 100 + 100L * attempt) ? 1 : 0;
            }

            assertThat(losses).isPositive();
        }
    }

    private static List<Long> history(KV kv) {
        List<CompletableFuture<Long>> puts = new ArrayList<>();
        for (int i = 0; i < HISTORY; i++) {
            puts.add(kv.put(b("/loss/" + i % 10), b("v" + i))
                    .thenApply(answer -> answer.getHeader().getRevision()));
        }
        return puts.stream().map(CompletableFuture::join).sorted().toList();
    }

    private boolean jetcdLosesEvents(EtcdLink direct, List<Long> written, long bytes) throws Exception {
        long first = written.get(0);
        try (TcpProxy toJetcd = TcpProxy.to(etcd);
                TcpProxy toOurs = TcpProxy.to(etcd)) {
            toJetcd.cutAfterResponseBytes(bytes);
            toOurs.cutAfterResponseBytes(bytes);
            Queue<Long> ours = new ConcurrentLinkedQueue<>();
            Map.Entry<Queue<Long>, AutoCloseable> theirs = jetcd.startWatch(toJetcd.endpoint(), "/loss/", first);
            try (AutoCloseable client = theirs.getValue();
                    EtcdLink link = link(toOurs.endpoint())) {
                var unused = link.watches()
                        .subscribe(WatchSpec.prefix(b("/loss/")).from(first), collecting(ours), Runnable::run);
                // More than one connection: the cut has really come.
                await().atMost(GENEROUS).until(() -> toJetcd.accepted() > 1 && toOurs.accepted() > 1);
                long marker = direct.client()
                        .getKVClient()
                        .put(b("/loss/marker"), b("x"))
                        .get(60, TimeUnit.SECONDS)
                        .getHeader()
                        .getRevision();
                written.add(marker);

                await().atMost(GENEROUS).untilAsserted(() -> assertThat(ours).containsExactlyElementsOf(written));
                await().atMost(GENEROUS).until(() -> theirs.getKey().contains(marker));
                assertThat(client).isNotNull();
                return theirs.getKey().stream().distinct().count() < written.size();
            }
        }
    }

    private static EtcdLink link(String endpoint) {
        return EtcdLink.open(EtcdLinkConfig.builder()
                .endpoints(endpoint)
                .requestTimeout(Duration.ofSeconds(30))
                .build());
    }

    private static WatchConsumer collecting(Queue<Long> revisions) {
        return new WatchConsumer() {
            @Override
            public void onBatch(RevisionBatch batch) {
                revisions.add(batch.revision());
            }

            @Override
            public void onGap(EtcdGap gap) {
                revisions.add(-1L);
            }

            @Override
            public void onFailure(EtcdException failure) {
                revisions.add(-2L);
            }
        };
    }
}
