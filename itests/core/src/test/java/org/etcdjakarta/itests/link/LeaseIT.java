package org.etcdjakarta.itests.link;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.etcdjakarta.itests.link.Links.GENEROUS;
import static org.etcdjakarta.itests.link.Links.bytes;
import static org.etcdjakarta.itests.link.Links.config;
import static org.etcdjakarta.itests.link.Links.failureOf;
import static org.etcdjakarta.itests.link.Links.get;

import io.etcd.jetcd.lease.LeaseKeepAliveResponse;
import io.etcd.jetcd.lease.NoSuchLeaseException;
import io.etcd.jetcd.options.LeaseOption;
import io.etcd.jetcd.options.PutOption;
import io.grpc.stub.StreamObserver;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.etcdjakarta.EtcdException.Effect;
import org.etcdjakarta.EtcdLease;
import org.etcdjakarta.core.link.EtcdLink;
import org.etcdjakarta.itests.support.EtcdServer;
import org.etcdjakarta.itests.support.WithEtcd;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

@WithEtcd
class LeaseIT {

    private final EtcdServer etcd;
    private final EtcdLink link;
    private final EtcdLease lease;
    private final List<Long> ttls = new CopyOnWriteArrayList<>();
    private final List<Throwable> errors = new CopyOnWriteArrayList<>();

    private final StreamObserver<LeaseKeepAliveResponse> observer = new StreamObserver<>() {
        @Override
        public void onNext(LeaseKeepAliveResponse response) {
            ttls.add(response.getTTL());
        }

        @Override
        public void onError(Throwable failure) {
            errors.add(failure);
        }

        @Override
        public void onCompleted() {}
    };

    LeaseIT(EtcdServer etcd) {
        this.etcd = etcd;
        link = EtcdLink.open(config(etcd.endpoint()).build());
        lease = EtcdLease.of(link.client().getLeaseClient());
    }

    @AfterEach
    void close() {
        link.close();
    }

    private long leasedKey(String key, long ttl) {
        long id = get(lease.grant(ttl)).getID();
        get(link.client()
                .getKVClient()
                .put(bytes(key), bytes("1"), PutOption.builder().withLeaseId(id).build()));
        return id;
    }

    @Test
    void keyGoesWithItsLease() {
        long id = leasedKey("/lease/expires", 1);
        assertThat(get(lease.timeToLive(
                                id, LeaseOption.builder().withAttachedKeys().build()))
                        .getKeys())
                .containsExactly(bytes("/lease/expires"));

        await().atMost(GENEROUS)
                .until(() -> etcd.etcdctl().get("/lease/expires").isEmpty());
    }

    @Test
    void keepAliveKeepsTheKeyThroughARestartOfEtcd() {
        var unused = lease.keepAlive(leasedKey("/lease/kept", 4), observer);
        await().atMost(GENEROUS).until(() -> !ttls.isEmpty());
        etcd.kill();
        etcd.restart();
        int before = ttls.size();
        // Longer than the TTL, so that the key can only be there because of keep-alives.
        await().atMost(GENEROUS).until(() -> ttls.size() >= before + 4);

        assertThat(etcd.etcdctl().get("/lease/kept")).hasValue("1");
        assertThat(errors).isEmpty();
    }

    @Test
    void revokedLeaseEndsItsKeepAliveWithAnError() {
        long id = leasedKey("/lease/revoked", 2);
        var unused = lease.keepAlive(id, observer);
        await().atMost(GENEROUS).until(() -> !ttls.isEmpty());
        get(lease.revoke(id));
        await().atMost(GENEROUS).until(() -> !errors.isEmpty());

        assertThat(errors.get(0)).hasCauseInstanceOf(NoSuchLeaseException.class);
        assertThat(etcd.etcdctl().get("/lease/revoked")).isEmpty();
    }

    @Test
    void keepAliveOfALeaseThatIsGoneEndsWithAnError() {
        long id = leasedKey("/lease/gone", 1);
        get(lease.revoke(id));
        var unused = lease.keepAlive(id, observer);

        await().atMost(GENEROUS).until(() -> !errors.isEmpty());
    }

    @Test
    void unknownLeaseIsNamed() {
        assertThat(failureOf(lease.keepAliveOnce(0x1234))).hasCauseInstanceOf(NoSuchLeaseException.class);
        assertThat(failureOf(lease.revoke(0x1234)).effect()).isEqualTo(Effect.NOT_APPLIED);
        assertThat(get(lease.timeToLive(0x1234, LeaseOption.DEFAULT)).getTTL()).isEqualTo(-1);
    }

    @Test
    void grantWithATimeoutOfItsOwn() {
        etcd.pause();
        try {
            assertThat(lease.grant(5, 300, TimeUnit.MILLISECONDS)).failsWithin(Duration.ofSeconds(20));
        } finally {
            etcd.resume();
        }
        assertThat(get(lease.grant(5, 20, TimeUnit.SECONDS)).getTTL()).isEqualTo(5);
    }

    @Test
    void onceKeptAliveLeaseHasItsTtlAgain() {
        long id = leasedKey("/lease/once", 60);
        assertThat(get(lease.keepAliveOnce(id)).getTTL()).isEqualTo(60);
    }

    @Test
    void leaseWithAChosenIdIsListedAndExistsOnce() {
        assertThat(get(lease.grantWithId(60, 0x1dea)).getID()).isEqualTo(0x1dea);
        long other = get(lease.grant(60)).getID();

        assertThat(get(lease.leases())).contains(0x1deaL, other);
        assertThat(get(link.leases())).contains(0x1deaL, other);
        assertThat(failureOf(lease.grantWithId(60, 0x1dea)).code()).isEqualTo("ETCD-00132");
        get(lease.revoke(0x1dea));
        assertThat(get(lease.leases())).doesNotContain(0x1deaL).contains(other);
    }

    @Test
    void closeRevokesWhatThisOwnerGranted() {
        leasedKey("/lease/mine", 60);
        try (EtcdLink other = link.retain()) {
            long foreign = get(other.client().getLeaseClient().grant(60)).getID();
            lease.close();

            assertThat(etcd.etcdctl().get("/lease/mine")).isEmpty();
            assertThat(get(other.leases())).contains(foreign);
        }
    }

    @Test
    void closeOfTheLinkLeavesLeasesToTheirTime() {
        leasedKey("/lease/outlives", 60);
        link.close();

        assertThat(etcd.etcdctl().get("/lease/outlives")).hasValue("1");
    }

    @Test
    void grantInterruptedByARestartLeavesOneLeaseAtMost() {
        int before = get(lease.leases()).size();
        etcd.pause();
        var granting = lease.grant(60);
        etcd.kill();
        etcd.restart();
        long id = get(granting).getID();

        assertThat(get(lease.leases())).hasSize(before + 1).contains(id);
    }
}
