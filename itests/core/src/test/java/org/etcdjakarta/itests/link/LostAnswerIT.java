package org.etcdjakarta.itests.link;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;
import static org.etcdjakarta.itests.link.Links.GENEROUS;
import static org.etcdjakarta.itests.link.Links.bytes;
import static org.etcdjakarta.itests.link.Links.config;
import static org.etcdjakarta.itests.link.Links.failureOf;
import static org.etcdjakarta.itests.link.Links.get;

import io.etcd.jetcd.Client;
import io.etcd.jetcd.api.LeaseGrantRequest;
import io.etcd.jetcd.lease.LeaseGrantResponse;
import io.etcd.jetcd.op.Op;
import io.etcd.jetcd.options.PutOption;
import io.grpc.StatusRuntimeException;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import org.etcdjakarta.EtcdException;
import org.etcdjakarta.EtcdException.Effect;
import org.etcdjakarta.EtcdInDoubtException;
import org.etcdjakarta.core.link.EtcdLink;
import org.etcdjakarta.itests.support.EtcdServer;
import org.etcdjakarta.itests.support.TcpProxy;
import org.etcdjakarta.itests.support.WithEtcd;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * The network breaks after etcd has done what it was asked for and before it could say so. Each test first lets the effect be
 * seen from outside, then resets the connection.
 */
@WithEtcd
class LostAnswerIT {

    private final EtcdServer etcd;
    private final TcpProxy proxy;
    private final EtcdLink link;
    private final BareStubs witness;

    LostAnswerIT(EtcdServer etcd) {
        this.etcd = etcd;
        proxy = TcpProxy.to(etcd);
        link = EtcdLink.open(config(proxy.endpoint()).build());
        witness = BareStubs.to(etcd.endpoint());
    }

    @BeforeEach
    void connect() {
        get(link.client().getKVClient().get(bytes("/k")));
    }

    @AfterEach
    void close() {
        link.close();
        witness.close();
        proxy.close();
        etcd.etcdctl().deletePrefix("/");
    }

    /** Makes the call and loses its answer. */
    private <T> CompletableFuture<T> lose(Function<Client, CompletableFuture<T>> call, Callable<Boolean> effect) {
        proxy.holdResponses();
        CompletableFuture<T> answer = call.apply(link.client());
        await("the effect").atMost(GENEROUS).until(effect);
        proxy.drop();
        proxy.restore();
        return answer;
    }

    /** The call is in doubt; returns after the link has answered a read over its next connection. */
    private <T> void losesItsAnswer(Function<Client, CompletableFuture<T>> call, Callable<Boolean> effect) {
        CompletableFuture<T> answer = lose(call, effect);
        EtcdException failure = failureOf(answer);
        assertThat(failure)
                .isInstanceOf(EtcdInDoubtException.class)
                .hasMessageContainingAll("ETCD-00103", proxy.endpoint());
        assertThat(failure.effect()).isEqualTo(Effect.IN_DOUBT);
        get(link.client().getKVClient().get(bytes("/k")));
    }

    @Test
    void putIsInDoubtAndAppliedOnce() {
        losesItsAnswer(client -> client.getKVClient().put(bytes("/k"), bytes("1")), () -> witness.version("/k") == 1);

        assertThat(witness.version("/k")).isEqualTo(1);
    }

    @Test
    void txnIsInDoubtAndAppliedOnce() {
        losesItsAnswer(
                client -> client.getKVClient()
                        .txn()
                        .Then(
                                Op.put(bytes("/k"), bytes("1"), PutOption.DEFAULT),
                                Op.put(bytes("/l"), bytes("1"), PutOption.DEFAULT))
                        .commit(),
                () -> witness.version("/k") == 1);

        assertThat(witness.versions("/")).containsEntry("/k", 1L).containsEntry("/l", 1L);
    }

    /** A repeated delete would take away what somebody else has put in the meantime. */
    @Test
    void deleteIsInDoubtAndAppliedOnce() {
        witness.kv().put(BareStubs.put("/k"));
        losesItsAnswer(
                client -> client.getKVClient().delete(bytes("/k")),
                () -> witness.version("/k") == 0
                        && witness.kv().put(BareStubs.put("/k")).hasHeader());

        assertThat(witness.version("/k")).isEqualTo(1);
    }

    /** Its id is chosen before it leaves, so that asking again finds what the first try has made. */
    @Test
    void leaseGrantIsSettledAndLeaksNoSecondLease() {
        long before = leases();
        CompletableFuture<LeaseGrantResponse> answer =
                lose(client -> client.getLeaseClient().grant(600), () -> leases() == before + 1);

        assertThat(etcd.etcdctl("lease", "list"))
                .contains(Long.toHexString(get(answer).getID()));
        assertThat(leases()).isEqualTo(before + 1);
    }

    /** A repeated revocation would say that there is no such lease. */
    @Test
    void leaseRevokeIsInDoubt() {
        long lease = witness.lease()
                .leaseGrant(LeaseGrantRequest.newBuilder().setTTL(600).build())
                .getID();
        long before = leases();
        losesItsAnswer(client -> client.getLeaseClient().revoke(lease), () -> leases() == before - 1);
    }

    /** A repeated compaction would say that the revision has already been compacted. */
    @Test
    void compactIsInDoubt() {
        witness.kv().put(BareStubs.put("/k"));
        long first = witness.kv().put(BareStubs.put("/k")).getHeader().getRevision();
        long second = witness.kv().put(BareStubs.put("/k")).getHeader().getRevision();
        losesItsAnswer(client -> client.getKVClient().compact(second), () -> isCompacted(first));
    }

    /** A repeated creation would say that the user exists already. */
    @Test
    void userAddIsInDoubt() {
        losesItsAnswer(
                client -> client.getAuthClient().userAdd(bytes("lost"), bytes("answer")),
                () -> etcd.etcdctl("user", "list").contains("lost"));
        etcd.etcdctl("user", "delete", "lost");
    }

    /** Why nothing is repeated: what a client that tries again does to the same faults. */
    @Test
    void blindRepetitionAppliesTwice() {
        try (BareStubs bare = BareStubs.to(proxy.endpoint())) {
            long before = leases();
            bare.kv().range(BareStubs.get("/k"));
            blindly(() -> bare.kv().put(BareStubs.put("/k")), () -> witness.version("/k") == 1);
            blindly(
                    () -> bare.lease()
                            .leaseGrant(
                                    LeaseGrantRequest.newBuilder().setTTL(600).build()),
                    () -> leases() == before + 1);

            assertThat(witness.version("/k")).isEqualTo(2);
            assertThat(leases()).isEqualTo(before + 2);
        }
    }

    private void blindly(Runnable call, Callable<Boolean> effect) {
        proxy.holdResponses();
        CompletableFuture<Void> answer = CompletableFuture.runAsync(call, task -> new Thread(task).start());
        await("the effect").atMost(GENEROUS).until(effect);
        proxy.drop();
        proxy.restore();
        assertThatThrownBy(() -> get(answer)).hasMessageContaining("UNAVAILABLE");
        await().atMost(GENEROUS).ignoreExceptions().until(() -> {
            call.run();
            return true;
        });
    }

    private long leases() {
        return etcd.etcdctl("lease", "list")
                .lines()
                .filter(line -> line.matches("[0-9a-f]{8,}"))
                .count();
    }

    private boolean isCompacted(long revision) {
        try {
            witness.kv()
                    .range(BareStubs.get("/k").toBuilder().setRevision(revision).build());
            return false;
        } catch (StatusRuntimeException e) {
            return String.valueOf(e.getMessage()).contains("has been compacted");
        }
    }
}
