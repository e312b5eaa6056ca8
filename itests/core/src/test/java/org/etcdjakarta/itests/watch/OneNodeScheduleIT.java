package org.etcdjakarta.itests.watch;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.LongStream;
import org.etcdjakarta.itests.support.EtcdServer;
import org.etcdjakarta.itests.support.TcpProxy;
import org.etcdjakarta.itests.support.WithEtcd;
import org.etcdjakarta.itests.watch.WatchSchedule.Fault;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Schedules on an etcd of one node. */
@WithEtcd(flags = "--experimental-watch-progress-notify-interval=200ms")
class OneNodeScheduleIT {

    private static final int STEPS = 12;
    private static final AtomicBoolean PROGRESS = new AtomicBoolean();
    private static final AtomicBoolean GAP = new AtomicBoolean();

    private final EtcdServer etcd;

    OneNodeScheduleIT(EtcdServer etcd) {
        this.etcd = etcd;
    }

    static LongStream seeds() {
        return Seeds.of(7);
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void whatWatchesAreToldIsWhatHappened(long seed) {
        try (TcpProxy proxy = TcpProxy.to(etcd);
                WatchSchedule schedule =
                        new WatchSchedule(seed, List.of(etcd.endpoint()), List.of(proxy), faults(proxy))) {
            for (int step = 0; step < STEPS; step++) {
                schedule.step();
            }
            schedule.finish();
            schedule.everythingTold().forEach(entry -> {
                PROGRESS.compareAndSet(false, entry instanceof Told.Progress);
                GAP.compareAndSet(false, entry instanceof Told.Gap);
            });
        }
    }

    /** Schedules in which nothing of the kind happens would show nothing. */
    @AfterAll
    static void gapsAndNoticesWereAmongIt() {
        if (Long.getLong("watch.seed") == null) {
            assertThat(GAP).isTrue();
            assertThat(PROGRESS).isTrue();
        }
    }

    private List<Fault> faults(TcpProxy proxy) {
        return List.of(
                schedule -> {
                    proxy.cut();
                    schedule.write();
                    proxy.restore();
                },
                schedule -> {
                    proxy.cutAfterResponseBytes(1 + schedule.random().nextInt(3_000));
                    schedule.write();
                    proxy.restore();
                },
                schedule -> {
                    etcd.kill();
                    etcd.restart();
                },
                schedule -> {
                    etcd.stop();
                    etcd.restart();
                },
                schedule -> {
                    etcd.pause();
                    proxy.cut();
                    etcd.resume();
                    proxy.restore();
                });
    }
}
