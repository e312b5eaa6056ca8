package org.etcdjakarta.itests.link;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.etcdjakarta.itests.link.Links.GENEROUS;
import static org.etcdjakarta.itests.link.Links.impatient;

import org.etcdjakarta.EtcdUnavailableException;
import org.etcdjakarta.core.link.EtcdLink;
import org.etcdjakarta.itests.support.EtcdCluster;
import org.etcdjakarta.itests.support.EtcdServer;
import org.etcdjakarta.itests.support.WithEtcd;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** One member of three goes away while 16 callers write and read through all three. */
@WithEtcd
class LeaderLossIT {

    private static final int CALLERS = 16;

    private enum Loss {
        LEADER_KILLED,
        LEADER_PAUSED,
        FOLLOWER_KILLED,
        FOLLOWER_PAUSED;

        EtcdServer victim(EtcdCluster cluster) {
            return switch (this) {
                case LEADER_KILLED, LEADER_PAUSED -> cluster.leader();
                case FOLLOWER_KILLED, FOLLOWER_PAUSED -> cluster.follower();
            };
        }

        void befalls(EtcdServer victim) {
            switch (this) {
                case LEADER_KILLED, FOLLOWER_KILLED -> victim.kill();
                case LEADER_PAUSED, FOLLOWER_PAUSED -> victim.pause();
            }
        }
    }

    private final EtcdCluster cluster;

    LeaderLossIT(EtcdCluster cluster) {
        this.cluster = cluster;
    }

    @AfterEach
    void heal() {
        cluster.heal();
    }

    @ParameterizedTest
    @EnumSource
    void everyCallEndsAndNoWriteIsLostOrDoubled(Loss loss) {
        EtcdServer victim = loss.victim(cluster);
        EtcdServer other = cluster.members().stream()
                .filter(member -> member != victim)
                .findFirst()
                .orElseThrow();
        try (EtcdLink link = impatient(cluster.endpoints());
                BareStubs witness = BareStubs.to(other.endpoint());
                BareStubs bare = BareStubs.to(victim.endpoint());
                Repeated unprotected = Repeated.of(() -> bare.kv().put(BareStubs.put("/unprotected")));
                Load load = Load.of(CALLERS, link, "/" + loss + "/")) {
            await().atMost(GENEROUS).until(() -> load.acknowledged() > 100);
            unprotected.awaitMore(1);
            loss.befalls(victim);
            long unharmed = unprotected.successes();
            long before = load.acknowledged();
            await().atMost(GENEROUS).until(() -> load.acknowledged() > before + 60);
            // An answer may have been on its way; then this caller fails, or waits.
            assertThat(unprotected.successes()).isLessThanOrEqualTo(unharmed + 1);
            cluster.heal();
            long healed = load.acknowledged();
            await().atMost(GENEROUS).until(() -> load.acknowledged() > healed + 60);

            load.stopAndCheck(witness.kv());
            assertThat(load.failedReads()).allMatch(EtcdUnavailableException.class::isInstance);
        }
    }
}
