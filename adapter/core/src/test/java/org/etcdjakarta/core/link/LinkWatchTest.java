package org.etcdjakarta.core.link;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.ByteString;
import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.api.KVGrpc;
import io.etcd.jetcd.api.PutRequest;
import io.etcd.jetcd.api.WatchGrpc;
import io.etcd.jetcd.api.WatchRequest;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.LongStream;
import org.etcdjakarta.EtcdException;
import org.etcdjakarta.EtcdGap;
import org.etcdjakarta.EtcdGap.Reason;
import org.etcdjakarta.core.watch.RevisionBatch;
import org.etcdjakarta.core.watch.WatchConsumer;
import org.etcdjakarta.core.watch.WatchSpec;
import org.etcdjakarta.embedded.EmbeddedEtcd;
import org.etcdjakarta.embedded.faults.Fault;
import org.etcdjakarta.embedded.faults.Refusal;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Watches over a real connection that breaks at the moments at which events get lost if they ever do. */
class LinkWatchTest {

    private static final Duration GENEROUS = Duration.ofSeconds(30);

    private final EmbeddedEtcd etcd = EmbeddedEtcd.start();
    private final EtcdLink link =
            EtcdLink.open(EtcdLinkConfig.builder().endpoints(etcd.endpoint()).build());
    private final Recorder recorder = new Recorder();

    @AfterEach
    void close() {
        link.close();
        etcd.close();
    }

    private static final class Recorder implements WatchConsumer {

        final List<Long> revisions = new CopyOnWriteArrayList<>();
        final List<EtcdGap> gaps = new CopyOnWriteArrayList<>();
        final List<EtcdException> failures = new CopyOnWriteArrayList<>();

        @Override
        public void onBatch(RevisionBatch batch) {
            revisions.add(batch.revision());
        }

        @Override
        public void onGap(EtcdGap gap) {
            gaps.add(gap);
        }

        @Override
        public void onFailure(EtcdException failure) {
            failures.add(failure);
        }
    }

    private void watchFrom(long revision) {
        var unused = link.watches()
                .subscribe(WatchSpec.prefix(ByteSequence.from("/a/", UTF_8)).from(revision), recorder, Runnable::run);
    }

    private void writes(int count) {
        for (int i = 0; i < count; i++) {
            var unused = KVGrpc.newBlockingStub(etcd.channel())
                    .put(PutRequest.newBuilder()
                            .setKey(ByteString.copyFromUtf8("/a/" + i))
                            .build());
        }
    }

    private void heard(long first, long last) {
        List<Long> all = LongStream.rangeClosed(first, last).boxed().toList();
        await().atMost(GENEROUS).until(() -> recorder.revisions.size() >= all.size());
        assertThat(recorder.revisions).isEqualTo(all);
        assertThat(recorder.failures).isEmpty();
    }

    @Test
    void cutsBetweenCreatedAndTheBacklogLoseNothing() {
        writes(20);
        Fault fault = etcd.faults()
                .on(WatchGrpc.getWatchMethod())
                .when(WatchRequest::hasCreateRequest)
                .next(3)
                .cutAfterAnswer();
        watchFrom(2);

        heard(2, 21);
        assertThat(fault.hits()).isEqualTo(3);
        assertThat(recorder.gaps).isEmpty();
    }

    @Test
    void connectionsThatBreakBetweenWritesLoseNothing() {
        watchFrom(2);
        for (int i = 0; i < 5; i++) {
            writes(4);
            etcd.faults().cutConnections();
        }
        writes(1);

        heard(2, 22);
        assertThat(recorder.gaps).isEmpty();
    }

    /** It cannot be back before: its stream is refused until the history is gone. */
    @Test
    void historyThatWasCompactedWhileTheWatchWasAwayIsAGap() {
        watchFrom(2);
        writes(3);
        heard(2, 4);
        Fault away = etcd.faults().on(WatchGrpc.getWatchMethod()).refuse(Refusal.UNAVAILABLE);
        etcd.faults().cutStreams();
        writes(10);
        etcd.faults().compact();
        away.clear();

        await().atMost(GENEROUS).until(() -> !recorder.gaps.isEmpty());
        assertThat(recorder.gaps).singleElement().satisfies(gap -> {
            assertThat(gap.reason()).isEqualTo(Reason.COMPACTED);
            assertThat(gap.firstLost()).isEqualTo(5);
            assertThat(gap.revision()).isEqualTo(14);
            assertThat(gap.state()).hasSize(10);
        });
        writes(1);
        await().atMost(GENEROUS).until(() -> recorder.revisions.equals(List.of(2L, 3L, 4L, 15L)));
    }

    @Test
    void anEtcdThatHasLostItsDataIsAGap() {
        watchFrom(2);
        writes(5);
        heard(2, 6);
        etcd.restartEmpty();

        await().atMost(GENEROUS).until(() -> !recorder.gaps.isEmpty());
        assertThat(recorder.gaps).singleElement().satisfies(gap -> {
            assertThat(gap.reason()).isEqualTo(Reason.REVISION_WENT_BACK);
            assertThat(gap.state()).isEmpty();
            assertThat(gap.revision()).isEqualTo(1);
        });
        recorder.revisions.clear();
        writes(2);
        heard(2, 3);
    }
}
