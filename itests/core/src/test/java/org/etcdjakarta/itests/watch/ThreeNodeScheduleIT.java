package org.etcdjakarta.itests.watch;

import static org.etcdjakarta.itests.link.Links.config;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import org.etcdjakarta.core.link.EtcdLink;
import org.etcdjakarta.itests.support.EtcdCluster;
import org.etcdjakarta.itests.support.EtcdServer;
import org.etcdjakarta.itests.support.TcpProxy;
import org.etcdjakarta.itests.support.WithEtcd;
import org.etcdjakarta.itests.watch.WatchSchedule.Fault;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Schedules on a cluster of three, in which watches go from one member to another, and to one that lags behind. */
@WithEtcd
class ThreeNodeScheduleIT {

    private static final int STEPS = 10;

    private final EtcdCluster cluster;

    ThreeNodeScheduleIT(EtcdCluster cluster) {
        this.cluster = cluster;
    }

    @AfterEach
    void heal() {
        cluster.heal();
    }

    static LongStream seeds() {
        return Seeds.of(3);
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void whatWatchesAreToldIsWhatHappened(long seed) {
        List<TcpProxy> proxies = new ArrayList<>();
        try {
            cluster.members().forEach(member -> proxies.add(TcpProxy.to(member)));
            List<String> endpoints =
                    cluster.members().stream().map(EtcdServer::endpoint).toList();
            try (WatchSchedule schedule = new WatchSchedule(seed, endpoints, proxies, faults())) {
                for (int step = 0; step < STEPS; step++) {
                    schedule.step();
                }
                schedule.finish();
            }
        } finally {
            proxies.forEach(TcpProxy::close);
        }
    }

    private List<Fault> faults() {
        return List.of(
                schedule -> {
                    cluster.leader().kill();
                    schedule.write();
                    cluster.heal();
                },
                schedule -> {
                    any(schedule).kill();
                    schedule.write();
                    cluster.heal();
                },
                schedule -> {
                    any(schedule).stop();
                    schedule.write();
                    cluster.heal();
                },
                schedule -> {
                    // It is behind when it goes on, and the watches come to it.
                    EtcdServer member = any(schedule);
                    member.pause();
                    schedule.proxies().forEach(TcpProxy::drop);
                    writeAround(member, schedule);
                    member.resume();
                    cluster.heal();
                },
                schedule -> {
                    TcpProxy proxy = schedule.proxies()
                            .get(schedule.random().nextInt(schedule.proxies().size()));
                    proxy.cut();
                    schedule.write();
                    proxy.restore();
                },
                schedule -> {
                    schedule.cutAll();
                    schedule.write();
                    schedule.restoreAll();
                });
    }

    /** A call to a member that stands still would wait for its deadline. */
    private void writeAround(EtcdServer frozen, WatchSchedule schedule) {
        String others = cluster.members().stream()
                .filter(member -> member != frozen)
                .map(EtcdServer::endpoint)
                .collect(Collectors.joining(","));
        try (EtcdLink link = EtcdLink.open(config(others).build())) {
            schedule.write(link);
        }
    }

    private EtcdServer any(WatchSchedule schedule) {
        return cluster.members().get(schedule.random().nextInt(cluster.members().size()));
    }
}
