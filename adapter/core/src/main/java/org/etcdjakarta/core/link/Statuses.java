package org.etcdjakarta.core.link;

import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.io.IOException;

/** What a gRPC status says about a call to etcd, where its code alone does not tell. */
final class Statuses {

    private Statuses() {}

    /**
     * What a status means for us. gRPC cancels the call when the request cannot be sent; the reason is the cause. Any other
     * cancellation comes from the other end, and so does etcd's own "context" when it shuts down or notices our deadline a
     * moment before we do: silence, not a verdict. The same goes for UNKNOWN that gRPC itself makes of a connection that
     * breaks under a call; what etcd says comes without a cause.
     */
    static Status told(Status status) {
        boolean cancelled = status.getCode() == Status.Code.CANCELLED;
        if (cancelled
                && status.getCause() instanceof StatusRuntimeException
                && has(status, "Failed to stream message")) {
            return Status.fromThrowable(status.getCause());
        }
        if (cancelled || status.getCode() == Status.Code.UNKNOWN) {
            if (has(status, "context deadline exceeded")) {
                return Status.DEADLINE_EXCEEDED
                        .withDescription(status.getDescription())
                        .withCause(status.getCause());
            }
            if (cancelled || has(status, "context canceled") || status.getCause() instanceof IOException) {
                return Status.UNAVAILABLE
                        .withDescription(status.getDescription())
                        .withCause(status.getCause());
            }
        }
        return status;
    }

    /**
     * Refused before anything was done, though the code alone does not say so, by etcd's first checks or by the HTTP/2 layer.
     * Another member, or the same a little later, may take the call.
     */
    static boolean isRefusedUnseen(Status status) {
        return status.getCode() == Status.Code.UNAVAILABLE
                && (has(status, "etcdserver: no leader")
                        || has(status, "etcdserver: not capable")
                        || has(status, "etcdserver: rpc not supported for learner")
                        || has(status, "etcdserver: unhealthy cluster")
                        || has(status, "HTTP/2 error code: REFUSED_STREAM"));
    }

    /** The stream was reset on its way: whatever code gRPC makes of it, etcd has not said it. */
    static boolean isReset(Status status) {
        return has(status, "HTTP/2 error code:");
    }

    private static boolean has(Status status, String text) {
        String description = status.getDescription();
        return description != null && description.contains(text);
    }
}
