package org.etcdjakarta.itests.support;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

@WithEtcd
class EtcdClusterIT {

    private final EtcdCluster cluster;

    EtcdClusterIT(EtcdCluster cluster) {
        this.cluster = cluster;
    }

    @AfterEach
    void heal() {
        cluster.heal();
    }

    @Test
    void threeMembersServeOneStore() {
        assertThat(cluster.members()).hasSize(3);
        cluster.members().get(0).etcdctl().put("/cluster", "1");

        assertThat(cluster.members())
                .allSatisfy(
                        member -> assertThat(member.etcdctl().get("/cluster")).hasValue("1"));
        assertThat(cluster.members()).contains(cluster.leader(), cluster.follower());
        assertThat(cluster.follower()).isNotSameAs(cluster.leader());
    }

    @Test
    void killedLeaderIsReplacedAndComesBackWithTheData() {
        EtcdServer first = cluster.leader();
        first.kill();
        EtcdServer second = cluster.leader();
        second.etcdctl().put("/cluster", "2");
        assertThat(second).isNotSameAs(first);
        assertThatThrownBy(() -> first.etcdctl("--command-timeout=1s", "get", "/cluster"))
                .isInstanceOf(IllegalStateException.class);

        cluster.heal();
        assertThat(first.etcdctl().get("/cluster")).hasValue("2");
    }

    @Test
    void pausedLeaderIsReplacedAndAnswersOnlyAfterIt() {
        EtcdServer first = cluster.leader();
        first.pause();
        assertThat(cluster.leader()).isNotSameAs(first);
        assertThatThrownBy(() -> first.etcdctl("--command-timeout=1s", "get", "/cluster"))
                .hasMessageContaining("deadline exceeded");

        cluster.heal();
        first.etcdctl().put("/cluster", "3");
    }
}
