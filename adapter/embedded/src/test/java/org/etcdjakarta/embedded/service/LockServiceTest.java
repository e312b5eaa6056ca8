package org.etcdjakarta.embedded.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.etcdjakarta.embedded.service.Embedded.assertRefused;
import static org.etcdjakarta.embedded.service.Embedded.bytes;

import com.google.protobuf.ByteString;
import io.etcd.jetcd.api.KeyValue;
import io.etcd.jetcd.api.LeaseRevokeRequest;
import io.etcd.jetcd.api.RangeRequest;
import io.etcd.jetcd.api.lock.LockGrpc;
import io.etcd.jetcd.api.lock.LockRequest;
import io.etcd.jetcd.api.lock.LockResponse;
import io.etcd.jetcd.api.lock.UnlockRequest;
import io.grpc.Context;
import io.grpc.Status;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class LockServiceTest {

    private final Embedded embedded = new Embedded();
    private final LockGrpc.LockBlockingStub lock = LockGrpc.newBlockingStub(embedded.channel);

    @AfterEach
    void close() {
        embedded.close();
    }

    @Test
    void theKeyOfALockIsItsNameAndItsLeaseInHex() {
        long lease = embedded.grant(60);

        LockResponse answer = lock.lock(request("job", lease));

        assertThat(answer.getKey()).isEqualTo(bytes("job/" + Long.toHexString(lease)));
        assertThat(waiting("job")).singleElement().satisfies(kv -> {
            assertThat(kv.getKey()).isEqualTo(answer.getKey());
            assertThat(kv.getLease()).isEqualTo(lease);
            assertThat(kv.getCreateRevision()).isEqualTo(answer.getHeader().getRevision());
        });
    }

    @Test
    void theSameLeaseLocksAgainAtOnce() {
        long lease = embedded.grant(60);

        ByteString first = lock.lock(request("job", lease)).getKey();

        assertThat(lock.lock(request("job", lease)).getKey()).isEqualTo(first);
        assertThat(waiting("job").get(0).getVersion()).isOne();
    }

    @Test
    void locksAreGivenInTheOrderInWhichTheyWereAskedFor() {
        ByteString first = lock.lock(request("job", embedded.grant(60))).getKey();
        Answers<LockResponse> second = ask("job", embedded.grant(60));
        await().until(() -> waiting("job").size() == 2);
        Answers<LockResponse> third = ask("job", embedded.grant(60));
        await().until(() -> waiting("job").size() == 3);
        assertThat(second.open()).isTrue();

        unlock(first);
        ByteString given = second.only().getKey();
        assertThat(third.open()).isTrue();

        unlock(given);
        assertThat(third.only().getKey()).isEqualTo(waiting("job").get(0).getKey());
    }

    @Test
    void locksOfOtherNamesAreNotWaitedFor() {
        var unused = lock.lock(request("job", embedded.grant(60)));

        assertThat(lock.lock(request("job2", embedded.grant(60))).getKey().toStringUtf8())
                .startsWith("job2/");
    }

    @Test
    void aHolderWhoseLeaseExpiresLosesTheLock() {
        var unused = lock.lock(request("job", embedded.grant(10)));
        Answers<LockResponse> next = ask("job", embedded.grant(60));
        await().until(() -> waiting("job").size() == 2);

        embedded.clock.advance(Duration.ofSeconds(10));

        assertThat(next.only().getKey()).isEqualTo(waiting("job").get(0).getKey());
    }

    @Test
    void whoseLeaseEndedWhileItWaitedIsToldSoInItsTurn() {
        ByteString first = lock.lock(request("job", embedded.grant(60))).getKey();
        long lease = embedded.grant(60);
        Answers<LockResponse> second = ask("job", lease);
        await().until(() -> waiting("job").size() == 2);
        var unused = embedded.lease.leaseRevoke(
                LeaseRevokeRequest.newBuilder().setID(lease).build());
        assertThat(second.open()).isTrue();

        unlock(first);

        assertRefused(second::only, Status.Code.UNKNOWN, "mutex: session is expired");
    }

    @Test
    void whoStopsWaitingLeavesTheQueue() {
        ByteString first = lock.lock(request("job", embedded.grant(60))).getKey();
        Context.CancellableContext impatient = Context.current().withCancellation();
        impatient.run(() -> ask("job", embedded.grant(60)));
        await().until(() -> waiting("job").size() == 2);

        impatient.cancel(null);

        await().atMost(Duration.ofSeconds(60)).until(() -> waiting("job").size() == 1);
        assertThat(waiting("job").get(0).getKey()).isEqualTo(first);
    }

    @Test
    void withoutALeaseThereIsOneOfAMinute() {
        var unused = lock.lock(request("job", 0));

        embedded.clock.advance(Duration.ofSeconds(59));
        assertThat(waiting("job")).hasSize(1);
        embedded.clock.advance(Duration.ofSeconds(1));
        assertThat(waiting("job")).isEmpty();
    }

    @Test
    void whatIsWrongIsSaidInEtcdsWordsWithoutItsCode() {
        assertRefused(
                () -> lock.lock(request("job", 77)), Status.Code.UNKNOWN, "etcdserver: requested lease not found");
        assertRefused(() -> unlock(ByteString.EMPTY), Status.Code.UNKNOWN, "etcdserver: key is not provided");
        assertThat(lock.unlock(UnlockRequest.newBuilder()
                                .setKey(bytes("no-such"))
                                .build())
                        .getHeader()
                        .getRevision())
                .isOne();
    }

    private void unlock(ByteString key) {
        var unused = lock.unlock(UnlockRequest.newBuilder().setKey(key).build());
    }

    private Answers<LockResponse> ask(String name, long lease) {
        Answers<LockResponse> answers = new Answers<>();
        LockGrpc.newStub(embedded.channel).lock(request(name, lease), answers);
        return answers;
    }

    private List<KeyValue> waiting(String name) {
        return embedded.kv
                .range(RangeRequest.newBuilder()
                        .setKey(bytes(name + "/"))
                        .setRangeEnd(bytes(name + "0"))
                        .build())
                .getKvsList();
    }

    private static LockRequest request(String name, long lease) {
        return LockRequest.newBuilder().setName(bytes(name)).setLease(lease).build();
    }
}
