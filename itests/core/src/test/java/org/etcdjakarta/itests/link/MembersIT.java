package org.etcdjakarta.itests.link;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.etcdjakarta.itests.link.Links.GENEROUS;
import static org.etcdjakarta.itests.link.Links.bytes;
import static org.etcdjakarta.itests.link.Links.config;
import static org.etcdjakarta.itests.link.Links.get;

import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.KV;
import io.etcd.jetcd.maintenance.StatusResponse;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.etcdjakarta.EtcdInDoubtException;
import org.etcdjakarta.EtcdMaintenance;
import org.etcdjakarta.core.link.EtcdLink;
import org.etcdjakarta.itests.support.EtcdCluster;
import org.etcdjakarta.itests.support.EtcdServer;
import org.etcdjakarta.itests.support.WithEtcd;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Calls to one of three members, over a link that knows another one, or all. */
@WithEtcd
class MembersIT {

    private final EtcdCluster cluster;

    MembersIT(EtcdCluster cluster) {
        this.cluster = cluster;
    }

    @AfterEach
    void heal() {
        cluster.heal();
    }

    private static EtcdMaintenance maintenance(EtcdLink link) {
        return EtcdMaintenance.of(link.client().getMaintenanceClient());
    }

    private static long idOf(EtcdMaintenance maintenance, EtcdServer member) {
        return get(maintenance.statusMember(member.endpoint())).getHeader().getMemberId();
    }

    @Test
    void eachMemberAnswersForItself() {
        try (EtcdLink link = EtcdLink.open(config(cluster.endpoints()).build())) {
            EtcdMaintenance maintenance = maintenance(link);
            Map<Long, EtcdServer> members = new HashMap<>();
            for (EtcdServer member : cluster.members()) {
                for (int i = 0; i < 3; i++) {
                    members.put(idOf(maintenance, member), member);
                }
                get(maintenance.defragmentMember(member.endpoint()));
            }
            assertThat(members).hasSize(3);
            assertThat(members.values()).doesNotHaveDuplicates();
            StatusResponse any = get(maintenance.statusMember(cluster.follower().endpoint()));
            assertThat(members.get(any.getLeader())).isSameAs(cluster.leader());
        }
    }

    @Test
    void leadershipMovesThoughTheLinkKnowsAFollowerOnly() {
        EtcdServer follower = cluster.follower();
        try (EtcdLink link = EtcdLink.open(config(follower.endpoint()).build())) {
            EtcdMaintenance maintenance = maintenance(link);
            get(maintenance.moveLeader(idOf(maintenance, follower)));

            await().atMost(GENEROUS).until(() -> cluster.leader() == follower);
        }
    }

    @Test
    void linkThatKnowsOneMemberGoesOnWithoutItOnceItHasAskedForTheOthers() {
        EtcdServer known = cluster.follower();
        try (EtcdLink link = EtcdLink.open(config(known.endpoint()).build());
                EtcdLink ignorant =
                        EtcdLink.open(Links.impatientConfig(known.endpoint()).build())) {
            List<String> all =
                    cluster.members().stream().map(EtcdServer::endpoint).toList();
            assertThat(get(link.sync())).containsExactlyInAnyOrderElementsOf(all);
            known.kill();
            KV kv = link.client().getKVClient();
            for (int i = 0; i < 10; i++) {
                get(kv.get(bytes("/members/" + i)));
            }
            for (int i = 0; i < 10; i++) {
                putUntilAcknowledged(kv, bytes("/members/" + i));
            }
            for (int i = 0; i < 10; i++) {
                assertThat(get(kv.get(bytes("/members/" + i))).getCount()).isOne();
            }

            assertThat(ignorant.client().getKVClient().get(bytes("/members/1"))).failsWithin(GENEROUS);
        }
    }

    /** The link never repeats a write that it has sent, as one on a connection whose other end has just been killed. */
    private static void putUntilAcknowledged(KV kv, ByteSequence key) {
        await().atMost(GENEROUS).until(() -> {
            try {
                kv.put(key, bytes("1")).get(GENEROUS.toSeconds(), TimeUnit.SECONDS);
                return true;
            } catch (ExecutionException e) {
                if (e.getCause() instanceof EtcdInDoubtException) {
                    return false;
                }
                throw e;
            }
        });
    }
}
