package org.etcdjakarta.core.recipe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.etcdjakarta.core.recipe.RecipeClients.GENEROUS;
import static org.etcdjakarta.core.recipe.RecipeClients.bytes;
import static org.etcdjakarta.core.recipe.RecipeClients.get;

import java.time.Duration;
import java.util.concurrent.Future;
import org.etcdjakarta.EtcdKv;
import org.etcdjakarta.EtcdOp;
import org.etcdjakarta.core.fence.Fences;
import org.etcdjakarta.core.link.EtcdLink;
import org.etcdjakarta.core.recipe.RecipeClients.Client;
import org.etcdjakarta.core.recipe.RecipeClients.Worker;
import org.etcdjakarta.core.session.Session;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Leases that end while their owners hold or wait. */
class LostLockTest {

    private static final String NAME = "/locks/a";

    private final RecipeClients clients = new RecipeClients();
    private final Worker one = clients.worker();
    private final Worker two = clients.worker();

    @AfterEach
    void close() throws Exception {
        clients.close();
    }

    /** A session that notices soon. */
    private Client attentive(EtcdLink link) {
        Session session = link.newSession(Duration.ofSeconds(2));
        get(session.connected());
        return new Client(session, new Recipes(link, session));
    }

    private boolean write(FencedLock lock, String value) {
        EtcdKv kv = EtcdKv.of(clients.link.client().getKVClient());
        return get(kv.newTxn()
                        .If(lock.ownership())
                        .Then(EtcdOp.put(bytes("/data"), bytes(value)))
                        .commit())
                .succeeded();
    }

    @Test
    void holderWhoseLeaseHasEndedDoesNotHoldItAndCannotWriteUnderIt() {
        Client client = attentive(clients.link);
        FencedLock lost = client.recipes().lock(NAME);
        FencedLock next = clients.client().recipes().lock(NAME);
        one.call(() -> lost.tryLock(GENEROUS));
        long token = one.call(lost::fencingToken);
        assertThat(one.call(() -> write(lost, "before"))).isTrue();
        clients.etcd.faults().expire(client.session().leaseId());

        assertThat(two.call(() -> next.tryLock(GENEROUS))).isTrue();
        assertThat(two.call(next::fencingToken)).isGreaterThan(token);
        await().atMost(GENEROUS).until(() -> !one.call(lost::isHeld));
        assertThat(one.call(() -> write(lost, "after"))).isFalse();
        assertThat(two.call(() -> write(next, "next"))).isTrue();
    }

    /** Before etcd ends it, that is: nobody else can have taken it. */
    @Test
    void holderThatHearsNothingOfEtcdDoesNotHoldItBeforeEtcdEndsTheLease() {
        Client client = attentive(clients.link);
        FencedLock lock = client.recipes().lock(NAME);
        one.call(() -> lock.tryLock(GENEROUS));
        assertThat(one.call(lock::isHeld)).isTrue();
        clients.etcd.pause();
        try {
            await().atMost(GENEROUS).until(() -> !one.call(lock::isHeld));
        } finally {
            clients.etcd.resume();
        }
    }

    @Test
    void lostLockIsGivenBackWithoutAnErrorAndTakenAnew() {
        Client client = attentive(clients.link);
        FencedLock lock = client.recipes().lock(NAME);
        one.call(() -> lock.tryLock(GENEROUS));
        long token = one.call(lock::fencingToken);
        clients.etcd.faults().expire(client.session().leaseId());
        await().atMost(GENEROUS).until(() -> !one.call(lock::isHeld));
        // What is lost is not taken a second time on top.
        assertThat(one.call(() -> lock.tryLock(GENEROUS))).isFalse();
        assertThat(one.call(lock::fencingToken)).isEqualTo(token);
        assertThat(one.call(() -> Fences.ofCurrentThread(clients.link.config())))
                .hasSize(1);

        one.run(lock::unlock);
        assertThat(one.call(() -> Fences.ofCurrentThread(clients.link.config())))
                .isEmpty();
        assertThat(one.call(() -> lock.tryLock(GENEROUS))).isTrue();
        assertThat(one.call(lock::fencingToken)).isGreaterThan(token);
        assertThat(one.call(lock::isHeld)).isTrue();
    }

    @Test
    void waiterStandsAgainOnTheNextLease() {
        FencedLock holder = clients.client().recipes().lock(NAME);
        one.call(() -> holder.tryLock(GENEROUS));
        Client client = attentive(clients.link);
        FencedLock lock = client.recipes().lock(NAME);
        Future<Boolean> waits = two.begin(() -> lock.tryLock(GENEROUS));
        await().atMost(GENEROUS).until(() -> clients.waiting(NAME) == 2);
        long lease = client.session().leaseId();
        clients.etcd.faults().expire(lease);

        await().atMost(GENEROUS)
                .until(() -> clients.waiting(NAME) == 2
                        && clients.keys(NAME).get(1).getLease()
                                == client.session().leaseId());
        assertThat(client.session().leaseId()).isNotEqualTo(lease);
        assertThat(waits).isNotDone();
        one.run(holder::unlock);
        assertThat(get(waits)).isTrue();
        assertThat(two.call(lock::isHeld)).isTrue();
    }

    /** etcd#11456: nobody is before him, but he is not there himself. The session has not noticed yet. */
    @Test
    void waiterWhoseOwnKeyIsGoneWhenItIsHisTurnDoesNotHoldTheLock() {
        FencedLock holder = clients.client().recipes().lock(NAME);
        one.call(() -> holder.tryLock(GENEROUS));
        FencedLock lock = clients.client().recipes().lock(NAME);
        Future<Boolean> waits = two.begin(() -> lock.tryLock(GENEROUS));
        await().atMost(GENEROUS).until(() -> clients.waiting(NAME) == 2);
        long first = clients.keys(NAME).get(1).getCreateRevision();
        var unused = get(clients.link
                .client()
                .getKVClient()
                .delete(clients.keys(NAME).get(1).getKey()));
        one.run(holder::unlock);

        assertThat(get(waits)).isTrue();
        assertThat(two.call(lock::fencingToken)).isGreaterThan(first);
        assertThat(clients.keys(NAME).get(0).getCreateRevision()).isEqualTo(two.call(lock::fencingToken));
    }
}
