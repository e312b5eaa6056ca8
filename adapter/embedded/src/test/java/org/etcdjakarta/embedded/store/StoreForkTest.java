package org.etcdjakarta.embedded.store;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class StoreForkTest {

    private final Store store = new Store(Clock.systemUTC());

    private static void put(Store store, String key) {
        store.write(draft -> draft.put(ByteString.copyFromUtf8(key), ByteString.EMPTY, 0));
    }

    private static List<String> keys(Store store) {
        return store.keyspace().current().keys().keySet().stream()
                .map(ByteString::toStringUtf8)
                .toList();
    }

    @Test
    void aForkHasWhatWasAndNeitherSeesWhatTheOtherWrites() {
        put(store, "before");
        store.grant(7, 60);
        Store fork = store.fork();
        put(store, "here");
        put(fork, "there");
        put(fork, "there too");

        assertThat(keys(store)).containsExactly("before", "here");
        assertThat(keys(fork)).containsExactly("before", "there", "there too");
        assertThat(store.keyspace().current().number()).isEqualTo(3);
        assertThat(fork.keyspace().current().number()).isEqualTo(4);
        assertThat(fork.hasLease(7)).isTrue();
    }

    @Test
    void listenersHearTheirOwnStoreOnly() {
        List<Long> heard = new ArrayList<>();
        store.listen(revision -> heard.add(revision.number()));
        Store fork = store.fork();
        put(fork, "there");
        put(store, "here");

        assertThat(heard).containsExactly(2L);
    }
}
