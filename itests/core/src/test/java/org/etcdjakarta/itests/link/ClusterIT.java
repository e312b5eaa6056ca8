package org.etcdjakarta.itests.link;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.etcdjakarta.itests.link.Links.GENEROUS;
import static org.etcdjakarta.itests.link.Links.config;
import static org.etcdjakarta.itests.link.Links.failureOf;
import static org.etcdjakarta.itests.link.Links.get;

import io.etcd.jetcd.cluster.Member;
import java.net.URI;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.etcdjakarta.EtcdCluster;
import org.etcdjakarta.EtcdException;
import org.etcdjakarta.EtcdException.Effect;
import org.etcdjakarta.core.link.EtcdLink;
import org.etcdjakarta.itests.support.EtcdServer;
import org.etcdjakarta.itests.support.Ports;
import org.etcdjakarta.itests.support.WithEtcd;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

@WithEtcd
class ClusterIT {

    private final EtcdLink link;
    private final EtcdCluster cluster;

    ClusterIT(EtcdServer etcd) {
        link = EtcdLink.open(config(etcd.endpoint()).build());
        cluster = EtcdCluster.of(link.client().getClusterClient());
    }

    @AfterEach
    void close() {
        link.close();
    }

    private Member only() {
        List<Member> members = get(cluster.listMember()).getMembers();
        assertThat(members).hasSize(1);
        return members.get(0);
    }

    @Test
    void membersAreListedAndUpdated() {
        Member member = only();
        assertThat(get(cluster.listMember(true)).getMembers())
                .extracting(Member::getId)
                .containsExactly(member.getId());
        assertThat(get(cluster.updateMember(member.getId(), member.getPeerURIs()))
                        .getMembers())
                .hasSize(1);
    }

    @Test
    void memberIsAddedAsLearnerPromotedAndRemoved() {
        Member first = only();
        URI peer = URI.create("http://127.0.0.1:" + Ports.free());
        Member added = get(cluster.addMember(List.of(peer), true)).getMember();
        assertThat(added.isLearner()).isTrue();
        EtcdException tooEarly = failureOf(cluster.promoteMember(added.getId()));
        assertThat(tooEarly.effect()).isEqualTo(Effect.NOT_APPLIED);
        // The last of equal flags counts.
        try (EtcdServer second = EtcdServer.builder()
                .flags(
                        "--name=second",
                        "--listen-peer-urls=" + peer,
                        "--initial-advertise-peer-urls=" + peer,
                        "--initial-cluster=" + first.getName() + "="
                                + first.getPeerURIs().get(0) + ",second=" + peer,
                        "--initial-cluster-state=existing")
                .start()) {
            await().atMost(GENEROUS).until(() -> isPromoted(added.getId()));
            assertThat(get(cluster.listMember(true)).getMembers())
                    .hasSize(2)
                    .noneMatch(Member::isLearner)
                    .anyMatch(member -> member.getClientURIs().equals(List.of(URI.create(second.endpoint()))));
            get(cluster.removeMember(added.getId()));
        }
        assertThat(only().getId()).isEqualTo(first.getId());
        assertThat(failureOf(cluster.removeMember(added.getId())).effect()).isEqualTo(Effect.NOT_APPLIED);
    }

    /** A learner is promoted when it has caught up. */
    private boolean isPromoted(long member) throws Exception {
        try {
            cluster.promoteMember(member).get(GENEROUS.toSeconds(), TimeUnit.SECONDS);
            return true;
        } catch (java.util.concurrent.ExecutionException e) {
            return false;
        }
    }
}
