package org.etcdjakarta.core.tx;

import static org.assertj.core.api.Assertions.assertThat;

import org.etcdjakarta.core.tx.Stage.Commit;
import org.etcdjakarta.itests.support.EtcdServer;
import org.etcdjakarta.itests.support.WithEtcd;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The table of anomalies holds on a real etcd, in both directions. */
@WithEtcd
class AnomalyIT {

    private final EtcdServer etcd;

    AnomalyIT(EtcdServer etcd) {
        this.etcd = etcd;
    }

    @ParameterizedTest
    @MethodSource("org.etcdjakarta.core.tx.AnomalyTest#cells")
    void happensWhereTheTableSaysSo(Anomaly anomaly, Isolation isolation, Commit commit) {
        try (Stage stage = new Stage(etcd.endpoint(), isolation, commit, anomaly.name())) {
            assertThat(anomaly.play(stage)).isEqualTo(anomaly.at(isolation));
        }
    }
}
