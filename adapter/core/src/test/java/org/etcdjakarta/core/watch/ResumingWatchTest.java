package org.etcdjakarta.core.watch;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.api.WatchCreateRequest;
import io.etcd.jetcd.api.WatchRequest;
import io.etcd.jetcd.api.WatchResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import org.etcdjakarta.EtcdException;
import org.etcdjakarta.EtcdGap.Reason;
import org.etcdjakarta.embedded.store.Store;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ResumingWatchTest {

    /** What is asked for, so that a compaction of the wanted revision itself is noticed. */
    private static final int ONE_EARLIER = 1;

    private final SteppedEtcd cluster = new SteppedEtcd();
    private final StreamWatches watches = new StreamWatches(cluster);
    private final Recorder recorder = new Recorder();

    @AfterEach
    void close() {
        cluster.close();
    }

    private WatchHub.Subscription watchFrom(long revision) {
        return watches.subscribe(WatchSpec.prefix(bytes("/a/")).from(revision), recorder, Runnable::run);
    }

    private static ByteSequence bytes(String text) {
        return ByteSequence.from(text, UTF_8);
    }

    private void writes(int count) {
        for (int i = 0; i < count; i++) {
            cluster.put("/a/" + i, "v" + i);
        }
    }

    // ---- what is not shown

    @Test
    void recordsOfTheAdapterAreNotShownAndHoldNothingUp() {
        watches.subscribe(WatchSpec.prefix(bytes("/")).from(2), recorder, Runnable::run);
        cluster.put("/_etcd-jakarta/p/1", "a prepare record");
        cluster.put(new String[] {"/_etcd-jakarta/p/1", "/a/1"}, "its commit");
        cluster.stream().created();
        cluster.stream().events();
        cluster.stream().cut();
        cluster.pass();

        assertThat(recorder.revisions).containsExactly(3L);
        assertThat(cluster.stream().startRevision).isEqualTo(4 - ONE_EARLIER);
    }

    @Test
    void recordsBelowAnotherReservedPrefixAreNotShownEither() {
        cluster.adapterKeys().hide("/ours/");
        watches.subscribe(WatchSpec.prefix(bytes("/")).from(2), recorder, Runnable::run);
        cluster.put("/ours/p/1", "a prepare record");
        cluster.put(new String[] {"/ours/p/1", "/a/1"}, "its commit");
        cluster.stream().created();
        cluster.stream().events();

        assertThat(recorder.revisions).containsExactly(3L);
        assertThat(recorder.values).containsExactly("its commit");
    }

    @Test
    void recordsOfTheAdapterAreShownToWhoNamesThem() {
        watches.subscribe(WatchSpec.prefix(bytes("/_etcd-jakarta/p/")).from(2), recorder, Runnable::run);
        cluster.put("/_etcd-jakarta/p/1", "a prepare record");
        cluster.stream().created();
        cluster.stream().events();

        assertThat(recorder.revisions).containsExactly(2L);
    }

    // ---- resume

    @Test
    void cutAfterCreatedAndBeforeTheBacklogLosesNothing() {
        writes(20);
        watchFrom(2);
        cluster.stream().created();
        cluster.stream().cut();
        cluster.pass();
        cluster.stream().created();
        cluster.stream().events();

        assertThat(recorder.revisions).hasSize(20).startsWith(2L).endsWith(21L).isSorted();
        assertThat(recorder.created).containsExactly(1L);
    }

    /** What the watch above is protected from: a client that resumes at the created header loses the whole backlog. */
    @Test
    void control_resumingAtTheCreatedHeaderWouldLoseTheBacklog() {
        writes(20);
        List<WatchResponse> received = new ArrayList<>();
        WatchTransport.Events events = new WatchTransport.Events() {
            @Override
            public void onResponse(WatchResponse response) {
                received.add(response);
            }

            @Override
            public void onEnd(EtcdException failure, boolean mayResume) {}
        };
        cluster.open(createRequest(2), events);
        cluster.stream().created();
        long header = received.get(0).getHeader().getRevision();
        cluster.open(createRequest(header), events);
        cluster.stream().created();
        cluster.stream().events();

        assertThat(received.get(received.size() - 1).getEventsCount()).isEqualTo(1);
    }

    private static WatchRequest createRequest(long revision) {
        return WatchRequest.newBuilder()
                .setCreateRequest(WatchCreateRequest.newBuilder()
                        .setKey(ByteString.copyFromUtf8("/a/"))
                        .setRangeEnd(ByteString.copyFromUtf8("/a0"))
                        .setStartRevision(revision))
                .build();
    }

    @Test
    void twoCutsInARowBeforeTheFirstBatchLoseNothing() {
        watchFrom(0);
        cluster.stream().created();
        writes(1);
        cluster.stream().events();
        cluster.stream().cut();
        writes(20);
        cluster.pass();
        cluster.stream().created();
        cluster.stream().cut();
        cluster.pass();
        cluster.stream().created();
        cluster.stream().events();

        assertThat(recorder.revisions).hasSize(21).doesNotHaveDuplicates();
    }

    @Test
    void quietWatchResumesBehindItsFirstCreatedHeader() {
        writes(3);
        watchFrom(0);
        cluster.stream().created();
        cluster.stream().cut();
        writes(20);
        cluster.pass();

        assertThat(cluster.stream().startRevision).isEqualTo(5 - ONE_EARLIER);
        cluster.stream().created();
        cluster.stream().events();
        assertThat(recorder.revisions).hasSize(20).startsWith(5L);
    }

    @Test
    void watchThatNeverStoodStartsAtNowAgain() {
        watchFrom(0);
        cluster.stream().cut();
        cluster.pass();

        assertThat(cluster.stream().startRevision).isZero();
    }

    @Test
    void streamThatEndsInOrderIsResumed() {
        watchFrom(0);
        cluster.stream().created();
        cluster.stream().end(true);
        writes(2);
        cluster.pass();
        cluster.stream().created();
        cluster.stream().events();

        assertThat(recorder.revisions).containsExactly(2L, 3L);
    }

    @Test
    void nothingOfAnOldStreamCounts() {
        watchFrom(0);
        var old = cluster.stream();
        old.created();
        writes(1);
        old.cut();
        cluster.pass();
        old.events();
        assertThat(recorder.revisions).isEmpty();

        cluster.stream().created();
        cluster.stream().events();
        assertThat(recorder.revisions).containsExactly(2L);
    }

    @Test
    void refusedStreamEndsTheWatch() {
        WatchHub.Subscription subscription = watchFrom(0);
        cluster.stream().end(false);

        assertThat(recorder.failures).hasSize(1);
        assertThat(subscription.isClosed()).isTrue();
    }

    @Test
    void deniedWatchIsTriedAFewTimesMoreWithANewToken() {
        cluster.tokenRenewable = true;
        watchFrom(0);
        for (int i = 0; i < 3; i++) {
            cluster.stream().refusedAtCreation("etcdserver: permission denied");
            assertThat(recorder.failures).isEmpty();
            cluster.pass();
        }
        cluster.stream().refusedAtCreation("etcdserver: permission denied");

        assertThat(recorder.failures).hasSize(1);
        assertThat(cluster.streams).hasSize(4);
    }

    // ---- batches

    @Test
    void eventsOfOneRevisionComeTogetherAndRevisionsApart() {
        watchFrom(0);
        cluster.stream().created();
        cluster.put(new String[] {"/a/1", "/a/2", "/a/3"}, "x");
        cluster.put("/a/1", "y");
        cluster.stream().events();

        assertThat(recorder.revisions).containsExactly(2L, 3L);
        assertThat(recorder.values).containsExactly("x", "x", "x", "y");
    }

    @Test
    void nextResponseIsAskedForWhenTheFormerHasBeenDelivered() {
        List<Runnable> waiting = new ArrayList<>();
        watches.subscribe(WatchSpec.prefix(bytes("/a/")), recorder, waiting::add);
        waiting.remove(0).run();
        cluster.stream().created();
        assertThat(cluster.stream().requested).isEqualTo(1);
        waiting.remove(0).run();
        assertThat(cluster.stream().requested).isEqualTo(2);
    }

    @Test
    void consumerThatThrowsGetsTheNextBatch() {
        Recorder failing = new Recorder() {
            @Override
            public void onBatch(RevisionBatch batch) {
                super.onBatch(batch);
                throw new IllegalStateException("of the application");
            }
        };
        watches.subscribe(WatchSpec.prefix(bytes("/a/")), failing, Runnable::run);
        cluster.stream().created();
        writes(2);
        cluster.stream().events();
        writes(1);
        cluster.stream().events();

        assertThat(failing.revisions).containsExactly(2L, 3L, 4L);
    }

    @Test
    void consumerThatThrowsEndsItsWatchWhenItWasToldSo() {
        Recorder failing = new Recorder() {
            @Override
            public void onBatch(RevisionBatch batch) {
                super.onBatch(batch);
                throw new IllegalStateException("of the application");
            }
        };
        WatchHub.Subscription subscription =
                watches.subscribe(WatchSpec.prefix(bytes("/a/")), failing, Runnable::run, OnThrow.STOP);
        watches.subscribe(WatchSpec.prefix(bytes("/a/")), recorder, Runnable::run);
        cluster.stream(0).created();
        cluster.stream(1).created();
        writes(2);
        cluster.stream(0).events();
        cluster.stream(1).events();

        assertThat(failing.revisions).containsExactly(2L);
        assertThat(failing.failures).isEmpty();
        assertThat(subscription.isClosed()).isTrue();
        assertThat(cluster.stream(0).cancelled).isTrue();
        assertThat(recorder.revisions).containsExactly(2L, 3L);
    }

    @Test
    void watchEndsWhenItsExecutorTakesNoMoreWork() {
        WatchHub.Subscription subscription = watches.subscribe(WatchSpec.prefix(bytes("/a/")), recorder, task -> {
            throw new RejectedExecutionException("shut down");
        });

        assertThat(subscription.isClosed()).isTrue();
    }

    // ---- progress

    /** Others write, and their history goes. */
    private void quietWhileHistoryGoes(Runnable beforeTheCut) {
        watches.subscribe(WatchSpec.prefix(bytes("/a/")), recorder, Runnable::run);
        cluster.stream().created();
        for (int i = 0; i < 5; i++) {
            cluster.put("/other/" + i, "v");
        }
        beforeTheCut.run();
        cluster.compact(cluster.revision());
        cluster.stream().cut();
        cluster.pass();
    }

    @Test
    void noticeOfProgressMovesTheResumePoint() {
        quietWhileHistoryGoes(() -> cluster.stream().notice());
        cluster.stream().created();
        writes(1);
        cluster.stream().events();

        assertThat(recorder.progress).containsExactly(6L);
        assertThat(recorder.revisions).containsExactly(7L);
        assertThat(recorder.gaps).isEmpty();
    }

    /** Without the notice nobody can know that nothing of this watch was in the history that has gone. */
    @Test
    void control_withoutANoticeTheSameIsAGap() {
        quietWhileHistoryGoes(() -> {});
        cluster.stream().created();
        cluster.stream().refusedAsCompacted();

        assertThat(recorder.gaps).hasSize(1);
    }

    @Test
    void answerToAQuestionForProgressMovesNothingBecauseItMayBeAheadOfEvents() {
        watchFrom(2);
        writes(3);
        cluster.stream().created();
        cluster.stream().answersTooEarly();
        cluster.stream().cut();
        cluster.pass();
        cluster.stream().created();
        cluster.stream().events();

        assertThat(recorder.progress).isEmpty();
        assertThat(recorder.revisions).containsExactly(2L, 3L, 4L);
    }

    /** A watch whose first revision is still to come must not be moved back by what is known now. */
    @Test
    void noticeBeforeTheStartMovesNothing() {
        ResumePoint point = new ResumePoint(9, false);
        point.streamOpens();
        point.passed(4);

        assertThat(point.next()).isEqualTo(9);
    }

    // ---- lost events

    @Test
    void compactedHistoryBecomesAGapWithTheStateAndTheWatchGoesOn() {
        writes(3);
        cluster.compact(4);
        watchFrom(2);
        cluster.stream().created();
        cluster.stream().refusedAsCompacted();

        assertThat(recorder.gaps).singleElement().satisfies(gap -> {
            assertThat(gap.reason()).isEqualTo(Reason.COMPACTED);
            assertThat(gap.keyOrPrefix()).isEqualTo("/a/");
            assertThat(gap.firstLost()).isEqualTo(2);
            assertThat(gap.revision()).isEqualTo(4);
            assertThat(gap.state()).hasSize(3);
        });
        assertThat(cluster.stream().startRevision).isEqualTo(5 - ONE_EARLIER);
        cluster.stream().created();
        writes(1);
        cluster.stream().events();
        assertThat(recorder.revisions).containsExactly(5L);
    }

    /** etcd drops the deletes of the revision that it compacts at, and takes a watch from there. */
    @Test
    void compactionOfTheNextRevisionItselfIsAGap() {
        watchFrom(0);
        cluster.stream().created();
        cluster.put("/a/1", "1");
        cluster.stream().events();
        long delivered = recorder.revisions.get(0);
        cluster.stream().cut();
        cluster.put("/a/2", "2");
        cluster.compact(delivered + 1);
        cluster.pass();
        cluster.stream().created();
        cluster.stream().refusedAsCompacted();

        assertThat(recorder.gaps).singleElement().satisfies(gap -> {
            assertThat(gap.reason()).isEqualTo(Reason.COMPACTED);
            assertThat(gap.firstLost()).isEqualTo(delivered + 1);
        });
    }

    @Test
    void stateOfManyPagesIsReadAtOneRevision() {
        writes(2_500);
        cluster.compact(2_000);
        cluster.beforeRange = () -> cluster.put("/a/0", "changes while the pages are read");
        watchFrom(2);
        cluster.stream().created();
        cluster.stream().refusedAsCompacted();

        assertThat(recorder.gaps.get(0).state()).hasSize(2_500);
        assertThat(recorder.gaps.get(0).revision()).isEqualTo(2_502);
        assertThat(cluster.ranges).extracting(range -> range.getRevision()).containsExactly(0L, 2_502L, 2_502L);
        assertThat(cluster.stream().startRevision).isEqualTo(2_503 - ONE_EARLIER);
    }

    @Test
    void stateThatIsCompactedAwayBetweenTwoPagesIsReadAnew() {
        writes(1_500);
        cluster.compact(1_000);
        cluster.beforeRange = () -> {
            if (cluster.ranges.size() == 1) {
                writes(1);
                cluster.compact(cluster.revision());
            }
        };
        watchFrom(2);
        cluster.stream().created();
        cluster.stream().refusedAsCompacted();
        assertThat(recorder.gaps).isEmpty();
        cluster.pass();

        assertThat(recorder.gaps).singleElement().satisfies(gap -> assertThat(gap.revision())
                .isEqualTo(cluster.revision()));
    }

    @Test
    void anotherClusterAtTheSameEndpointIsAGap() {
        watchFrom(0);
        cluster.stream().created();
        cluster.stream().cut();
        cluster.replace();
        writes(2);
        cluster.pass();
        cluster.stream().created();

        assertThat(recorder.gaps).singleElement().satisfies(gap -> {
            assertThat(gap.reason()).isEqualTo(Reason.CLUSTER_CHANGED);
            assertThat(gap.state()).hasSize(2);
        });
    }

    @Test
    void restoredBackupIsAGap() {
        writes(4);
        Store backup = cluster.backup();
        writes(6);
        watchFrom(0);
        cluster.stream().created();
        cluster.stream().cut();
        cluster.restore(backup);
        cluster.pass();
        cluster.stream().created();

        assertThat(recorder.gaps).singleElement().satisfies(gap -> {
            assertThat(gap.reason()).isEqualTo(Reason.REVISION_WENT_BACK);
            assertThat(gap.revision()).isEqualTo(5);
        });
        assertThat(cluster.stream().startRevision).isEqualTo(6 - ONE_EARLIER);
    }

    /** By its revision the store is where it was, or further; its history is another one. */
    private void backupIsRestoredAndOvertakes(int overtaking) {
        watchFrom(0);
        cluster.stream().created();
        writes(2);
        Store backup = cluster.backup();
        writes(4);
        cluster.stream().events();
        cluster.stream().cut();
        cluster.restore(backup);
        for (int i = 0; i < overtaking; i++) {
            cluster.put("/a/other", "of another history " + i);
        }
        cluster.pass();
        cluster.stream().created();
    }

    @Test
    void restoredBackupThatHasOvertakenIsAGap() {
        backupIsRestoredAndOvertakes(6);
        cluster.stream().events();

        assertThat(recorder.revisions).containsExactly(2L, 3L, 4L, 5L, 6L, 7L);
        assertThat(recorder.gaps).singleElement().satisfies(gap -> {
            assertThat(gap.reason()).isEqualTo(Reason.REVISION_WENT_BACK);
            assertThat(gap.firstLost()).isEqualTo(8);
            assertThat(gap.revision()).isEqualTo(9);
            assertThat(gap.state()).hasSize(3);
        });
    }

    /** A watch that hears of nothing more would stay with a state that never was. */
    @Test
    void noticeInPlaceOfWhatWasToldLastIsAGap() {
        watchFrom(0);
        cluster.stream().created();
        writes(2);
        Store backup = cluster.backup();
        writes(4);
        cluster.stream().events();
        cluster.stream().cut();
        cluster.restore(backup);
        for (int i = 0; i < 6; i++) {
            cluster.put("/elsewhere", "of another history " + i);
        }
        cluster.pass();
        cluster.stream().created();
        cluster.stream().notice();

        assertThat(recorder.progress).isEmpty();
        assertThat(recorder.gaps).singleElement().satisfies(gap -> assertThat(gap.reason())
                .isEqualTo(Reason.REVISION_WENT_BACK));
    }

    @Test
    void backupIsSeenAlsoWhereItHasComeExactlyAsFar() {
        backupIsRestoredAndOvertakes(4);
        cluster.stream().events();

        assertThat(recorder.gaps).hasSize(1);
    }

    /** Else every break would be a gap. */
    @Test
    void control_sameHistoryIsNoGapWhateverWasToldLast() {
        watchFrom(0);
        cluster.stream().created();
        cluster.put(new String[] {"/a/1", "/a/2"}, "1");
        cluster.stream().events();
        cluster.stream().cut();
        cluster.put("/a/1", "2");
        cluster.pass();
        cluster.stream().created();
        cluster.stream().events();
        cluster.stream().cut();
        cluster.compact(cluster.revision());
        cluster.pass();
        cluster.stream().created();
        cluster.stream().events();
        cluster.stream().notice();

        assertThat(recorder.gaps).isEmpty();
        assertThat(recorder.revisions).containsExactly(2L, 3L);
    }

    @Test
    void startBeyondTheClustersRevisionIsAGapToo() {
        watchFrom(100);
        cluster.stream().created();

        assertThat(recorder.gaps).singleElement().satisfies(gap -> assertThat(gap.reason())
                .isEqualTo(Reason.REVISION_WENT_BACK));
    }

    @Test
    void laggingMemberIsNoRestoredBackup() {
        writes(10);
        watchFrom(0);
        cluster.stream().created();
        cluster.stream().cut();
        cluster.lag = 4;
        cluster.pass();
        cluster.stream().created();
        writes(1);
        cluster.stream().events();

        assertThat(recorder.gaps).isEmpty();
        assertThat(recorder.revisions).containsExactly(12L);
    }

    // ---- close

    @Test
    void closedWatchCancelsItsStreamAndDeliversNothingMore() {
        WatchHub.Subscription subscription = watchFrom(0);
        cluster.stream().created();
        writes(1);
        subscription.close();
        cluster.stream().events();

        assertThat(cluster.stream().cancelled).isTrue();
        assertThat(recorder.revisions).isEmpty();
    }

    @Test
    void closeFromInsideACallbackReturnsAndNothingFollows() {
        List<WatchHub.Subscription> self = new ArrayList<>();
        Recorder closing = new Recorder() {
            @Override
            public void onBatch(RevisionBatch batch) {
                super.onBatch(batch);
                self.get(0).close();
            }
        };
        self.add(watches.subscribe(WatchSpec.prefix(bytes("/a/")), closing, Runnable::run));
        cluster.stream().created();
        writes(3);
        cluster.stream().events();

        assertThat(closing.revisions).containsExactly(2L);
    }

    @Test
    void closedHubEndsItsWatchesAndTakesNoMore() {
        WatchHub.Subscription subscription = watchFrom(0);
        watches.close();

        assertThat(subscription.isClosed()).isTrue();
        org.assertj.core.api.Assertions.assertThatIllegalStateException().isThrownBy(() -> watchFrom(0));
    }
}
