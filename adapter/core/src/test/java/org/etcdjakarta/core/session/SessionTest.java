package org.etcdjakarta.core.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.etcdjakarta.EtcdSession.State;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Every event of a session, at times that the test chooses. TTL 10 s: asked every 2.5 s, suspended after 5 s, lost after 9 s. */
class SessionTest {

    private static final Duration TTL = Duration.ofSeconds(10);
    private static final Duration MOMENT = Duration.ofMillis(1);

    private final SteppedLeases link = new SteppedLeases();
    private final Sessions sessions = link.sessions();
    private final List<State> told = new ArrayList<>();

    @AfterEach
    void close() {
        sessions.close();
        link.close();
    }

    private Session opening(Duration ttl) {
        Session session = sessions.open(ttl, Runnable::run);
        var unused = session.onChange(told::add);
        return session;
    }

    /** Connected since this moment. */
    private Session open() {
        Session session = opening(TTL);
        link.settle();
        assertThat(told).containsExactly(State.CONNECTED);
        told.clear();
        return session;
    }

    private void seconds(double seconds) {
        link.advance(Duration.ofMillis((long) (seconds * 1_000)));
    }

    // ---- the first lease

    @Test
    void isSuspendedUntilTheFirstLeaseIsGranted() {
        link.disconnect();
        Session session = opening(TTL);

        assertThat(session.state()).isEqualTo(State.SUSPENDED);
        assertThat(session.leaseId()).isZero();
        assertThat(session.ttl()).isEqualTo(TTL);
        assertThat(session.remaining()).isZero();

        link.connect();
        seconds(10);
        assertThat(told).containsExactly(State.CONNECTED);
        assertThat(session.leaseId()).isEqualTo(100);
        assertThat(link.livesAtEtcd(100)).isTrue();
    }

    @Test
    void ttlIsAsEtcdGrantsIt() {
        Session session = opening(Duration.ofMillis(300));
        assertThat(session.ttl()).isEqualTo(Duration.ofSeconds(1));
        link.settle();

        // etcd's shortest.
        assertThat(session.ttl()).isEqualTo(Duration.ofSeconds(2));
    }

    @Test
    void ttlOutOfRangeIsRefused() {
        for (Duration ttl : List.of(Duration.ZERO, Duration.ofSeconds(-1), Duration.ofSeconds(9_000_000_001L))) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> sessions.open(ttl, Runnable::run))
                    .withMessageContaining("ttl");
        }
        assertThat(opening(Duration.ofHours(2_500_000)).state()).isEqualTo(State.SUSPENDED);
        link.settle();
        assertThat(told).containsExactly(State.CONNECTED);
        seconds(1_000_000);
        assertThat(told).containsExactly(State.CONNECTED);
    }

    @Test
    void grantWhoseAnswerIsLostLeavesNoOtherLeaseBehind() {
        link.losesGrants = true;
        Session session = opening(TTL);
        seconds(3);
        assertThat(told).isEmpty();
        link.losesGrants = false;
        seconds(3);

        assertThat(told).containsExactly(State.CONNECTED);
        assertThat(link.granted).hasSizeGreaterThan(2).containsOnly(100L);
        assertThat(session.leaseId()).isEqualTo(100);
    }

    /** What an earlier attempt has granted may expire any moment: it counts only from a keep-alive of now. */
    @Test
    void leaseOfALostAnswerCountsFromItsFirstKeepAlive() {
        link.losesGrants = true;
        Session session = opening(TTL);
        link.settle();
        link.losesGrants = false;
        link.slowBack = true;
        seconds(1);
        link.arrive();
        assertThat(session.state()).as("etcd said that it is there").isEqualTo(State.SUSPENDED);
        seconds(1);
        link.arrive();

        assertThat(session.state()).isEqualTo(State.CONNECTED);
        assertThat(session.remaining()).isLessThan(Duration.ofSeconds(9));
        assertThat(link.livesAtEtcd(session.leaseId())).isTrue();
    }

    @Test
    void leaseOfALostAnswerThatHasExpiredIsGrantedAgain() {
        link.losesGrants = true;
        Session session = opening(TTL);
        link.settle();
        link.disconnect();
        link.losesGrants = false;
        seconds(30);
        link.connect();
        seconds(3);

        assertThat(told).containsExactly(State.CONNECTED);
        assertThat(session.leaseId()).isEqualTo(100);
        assertThat(link.livesAtEtcd(100)).isTrue();
    }

    @Test
    void grantThatIsAnsweredLateIsConfirmedFirst() {
        link.slowBack = true;
        Session session = opening(TTL);
        seconds(7);
        link.arrive();
        assertThat(session.state()).isEqualTo(State.SUSPENDED);
        assertThat(link.sent).hasSize(1);
        link.arrive();

        assertThat(told).containsExactly(State.CONNECTED);
        assertThat(session.remaining()).isEqualTo(Duration.ofSeconds(9));
    }

    @Test
    void grantThatIsAnsweredAfterItsTimeIsGrantedAgain() {
        link.slowBack = true;
        Session session = opening(TTL);
        seconds(30);
        link.slowBack = false;
        link.arrive();
        seconds(1);

        assertThat(told).containsExactly(State.CONNECTED);
        assertThat(link.livesAtEtcd(session.leaseId())).isTrue();
    }

    @Test
    void idOfSomebodyElsesLeaseIsNotTaken() {
        var unused = link.grant(100, 600);
        Session session = open();

        assertThat(session.leaseId()).isEqualTo(101);
    }

    // ---- keep-alive

    @Test
    void asksEachQuarterOfTheTtl() {
        open();
        seconds(10);

        assertThat(link.sent)
                .containsExactly(
                        Duration.ofMillis(2_500),
                        Duration.ofMillis(5_000),
                        Duration.ofMillis(7_500),
                        Duration.ofMillis(10_000));
    }

    @Test
    void lastsAsLongAsEtcdAnswers() {
        Session session = open();
        seconds(3_600);

        assertThat(told).isEmpty();
        assertThat(session.leaseId()).isEqualTo(100);
        assertThat(link.livingAtEtcd()).containsExactly(100L);
    }

    @Test
    void nothingIsQueuedWhileThereIsNoConnection() {
        Session session = open();
        link.disconnect();
        seconds(8.9);
        assertThat(link.sent).isEmpty();
        link.connect();

        assertThat(link.sent).hasSize(1);
        assertThat(session.state()).isEqualTo(State.CONNECTED);
    }

    @Test
    void questionAboutALostLeaseIsNotAskedWhenThereIsAConnectionAgain() {
        Session session = open();
        link.disconnect();
        seconds(60);
        link.connect();
        assertThat(link.sent).isEmpty();
        seconds(3);

        assertThat(session.state()).isEqualTo(State.CONNECTED);
        assertThat(session.leaseId()).isEqualTo(101);
    }

    // ---- suspended

    @Test
    void isSuspendedAfterHalfTheTtlWithoutAnAnswer() {
        Session session = open();
        link.disconnect();
        link.advance(Duration.ofSeconds(5).minus(MOMENT));
        assertThat(told).isEmpty();
        link.advance(MOMENT);

        assertThat(told).containsExactly(State.SUSPENDED);
        assertThat(session.leaseId()).as("it is still there").isEqualTo(100);
        assertThat(session.remaining()).isEqualTo(Duration.ofSeconds(4));
    }

    @Test
    void isConnectedAgainByAnAnswer() {
        Session session = open();
        link.disconnect();
        seconds(6);
        link.connect();

        assertThat(told).containsExactly(State.SUSPENDED, State.CONNECTED);
        assertThat(session.leaseId()).isEqualTo(100);
        assertThat(session.remaining()).isEqualTo(Duration.ofSeconds(9));
    }

    @Test
    void answerCountsFromWhenItWasAskedFor() {
        Session session = open();
        link.slowBack = true;
        seconds(8);
        link.arrive();

        // Asked at 2.5 s: suspended since 7.5 s by this answer, too, and to be lost at 11.5 s.
        assertThat(told).containsExactly(State.SUSPENDED);
        assertThat(session.remaining()).isEqualTo(Duration.ofMillis(3_500));
        link.arrive();
        assertThat(session.remaining()).as("asked at 8 s").isEqualTo(Duration.ofSeconds(9));
        assertThat(told).containsExactly(State.SUSPENDED, State.CONNECTED);
    }

    // ---- lost

    @Test
    void isLostBeforeEtcdExpiresTheLease() {
        Session session = open();
        link.disconnect();
        link.advance(Duration.ofSeconds(9).minus(MOMENT));
        assertThat(told).containsExactly(State.SUSPENDED);
        link.advance(MOMENT);

        assertThat(told).containsExactly(State.SUSPENDED, State.LOST);
        assertThat(link.livesAtEtcd(100)).isTrue();
        assertThat(session.state()).isEqualTo(State.LOST);
        assertThat(session.leaseId()).isZero();
        assertThat(session.remaining()).isZero();
        assertThat(session.remaining(100)).isZero();
        seconds(2);
        assertThat(link.livesAtEtcd(100)).isFalse();
    }

    /** etcd has renewed at 2.5 s what the session counts from 2.5 s: not from when the answer came. */
    @Test
    void isLostBeforeEtcdExpiresTheLeaseWhenAnAnswerWasLate() {
        Session session = open();
        link.slowBack = true;
        seconds(6.9);
        link.disconnect();
        link.arrive();
        seconds(4.5);
        assertThat(session.state()).isEqualTo(State.SUSPENDED);
        seconds(0.1);

        assertThat(session.state()).isEqualTo(State.LOST);
        assertThat(link.livesAtEtcd(100)).isTrue();
        seconds(1);
        assertThat(link.livesAtEtcd(100))
                .as("who counts from the answer holds it until 16.9 s")
                .isFalse();
    }

    @Test
    void marginIsATenthButAtLeastHalfASecond() {
        assertThat(Duration.ofNanos(new Renewal(Duration.ofSeconds(2), 0).lostAt()))
                .isEqualTo(Duration.ofMillis(1_500));
        assertThat(Duration.ofNanos(new Renewal(Duration.ofSeconds(5), 0).lostAt()))
                .isEqualTo(Duration.ofMillis(4_500));
        assertThat(Duration.ofNanos(new Renewal(Duration.ofSeconds(60), 0).lostAt()))
                .isEqualTo(Duration.ofSeconds(54));
    }

    @Test
    void leaseThatEtcdHasEndedIsLostAtOnce() {
        Session session = open();
        link.etcd.faults().expire(100);
        seconds(2.5);

        assertThat(told).containsExactly(State.LOST, State.CONNECTED);
        assertThat(session.leaseId()).isEqualTo(101);
        assertThat(link.revoked).as("there is nothing to revoke").isEmpty();
        assertThat(session.remaining(100)).isZero();
        assertThat(session.remaining(101)).isEqualTo(Duration.ofSeconds(9));
    }

    /** Its keys would stand in the way of those that the owner creates again. */
    @Test
    void lostLeaseIsRevokedBeforeThereIsAnother() {
        Session session = open();
        link.disconnect();
        seconds(9);
        link.connect();
        link.slowBack = true;
        seconds(0.1);
        link.wake();
        seconds(5);
        assertThat(link.revoked).containsExactly(100L);
        assertThat(link.granted).as("not yet").containsExactly(100L);
        link.slowBack = false;
        link.arrive();
        seconds(3);

        assertThat(told).containsExactly(State.SUSPENDED, State.LOST, State.CONNECTED);
        assertThat(link.livingAtEtcd()).containsExactly(session.leaseId());
    }

    @Test
    void answerAfterTheLossChangesNothing() {
        Session session = open();
        link.slowBack = true;
        seconds(8.9);
        assertThat(link.sent).hasSize(1);
        link.stopped(Duration.ofSeconds(1));
        link.arrive();

        assertThat(told).containsExactly(State.SUSPENDED, State.LOST);
        assertThat(session.leaseId()).isZero();
    }

    @Test
    void losesEachLeaseInItsTurn() {
        Session session = open();
        for (int i = 0; i < 5; i++) {
            link.disconnect();
            seconds(20);
            link.connect();
            seconds(3);
            assertThat(told).containsExactly(State.SUSPENDED, State.LOST, State.CONNECTED);
            assertThat(link.livingAtEtcd()).containsExactly(session.leaseId());
            told.clear();
        }
        assertThat(link.granted).doesNotHaveDuplicates();
    }

    // ---- clocks

    @Test
    void stoppedProcessLearnsOfTheLossBeforeAnythingElse() {
        Session session = open();
        link.stopped(Duration.ofSeconds(60));

        assertThat(session.leaseId()).isZero();
        assertThat(session.remaining()).isZero();
        assertThat(session.state()).isEqualTo(State.LOST);
        link.wake();
        seconds(1);
        assertThat(told).containsExactly(State.LOST, State.CONNECTED);
        assertThat(session.leaseId()).isEqualTo(101);
    }

    @Test
    void stoppedProcessThatNobodyAsksLearnsOfTheLossByItsTimer() {
        open();
        link.stopped(Duration.ofSeconds(60));
        link.wake();

        assertThat(told).startsWith(State.LOST);
    }

    @Test
    void stoppedForATimeThatTheLeaseOutlivesItIsOnlySuspended() {
        Session session = open();
        link.stopped(Duration.ofSeconds(6));
        assertThat(session.state()).isEqualTo(State.SUSPENDED);
        link.wake();

        assertThat(told).containsExactly(State.SUSPENDED, State.CONNECTED);
        assertThat(session.leaseId()).isEqualTo(100);
    }

    @Test
    void suspendedMachineHasLostItsLease() {
        Session session = open();
        link.suspended(Duration.ofSeconds(60));

        assertThat(session.state()).isEqualTo(State.LOST);
    }

    /** Its timers have stood still as well. */
    @Test
    void suspendedMachineTellsTheLossSoonAfterItWakes() {
        open();
        link.suspended(Duration.ofSeconds(60));
        link.advance(Duration.ofMillis(500));

        assertThat(told).startsWith(State.LOST);
    }

    @Test
    void wallClockThatIsPutBackProlongsNothing() {
        Session session = open();
        link.disconnect();
        link.putWallClock(Duration.ofHours(-1));
        seconds(9);
        assertThat(session.state()).isEqualTo(State.LOST);
    }

    @Test
    void wallClockThatIsPutForwardLosesTheLease() {
        Session session = open();
        link.putWallClock(Duration.ofHours(1));

        assertThat(session.state()).isEqualTo(State.LOST);
        seconds(1);
        assertThat(told).containsExactly(State.LOST, State.CONNECTED);
        assertThat(link.livingAtEtcd()).containsExactly(session.leaseId());
    }

    // ---- close

    @Test
    void closeRevokesTheLeaseAndTellsSo() {
        Session session = open();
        session.close();
        link.settle();

        assertThat(link.livingAtEtcd()).isEmpty();
        assertThat(told).containsExactly(State.CLOSED);
        assertThat(session.state()).isEqualTo(State.CLOSED);
        assertThat(session.leaseId()).isZero();
        assertThat(session.remaining()).isZero();
        session.close();
        seconds(100);
        assertThat(told).containsExactly(State.CLOSED);
        assertThat(link.revoked).hasSize(1);
        assertThat(link.timers()).isZero();
    }

    @Test
    void closeWhileALeaseIsBeingGrantedRevokesIt() {
        link.slowThere = true;
        Session session = opening(TTL);
        session.close();
        link.settle();
        link.slowThere = false;
        link.reach();

        assertThat(link.granted).containsExactly(100L);
        assertThat(link.livingAtEtcd()).isEmpty();
        assertThat(told).containsExactly(State.CLOSED);
    }

    @Test
    void closeRevokesWhatALostAnswerMayHaveGranted() {
        link.losesGrants = true;
        Session session = opening(TTL);
        link.settle();
        session.close();
        link.settle();

        assertThat(link.granted).isNotEmpty();
        assertThat(link.livingAtEtcd()).isEmpty();
    }

    @Test
    void closeWhileEtcdIsAwayEndsAllTheSame() {
        Session session = open();
        link.disconnect();
        seconds(3);
        session.close();
        link.settle();
        link.connect();

        assertThat(told).containsExactly(State.CLOSED);
        assertThat(link.sent).isEmpty();
        assertThat(link.timers()).as("but for the last pulse").isLessThanOrEqualTo(1);
    }

    @Test
    void lostSessionThatIsClosedLeavesNothing() {
        Session session = open();
        link.disconnect();
        seconds(20);
        link.connect();
        session.close();
        link.settle();

        assertThat(link.livingAtEtcd()).isEmpty();
        assertThat(told).containsExactly(State.SUSPENDED, State.LOST, State.CLOSED);
    }

    @Test
    void endOfTheLinkClosesItsSessionsAndRevokesNothing() {
        Session session = open();
        sessions.close();
        link.settle();

        assertThat(told).containsExactly(State.CLOSED);
        assertThat(session.state()).isEqualTo(State.CLOSED);
        assertThat(link.livingAtEtcd()).containsExactly(100L);
        assertThatIllegalStateException().isThrownBy(() -> sessions.open(TTL, Runnable::run));
    }

    // ---- who waits for a lease

    @Test
    void leaseCanBeWaitedFor() {
        link.disconnect();
        Session session = opening(TTL);
        CompletableFuture<Long> first = session.connected();
        assertThat(first).isNotDone();
        session.connected().cancel(true);
        link.connect();
        seconds(3);

        assertThat(first).isCompletedWithValue(100L);
        assertThat(session.connected()).isCompletedWithValue(100L);
        link.disconnect();
        seconds(9);
        CompletableFuture<Long> next = session.connected();
        link.connect();
        seconds(3);
        assertThat(next).isCompletedWithValue(101L);
    }

    @Test
    void whoWaitsForALeaseOfAClosedSessionIsTold() {
        link.disconnect();
        Session session = opening(TTL);
        CompletableFuture<Long> waiting = session.connected();
        session.close();
        link.settle();

        assertThat(waiting).isCompletedExceptionally();
        assertThat(session.connected()).isCompletedExceptionally();
    }
}
