package org.etcdjakarta.connector;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.etcd.jetcd.api.LeaseGrpc;
import io.etcd.jetcd.lease.LeaseGrantResponse;
import jakarta.resource.ResourceException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.etcdjakarta.EtcdLease;
import org.etcdjakarta.core.link.EtcdLink;
import org.etcdjakarta.embedded.EmbeddedEtcd;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Which leases go with a transaction, over a real connection. By how it ends: {@code TxLeasesTest}. */
class HandleLeaseTest {

    private static final Duration GENEROUS = Duration.ofSeconds(60);

    private final EmbeddedEtcd etcd = EmbeddedEtcd.start();
    private final EtcdManagedConnection connection;
    private final EtcdConnectionImpl handle;

    /** Outlives the connection. */
    private final EtcdLink witness;

    HandleLeaseTest() throws ResourceException {
        EtcdManagedConnectionFactory factory = new EtcdManagedConnectionFactory();
        factory.setEndpoints(etcd.endpoint());
        factory.setRequestTimeout("30s");
        connection = factory.createManagedConnection(null, null);
        handle = connection.getConnection(null, null);
        witness = connection.link().retain();
    }

    @AfterEach
    void close() {
        connection.destroy();
        witness.close();
        etcd.close();
    }

    private static <T> T get(CompletableFuture<T> call) {
        assertThat(call).succeedsWithin(GENEROUS);
        return call.join();
    }

    private List<Long> leases() {
        return get(witness.leases());
    }

    private void awaitLeases(Long... expected) {
        await().atMost(GENEROUS).untilAsserted(() -> assertThat(leases()).containsExactlyInAnyOrder(expected));
    }

    private long grant() {
        return get(handle.lease().grant(60)).getID();
    }

    @Test
    void rollbackRevokesWhatWasGrantedInTheTransactionAndNothingElse() throws ResourceException {
        long before = grant();
        connection.getLocalTransaction().begin();
        grant();
        get(handle.lease().grant(60, 30, TimeUnit.SECONDS));
        get(handle.lease().grantWithId(60, 4711));
        assertThat(leases()).as("a grant takes effect at once").hasSize(4);
        handle.close();
        connection.getLocalTransaction().rollback();

        awaitLeases(before);
    }

    @Test
    void commitKeeps() throws ResourceException {
        connection.getLocalTransaction().begin();
        long granted = grant();
        connection.getLocalTransaction().commit();
        connection.getLocalTransaction().begin();
        connection.getLocalTransaction().rollback();

        await().during(Duration.ofMillis(300)).atMost(GENEROUS).until(() -> leases().equals(List.of(granted)));
    }

    /** Its link is gone with the connection: revoking has a reference of its own. */
    @Test
    void aConnectionThatIsDestroyedInTheMiddleOfALocalTransactionRevokes() throws ResourceException {
        connection.getLocalTransaction().begin();
        grant();
        witness.close();
        connection.destroy();

        try (EtcdLink later = EtcdLink.open(witness.config())) {
            await().atMost(GENEROUS).until(() -> get(later.leases()).isEmpty());
        }
    }

    @Test
    void whatTheApplicationRevokesMayBeGrantedToSomebodyElse() throws ResourceException {
        connection.getLocalTransaction().begin();
        get(handle.lease().grantWithId(60, 4711));
        long other = grant();
        get(handle.lease().revoke(4711));
        get(EtcdLease.of(witness.client().getLeaseClient()).grantWithId(60, 4711));
        connection.getLocalTransaction().rollback();

        awaitLeases(4711L);
        assertThat(leases()).doesNotContain(other);
    }

    @Test
    void aGrantThatNobodyWaitsForIsRevokedAsWell() throws ResourceException {
        connection.getLocalTransaction().begin();
        CompletableFuture<LeaseGrantResponse> given = handle.lease().grant(60);
        given.cancel(false);
        await().atMost(GENEROUS).until(() -> !leases().isEmpty());
        connection.getLocalTransaction().rollback();

        awaitLeases();
    }

    @Test
    void aGrantThatIsAnsweredAfterTheRollbackIsRevoked() throws ResourceException {
        etcd.faults().on(LeaseGrpc.getLeaseGrantMethod()).next(1).delay(Duration.ofMillis(500));
        connection.getLocalTransaction().begin();
        CompletableFuture<LeaseGrantResponse> late = handle.lease().grant(60);
        connection.getLocalTransaction().rollback();
        connection.getLocalTransaction().begin();
        get(late);

        awaitLeases();
        connection.getLocalTransaction().commit();
    }
}
