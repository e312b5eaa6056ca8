package org.etcdjakarta.core.watch;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.Watch;
import io.etcd.jetcd.common.exception.ClosedClientException;
import io.etcd.jetcd.common.exception.CompactedException;
import io.etcd.jetcd.options.WatchOption;
import io.etcd.jetcd.watch.WatchResponse;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class JetcdWatchTest {

    private final SteppedEtcd cluster = new SteppedEtcd();
    private final StreamWatches watches = new StreamWatches(cluster);
    private final Watch watch = watches.jetcdWatch();
    private final List<String> told = new ArrayList<>();
    private final List<Throwable> errors = new ArrayList<>();

    private final Watch.Listener listener = new Watch.Listener() {
        @Override
        public void onNext(WatchResponse response) {
            told.add(
                    response.isCreatedNotify()
                            ? "created"
                            : response.isProgressNotify()
                                    ? "progress"
                                    : "events " + response.getEvents().size());
        }

        @Override
        public void onError(Throwable failure) {
            told.add("error");
            errors.add(failure);
        }

        @Override
        public void onCompleted() {
            told.add("completed");
        }
    };

    @AfterEach
    void close() {
        cluster.close();
    }

    private Watch.Watcher watch(WatchOption option) {
        return watch.watch(ByteSequence.from("/a/", UTF_8), option, listener);
    }

    @Test
    void createdIsToldWhenAskedForAndOnlyOnce() {
        watch(WatchOption.builder().withCreateNotify(true).build());
        cluster.stream().created();
        cluster.stream().cut();
        cluster.pass();
        cluster.stream().created();

        assertThat(told).containsExactly("created");
    }

    @Test
    void interruptionIsNotToldAndLosesNothing() {
        watch(WatchOption.DEFAULT);
        cluster.stream().created();
        cluster.stream().cut();
        cluster.put("/a/", "x");
        cluster.put("/a/", "y");
        cluster.pass();
        cluster.stream().created();
        cluster.stream().events();

        assertThat(told).containsExactly("events 1", "events 1");
    }

    @Test
    void compactedHistoryIsAnErrorAndTheEnd() {
        for (int i = 0; i < 8; i++) {
            cluster.put("/a/", "x");
        }
        cluster.compact(9);
        Watch.Watcher watcher = watch(WatchOption.builder().withRevision(2).build());
        cluster.stream().created();
        cluster.stream().refusedAsCompacted();

        assertThat(told).containsExactly("error", "completed");
        assertThat(errors).singleElement().satisfies(error -> {
            assertThat(error).isInstanceOf(CompactedException.class);
            assertThat(((CompactedException) error).getCompactedRevision()).isEqualTo(9);
        });
        assertThat(watcher.isClosed()).isTrue();
    }

    @Test
    void startInTheFutureIsAWishAndNoError() {
        watch(WatchOption.builder().withRevision(100).build());
        cluster.stream().created();

        assertThat(told).isEmpty();
        assertThat(cluster.stream().requested).isEqualTo(2);
    }

    /** What is wanted is not what was seen: a store that is not there yet is no restored backup, after a break neither. */
    @Test
    void startInTheFutureOutlivesABreak() {
        watch(WatchOption.builder().withRevision(100).build());
        cluster.stream().created();
        cluster.stream().cut();
        cluster.pass();
        cluster.stream().created();

        assertThat(told).isEmpty();
        assertThat(cluster.stream().requested).isEqualTo(2);
    }

    @Test
    void progressIsAskedForAndTold() {
        Watch.Watcher watcher = watch(WatchOption.DEFAULT);
        cluster.stream().created();
        watcher.requestProgress();
        watch.requestProgress();
        cluster.stream().progress();
        cluster.stream().progress();

        assertThat(told).as("the answers to both requests").containsExactly("progress", "progress");
    }

    @Test
    void closeCompletesOnce() {
        Watch.Watcher watcher = watch(WatchOption.DEFAULT);
        watcher.close();
        watcher.close();
        watch.close();

        assertThat(told).containsExactly("completed");
        assertThat(cluster.stream().cancelled).isTrue();
    }

    @Test
    void watchOnAClosedLinkIsRefusedAsByJetcd() {
        watches.close();

        assertThatThrownBy(() -> watch(WatchOption.DEFAULT)).isInstanceOf(ClosedClientException.class);
    }
}
