package org.etcdjakarta.core.tx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.etcdjakarta.core.tx.Requests.bytes;

import com.google.protobuf.ByteString;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.etcdjakarta.core.tx.Guards.Guard;
import org.junit.jupiter.api.Test;

class GuardsTest {

    private static final List<String> KEYS = List.of("a", "b", "b\0", "ba", "bb", "c", "d", "e", "f");
    private static final long R0 = 9;

    private final Guards guards = new Guards();

    @Test
    void anAbsentKeyInAReadRangeNeedsNoCompareWhicheverCameFirst() {
        guards.key(bytes("b"), 0);
        guards.range(range("a", "c"));
        guards.key(bytes("bb"), 0);
        guards.key(bytes("bc"), 3);
        guards.key(bytes("c"), 0);
        assertThat(guards.size()).isEqualTo(3);
        assertThat(guards.reads()).containsExactly(range("a", "c"), KeyRange.single(bytes("c")));
    }

    @Test
    void aRangeWithinAnotherNeedsNoCompare() {
        guards.range(range("b", "c"));
        guards.range(range("d", "e"));
        guards.range(range("bb", "d"));
        guards.range(range("b", "bb"));
        assertThat(guards.size()).isEqualTo(3);
        guards.range(new KeyRange(bytes("b"), null));
        assertThat(guards.reads()).containsExactly(new KeyRange(bytes("b"), null));
    }

    @Test
    void whatIsTakenBackIsAsIfItHadNeverBeen() {
        for (long seed = 0; seed < 300; seed++) {
            Random random = new Random(seed);
            Map<ByteString, Long> snapshot = snapshot(random);
            Guards kept = new Guards();
            Naive naive = new Naive();
            for (int i = 0; i < 20; i++) {
                List<Object> reads = new ArrayList<>();
                for (int k = random.nextInt(4); k >= 0; k--) {
                    reads.add(random.nextBoolean() ? key(random) : range(random));
                }
                reads.forEach(read -> add(kept, snapshot, read));
                if (random.nextBoolean()) {
                    kept.undo();
                } else {
                    kept.keep();
                    reads.forEach(read -> naive.add(snapshot, read));
                }
                assertThat(kept.ofReads(R0)).as("seed " + seed).containsExactlyInAnyOrderElementsOf(naive.guards());
                assertSizes(kept);
            }
        }
    }

    private static void assertSizes(Guards guards) {
        long compares = 0;
        long looks = 0;
        for (Guard guard : guards.ofReads(Long.MAX_VALUE - 1)) {
            compares += MessageSizes.field(guard.compare());
            looks += MessageSizes.field(guard.look());
            assertThat(MessageSizes.field(guard.look()))
                    .isLessThanOrEqualTo(guards.bytes().largestLook());
        }
        assertThat(guards.bytes().compares()).isEqualTo(compares);
        assertThat(guards.bytes().looks()).isEqualTo(looks);
        assertThat(guards.size()).isEqualTo(guards.ofReads(1).size());
    }

    @Test
    void aLockThatIsTakenAnewReplacesTheOldHolding() {
        guards.fence(bytes("lock"), 3);
        guards.keep();
        guards.fence(bytes("lock"), 300);
        assertThat(guards.ofFences()).hasSize(1);
        assertThat(guards.ofFences().get(0).compare().getCreateRevision()).isEqualTo(300);
        guards.undo();
        assertThat(guards.ofFences().get(0).compare().getCreateRevision()).isEqualTo(3);
        assertThat(guards.bytes().compares())
                .isEqualTo(MessageSizes.field(guards.ofFences().get(0).compare()));
        assertThat(guards.isFence(bytes("lock"))).isTrue();
        assertThat(guards.isFence(null)).isFalse();
    }

    /** Looks at everything each time. */
    private static final class Naive {

        private final Map<ByteString, Long> keys = new TreeMap<>(KeyRange.ORDER);
        private final List<KeyRange> ranges = new ArrayList<>();

        void add(Map<ByteString, Long> snapshot, Object read) {
            if (read instanceof ByteString key) {
                keys.put(key, snapshot.getOrDefault(key, 0L));
            } else if (read instanceof KeyRange range
                    && !range.isEmpty()
                    && ranges.stream().noneMatch(known -> known.contains(range))) {
                ranges.removeIf(range::contains);
                ranges.add(range);
            }
        }

        List<Guard> guards() {
            Guards plain = new Guards();
            keys.forEach((key, seen) -> {
                if (seen != 0 || ranges.stream().noneMatch(range -> range.contains(key))) {
                    plain.key(key, seen);
                }
            });
            List<Guard> all = new ArrayList<>(plain.ofReads(R0));
            for (KeyRange range : ranges) {
                Guards single = new Guards();
                single.range(range);
                all.addAll(single.ofReads(R0));
            }
            return all;
        }
    }

    private static void add(Guards guards, Map<ByteString, Long> snapshot, Object read) {
        if (read instanceof ByteString key) {
            guards.key(key, snapshot.getOrDefault(key, 0L));
        } else {
            guards.range((KeyRange) read);
        }
    }

    private static Map<ByteString, Long> snapshot(Random random) {
        Map<ByteString, Long> snapshot = new TreeMap<>(KeyRange.ORDER);
        for (String key : KEYS) {
            if (random.nextBoolean()) {
                snapshot.put(bytes(key), 1L + random.nextInt(300));
            }
        }
        return snapshot;
    }

    private static ByteString key(Random random) {
        return bytes(KEYS.get(random.nextInt(KEYS.size())));
    }

    private static KeyRange range(Random random) {
        return new KeyRange(key(random), random.nextInt(8) == 0 ? null : key(random));
    }

    private static KeyRange range(String from, String to) {
        return new KeyRange(bytes(from), bytes(to));
    }
}
