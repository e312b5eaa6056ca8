package org.etcdjakarta.core.link;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.awaitility.Awaitility.await;

import io.etcd.jetcd.api.AlarmMember;
import io.etcd.jetcd.api.AlarmRequest;
import io.etcd.jetcd.api.AuthenticateResponse;
import io.etcd.jetcd.api.Member;
import io.etcd.jetcd.maintenance.AlarmType;
import io.etcd.jetcd.maintenance.SnapshotResponse;
import io.grpc.stub.StreamObserver;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.etcdjakarta.EtcdCluster;
import org.etcdjakarta.EtcdException;
import org.etcdjakarta.EtcdMaintenance;
import org.etcdjakarta.EtcdMaintenance.Alarm;
import org.etcdjakarta.EtcdMaintenance.Alarm.Kind;
import org.etcdjakarta.EtcdMaintenance.Snapshot;
import org.etcdjakarta.EtcdUnavailableException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class MaintenanceClientTest {

    private static final Duration GENEROUS = Duration.ofSeconds(60);
    private static final int CORRUPT = 2;

    private final FakeMaintenance first = new FakeMaintenance();
    private final FakeMaintenance second = new FakeMaintenance();
    private final FakeMembers members = new FakeMembers();
    private final FakeEtcd etcd = new FakeEtcd(first, members);
    private final FakeEtcd other = new FakeEtcd(second);
    private EtcdLink link = open(Duration.ofSeconds(30), etcd.endpoint());

    @AfterEach
    void close() {
        link.close();
        etcd.close();
        other.close();
    }

    private static EtcdLink open(Duration requestTimeout, String... endpoints) {
        return EtcdLink.open(EtcdLinkConfig.builder()
                .endpoints(endpoints)
                .requestTimeout(requestTimeout)
                .build());
    }

    private void reopen(Duration requestTimeout, String... endpoints) {
        link.close();
        link = open(requestTimeout, endpoints);
    }

    private EtcdMaintenance maintenance() {
        return EtcdMaintenance.of(link.client().getMaintenanceClient());
    }

    private static <T> T get(CompletableFuture<T> future) {
        try {
            return future.get(GENEROUS.toSeconds(), TimeUnit.SECONDS);
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    private static void assertCode(CompletableFuture<?> future, String code) {
        assertThat(future)
                .failsWithin(GENEROUS)
                .withThrowableOfType(ExecutionException.class)
                .havingCause()
                .isInstanceOfSatisfying(EtcdException.class, failure -> assertThat(failure.code())
                        .isEqualTo(code));
    }

    @Test
    void listOfMembersIsLinearizableOnlyWhenAskedFor() {
        EtcdCluster cluster = EtcdCluster.of(link.client().getClusterClient());
        get(cluster.listMember());
        get(cluster.listMember(true));

        assertThat(members.requests.stream()
                        .map(request -> request.getUnknownFields().getField(1).getVarintList()))
                .containsExactly(List.of(), List.of(1L));
    }

    // ---- alarms

    private void alarm(long member, int kind) {
        first.alarms.add(
                AlarmMember.newBuilder().setMemberID(member).setAlarmValue(kind).build());
    }

    @Test
    void alarmIsDisarmedByItsOwnKind() {
        alarm(5, 1);
        alarm(5, CORRUPT);
        alarm(6, CORRUPT);
        assertThat(get(maintenance().alarms()))
                .containsExactly(new Alarm(5, Kind.NOSPACE), new Alarm(5, Kind.CORRUPT), new Alarm(6, Kind.CORRUPT));

        assertThat(get(maintenance().disarm(new Alarm(5, Kind.CORRUPT)))).containsExactly(new Alarm(5, Kind.CORRUPT));
        assertThat(get(maintenance().alarms())).containsExactly(new Alarm(5, Kind.NOSPACE), new Alarm(6, Kind.CORRUPT));
    }

    @Test
    void jetcdsDisarmTakesWhatJetcdsListGives() {
        alarm(5, 1);
        alarm(6, CORRUPT);
        for (var alarm : get(maintenance().listAlarms()).getAlarms()) {
            assertThat(get(maintenance().alarmDisarm(alarm)).getAlarms()).hasSize(1);
        }

        assertThat(first.alarms).isEmpty();
    }

    @Test
    void disarmOfAllIsOneAfterTheOther() {
        alarm(5, 1);
        alarm(6, CORRUPT);
        assertThat(get(maintenance().alarmDisarm(new io.etcd.jetcd.maintenance.AlarmMember(0, AlarmType.NONE)))
                        .getAlarms())
                .hasSize(2);
        assertThat(first.alarms).isEmpty();
        assertThat(first.alarmRequests.stream().map(AlarmRequest::getAction))
                .containsExactly(
                        AlarmRequest.AlarmAction.GET,
                        AlarmRequest.AlarmAction.DEACTIVATE,
                        AlarmRequest.AlarmAction.DEACTIVATE);

        alarm(7, CORRUPT);
        assertThat(get(maintenance().disarmAll())).containsExactly(new Alarm(7, Kind.CORRUPT));
        assertThat(get(maintenance().disarmAll())).isEmpty();
    }

    @Test
    void halfAnAlarmIsRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() ->
                        maintenance().alarmDisarm(new io.etcd.jetcd.maintenance.AlarmMember(0, AlarmType.NOSPACE)))
                .withMessageContaining("NOSPACE");
        assertThatIllegalArgumentException().isThrownBy(() -> maintenance()
                .alarmDisarm(new io.etcd.jetcd.maintenance.AlarmMember(5, AlarmType.NONE)));
    }

    // ---- one member

    private static long linkThreads() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().startsWith("etcd-link-"))
                .filter(thread -> thread.getName().contains("-io-"))
                .count();
    }

    @Test
    void callsToOneMemberLeaveNothingBehind() {
        get(link.version());
        long before = linkThreads();
        for (int i = 0; i < 10; i++) {
            assertThat(get(maintenance().statusMember(other.endpoint())).getVersion())
                    .isEqualTo("3.5.16");
            assertThat(maintenance().hash(other.endpoint())).failsWithin(GENEROUS);
        }

        assertThat(second.statuses).hasValue(10);
        await().atMost(GENEROUS).until(() -> linkThreads() <= before);
        await().atMost(GENEROUS).until(() -> other.openTransports.get() == 0);
    }

    @Test
    void callToOneMemberEndsWithItsReference() {
        EtcdLink reference = link.retain();
        EtcdMaintenance ofReference = EtcdMaintenance.of(reference.client().getMaintenanceClient());
        second.silentDefragment = true;
        CompletableFuture<?> defragmentation = ofReference.defragmentMember(other.endpoint());
        await().atMost(GENEROUS).until(() -> other.openTransports.get() == 1);
        reference.close();

        assertThat(defragmentation).isCancelled();
        await().atMost(GENEROUS).until(() -> other.openTransports.get() == 0);
        assertThatIllegalStateException().isThrownBy(() -> ofReference.statusMember(other.endpoint()));
    }

    /** The link of the same one endpoint, which goes to all members by now, is not the one to ask. */
    @Test
    void callToOneMemberReachesItWhereverTheLinkGoes() {
        members.list.add(Member.newBuilder()
                .setID(2)
                .setName("other")
                .addClientURLs("http://" + other.endpoint())
                .build());
        get(link.sync());
        await().atMost(GENEROUS).until(() -> !get(link.version()).isEmpty() && second.statuses.get() > 0);
        int before = first.statuses.get();
        for (int i = 1; i <= 3; i++) {
            get(maintenance().statusMember(etcd.endpoint()));

            assertThat(first.statuses).hasValue(before + i);
        }
    }

    @Test
    void callsToOneMemberShareTheTokenOfTheLink() {
        AuthenticateResponse token =
                AuthenticateResponse.newBuilder().setToken("t").build();
        etcd.onAuthenticate = FakeEtcd.answer(token);
        other.onAuthenticate = FakeEtcd.answer(token);
        link.close();
        link = EtcdLink.open(EtcdLinkConfig.builder()
                .endpoints(etcd.endpoint())
                .user("root")
                .password("r".toCharArray())
                .build());
        List<CompletableFuture<?>> calls = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            calls.add(maintenance().statusMember(other.endpoint()));
        }
        calls.forEach(MaintenanceClientTest::get);

        assertThat(other.tokens).hasSize(8).containsOnly("t");
        assertThat(etcd.authentications).hasValue(1);
        assertThat(other.authentications).hasValue(0);
    }

    /** With an interval of a second, in an outage. */
    @Test
    void listOfMembersIsAskedForByOneAtATime() {
        members.silent = true;
        link.close();
        link = EtcdLink.open(EtcdLinkConfig.builder()
                .endpoints(etcd.endpoint())
                .endpointSyncInterval(Duration.ofSeconds(1))
                .requestTimeout(Duration.ofSeconds(60))
                .build());
        await().atMost(GENEROUS).until(() -> members.requests.size() == 1);

        await().during(Duration.ofSeconds(3)).atMost(GENEROUS).until(() -> members.requests.size() == 1);
    }

    @Test
    void callThatEtcdDoesNotKnowIsNamed() {
        assertCode(maintenance().downgrade(EtcdMaintenance.DowngradeAction.VALIDATE, "3.4"), "ETCD-00131");
    }

    // ---- the leader

    private void leads(long leader) {
        first.memberId = 1;
        second.memberId = 2;
        first.leader = leader;
        second.leader = leader;
    }

    @Test
    void moveLeaderGoesToTheOneThatLeadsAmongTheEndpoints() {
        leads(2);
        reopen(Duration.ofSeconds(30), etcd.endpoint(), other.endpoint());
        get(maintenance().moveLeader(1));

        assertThat(second.leaderMoves).containsExactly(1L);
        assertThat(first.leaderMoves).isEmpty();
    }

    @Test
    void moveLeaderFindsALeaderThatIsNoneOfTheEndpoints() {
        leads(2);
        members.list.add(Member.newBuilder()
                .setID(2)
                .addClientURLs("http://" + other.endpoint())
                .build());
        get(maintenance().moveLeader(1));

        assertThat(second.leaderMoves).containsExactly(1L);
    }

    @Test
    void endpointThatIsAwayDoesNotTakeTheTimeForFindingTheLeader() {
        leads(2);
        members.list.add(Member.newBuilder()
                .setID(2)
                .addClientURLs("http://" + other.endpoint())
                .build());
        FakeEtcd away = new FakeEtcd();
        away.close();
        reopen(Duration.ofSeconds(8), etcd.endpoint(), away.endpoint());
        get(maintenance().moveLeader(1));

        assertThat(second.leaderMoves).containsExactly(1L);
    }

    @Test
    void leaderThatIsNotFoundLeavesNothingInDoubt() {
        etcd.stop();
        reopen(Duration.ofSeconds(1), etcd.endpoint());

        assertThat(maintenance().moveLeader(1))
                .failsWithin(GENEROUS)
                .withThrowableOfType(ExecutionException.class)
                .havingCause()
                .isInstanceOfSatisfying(EtcdException.class, failure -> assertThat(failure.effect())
                        .isEqualTo(EtcdException.Effect.NOT_APPLIED));
    }

    /** Password and token would go along. */
    @Test
    void moveLeaderAsksNoAddressOfTheOtherScheme() {
        leads(2);
        Member leader = Member.newBuilder()
                .setID(2)
                .addClientURLs("https://" + other.endpoint())
                .build();
        members.list.add(leader);
        int transports = other.transports.get();
        assertThat(maintenance().moveLeader(1)).failsWithin(GENEROUS);
        assertThat(other.transports).hasValue(transports);

        members.list.set(
                0,
                leader.toBuilder().addClientURLs("http://" + other.endpoint()).build());
        get(maintenance().moveLeader(1));
        assertThat(second.leaderMoves).containsExactly(1L);
    }

    @Test
    void memberThatDoesNotLeadIsNamed() {
        leads(2);

        assertCode(maintenance().moveLeader(etcd.endpoint(), 1), "ETCD-00133");
    }

    @Test
    void moveLeaderWithoutALeaderMovesNothing() {
        leads(0);

        assertThat(maintenance().moveLeader(1))
                .failsWithin(GENEROUS)
                .withThrowableOfType(ExecutionException.class)
                .withCauseInstanceOf(EtcdUnavailableException.class)
                .withMessageContaining("nothing was written");
    }

    // ---- snapshots

    /** Takes nothing more until it is told to. */
    private static final class SlowStream extends OutputStream {

        final CountDownLatch go = new CountDownLatch(1);
        volatile String thread = "";

        @Override
        public void write(int b) {
            throw new UnsupportedOperationException();
        }

        @Override
        public void write(byte[] bytes, int from, int length) throws IOException {
            thread = Thread.currentThread().getName();
            try {
                go.await();
            } catch (InterruptedException e) {
                throw new IOException(e);
            }
        }
    }

    @Test
    void slowStreamHoldsTheMemberBack() {
        first.parts = 1_024;
        SlowStream slow = new SlowStream();
        CompletableFuture<Long> snapshot = maintenance().snapshot(slow);
        // As long as it goes on sending it is not held back; 64 MiB are four times what gRPC's window can grow to.
        await().during(Duration.ofSeconds(2))
                .atMost(GENEROUS)
                .until(() -> first.partsSent.get() > 0 && first.partsSent.get() < 512);
        get(link.version());
        assertThat(snapshot).isNotDone();
        assertThat(slow.thread).doesNotContain("-io-");
        slow.go.countDown();

        assertThat(get(snapshot)).isEqualTo(1_024L * FakeMaintenance.PART + 32);
    }

    @Test
    void snapshotIsWholeAndSaysItsVersion() {
        first.version = "3.6.0";
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        Snapshot snapshot = get(maintenance().snapshotWithVersion(bytes));

        assertThat(snapshot).isEqualTo(new Snapshot(4L * FakeMaintenance.PART + 32, Optional.of("3.6.0")));
        assertThat(bytes.size()).isEqualTo(snapshot.bytes());
        first.version = "";
        assertThat(get(maintenance().snapshotWithVersion(OutputStream.nullOutputStream()))
                        .version())
                .isEmpty();
    }

    @Test
    void failingStreamEndsTheSnapshotAtEtcdToo() {
        first.parts = 1_024;
        IOException full = new IOException("disk full");
        CompletableFuture<Long> snapshot = maintenance().snapshot(new OutputStream() {
            @Override
            public void write(int b) throws IOException {
                throw full;
            }
        });

        assertThat(snapshot)
                .failsWithin(GENEROUS)
                .withThrowableOfType(ExecutionException.class)
                .havingCause()
                .withMessageContaining("disk full")
                .withCause(full);
        await().atMost(GENEROUS).until(() -> first.snapshotsCancelled.get() == 1);
    }

    @Test
    void snapshotThatEndsEarlyInOrderIsNone() {
        first.truncated = true;
        assertCode(maintenance().snapshot(OutputStream.nullOutputStream()), "ETCD-00134");
    }

    @Test
    void snapshotThatLostSomethingIsNone() {
        first.damaged = true;
        assertCode(maintenance().snapshot(OutputStream.nullOutputStream()), "ETCD-00134");
    }

    @Test
    void snapshotOfAnEtcdThatIsSilentOrAwayEndsWithTheRequestTimeout() {
        reopen(Duration.ofSeconds(3), etcd.endpoint());
        first.silent = true;
        assertCode(maintenance().snapshot(OutputStream.nullOutputStream()), "ETCD-00101");
        await().atMost(GENEROUS).until(() -> first.snapshotsCancelled.get() == 1);
        etcd.stop();
        assertCode(maintenance().snapshot(OutputStream.nullOutputStream()), "ETCD-00101");
    }

    @Test
    void cancelledSnapshotEndsAtEtcd() {
        first.parts = 1_024;
        SlowStream slow = new SlowStream();
        CompletableFuture<Long> snapshot = maintenance().snapshot(slow);
        await().atMost(GENEROUS).until(() -> first.partsSent.get() > 0);
        snapshot.cancel(true);

        await().atMost(GENEROUS).until(() -> first.snapshotsCancelled.get() == 1);
        slow.go.countDown();
    }

    @Test
    void snapshotEndsWithItsReference() {
        first.silent = true;
        EtcdLink reference = link.retain();
        EtcdMaintenance ofReference = EtcdMaintenance.of(reference.client().getMaintenanceClient());
        CompletableFuture<Throwable> told = new CompletableFuture<>();
        ofReference.snapshot(new StreamObserver<SnapshotResponse>() {
            @Override
            public void onNext(SnapshotResponse part) {}

            @Override
            public void onError(Throwable failure) {
                told.complete(failure);
            }

            @Override
            public void onCompleted() {
                told.complete(new AssertionError("completed"));
            }
        });
        await().atMost(GENEROUS).until(() -> etcd.tokens.size() == 1);
        reference.close();

        assertThat(get(told)).isInstanceOf(EtcdException.class);
        await().atMost(GENEROUS).until(() -> first.snapshotsCancelled.get() == 1);
    }
}
