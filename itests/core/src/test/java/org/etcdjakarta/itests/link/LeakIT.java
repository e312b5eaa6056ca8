package org.etcdjakarta.itests.link;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.etcdjakarta.itests.link.Links.GENEROUS;
import static org.etcdjakarta.itests.link.Links.bytes;
import static org.etcdjakarta.itests.link.Links.config;
import static org.etcdjakarta.itests.link.Links.failureOf;
import static org.etcdjakarta.itests.link.Links.get;

import io.etcd.jetcd.ByteSequence;
import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.awaitility.core.ConditionTimeoutException;
import org.etcdjakarta.EtcdUnavailableException;
import org.etcdjakarta.core.link.EtcdLink;
import org.etcdjakarta.core.watch.WatchSpec;
import org.etcdjakarta.itests.support.EtcdServer;
import org.etcdjakarta.itests.support.Resources;
import org.etcdjakarta.itests.support.WithEtcd;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** After the last close nothing is left of a link: no thread, no socket, no event loop; whatever etcd does meanwhile. */
@WithEtcd
class LeakIT {

    private static final int LINKS = 100;

    private enum State {
        UP,
        DOWN,
        PAUSED;

        void bring(EtcdServer etcd) {
            switch (this) {
                case UP -> {}
                case DOWN -> etcd.kill();
                case PAUSED -> etcd.pause();
            }
        }
    }

    private final EtcdServer etcd;

    LeakIT(EtcdServer etcd) {
        this.etcd = etcd;
    }

    /** What the JVM takes once, for good, is taken before anything is counted. */
    @BeforeEach
    void useOnce() {
        try (EtcdLink link = open(0)) {
            get(link.client().getKVClient().get(bytes("/k")));
        }
    }

    @AfterEach
    void clear() {
        if (etcd.isRunning()) {
            etcd.resume();
        } else {
            etcd.restart();
        }
    }

    /** Configurations differ, so that none shares with another. */
    private EtcdLink open(int i) {
        return EtcdLink.open(config(etcd.endpoint())
                .requestTimeout(Duration.ofSeconds(30).plusMillis(i))
                .build());
    }

    @ParameterizedTest
    @EnumSource
    void hundredLinksLeaveNothing(State state) {
        Resources before = Resources.snapshot();
        state.bring(etcd);
        List<EtcdLink> links = new ArrayList<>();
        List<CompletableFuture<?>> calls = new ArrayList<>();
        for (int i = 0; i < LINKS; i++) {
            EtcdLink link = open(i);
            links.add(link);
            calls.add(link.client().getKVClient().get(bytes("/k")));
            var unusedSession = link.newSession();
            var unused = link.watches().subscribe(WatchSpec.prefix(bytes("/w/")), new Collector(), Runnable::run);
        }
        try {
            if (state == State.UP) {
                calls.forEach(Links::get);
                assertThat(before.takenSince()).anyMatch(taken -> taken.matches("\\d{3,} sockets"));
            }
        } finally {
            links.forEach(EtcdLink::close);
        }

        before.awaitBack(GENEROUS);
        if (state != State.UP) {
            calls.forEach(call -> assertThat(failureOf(call)).isInstanceOf(EtcdUnavailableException.class));
        }
    }

    /** The garbage collector does not see how much hangs on a small object, and so does not give it back in time. */
    @Test
    void linksOpenedAndClosedTakeNoMoreDirectMemory() {
        long before = directMemory();
        for (int i = 0; i < 60; i++) {
            try (EtcdLink link = open(i)) {
                get(link.client().getKVClient().put(bytes("/k"), ByteSequence.from(new byte[20_000])));
                get(link.client().getKVClient().get(bytes("/k")));
            }
        }
        assertThat(directMemory() - before).isLessThan(32 << 20);
    }

    private static long directMemory() {
        return ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class).stream()
                .filter(pool -> pool.getName().equals("direct"))
                .mapToLong(BufferPoolMXBean::getMemoryUsed)
                .sum();
    }

    @ParameterizedTest
    @EnumSource
    void linksOpenedAndClosedOneAfterTheOtherLeaveNothing(State state) {
        Resources before = Resources.snapshot();
        state.bring(etcd);
        for (int i = 0; i < 30; i++) {
            try (EtcdLink link = open(i)) {
                var call = link.client().getKVClient().get(bytes("/k"));
                if (state == State.UP) {
                    get(call);
                }
            }
        }
        before.awaitBack(GENEROUS);
    }

    @Test
    void thousandReferencesTakeNothing() {
        try (EtcdLink link = open(0)) {
            get(link.client().getKVClient().get(bytes("/k")));
            Resources before = Resources.snapshot();
            List<EtcdLink> references = new ArrayList<>();
            for (int i = 0; i < 1_000; i++) {
                references.add(link.retain());
            }
            references.forEach(one -> get(one.client().getKVClient().get(bytes("/k"))));
            assertThat(before.takenSince()).noneMatch(taken -> taken.contains("socket") || taken.contains("loop"));
            references.forEach(EtcdLink::close);
            for (int i = 0; i < 1_000; i++) {
                link.retain().close();
            }
            get(link.client().getKVClient().get(bytes("/k")));
            assertThat(before.takenSince()).noneMatch(taken -> taken.contains("socket") || taken.contains("loop"));
        }
    }

    /** The counting notices a link that stays open. */
    @Test
    void forgottenLinkIsNoticed() {
        Resources before = Resources.snapshot();
        try (EtcdLink forgotten = open(0)) {
            get(forgotten.client().getKVClient().get(bytes("/k")));
            assertThatThrownBy(() -> before.awaitBack(Duration.ofMillis(300)))
                    .isInstanceOf(ConditionTimeoutException.class)
                    .hasMessageContaining("1 sockets")
                    .hasMessageContaining("etcd-link");
        }
        before.awaitBack(GENEROUS);
    }
}
