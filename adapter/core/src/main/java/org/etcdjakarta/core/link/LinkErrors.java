package org.etcdjakarta.core.link;

import io.etcd.jetcd.common.exception.ErrorCode;
import io.etcd.jetcd.common.exception.EtcdExceptionFactory;
import io.etcd.jetcd.lease.NoSuchLeaseException;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletionException;
import org.etcdjakarta.EtcdAccessException;
import org.etcdjakarta.EtcdException;
import org.etcdjakarta.EtcdException.Effect;
import org.etcdjakarta.EtcdInDoubtException;
import org.etcdjakarta.EtcdLimitException;
import org.etcdjakarta.EtcdUnavailableException;
import org.jspecify.annotations.Nullable;

/**
 * The messages of the link, ETCD-001xx: from a gRPC status to what it means for the data. The rule for writes: an answer that
 * only etcd's checks can give says "not applied"; silence, a broken connection and errors that etcd gives after it has
 * proposed the write (timeout, leader change, stopping) say "in doubt", unless the call never left this process.
 */
final class LinkErrors {

    /** etcd does not accept a name with its password. */
    static final String WRONG_PASSWORD = "ETCD-00104";

    /** Nobody leads an election. */
    static final String NO_LEADER = "ETCD-00121";

    /** Somebody else, or nobody, leads an election. */
    static final String LEADERSHIP_LOST = "ETCD-00122";

    /** The member that was asked does not lead the cluster. */
    static final String NOT_LEADER = "ETCD-00133";

    /** The lease has ended. */
    static final String LEASE_GONE = "ETCD-00116";

    /** A lease with the chosen id exists. */
    static final String LEASE_EXISTS = "ETCD-00132";

    private final String endpoints;
    private final String scheme;
    private final @Nullable String user;
    private final Duration timeout;

    LinkErrors(EtcdLinkConfig config) {
        endpoints = String.join(",", config.endpoints());
        scheme = config.tls() ? "https://" : "http://";
        user = config.user();
        timeout = config.requestTimeout();
    }

    /** One failed call: what is said of it, and what it means for the data when etcd has refused it. */
    private record Failure(String call, String endpoint, Status status, String text, boolean write) {

        Effect refused() {
            return write ? Effect.NOT_APPLIED : Effect.NONE;
        }

        String message(String advice) {
            return happened() + meaning(refused()) + advice;
        }

        String happened() {
            return call + " at " + endpoint + " failed: " + text + ". ";
        }

        EtcdException refused(String code, String advice) {
            return refused(code, advice, cause(status));
        }

        EtcdException refused(String code, String advice, Throwable cause) {
            return new EtcdException(code, message(advice), refused(), endpoint, cause);
        }

        EtcdException limit(String code, String advice) {
            return new EtcdLimitException(code, message(advice), refused(), endpoint, cause(status));
        }

        EtcdAccessException access(String code, String advice) {
            return new EtcdAccessException(code, message(advice), refused(), endpoint, cause(status));
        }
    }

    /** As {@link #of(MethodDescriptor, Status, boolean, boolean)}; the endpoint is the one the call was sent to. */
    EtcdException of(MethodDescriptor<?, ?> method, Status status, boolean write, Departure departure) {
        String destination = departure.destination();
        return of(method, status, write, departure.left(), destination == null ? endpoints : scheme + destination);
    }

    /**
     * @param write whether the call may change something
     * @param left whether the call may have reached etcd
     */
    EtcdException of(MethodDescriptor<?, ?> method, Status status, boolean write, boolean left) {
        return of(method, status, write, left, endpoints);
    }

    private EtcdException of(
            MethodDescriptor<?, ?> method, Status status, boolean write, boolean left, String endpoint) {
        Status told = Statuses.told(status);
        Failure failure = new Failure(name(method), endpoint, told, text(told), write);
        if (write && left && Statuses.isReset(told) && !Statuses.isRefusedUnseen(told)) {
            return inDoubt(failure);
        }
        EtcdException known = byText(failure, left);
        if (known != null) {
            return known;
        }
        boolean unseen = !left || Statuses.isRefusedUnseen(told);
        return switch (told.getCode()) {
            case UNAVAILABLE, DEADLINE_EXCEEDED -> noAnswer(failure, left, unseen);
            case PERMISSION_DENIED, UNAUTHENTICATED -> failure.access("ETCD-00106", roles());
            case RESOURCE_EXHAUSTED -> failure.limit("ETCD-00110", "Try again with less load or a smaller request.");
            case CANCELLED, UNKNOWN, INTERNAL, ABORTED, DATA_LOSS, OK ->
                write && !unseen ? inDoubt(failure) : failure.refused("ETCD-00115", "See etcd's log.");
            case UNIMPLEMENTED ->
                failure.refused(
                        "ETCD-00131",
                        "This etcd has no such call; etcd 3.4 has neither AuthStatus nor Downgrade. Use a newer etcd.");
            case INVALID_ARGUMENT, NOT_FOUND, ALREADY_EXISTS, FAILED_PRECONDITION, OUT_OF_RANGE ->
                failure.refused("ETCD-00114", "The request itself has to change.");
        };
    }

    private @Nullable EtcdException byText(Failure failure, boolean left) {
        String low = failure.text().toLowerCase(Locale.ROOT);
        if (low.contains("required revision has been compacted")) {
            return failure.refused(
                    "ETCD-00107",
                    "The history before that revision is gone: read the current state, or raise etcd's compaction retention.",
                    failure.status()
                            .withCause(EtcdExceptionFactory.newCompactedException(0))
                            .asRuntimeException());
        }
        if (low.contains("required revision is a future revision")) {
            return failure.refused(
                    "ETCD-00108",
                    "The revision asked for does not exist yet (another cluster, or a restored backup?).");
        }
        if (low.contains("database space exceeded")) {
            return noSpace(failure, left);
        }
        if (low.contains("request is too large")
                || low.contains("received message larger than max")
                || low.contains("message too large")) {
            return failure.limit(
                    "ETCD-00111", "Write less at once, or raise etcd's --max-request-bytes (default 1.5 MiB).");
        }
        if (low.contains("message exceeds maximum size") || low.contains("send message larger than max")) {
            // It is the answer that does not fit: the request has been carried out.
            return failure.write() && left
                    ? inDoubt(failure)
                    : failure.limit(
                            "ETCD-00123",
                            "The answer is too large: read less at once, or raise maxInboundMessageSize.");
        }
        if (low.contains("too many operations")) {
            return failure.limit(
                    "ETCD-00112",
                    "Put fewer operations into one transaction, or raise etcd's --max-txn-ops (default 128).");
        }
        if (low.contains("duplicate key")) {
            return failure.refused("ETCD-00113", "One etcd transaction may write a key only once.");
        }
        if (low.contains("requested lease not found")) {
            return failure.refused(
                    LEASE_GONE, "The lease has expired or was revoked; its keys are gone. Grant a new one.");
        }
        if (low.contains("lease already exists")) {
            return failure.refused(LEASE_EXISTS, "The lease belongs to whoever granted it. Choose another id.");
        }
        if (low.contains("etcdserver: not leader")) {
            return failure.refused(
                    NOT_LEADER, "This member does not lead the cluster: ask the one that does, or use moveLeader(id).");
        }
        if (low.contains("election: no leader")) {
            return failure.refused(NO_LEADER, "Nobody leads this election.");
        }
        if (low.contains("election: not leader") || low.contains("session expired")) {
            return failure.refused(LEADERSHIP_LOST, "The leadership is lost; campaign again.");
        }
        if (low.contains("corrupt cluster")) {
            return failure.refused(
                    "ETCD-00124",
                    "etcd has found its members' data to differ and serves no more; see etcdctl alarm list and etcd's"
                            + " documentation of data corruption.");
        }
        if (low.contains("authentication failed, invalid user id or password")) {
            return wrongCredentials(failure);
        }
        if (low.contains("user name is empty")) {
            return failure.access("ETCD-00105", "The cluster requires authentication: set user and password.");
        }
        return null;
    }

    private EtcdException noAnswer(Failure failure, boolean left, boolean unseen) {
        if (!failure.write()) {
            return unavailable("ETCD-00101", failure, "Nothing was read. ");
        }
        if (!left) {
            return unavailable("ETCD-00102", failure, "The request never left this process: nothing was written. ");
        }
        return unseen
                ? unavailable("ETCD-00102", failure, "etcd did not take the request: nothing was written. ")
                : inDoubt(failure);
    }

    private EtcdException unavailable(String code, Failure failure, String meaning) {
        return new EtcdUnavailableException(
                code,
                failure.happened() + meaning + advice(),
                failure.refused(),
                failure.endpoint(),
                cause(failure.status()));
    }

    /** etcd says the same of a write that it refuses and of the one that crosses the quota, which it has applied. */
    private static EtcdException noSpace(Failure failure, boolean left) {
        String advice = "etcd takes no writes until space is freed: compact, defragment, then etcdctl alarm disarm,"
                + " or raise --quota-backend-bytes.";
        if (!failure.write() || !left) {
            return failure.refused("ETCD-00109", advice);
        }
        return new EtcdInDoubtException(
                "ETCD-00109",
                failure.happened()
                        + "The write may have been applied: etcd applies the one that crosses the quota. Read before writing"
                        + " again. " + advice,
                Effect.IN_DOUBT,
                failure.endpoint(),
                cause(failure.status()));
    }

    private EtcdException inDoubt(Failure failure) {
        return new EtcdInDoubtException(
                "ETCD-00103",
                failure.happened()
                        + "The answer is lost: the write may have been applied, or may still be. Read before writing again. "
                        + advice(),
                Effect.IN_DOUBT,
                failure.endpoint(),
                cause(failure.status()));
    }

    /** Of a name and a password that are not the link's own. */
    EtcdAccessException wrongPassword(String name, EtcdException refusal) {
        return new EtcdAccessException(
                WRONG_PASSWORD,
                "etcd at " + refusal.endpoint() + " does not accept user \"" + name + "\" with the password given.",
                Effect.NONE,
                refusal.endpoint(),
                refusal.getCause());
    }

    private EtcdAccessException wrongCredentials(Failure failure) {
        return new EtcdAccessException(
                WRONG_PASSWORD,
                "etcd at " + failure.endpoint() + " does not accept user \"" + user
                        + "\" with the configured password (" + failure.text() + "). " + meaning(failure.refused())
                        + "Check user and password.",
                failure.refused(),
                failure.endpoint(),
                cause(failure.status()));
    }

    /** No token could be had, so the call itself was not made. */
    EtcdException noToken(MethodDescriptor<?, ?> method, Throwable failure, boolean write) {
        Effect effect = write ? Effect.NOT_APPLIED : Effect.NONE;
        if (failure instanceof EtcdAccessException access) {
            return new EtcdAccessException(
                    access.code(), name(method) + ": " + withoutCode(access), effect, endpoints, access.getCause());
        }
        if (failure instanceof EtcdException other) {
            return new EtcdUnavailableException(
                    "ETCD-00118",
                    name(method) + " was not tried, because user \"" + user + "\" could not be authenticated: "
                            + withoutCode(other),
                    effect,
                    endpoints,
                    other.getCause());
        }
        return of(method, Status.fromThrowable(failure), write, false);
    }

    /** What a stage of a future was told, without what futures wrap it in. */
    static Throwable unwrapped(Throwable failure) {
        Throwable cause = failure.getCause();
        return failure instanceof CompletionException && cause != null ? cause : failure;
    }

    private static String withoutCode(EtcdException failure) {
        return String.valueOf(failure.getMessage()).substring(failure.code().length() + 2);
    }

    /** The link was closed before or during the call. */
    EtcdException closed(MethodDescriptor<?, ?> method, boolean write, boolean left) {
        String call = name(method);
        if (write && left) {
            return new EtcdInDoubtException(
                    "ETCD-00103",
                    call + " at " + endpoints
                            + " was cut off because the link was closed. The write may have been applied. Read before writing again.",
                    Effect.IN_DOUBT,
                    endpoints,
                    null);
        }
        Effect effect = write ? Effect.NOT_APPLIED : Effect.NONE;
        return new EtcdUnavailableException(
                "ETCD-00117",
                call + " at " + endpoints + ": the link is closed. " + meaning(effect)
                        + "Do not use a client after the close of what it came from.",
                effect,
                endpoints,
                null);
    }

    /** etcd does not give, or does not go on with, a watch. */
    EtcdException watchRefused(String reason) {
        String text = "Watch at " + endpoints + " ended: " + reason + ". ";
        if (reason.contains("permission denied") || reason.contains("auth") || reason.contains("user name is empty")) {
            return new EtcdAccessException("ETCD-00106", text + roles(), Effect.NONE, endpoints, null);
        }
        return new EtcdException(
                "ETCD-00119", text + "No more events come from it; start a new one.", Effect.NONE, endpoints, null);
    }

    EtcdException historyChanged(String what) {
        return new EtcdException(
                "ETCD-00120",
                "Watch at " + endpoints + " ended: " + what
                        + ". The cluster is another one or was restored from a backup: read the current state and watch from its revision.",
                Effect.NONE,
                endpoints,
                null);
    }

    EtcdException leaseGone(long leaseId) {
        return new EtcdException(
                LEASE_GONE,
                "LeaseKeepAlive at " + endpoints + " failed: lease " + Long.toHexString(leaseId)
                        + " does not exist. It has expired or was revoked, and its keys are gone. Grant a new one.",
                Effect.NONE,
                endpoints,
                new NoSuchLeaseException(leaseId)
                        .initCause(EtcdExceptionFactory.newEtcdException(
                                ErrorCode.NOT_FOUND, "etcdserver: requested lease not found")));
    }

    /** What has come is not the database, or not all of it. */
    EtcdException snapshotBroken(String why) {
        return new EtcdException(
                "ETCD-00134",
                "Snapshot at " + endpoints + " failed: " + why
                        + ". What was written is no snapshot: throw it away and take another.",
                Effect.NONE,
                endpoints,
                null);
    }

    /** The stream that takes the snapshot has failed, not etcd. */
    EtcdException snapshotNotTaken(Throwable failure) {
        return new EtcdException(
                "ETCD-00135",
                "Snapshot at " + endpoints + " failed, because it could not be written: " + failure
                        + ". What was written is no snapshot: throw it away.",
                Effect.NONE,
                endpoints,
                failure);
    }

    /** Refused here, before anything was sent. */
    EtcdException requestTooLarge(MethodDescriptor<?, ?> method, int size, int limit, boolean write) {
        return new EtcdLimitException(
                "ETCD-00146",
                name(method) + " for " + endpoints + " was not sent: the request has " + size
                        + " bytes, and maxOutboundMessageSize is " + limit + ". "
                        + meaning(write ? Effect.NOT_APPLIED : Effect.NONE)
                        + "Write less at once, or raise maxOutboundMessageSize together with etcd's --max-request-bytes.",
                write ? Effect.NOT_APPLIED : Effect.NONE,
                endpoints,
                cause(Status.RESOURCE_EXHAUSTED.withDescription(
                        "request larger than max (" + size + " vs. " + limit + ")")));
    }

    /** The list of members cannot be used for the link's endpoints. */
    EtcdException noMemberUrls(List<String> urls) {
        return new EtcdException(
                "ETCD-00143",
                "MemberList at " + endpoints + ": no member has a client URL that this link can use, of " + urls
                        + ". The endpoints stay as they are. Check etcd's --advertise-client-urls: the scheme must be that"
                        + " of the configured endpoints.",
                Effect.NONE,
                endpoints,
                null);
    }

    static String tlsReloaded(List<Path> files) {
        return "ETCD-00144: files of TLS have changed; new connections use them: " + files;
    }

    static String tlsNotReloaded(IllegalArgumentException reason) {
        return "ETCD-00145: files of TLS have changed and cannot be used; new connections use what was read before. "
                + reason.getMessage();
    }

    private String roles() {
        return user == null ? "No user is configured." : "Check the roles of user \"" + user + "\" (etcdctl user get).";
    }

    private String advice() {
        return "Check that etcd runs, has a leader and is reachable from here; the request timeout is "
                + Durations.text(timeout) + ".";
    }

    private static String meaning(Effect effect) {
        return effect == Effect.NOT_APPLIED ? "Nothing was written. " : "";
    }

    /** What jetcd's own clients fail with, both kinds of it: the status of KV, and below it the error code of the others. */
    private static Throwable cause(Status status) {
        return status.withCause(EtcdExceptionFactory.toEtcdException(status)).asRuntimeException();
    }

    static String name(MethodDescriptor<?, ?> method) {
        return String.valueOf(method.getBareMethodName());
    }

    /** One line. What gRPC says of a passed deadline is its life story; the reason for the last failed connection is in it. */
    private String text(Status status) {
        String description = status.getDescription();
        Throwable cause = status.getCause();
        String detail = description != null ? description : cause != null ? String.valueOf(cause) : "no detail";
        if (status.getCode() == Status.Code.DEADLINE_EXCEEDED) {
            return "no answer within " + Durations.text(timeout)
                    + ConnectionFailure.in(detail, scheme.equals("https://"));
        }
        String line = detail.strip().lines().findFirst().orElse("no detail");
        if (cause != null && description != null) {
            line += " (" + String.valueOf(cause).lines().findFirst().orElse("") + ")";
        }
        return status.getCode() + ", " + line;
    }
}
