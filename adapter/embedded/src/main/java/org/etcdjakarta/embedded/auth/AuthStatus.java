package org.etcdjakarta.embedded.auth;

import io.grpc.Status;
import io.grpc.StatusRuntimeException;

/** etcd's refusals for the sake of authentication, in its codes and words. */
public final class AuthStatus {

    private static final String PREFIX = "etcdserver: ";

    private AuthStatus() {}

    private static StatusRuntimeException of(Status status, String text) {
        return status.withDescription(PREFIX + text).asRuntimeException();
    }

    /** As etcd 3.5's Maintenance service says it, which forgets to translate. */
    public static StatusRuntimeException untranslated(StatusRuntimeException refused) {
        String text = String.valueOf(refused.getStatus().getDescription());
        return Status.UNKNOWN.withDescription(text.replace(PREFIX, "auth: ")).asRuntimeException();
    }

    public static StatusRuntimeException notEnabled() {
        return of(Status.FAILED_PRECONDITION, "authentication is not enabled");
    }

    public static StatusRuntimeException failed() {
        return of(Status.INVALID_ARGUMENT, "authentication failed, invalid user ID or password");
    }

    /** Not translated by etcd either. */
    public static StatusRuntimeException noPasswordUser() {
        return Status.UNKNOWN
                .withDescription("auth: authentication failed, password was given for no password user")
                .asRuntimeException();
    }

    public static StatusRuntimeException invalidToken() {
        return of(Status.UNAUTHENTICATED, "invalid auth token");
    }

    public static StatusRuntimeException denied() {
        return of(Status.PERMISSION_DENIED, "permission denied");
    }

    public static StatusRuntimeException invalidManagement() {
        return of(Status.INVALID_ARGUMENT, "invalid auth management");
    }

    static StatusRuntimeException rootUserMissing() {
        return of(Status.FAILED_PRECONDITION, "root user does not exist");
    }

    static StatusRuntimeException rootRoleMissing() {
        return of(Status.FAILED_PRECONDITION, "root user does not have root role");
    }

    /** Also what a caller without a token is told. */
    public static StatusRuntimeException userEmpty() {
        return of(Status.INVALID_ARGUMENT, "user name is empty");
    }

    public static StatusRuntimeException userNotFound() {
        return of(Status.FAILED_PRECONDITION, "user name not found");
    }

    static StatusRuntimeException userExists() {
        return of(Status.FAILED_PRECONDITION, "user name already exists");
    }

    static StatusRuntimeException roleEmpty() {
        return of(Status.INVALID_ARGUMENT, "role name is empty");
    }

    static StatusRuntimeException roleNotFound() {
        return of(Status.FAILED_PRECONDITION, "role name not found");
    }

    static StatusRuntimeException roleExists() {
        return of(Status.FAILED_PRECONDITION, "role name already exists");
    }

    static StatusRuntimeException roleNotGranted() {
        return of(Status.FAILED_PRECONDITION, "role is not granted to the user");
    }

    public static StatusRuntimeException permissionNotGiven() {
        return of(Status.INVALID_ARGUMENT, "permission not given");
    }

    static StatusRuntimeException permissionNotGranted() {
        return of(Status.FAILED_PRECONDITION, "permission is not granted to the role");
    }
}
