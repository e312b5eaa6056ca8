package org.etcdjakarta.core.link;

import static org.assertj.core.api.Assertions.assertThat;

import io.etcd.jetcd.api.KVGrpc;
import io.etcd.jetcd.common.exception.CompactedException;
import io.grpc.Status;
import io.grpc.Status.Code;
import java.nio.channels.ClosedChannelException;
import org.etcdjakarta.EtcdAccessException;
import org.etcdjakarta.EtcdException;
import org.etcdjakarta.EtcdException.Effect;
import org.etcdjakarta.EtcdInDoubtException;
import org.etcdjakarta.EtcdLimitException;
import org.etcdjakarta.EtcdUnavailableException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class LinkErrorsTest {

    private final LinkErrors errors =
            new LinkErrors(EtcdLinkConfig.builder().endpoints("a:1", "b:2").build());

    private EtcdException read(Status status) {
        return errors.of(KVGrpc.getRangeMethod(), status, false, true);
    }

    private EtcdException write(Status status, boolean left) {
        return errors.of(KVGrpc.getPutMethod(), status, true, left);
    }

    @ParameterizedTest
    @EnumSource(
            value = Code.class,
            names = {"UNAVAILABLE", "DEADLINE_EXCEEDED", "INTERNAL", "UNKNOWN", "CANCELLED", "ABORTED", "DATA_LOSS"})
    void brokenWriteIsInDoubtUnlessItNeverLeft(Code code) {
        assertThat(write(code.toStatus(), true)).isInstanceOf(EtcdInDoubtException.class);
        assertThat(write(code.toStatus(), true).effect()).isEqualTo(Effect.IN_DOUBT);
        assertThat(write(code.toStatus(), false).effect()).isEqualTo(Effect.NOT_APPLIED);
        assertThat(read(code.toStatus()).effect()).isEqualTo(Effect.NONE);
    }

    @ParameterizedTest
    @EnumSource(
            value = Code.class,
            names = {
                "INVALID_ARGUMENT",
                "NOT_FOUND",
                "ALREADY_EXISTS",
                "PERMISSION_DENIED",
                "RESOURCE_EXHAUSTED",
                "FAILED_PRECONDITION",
                "OUT_OF_RANGE",
                "UNIMPLEMENTED",
                "UNAUTHENTICATED"
            })
    void refusedWriteIsNotApplied(Code code) {
        assertThat(write(code.toStatus(), true).effect()).isEqualTo(Effect.NOT_APPLIED);
    }

    @ParameterizedTest
    @CsvSource({
        "UNAVAILABLE, etcdserver: leader changed",
        "UNAVAILABLE, etcdserver: request timed out",
        "UNAVAILABLE, 'etcdserver: request timed out, possibly due to previous leader failure'",
        "UNAVAILABLE, 'etcdserver: request timed out, possibly due to connection lost'",
        "UNAVAILABLE, etcdserver: server stopped",
        "UNAVAILABLE, server is stopping",
        "UNAVAILABLE, the client connection is closing",
        "UNAVAILABLE, 'Connection closed after GOAWAY. HTTP/2 error code: NO_ERROR'",
        "UNAVAILABLE, io exception",
        "UNAVAILABLE, Channel shutdownNow invoked",
        "INTERNAL, etcdserver: unknown error",
        "RESOURCE_EXHAUSTED, RST_STREAM closed stream. HTTP/2 error code: ENHANCE_YOUR_CALM",
        "PERMISSION_DENIED, RST_STREAM closed stream. HTTP/2 error code: INADEQUATE_SECURITY"
    })
    void errorsThatEtcdGivesAfterProposingAreInDoubt(Code code, String text) {
        Status status = code.toStatus().withDescription(text);
        assertThat(write(status, true)).isInstanceOf(EtcdInDoubtException.class);
        assertThat(Statuses.isRefusedUnseen(status)).isFalse();
        assertThat(write(status, false).effect()).isEqualTo(Effect.NOT_APPLIED);
        assertThat(read(status).effect()).isEqualTo(Effect.NONE);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "etcdserver: no leader",
                "etcdserver: not capable",
                "etcdserver: rpc not supported for learner",
                "etcdserver: unhealthy cluster",
                "RST_STREAM closed stream. HTTP/2 error code: REFUSED_STREAM"
            })
    void whatEtcdRefusesBeforeItLooksIsNotAppliedAndMayBeRepeated(String text) {
        Status status = Status.UNAVAILABLE.withDescription(text);
        assertThat(Statuses.isRefusedUnseen(status)).isTrue();
        assertThat(write(status, true)).isInstanceOf(EtcdUnavailableException.class);
        assertThat(write(status, true).effect()).isEqualTo(Effect.NOT_APPLIED);
    }

    @Test
    void requestThatIsTooLargeToBeSentIsNotApplied() {
        Status status = Status.CANCELLED
                .withDescription("Failed to stream message")
                .withCause(Status.RESOURCE_EXHAUSTED
                        .withDescription("message too large 200 > 100")
                        .asRuntimeException());
        assertThat(write(status, true)).isInstanceOf(EtcdLimitException.class);
        assertThat(write(status, true).effect()).isEqualTo(Effect.NOT_APPLIED);
    }

    /** The request has been carried out by then. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "gRPC message exceeds maximum size 100: 200",
                "grpc: trying to send message larger than max (200 vs. 100)"
            })
    void answerThatIsTooLargeLeavesTheWriteInDoubt(String text) {
        Status status = Status.RESOURCE_EXHAUSTED.withDescription(text);
        assertThat(write(status, true)).isInstanceOf(EtcdInDoubtException.class);
        assertThat(read(status)).isInstanceOf(EtcdLimitException.class);
    }

    @Test
    void lostLeaderIsSeenBeforeAnythingIsDone() {
        Status status = Status.UNAVAILABLE.withDescription("etcdserver: no leader");
        assertThat(write(status, true)).isInstanceOf(EtcdUnavailableException.class);
        assertThat(write(status, true).effect()).isEqualTo(Effect.NOT_APPLIED);
    }

    /** etcd sees our deadline too, sometimes first; and a member that shuts down cancels what it was doing. */
    @ParameterizedTest
    @CsvSource({
        "UNKNOWN, context deadline exceeded",
        "CANCELLED, context deadline exceeded",
        "UNKNOWN, context canceled",
        "CANCELLED, context canceled",
        "CANCELLED, RST_STREAM closed stream. HTTP/2 error code: CANCEL"
    })
    void etcdsOwnEndOfACallIsSilenceAndNoVerdict(Code code, String text) {
        Status status = code.toStatus().withDescription(text);
        assertThat(read(status)).isInstanceOf(EtcdUnavailableException.class);
        assertThat(write(status, true)).isInstanceOf(EtcdInDoubtException.class);
        assertThat(write(status, false).effect()).isEqualTo(Effect.NOT_APPLIED);
    }

    /** What gRPC says when the connection ends before it has heard why. */
    @Test
    void connectionThatBreaksUnderACallIsSilence() {
        Status status = Status.UNKNOWN.withDescription("channel closed").withCause(new ClosedChannelException());
        assertThat(read(status)).isInstanceOf(EtcdUnavailableException.class);
        assertThat(write(status, true)).isInstanceOf(EtcdInDoubtException.class);
        assertThat(Statuses.told(status).getCode()).isEqualTo(Code.UNAVAILABLE);
    }

    @ParameterizedTest
    @CsvSource({
        "INVALID_ARGUMENT, etcdserver: duplicate key given in txn request, EtcdException, ETCD-00113",
        "INVALID_ARGUMENT, etcdserver: too many operations in txn request, EtcdLimitException, ETCD-00112",
        "INVALID_ARGUMENT, etcdserver: request is too large, EtcdLimitException, ETCD-00111",
        "RESOURCE_EXHAUSTED, grpc: received message larger than max (2 vs. 1), EtcdLimitException, ETCD-00111",
        "RESOURCE_EXHAUSTED, etcdserver: too many requests, EtcdLimitException, ETCD-00110",
        "DATA_LOSS, etcdserver: corrupt cluster, EtcdException, ETCD-00124",
        "OUT_OF_RANGE, etcdserver: mvcc: required revision is a future revision, EtcdException, ETCD-00108",
        "NOT_FOUND, etcdserver: requested lease not found, EtcdException, ETCD-00116",
        "PERMISSION_DENIED, etcdserver: permission denied, EtcdAccessException, ETCD-00106",
        "UNAUTHENTICATED, etcdserver: invalid auth token, EtcdAccessException, ETCD-00106",
        "INVALID_ARGUMENT, etcdserver: user name is empty, EtcdAccessException, ETCD-00105"
    })
    void etcdsRefusalsHaveTypeAndNumber(Code code, String text, String type, String number) {
        EtcdException error = write(code.toStatus().withDescription(text), true);
        assertThat(error.getClass().getSimpleName()).isEqualTo(type);
        assertThat(error.code()).isEqualTo(number);
        assertThat(error.effect()).isEqualTo(Effect.NOT_APPLIED);
        assertThat(error).hasMessageContainingAll(text, "Put", "http://a:1,http://b:2", "Nothing was written");
    }

    /** etcd applies the write that crosses the quota, and then says the same as to those that it refuses. */
    @Test
    void writeThatMayHaveFilledTheDatabaseIsInDoubt() {
        Status full = Status.RESOURCE_EXHAUSTED.withDescription("etcdserver: mvcc: database space exceeded");
        assertThat(write(full, true))
                .isInstanceOf(EtcdInDoubtException.class)
                .hasMessageContaining("etcdctl alarm disarm")
                .extracting(EtcdException::code)
                .isEqualTo("ETCD-00109");
        assertThat(write(full, false).effect()).isEqualTo(Effect.NOT_APPLIED);
    }

    @Test
    void compactedRevisionCarriesJetcdsException() {
        assertThat(read(Status.OUT_OF_RANGE.withDescription("etcdserver: mvcc: required revision has been compacted")))
                .hasRootCauseInstanceOf(CompactedException.class);
    }

    @Test
    void causesAreWhatJetcdsOwnClientsFailWith() {
        EtcdException error =
                write(Status.FAILED_PRECONDITION.withDescription("etcdserver: role name not found"), true);
        assertThat(Status.fromThrowable(error).getCode()).isEqualTo(Code.FAILED_PRECONDITION);
        assertThat(error)
                .hasRootCauseInstanceOf(io.etcd.jetcd.common.exception.EtcdException.class)
                .hasRootCauseMessage("etcdserver: role name not found");
    }

    @Test
    void messageNamesEndpointsMethodMeaningAndAdvice() {
        EtcdException error = write(Status.DEADLINE_EXCEEDED, true);
        assertThat(error)
                .hasMessageContainingAll(
                        "ETCD-00103",
                        "Put",
                        "http://a:1,http://b:2",
                        "no answer within 5s",
                        "may have been applied",
                        "Read");
        assertThat(error.endpoint()).isEqualTo("http://a:1,http://b:2");
    }

    @Test
    void typesOfTheFamilyFit() {
        assertThat(read(Status.UNAVAILABLE)).isInstanceOf(EtcdUnavailableException.class);
        assertThat(read(Status.PERMISSION_DENIED)).isInstanceOf(EtcdAccessException.class);
        assertThat(read(Status.RESOURCE_EXHAUSTED)).isInstanceOf(EtcdLimitException.class);
    }

    @Test
    void closedLinkSaysWhatBecameOfTheWrite() {
        assertThat(errors.closed(KVGrpc.getPutMethod(), true, true)).isInstanceOf(EtcdInDoubtException.class);
        assertThat(errors.closed(KVGrpc.getPutMethod(), true, false).effect()).isEqualTo(Effect.NOT_APPLIED);
        assertThat(errors.closed(KVGrpc.getRangeMethod(), false, true).effect()).isEqualTo(Effect.NONE);
    }
}
