package org.etcdjakarta.core.range;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.google.protobuf.ByteString;
import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.KeyValue;
import io.etcd.jetcd.api.RangeResponse;
import io.etcd.jetcd.kv.GetResponse;
import io.etcd.jetcd.options.GetOption;
import io.etcd.jetcd.options.GetOption.SortOrder;
import io.etcd.jetcd.options.GetOption.SortTarget;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.etcdjakarta.EtcdException;
import org.etcdjakarta.EtcdException.Effect;
import org.etcdjakarta.EtcdLimitException;
import org.etcdjakarta.EtcdPages;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class KvPagesTest {

    private static final GetOption ALL = GetOption.builder().isPrefix(true).build();

    /** Keys with sizes of values, at a revision that grows with every question. */
    private static final class Store implements PageSource {

        private final NavigableMap<String, Integer> sizes = new TreeMap<>();
        private final List<Long> limits = new ArrayList<>();
        private final List<@Nullable Origin> origins = new ArrayList<>();
        private final Deque<CompletableFuture<Void>> gates = new ArrayDeque<>();
        private long passes = Long.MAX_VALUE;
        private long revision = 7;
        private @Nullable RuntimeException failure;

        @Override
        public CompletableFuture<Page> page(ByteSequence key, GetOption option, @Nullable Origin origin) {
            limits.add(option.getLimit());
            origins.add(origin);
            Origin found = origin == null ? new Origin(revision++, null) : origin;
            if (failure != null) {
                return CompletableFuture.failedFuture(failure);
            }
            if (key.isEmpty() && option.getEndKey().isEmpty()) {
                return CompletableFuture.failedFuture(
                        new EtcdException("ETCD-00104", "etcdserver: key is not provided", Effect.NONE, "fake", null));
            }
            NavigableMap<String, Integer> range = sizes.tailMap(key.toString(UTF_8), true);
            if (option.getEndKey().isPresent()) {
                String end = option.getEndKey().get().toString(UTF_8);
                range = end.equals("\0") ? range : range.headMap(end, false);
            } else {
                range = range.headMap(key.toString(UTF_8), true);
            }
            RangeResponse.Builder response = RangeResponse.newBuilder();
            long bytes = 0;
            for (var entry : range.entrySet()) {
                if (response.getKvsCount() == option.getLimit()) {
                    response.setMore(true);
                    break;
                }
                response.addKvs(
                        io.etcd.jetcd.api.KeyValue.newBuilder().setKey(ByteString.copyFromUtf8(entry.getKey())));
                bytes += option.isKeysOnly() ? 10 : entry.getValue();
            }
            if (bytes > passes) {
                return CompletableFuture.failedFuture(new EtcdLimitException(
                        "ETCD-00110",
                        "RESOURCE_EXHAUSTED: gRPC message exceeds maximum size " + passes + ": " + bytes,
                        Effect.NONE,
                        "fake",
                        null));
            }
            Page page = new Page(new GetResponse(response.build(), ByteSequence.EMPTY), bytes, found);
            return gates.isEmpty()
                    ? CompletableFuture.completedFuture(page)
                    : gates.remove().thenApply(open -> page);
        }
    }

    private final Store store = new Store();

    private void keys(int count, int size) {
        IntStream.range(0, count).forEach(i -> store.sizes.put(String.format("k%06d", i), size));
    }

    private EtcdPages pages(GetOption option) {
        return new KvPages(store, ByteSequence.from("k", UTF_8), option);
    }

    private static List<String> read(EtcdPages pages) {
        return pages.stream()
                .map(KeyValue::getKey)
                .map(key -> key.toString(UTF_8))
                .toList();
    }

    @Test
    void allKeysComeInTheirOrderOnce() {
        keys(25_000, 100);

        assertThat(read(pages(ALL))).containsExactlyElementsOf(store.sizes.keySet());
        assertThat(store.limits).containsExactly(100L, 1_000L, 10_000L, 10_000L, 10_000L);
    }

    @Test
    void pagesFollowTheSizeOfWhatIsRead() {
        keys(400, 500_000);

        assertThat(read(pages(ALL))).hasSize(400);
        assertThat(store.limits).startsWith(100L, 3L, 3L);
    }

    @Test
    void keysWithoutValuesAreCountedWithoutThem() {
        keys(2_000, 500_000);

        assertThat(read(pages(
                        GetOption.builder().isPrefix(true).withKeysOnly(true).build())))
                .hasSize(2_000);
        assertThat(store.limits).containsExactly(100L, 1_000L, 10_000L);
    }

    @Test
    void pageThatDoesNotPassIsHalved() {
        keys(300, 100_000);
        store.passes = 1_000_000;

        assertThat(read(pages(ALL))).containsExactlyElementsOf(store.sizes.keySet());
        assertThat(store.limits).startsWith(100L, 50L, 25L, 12L, 6L, 6L, 6L);
    }

    @Test
    void oneKeyThatDoesNotPassFails() {
        keys(3, 2_000_000);
        store.passes = 1_000_000;

        assertThatExceptionOfType(EtcdLimitException.class).isThrownBy(() -> read(pages(ALL)));
        assertThat(store.limits).endsWith(3L, 1L);
    }

    @Test
    void busyServerIsNotAskedForLess() {
        keys(3, 10);
        store.failure = new EtcdLimitException(
                "ETCD-00110", "RESOURCE_EXHAUSTED: etcdserver: too many requests", Effect.NONE, "fake", null);

        assertThatExceptionOfType(EtcdLimitException.class).isThrownBy(() -> read(pages(ALL)));
        assertThat(store.limits).containsExactly(100L);
    }

    @Test
    void nothingIsFetchedAhead() {
        keys(5_000, 100);
        EtcdPages pages = pages(ALL);
        assertThat(store.limits).isEmpty();

        Iterator<KeyValue> keys = pages.iterator();
        assertThat(store.limits).isEmpty();
        for (int i = 0; i < 100; i++) {
            keys.next();
        }
        assertThat(store.limits).hasSize(1);
        keys.next();
        assertThat(store.limits).hasSize(2);
    }

    @Test
    void limitIsForAllPagesTogether() {
        keys(5_000, 100);

        assertThat(read(pages(
                        GetOption.builder().isPrefix(true).withLimit(1_500).build())))
                .hasSize(1_500);
        assertThat(store.limits).containsExactly(100L, 1_000L, 400L);
    }

    @Test
    void exactlyOnePageIsOneCall() {
        keys(100, 10);

        assertThat(read(pages(ALL))).hasSize(100);
        assertThat(store.limits).hasSize(1);
    }

    @Test
    void singleKeyAndEmptyRangeArePagesToo() {
        keys(3, 10);

        assertThat(read(new KvPages(store, ByteSequence.from("k000001", UTF_8), GetOption.DEFAULT)))
                .containsExactly("k000001");
        assertThat(read(new KvPages(store, ByteSequence.from("none", UTF_8), ALL)))
                .isEmpty();
    }

    @Test
    void everyReaderStandsOnTheFirstPageOfAll() {
        keys(300, 10);
        EtcdPages pages = pages(ALL);

        assertThat(pages.revision()).isEqualTo(7);
        read(pages);
        read(pages);

        assertThat(pages.revision()).isEqualTo(7);
        assertThat(store.origins.get(0)).isNull();
        assertThat(store.origins.subList(1, store.origins.size())).containsOnly(new PageSource.Origin(7, null));
    }

    @Test
    void allKeysOfAllHaveARevisionBeforeTheyAreRead() {
        keys(3, 10);
        EtcdPages pages = new KvPages(store, ByteSequence.EMPTY, ALL);

        assertThat(pages.revision()).isEqualTo(7);
        assertThat(read(pages)).hasSize(3);
    }

    @Test
    void readerWhoseFirstPageComesSecondReadsItAgain() {
        keys(3, 10);
        EtcdPages pages = pages(ALL);
        CompletableFuture<Void> slow = new CompletableFuture<>();
        store.gates.add(slow);
        List<KeyValue> seen = new ArrayList<>();
        CompletableFuture<Void> visited = pages.forEachPage(seen::addAll);
        assertThat(read(pages)).hasSize(3);
        assertThat(pages.revision()).isEqualTo(8);

        slow.complete(null);

        assertThat(visited).isCompleted();
        assertThat(seen).hasSize(3);
        assertThat(store.origins.get(2)).isEqualTo(new PageSource.Origin(8, null));
    }

    @Test
    void visitorIsCalledPageByPageAndMayEndIt() {
        keys(5_000, 100);
        List<Integer> sizes = new ArrayList<>();

        assertThat(pages(ALL).forEachPage(page -> sizes.add(page.size()))).isCompleted();
        assertThat(sizes).containsExactly(100, 1_000, 3_900);

        RuntimeException enough = new IllegalStateException("enough");
        assertThat(pages(ALL).forEachPage(page -> {
                    throw enough;
                }))
                .isCompletedExceptionally()
                .failsWithin(java.time.Duration.ZERO)
                .withThrowableThat()
                .havingCause()
                .isSameAs(enough);
        assertThat(store.limits).hasSize(4);
    }

    @Test
    void manyPagesDoNotPileUpOnTheStack() {
        keys(20_000, 2_000_000);
        int[] pages = {0};

        assertThat(pages(ALL).forEachPage(page -> pages[0]++)).isCompleted();

        assertThat(pages[0]).isEqualTo(1 + 19_900);
    }

    @Test
    void failedPageCanBeAskedForAgain() {
        keys(300, 10);
        Iterator<KeyValue> keys = pages(ALL).iterator();
        for (int i = 0; i < 100; i++) {
            keys.next();
        }
        EtcdException failure = new EtcdException("ETCD-00101", "away", Effect.NONE, "fake", null);
        store.failure = failure;
        assertThatExceptionOfType(EtcdException.class).isThrownBy(keys::next).isSameAs(failure);
        store.failure = null;

        assertThat(keys.next().getKey()).hasToString("k000100");
    }

    @Test
    void interruptedReaderIsTold() {
        keys(3, 10);
        store.gates.add(new CompletableFuture<>());
        Thread.currentThread().interrupt();

        assertThatExceptionOfType(EtcdException.class)
                .isThrownBy(() -> read(pages(ALL)))
                .withMessageContaining("ETCD-00141");
        assertThat(Thread.interrupted()).isTrue();
    }

    @Test
    void interruptedReaderGoesOnWithThePageThatIsOnItsWay() {
        keys(300, 10);
        CompletableFuture<Void> slow = new CompletableFuture<>();
        store.gates.add(slow);
        Iterator<KeyValue> keys = pages(ALL).iterator();
        Thread.currentThread().interrupt();
        assertThatExceptionOfType(EtcdException.class).isThrownBy(keys::hasNext);
        assertThat(Thread.interrupted()).isTrue();
        slow.complete(null);
        List<String> seen = new ArrayList<>();
        keys.forEachRemaining(kv -> seen.add(kv.getKey().toString(UTF_8)));

        assertThat(seen).containsExactlyElementsOf(store.sizes.keySet());
        assertThat(store.limits).hasSize(2);
    }

    @Test
    void onlyTheOrderOfTheKeysHasPages() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> pages(
                        GetOption.builder().withSortOrder(SortOrder.DESCEND).build()))
                .withMessageContainingAll("DESCEND", "KEY", "allowed");
        assertThatIllegalArgumentException()
                .isThrownBy(() ->
                        pages(GetOption.builder().withSortField(SortTarget.MOD).build()))
                .withMessageContaining("MOD");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> pages(GetOption.builder().withCountOnly(true).build()))
                .withMessageContaining("countOnly");
        keys(3, 10);
        assertThat(read(pages(GetOption.builder()
                        .isPrefix(true)
                        .withSortOrder(SortOrder.ASCEND)
                        .build())))
                .hasSize(3);
    }
}
