package org.etcdjakarta.itests.tx.history;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.LongStream;
import org.etcdjakarta.core.link.EtcdLink;
import org.etcdjakarta.core.link.EtcdLinkConfig;
import org.etcdjakarta.core.tx.TxEngine;
import org.etcdjakarta.core.tx.TxSettings;
import org.etcdjakarta.itests.support.EtcdCluster;
import org.etcdjakarta.itests.support.WithEtcd;
import org.etcdjakarta.itests.tx.history.Histories.Result;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Ten thousand transactions of nine threads in three processes on a cluster whose members are killed, paused and cut off.
 * {@code -Dtx.histories=} runs so many of them, {@code -Dtx.seed=} the one that a failure names; what the clients do and what
 * happens to the cluster is the seed's, when it meets whom is not.
 */
@WithEtcd
class HistoryIT {

    private static final int TRANSACTIONS = Integer.getInteger("tx.transactions", 10_000);
    private static final int FAULTS = 10;

    private final EtcdCluster cluster;

    HistoryIT(EtcdCluster cluster) {
        this.cluster = cluster;
    }

    static LongStream seeds() {
        Long one = Long.getLong("tx.seed");
        return one != null ? LongStream.of(one) : LongStream.rangeClosed(1, Integer.getInteger("tx.histories", 1));
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void whateverHappensToTheClusterTransactionsAreStrictlySerializable(long seed) {
        AtomicInteger done = new AtomicInteger();
        List<TxEngine> engines = new ArrayList<>();
        try (EtcdLink link = EtcdLink.open(config(cluster.endpoints(), Duration.ofSeconds(60)));
                ClusterFaults faults = new ClusterFaults(cluster, seed, done::get)) {
            for (int i = 0; i < 3; i++) {
                engines.add(TxEngine.open(
                        config(faults.endpoints(), Duration.ofSeconds(2)),
                        new TxSettings(TxSettings.DEFAULT_RESERVED_PREFIX, 128, "node-" + i)));
            }
            try (Histories histories = new Histories(link, engines, 3, TRANSACTIONS, seed, done)) {
                for (int i = 0; i < FAULTS && !histories.isOver(); i++) {
                    faults.next();
                }
                Result result = histories.finish();
                System.out.println("seed " + seed + ": " + faults.happened() + ", " + result.text());
                assertThat(result.violations()).as("-Dtx.seed=%d", seed).isEmpty();
                assertThat(result.finding()).as("-Dtx.seed=%d", seed).isNull();
                assertThat(result.leftOver()).as("-Dtx.seed=%d", seed).isEmpty();
                assertThat(result.outcomes().get(Recorded.Outcome.COMMITTED)).isGreaterThan(TRANSACTIONS / 4);
            }
        } finally {
            engines.forEach(TxEngine::close);
        }
    }

    private static EtcdLinkConfig config(String endpoints, Duration requestTimeout) {
        return EtcdLinkConfig.builder()
                .endpoints(endpoints)
                .requestTimeout(requestTimeout)
                .build();
    }
}
