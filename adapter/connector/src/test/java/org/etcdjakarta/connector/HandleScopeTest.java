package org.etcdjakarta.connector;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.Watch;
import io.etcd.jetcd.options.WatchOption;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

class HandleScopeTest {

    private static final ByteSequence KEY = ByteSequence.from("k", StandardCharsets.UTF_8);

    private final AtomicBoolean closed = new AtomicBoolean();
    private final HandleScope scope = new HandleScope(() -> {
        if (closed.get()) {
            throw ConnectorMessages.closedHandle();
        }
    });
    private final FakeWatch link = new FakeWatch();
    private final Watch watch = scope.bind(Watch.class, () -> link);

    @Test
    void closingItDoesNotCloseTheLink() {
        watch.close();
        assertThat(link.closed).isFalse();
        watch.requestProgress();
        assertThat(link.progressRequests).isEqualTo(1);
    }

    @Test
    void refusesCallsAfterTheEnd() {
        closed.set(true);
        scope.end();
        assertThatThrownBy(watch::requestProgress)
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("ETCD-00302");
        assertThat(link.progressRequests).isZero();
    }

    @Test
    void watchersEndWithTheHandle() {
        Watch.Watcher first = watch.watch(KEY, response -> {});
        Watch.Watcher second = watch.watch(KEY, response -> {});
        assertThat(first.isClosed()).isFalse();
        scope.end();
        assertThat(first.isClosed()).isTrue();
        assertThat(second.isClosed()).isTrue();
    }

    @Test
    void watcherThatIsClosedByTheApplicationIsClosedOnce() {
        Watch.Watcher watcher = watch.watch(KEY, response -> {});
        watcher.close();
        scope.end();
        assertThat(link.watchers).singleElement().satisfies(w -> assertThat(w.closings)
                .isEqualTo(1));
    }

    @Test
    void watcherThatStartsWhileTheHandleClosesIsClosed() {
        link.whileWatching = () -> {
            closed.set(true);
            scope.end();
        };
        assertThatThrownBy(() -> watch.watch(KEY, response -> {})).isInstanceOf(IllegalStateException.class);
        assertThat(link.watchers).singleElement().satisfies(w -> assertThat(w.isClosed())
                .isTrue());
    }

    @Test
    void oneThatFailsToCloseDoesNotKeepTheOthersOpen() {
        Watch.Watcher first = watch.watch(KEY, response -> {});
        Watch.Watcher second = watch.watch(KEY, response -> {});
        link.watchers.get(0).failing = true;
        link.watchers.get(1).failing = true;
        scope.end();
        assertThat(first.isClosed()).isTrue();
        assertThat(second.isClosed()).isTrue();
    }

    @Test
    void errorsOfTheTargetArriveAsTheyAre() {
        link.whileWatching = () -> {
            throw new IllegalArgumentException("as it is");
        };
        assertThatThrownBy(() -> watch.watch(KEY, response -> {}))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("as it is");
    }

    @Test
    void keepsIdentity() {
        assertThat(Set.of(watch)).contains(watch).doesNotContain(scope.bind(Watch.class, () -> link));
        assertThat(watch.toString()).contains("Watch");
    }

    private static final class FakeWatch implements Watch {

        private final List<FakeWatcher> watchers = new ArrayList<>();
        private Runnable whileWatching = () -> {};
        private boolean closed;
        private int progressRequests;

        @Override
        public Watcher watch(ByteSequence key, WatchOption option, Listener listener) {
            FakeWatcher watcher = new FakeWatcher();
            watchers.add(watcher);
            whileWatching.run();
            return watcher;
        }

        @Override
        public void requestProgress() {
            progressRequests++;
        }

        @Override
        public void close() {
            closed = true;
        }
    }

    private static final class FakeWatcher implements Watch.Watcher {

        private boolean failing;
        private int closings;

        @Override
        public void close() {
            closings++;
            if (failing) {
                throw new IllegalStateException("does not close well");
            }
        }

        @Override
        public boolean isClosed() {
            return closings > 0;
        }

        @Override
        public void requestProgress() {}
    }
}
