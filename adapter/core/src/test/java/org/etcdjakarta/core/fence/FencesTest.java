package org.etcdjakarta.core.fence;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import com.google.protobuf.ByteString;
import io.etcd.jetcd.api.Compare;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import org.etcdjakarta.core.fence.Fences.Fence;
import org.etcdjakarta.core.link.EtcdLinkConfig;
import org.junit.jupiter.api.Test;

class FencesTest {

    private static final EtcdLinkConfig LINK = config("etcd-1:2379,etcd-2:2379");
    private static final Compare ONE = compare("/one/1", 7);
    private static final Compare TWO = compare("/two/1", 8);

    private static EtcdLinkConfig config(String endpoints) {
        return EtcdLinkConfig.builder().endpoints(endpoints).build();
    }

    private static Compare compare(String key, long token) {
        return Compare.newBuilder()
                .setKey(ByteString.copyFromUtf8(key))
                .setTarget(Compare.CompareTarget.CREATE)
                .setResult(Compare.CompareResult.EQUAL)
                .setCreateRevision(token)
                .build();
    }

    @Test
    void areThoseOfTheThreadUntilItTakesThemDown() {
        assertThat(Fences.ofCurrentThread(LINK)).isEmpty();
        Fence one = Fences.putUp(LINK, ONE);
        Fence two = Fences.putUp(LINK, TWO);
        assertThat(Fences.ofCurrentThread(LINK)).containsExactly(ONE, TWO);
        one.close();
        assertThat(Fences.ofCurrentThread(LINK)).containsExactly(TWO);
        two.close();
        two.close();
        assertThat(Fences.ofCurrentThread(LINK)).isEmpty();
    }

    @Test
    void holdForEveryLinkToTheSameClusterAndForNoOther() {
        try (Fence fence = Fences.putUp(LINK, ONE)) {
            EtcdLinkConfig other = EtcdLinkConfig.builder()
                    .endpoints("etcd-2:2379,etcd-1:2379")
                    .namespace("/other/")
                    .requestTimeout(Duration.ofSeconds(1))
                    .build();
            assertThat(Fences.ofCurrentThread(other)).containsExactly(ONE);
            assertThat(Fences.ofCurrentThread(config("etcd-2:2379,etcd-3:2379")))
                    .as("some of the members")
                    .containsExactly(ONE);
            assertThat(Fences.ofCurrentThread(config("etcd-3:2379"))).isEmpty();
            assertThat(fence).isNotNull();
        }
    }

    @Test
    void areNotThoseOfOtherThreadsNorTakenDownByThem() {
        try (Fence fence = Fences.putUp(LINK, ONE)) {
            AtomicReference<List<Compare>> seen = new AtomicReference<>();
            CompletableFuture<Void> elsewhere = CompletableFuture.runAsync(() -> {
                seen.set(Fences.ofCurrentThread(LINK));
                assertThatIllegalStateException().isThrownBy(fence::close);
            });
            assertThat(elsewhere).succeedsWithin(Duration.ofSeconds(60));
            assertThat(seen.get()).isEmpty();
            assertThat(Fences.ofCurrentThread(LINK)).containsExactly(ONE);
        }
    }

    /** A thread of a pool that keeps the value would keep the class loader of this class. */
    @Test
    void leaveNothingBehindOnTheThread() throws Exception {
        Fences.putUp(LINK, ONE).close();
        var held = Fences.class.getDeclaredField("HELD");
        held.setAccessible(true);
        assertThat(((ThreadLocal<?>) held.get(null)).get()).isNull();
    }

    /** What a thread that never takes it down keeps for ever. */
    @Test
    void areOfTheJdksTypesOnly() throws Exception {
        try (Fence fence = Fences.putUp(LINK, ONE)) {
            assertThat(fence).isNotNull();
            var held = Fences.class.getDeclaredField("HELD");
            held.setAccessible(true);
            assertThat(held.get(null).getClass().getClassLoader()).isNull();
            List<?> kept = (List<?>) Objects.requireNonNull(((ThreadLocal<?>) held.get(null)).get());
            assertThat(kept).singleElement().isInstanceOfSatisfying(Map.Entry.class, entry -> {
                assertThat(entry.getClass().getClassLoader()).isNull();
                assertThat(entry.getValue()).isInstanceOf(byte[].class);
                assertThat((Set<?>) entry.getKey()).allMatch(String.class::isInstance);
            });
        }
    }
}
