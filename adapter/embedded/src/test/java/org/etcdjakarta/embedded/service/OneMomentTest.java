package org.etcdjakarta.embedded.service;

import static org.assertj.core.api.Assertions.assertThat;

import io.etcd.jetcd.api.LeaseRevokeRequest;
import io.etcd.jetcd.api.LeaseRevokeResponse;
import io.grpc.stub.StreamObserver;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.etcdjakarta.embedded.ManualClock;
import org.etcdjakarta.embedded.auth.Tokens;
import org.etcdjakarta.embedded.store.Store;
import org.junit.jupiter.api.Test;

/** An answer names the revision of what it tells, not one that another call has made meanwhile. */
class OneMomentTest {

    private static final int ROUNDS = 5_000;

    private final ManualClock clock = new ManualClock();
    private final Store store = new Store(clock);
    private final LeaseService leases =
            new LeaseService(store, new Headers(store, 1, 1), new Admission(store, new Tokens(clock)));

    @Test
    void eachRevocationIsToldWithTheRevisionThatItMade() {
        CompletableFuture<List<Long>> first = CompletableFuture.supplyAsync(() -> revocations(1));
        CompletableFuture<List<Long>> second = CompletableFuture.supplyAsync(() -> revocations(2));

        List<Long> revisions =
                Stream.of(first.join(), second.join()).flatMap(List::stream).toList();

        assertThat(revisions).hasSize(2 * ROUNDS).doesNotHaveDuplicates();
    }

    private List<Long> revocations(long lease) {
        List<Long> revisions = new ArrayList<>();
        for (int i = 0; i < ROUNDS; i++) {
            var unused = store.grant(lease, 60);
            putKeyOf(lease);
            leases.leaseRevoke(
                    LeaseRevokeRequest.newBuilder().setID(lease).build(), new StreamObserver<LeaseRevokeResponse>() {
                        @Override
                        public void onNext(LeaseRevokeResponse answer) {
                            revisions.add(answer.getHeader().getRevision());
                        }

                        @Override
                        public void onError(Throwable refused) {
                            throw new AssertionError(refused);
                        }

                        @Override
                        public void onCompleted() {}
                    });
        }
        return revisions;
    }

    private void putKeyOf(long lease) {
        var unused = store.write(draft ->
                Optional.ofNullable(draft.put(Embedded.bytes("key of " + lease), Embedded.bytes("value"), lease)));
    }
}
