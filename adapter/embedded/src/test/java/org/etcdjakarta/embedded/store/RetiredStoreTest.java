package org.etcdjakarta.embedded.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.etcdjakarta.embedded.ManualClock;
import org.junit.jupiter.api.Test;

/** A store whose server has stopped: what comes late changes nothing, neither there nor in the store that follows. */
class RetiredStoreTest {

    private static final ByteString KEY = ByteString.copyFromUtf8("k");

    private final ManualClock clock = new ManualClock();
    private final Store store = new Store(clock);

    private void put(Store to) {
        var unused = to.write(draft -> Optional.ofNullable(draft.put(KEY, KEY, 0)));
    }

    @Test
    void whatComesLateIsRefused() {
        var unused = store.grant(7, 10);
        Store next = store.retire();

        for (Runnable late : List.<Runnable>of(
                () -> put(store), () -> store.compact(1), () -> store.revoke(7), () -> store.retire())) {
            assertThatThrownBy(late::run).hasMessageContaining("etcdserver: server stopped");
        }

        assertThat(next.keyspace().current().number()).isOne();
        assertThat(next.hasLease(7)).isTrue();
    }

    @Test
    void nothingIsLeftToTidyUp() {
        var unused = store.grant(7, 10);
        List<String> done = new ArrayList<>();
        store.tidy(() -> done.add("before"));
        store.retire();

        store.tidy(() -> done.add("after"));
        clock.advance(Duration.ofSeconds(10));
        store.expireLeases();

        assertThat(done).containsExactly("before");
        assertThat(store.hasLease(7)).isTrue();
    }

    @Test
    void whatFollowsHasTheDataAndNoListener() {
        List<Long> heard = new ArrayList<>();
        store.listen(revision -> heard.add(revision.number()));
        put(store);

        put(store.retire());

        assertThat(heard).containsExactly(2L);
    }
}
