package org.etcdjakarta.itests.link;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.etcdjakarta.itests.link.Links.GENEROUS;
import static org.etcdjakarta.itests.link.Links.bytes;
import static org.etcdjakarta.itests.link.Links.config;
import static org.etcdjakarta.itests.link.Links.get;

import io.etcd.jetcd.Client;
import io.etcd.jetcd.Election;
import io.etcd.jetcd.Lock;
import io.etcd.jetcd.election.CampaignResponse;
import io.etcd.jetcd.election.LeaderResponse;
import io.etcd.jetcd.election.NoLeaderException;
import io.etcd.jetcd.election.NotLeaderException;
import io.etcd.jetcd.lock.LockResponse;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import org.etcdjakarta.core.link.EtcdLink;
import org.etcdjakarta.itests.support.EtcdServer;
import org.etcdjakarta.itests.support.WithEtcd;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** jetcd's Lock and Election. */
@WithEtcd
class ClientIT {

    private final EtcdServer etcd;
    private final EtcdLink link;
    private final Client client;

    ClientIT(EtcdServer etcd) {
        this.etcd = etcd;
        link = EtcdLink.open(config(etcd.endpoint()).namespace("/client/").build());
        client = link.client();
    }

    @AfterEach
    void close() {
        link.close();
        etcd.etcdctl().deletePrefix("/client/");
    }

    private long lease() {
        return get(client.getLeaseClient().grant(60)).getID();
    }

    @Test
    void lockIsHeldByOneAndPassedOn() {
        Lock lock = client.getLockClient();
        LockResponse first = get(lock.lock(bytes("l"), lease()));
        assertThat(first.getKey().toString()).startsWith("l/");
        CompletableFuture<LockResponse> second = lock.lock(bytes("l"), lease());
        await().atMost(GENEROUS).until(() -> etcd.etcdctl().keys("/client/l/").size() == 2);
        assertThat(second.isDone()).isFalse();
        get(lock.unlock(first.getKey()));

        get(lock.unlock(get(second).getKey()));
    }

    @Test
    void cancelledLockLeavesTheQueue() {
        Lock lock = client.getLockClient();
        get(lock.lock(bytes("c"), lease()));
        CompletableFuture<LockResponse> second = lock.lock(bytes("c"), lease());
        await().atMost(GENEROUS).until(() -> etcd.etcdctl().keys("/client/c/").size() == 2);
        second.cancel(true);

        await().atMost(GENEROUS).until(() -> etcd.etcdctl().keys("/client/c/").size() == 1);
    }

    @Test
    void electionFromCampaignToResignation() {
        Election election = client.getElectionClient();
        List<String> leaders = new CopyOnWriteArrayList<>();
        assertThat(election.leader(bytes("e")))
                .failsWithin(GENEROUS)
                .withThrowableOfType(ExecutionException.class)
                .withCauseInstanceOf(NoLeaderException.class);
        CampaignResponse elected = get(election.campaign(bytes("e"), lease(), bytes("me")));
        election.observe(bytes("e"), new Election.Listener() {
            @Override
            public void onNext(LeaderResponse response) {
                leaders.add(response.getKv().getValue().toString());
            }

            @Override
            public void onError(Throwable failure) {
                leaders.add(failure.toString());
            }

            @Override
            public void onCompleted() {
                leaders.add("completed");
            }
        });
        await().atMost(GENEROUS).until(() -> leaders.equals(List.of("me")));
        get(election.proclaim(elected.getLeader(), bytes("me too")));
        await().atMost(GENEROUS).until(() -> leaders.equals(List.of("me", "me too")));
        assertThat(get(election.leader(bytes("e"))).getKv().getValue()).isEqualTo(bytes("me too"));
        get(election.resign(elected.getLeader()));
        assertThat(election.proclaim(elected.getLeader(), bytes("late")))
                .failsWithin(GENEROUS)
                .withThrowableOfType(ExecutionException.class)
                .withCauseInstanceOf(NotLeaderException.class);
        link.close();
        await().atMost(GENEROUS).until(() -> leaders.equals(List.of("me", "me too", "completed")));
    }
}
