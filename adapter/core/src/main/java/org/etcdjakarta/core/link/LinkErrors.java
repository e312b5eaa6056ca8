package org.etcdjakarta.core.link;

import io.etcd.jetcd.common.exception.EtcdExceptionFactory;
import io.etcd.jetcd.lease.NoSuchLeaseException;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.CompletionException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
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

    /** A lease with the chosen id exists. */
    static final String LEASE_EXISTS = "ETCD-00132";

    private static final Pattern LAST_PICK = Pattern.compile(
            "(?s)Last Pick Failure=Status\\{code=\\w+, description=(.*?), cause=(?:[\\w.$]+: )?([^\\n}]*)");

    private final String endpoints;
    private final @Nullable String user;
    private final Duration timeout;

    LinkErrors(EtcdLinkConfig config) {
        endpoints = String.join(",", config.endpoints());
        user = config.user();
        timeout = config.requestTimeout();
    }

    /**
     * @param write whether the call may change something
     * @param left whether the call may have reached etcd
     */
    EtcdException of(MethodDescriptor<?, ?> method, Status status, boolean write, boolean left) {
        String text = text(status);
        String call = name(method);
        Effect refused = write ? Effect.NOT_APPLIED : Effect.NONE;
        EtcdException known = byText(call, status, text, refused);
        if (known != null) {
            return known;
        }
        if (status.getCode() == Status.Code.UNAVAILABLE && isNoLeader(status)) {
            // etcd checks this before it does anything.
            return noAnswer(call, status, text, write, false);
        }
        return switch (status.getCode()) {
            case UNAVAILABLE, DEADLINE_EXCEEDED -> noAnswer(call, status, text, write, left);
            case PERMISSION_DENIED, UNAUTHENTICATED -> accessDenied(call, status, text, refused);
            case RESOURCE_EXHAUSTED ->
                new EtcdLimitException(
                        "ETCD-00110",
                        what(call, text) + meaning(refused) + "Try again with less load or a smaller request.",
                        refused,
                        endpoints,
                        cause(status));
            case CANCELLED, UNKNOWN, INTERNAL, ABORTED, DATA_LOSS, OK ->
                write && left
                        ? inDoubt(call, status, text)
                        : new EtcdException(
                                "ETCD-00115",
                                what(call, text) + meaning(refused) + "See etcd's log.",
                                refused,
                                endpoints,
                                cause(status));
            case UNIMPLEMENTED ->
                new EtcdException(
                        "ETCD-00131",
                        what(call, text) + meaning(refused)
                                + "This etcd has no such call; etcd 3.4 has neither AuthStatus nor Downgrade. Use a newer etcd.",
                        refused,
                        endpoints,
                        cause(status));
            case INVALID_ARGUMENT, NOT_FOUND, ALREADY_EXISTS, FAILED_PRECONDITION, OUT_OF_RANGE ->
                new EtcdException(
                        "ETCD-00114",
                        what(call, text) + meaning(refused) + "The request itself has to change.",
                        refused,
                        endpoints,
                        cause(status));
        };
    }

    private @Nullable EtcdException byText(String call, Status status, String text, Effect refused) {
        String low = text.toLowerCase(Locale.ROOT);
        if (low.contains("required revision has been compacted")) {
            return new EtcdException(
                    "ETCD-00107",
                    what(call, text) + meaning(refused)
                            + "The history before that revision is gone: read the current state, or raise etcd's compaction retention.",
                    refused,
                    endpoints,
                    EtcdExceptionFactory.newCompactedException(0));
        }
        if (low.contains("required revision is a future revision")) {
            return new EtcdException(
                    "ETCD-00108",
                    what(call, text) + meaning(refused)
                            + "The revision asked for does not exist yet (another cluster, or a restored backup?).",
                    refused,
                    endpoints,
                    cause(status));
        }
        if (low.contains("database space exceeded")) {
            return new EtcdException(
                    "ETCD-00109",
                    what(call, text) + meaning(refused)
                            + "etcd takes no writes until space is freed: compact, defragment, then etcdctl alarm disarm,"
                            + " or raise --quota-backend-bytes.",
                    refused,
                    endpoints,
                    cause(status));
        }
        if (low.contains("request is too large") || low.contains("received message larger than max")) {
            return new EtcdLimitException(
                    "ETCD-00111",
                    what(call, text) + meaning(refused)
                            + "Write less at once, or raise etcd's --max-request-bytes (default 1.5 MiB).",
                    refused,
                    endpoints,
                    cause(status));
        }
        if (low.contains("too many operations")) {
            return new EtcdLimitException(
                    "ETCD-00112",
                    what(call, text) + meaning(refused)
                            + "Put fewer operations into one transaction, or raise etcd's --max-txn-ops (default 128).",
                    refused,
                    endpoints,
                    cause(status));
        }
        if (low.contains("duplicate key")) {
            return new EtcdException(
                    "ETCD-00113",
                    what(call, text) + meaning(refused) + "One etcd transaction may write a key only once.",
                    refused,
                    endpoints,
                    cause(status));
        }
        if (low.contains("requested lease not found")) {
            return new EtcdException(
                    "ETCD-00116",
                    what(call, text) + meaning(refused)
                            + "The lease has expired or was revoked; its keys are gone. Grant a new one.",
                    refused,
                    endpoints,
                    cause(status));
        }
        if (low.contains("lease already exists")) {
            return new EtcdException(
                    LEASE_EXISTS,
                    what(call, text) + meaning(refused) + "The lease belongs to whoever granted it. Choose another id.",
                    refused,
                    endpoints,
                    cause(status));
        }
        if (low.contains("etcdserver: not leader")) {
            return new EtcdException(
                    NOT_LEADER,
                    what(call, text) + meaning(refused)
                            + "This member does not lead the cluster: ask the one that does, or use moveLeader(id).",
                    refused,
                    endpoints,
                    cause(status));
        }
        if (low.contains("election: no leader")) {
            return new EtcdException(
                    NO_LEADER, what(call, text) + "Nobody leads this election.", refused, endpoints, cause(status));
        }
        if (low.contains("election: not leader") || low.contains("session expired")) {
            return new EtcdException(
                    LEADERSHIP_LOST,
                    what(call, text) + meaning(refused) + "The leadership is lost; campaign again.",
                    refused,
                    endpoints,
                    cause(status));
        }
        if (low.contains("authentication failed, invalid user id or password")) {
            return wrongCredentials(status, refused);
        }
        if (low.contains("user name is empty")) {
            return new EtcdAccessException(
                    "ETCD-00105",
                    what(call, text) + meaning(refused) + "The cluster requires authentication: set user and password.",
                    refused,
                    endpoints,
                    cause(status));
        }
        return null;
    }

    /** Refused before anything was done, because the member has lost its leader. */
    static boolean isNoLeader(Status status) {
        return String.valueOf(status.getDescription()).contains("etcdserver: no leader");
    }

    private EtcdException noAnswer(String call, Status status, String text, boolean write, boolean left) {
        if (!write) {
            return new EtcdUnavailableException(
                    "ETCD-00101",
                    what(call, text) + "Nothing was read. " + advice(),
                    Effect.NONE,
                    endpoints,
                    cause(status));
        }
        if (!left) {
            return new EtcdUnavailableException(
                    "ETCD-00102",
                    what(call, text) + "The request never left this process: nothing was written. " + advice(),
                    Effect.NOT_APPLIED,
                    endpoints,
                    cause(status));
        }
        return inDoubt(call, status, text);
    }

    private EtcdException inDoubt(String call, Status status, String text) {
        return new EtcdInDoubtException(
                "ETCD-00103",
                what(call, text)
                        + "The answer is lost: the write may have been applied, or may still be. Read before writing again. "
                        + advice(),
                Effect.IN_DOUBT,
                endpoints,
                cause(status));
    }

    private EtcdAccessException accessDenied(String call, Status status, String text, Effect refused) {
        return new EtcdAccessException(
                "ETCD-00106", what(call, text) + meaning(refused) + roles(), refused, endpoints, cause(status));
    }

    /** Of a name and a password that are not the link's own. */
    EtcdAccessException wrongPassword(String name, EtcdException refusal) {
        return new EtcdAccessException(
                WRONG_PASSWORD,
                "etcd at " + endpoints + " does not accept user \"" + name + "\" with the password given.",
                Effect.NONE,
                endpoints,
                refusal.getCause());
    }

    private EtcdAccessException wrongCredentials(Status status, Effect refused) {
        return new EtcdAccessException(
                WRONG_PASSWORD,
                "etcd at " + endpoints + " does not accept user \"" + user
                        + "\" with the configured password (" + text(status) + "). " + meaning(refused)
                        + "Check user and password.",
                refused,
                endpoints,
                cause(status));
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
                "ETCD-00116",
                "LeaseKeepAlive at " + endpoints + " failed: lease " + Long.toHexString(leaseId)
                        + " does not exist. It has expired or was revoked, and its keys are gone. Grant a new one.",
                Effect.NONE,
                endpoints,
                new NoSuchLeaseException(leaseId));
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

    private String roles() {
        return user == null ? "No user is configured." : "Check the roles of user \"" + user + "\" (etcdctl user get).";
    }

    private String what(String call, String text) {
        return call + " at " + endpoints + " failed: " + text + ". ";
    }

    private String advice() {
        return "Check that etcd runs, has a leader and is reachable from here; the request timeout is "
                + Durations.text(timeout) + ".";
    }

    private static String meaning(Effect effect) {
        return effect == Effect.NOT_APPLIED ? "Nothing was written. " : "";
    }

    private static Throwable cause(Status status) {
        return status.asRuntimeException();
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
            Matcher pick = LAST_PICK.matcher(detail);
            return "no answer within " + Durations.text(timeout)
                    + (pick.find()
                            ? ", no connection: " + ("null".equals(pick.group(2)) ? pick.group(1) : pick.group(2))
                            : "");
        }
        String line = detail.strip().lines().findFirst().orElse("no detail");
        if (cause != null && description != null) {
            line += " (" + String.valueOf(cause).lines().findFirst().orElse("") + ")";
        }
        return status.getCode() + ", " + line;
    }
}
