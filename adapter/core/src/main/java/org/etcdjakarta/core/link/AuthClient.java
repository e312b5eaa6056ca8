package org.etcdjakarta.core.link;

import com.google.protobuf.ByteString;
import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.api.AuthDisableRequest;
import io.etcd.jetcd.api.AuthEnableRequest;
import io.etcd.jetcd.api.AuthGrpc;
import io.etcd.jetcd.api.AuthRoleAddRequest;
import io.etcd.jetcd.api.AuthRoleDeleteRequest;
import io.etcd.jetcd.api.AuthRoleGetRequest;
import io.etcd.jetcd.api.AuthRoleGrantPermissionRequest;
import io.etcd.jetcd.api.AuthRoleListRequest;
import io.etcd.jetcd.api.AuthRoleRevokePermissionRequest;
import io.etcd.jetcd.api.AuthUserAddRequest;
import io.etcd.jetcd.api.AuthUserChangePasswordRequest;
import io.etcd.jetcd.api.AuthUserDeleteRequest;
import io.etcd.jetcd.api.AuthUserGetRequest;
import io.etcd.jetcd.api.AuthUserGrantRoleRequest;
import io.etcd.jetcd.api.AuthUserListRequest;
import io.etcd.jetcd.api.AuthUserRevokeRoleRequest;
import io.etcd.jetcd.api.AuthenticateResponse;
import io.etcd.jetcd.auth.AuthDisableResponse;
import io.etcd.jetcd.auth.AuthEnableResponse;
import io.etcd.jetcd.auth.AuthRoleAddResponse;
import io.etcd.jetcd.auth.AuthRoleDeleteResponse;
import io.etcd.jetcd.auth.AuthRoleGetResponse;
import io.etcd.jetcd.auth.AuthRoleGrantPermissionResponse;
import io.etcd.jetcd.auth.AuthRoleListResponse;
import io.etcd.jetcd.auth.AuthRoleRevokePermissionResponse;
import io.etcd.jetcd.auth.AuthUserAddResponse;
import io.etcd.jetcd.auth.AuthUserChangePasswordResponse;
import io.etcd.jetcd.auth.AuthUserDeleteResponse;
import io.etcd.jetcd.auth.AuthUserGetResponse;
import io.etcd.jetcd.auth.AuthUserGrantRoleResponse;
import io.etcd.jetcd.auth.AuthUserListResponse;
import io.etcd.jetcd.auth.AuthUserRevokeRoleResponse;
import io.etcd.jetcd.auth.Permission;
import java.util.concurrent.CompletableFuture;
import org.etcdjakarta.EtcdAuth;
import org.etcdjakarta.EtcdException;
import org.etcdjakarta.core.link.protocol.AuthStatusRequest;
import org.etcdjakarta.core.link.protocol.UserAddOptions;
import org.etcdjakarta.core.link.protocol.UserAddRequest;

/** {@link EtcdAuth}. */
final class AuthClient implements EtcdAuth {

    private final Calls calls;

    AuthClient(Calls calls) {
        this.calls = calls;
    }

    @Override
    public CompletableFuture<AuthEnableResponse> authEnable() {
        return calls.write(AuthGrpc.getAuthEnableMethod(), AuthEnableRequest.getDefaultInstance())
                .thenApply(AuthEnableResponse::new);
    }

    @Override
    public CompletableFuture<AuthDisableResponse> authDisable() {
        return calls.write(AuthGrpc.getAuthDisableMethod(), AuthDisableRequest.getDefaultInstance())
                .thenApply(AuthDisableResponse::new);
    }

    @Override
    public CompletableFuture<Status> status() {
        return calls.read(EtcdMethods.AUTH_STATUS, AuthStatusRequest.getDefaultInstance())
                .thenApply(answer -> new Status(answer.getEnabled(), answer.getAuthRevision()));
    }

    @Override
    public CompletableFuture<String> authenticate(ByteSequence user, ByteSequence password) {
        return calls.authenticate(bytes(user), bytes(password))
                .thenApply(AuthenticateResponse::getToken)
                .exceptionallyCompose(failure -> CompletableFuture.failedFuture(named(failure, user)));
    }

    @Override
    public CompletableFuture<AuthUserListResponse> userList() {
        return calls.read(AuthGrpc.getUserListMethod(), AuthUserListRequest.getDefaultInstance())
                .thenApply(AuthUserListResponse::new);
    }

    @Override
    public CompletableFuture<AuthRoleListResponse> roleList() {
        return calls.read(AuthGrpc.getRoleListMethod(), AuthRoleListRequest.getDefaultInstance())
                .thenApply(AuthRoleListResponse::new);
    }

    @Override
    public CompletableFuture<AuthUserAddResponse> userAdd(ByteSequence user, ByteSequence password) {
        AuthUserAddRequest request = AuthUserAddRequest.newBuilder()
                .setNameBytes(bytes(user))
                .setPasswordBytes(bytes(password))
                .build();
        return calls.write(AuthGrpc.getUserAddMethod(), request).thenApply(AuthUserAddResponse::new);
    }

    @Override
    public CompletableFuture<AuthUserAddResponse> userAddWithoutPassword(ByteSequence user) {
        UserAddRequest request = UserAddRequest.newBuilder()
                .setNameBytes(bytes(user))
                .setOptions(UserAddOptions.newBuilder().setNoPassword(true))
                .build();
        return calls.write(EtcdMethods.USER_ADD, request).thenApply(AuthUserAddResponse::new);
    }

    @Override
    public CompletableFuture<AuthUserDeleteResponse> userDelete(ByteSequence user) {
        AuthUserDeleteRequest request =
                AuthUserDeleteRequest.newBuilder().setNameBytes(bytes(user)).build();
        return calls.write(AuthGrpc.getUserDeleteMethod(), request).thenApply(AuthUserDeleteResponse::new);
    }

    @Override
    public CompletableFuture<AuthUserChangePasswordResponse> userChangePassword(
            ByteSequence user, ByteSequence password) {
        AuthUserChangePasswordRequest request = AuthUserChangePasswordRequest.newBuilder()
                .setNameBytes(bytes(user))
                .setPasswordBytes(bytes(password))
                .build();
        return calls.write(AuthGrpc.getUserChangePasswordMethod(), request)
                .thenApply(AuthUserChangePasswordResponse::new);
    }

    @Override
    public CompletableFuture<AuthUserGetResponse> userGet(ByteSequence user) {
        AuthUserGetRequest request =
                AuthUserGetRequest.newBuilder().setNameBytes(bytes(user)).build();
        return calls.read(AuthGrpc.getUserGetMethod(), request).thenApply(AuthUserGetResponse::new);
    }

    @Override
    public CompletableFuture<AuthUserGrantRoleResponse> userGrantRole(ByteSequence user, ByteSequence role) {
        AuthUserGrantRoleRequest request = AuthUserGrantRoleRequest.newBuilder()
                .setUserBytes(bytes(user))
                .setRoleBytes(bytes(role))
                .build();
        return calls.write(AuthGrpc.getUserGrantRoleMethod(), request).thenApply(AuthUserGrantRoleResponse::new);
    }

    @Override
    public CompletableFuture<AuthUserRevokeRoleResponse> userRevokeRole(ByteSequence user, ByteSequence role) {
        AuthUserRevokeRoleRequest request = AuthUserRevokeRoleRequest.newBuilder()
                .setNameBytes(bytes(user))
                .setRoleBytes(bytes(role))
                .build();
        return calls.write(AuthGrpc.getUserRevokeRoleMethod(), request).thenApply(AuthUserRevokeRoleResponse::new);
    }

    @Override
    public CompletableFuture<AuthRoleAddResponse> roleAdd(ByteSequence role) {
        AuthRoleAddRequest request =
                AuthRoleAddRequest.newBuilder().setNameBytes(bytes(role)).build();
        return calls.write(AuthGrpc.getRoleAddMethod(), request).thenApply(AuthRoleAddResponse::new);
    }

    @Override
    public CompletableFuture<AuthRoleGetResponse> roleGet(ByteSequence role) {
        AuthRoleGetRequest request =
                AuthRoleGetRequest.newBuilder().setRoleBytes(bytes(role)).build();
        return calls.read(AuthGrpc.getRoleGetMethod(), request).thenApply(AuthRoleGetResponse::new);
    }

    @Override
    public CompletableFuture<AuthRoleRevokePermissionResponse> roleRevokePermission(
            ByteSequence role, ByteSequence key, ByteSequence rangeEnd) {
        AuthRoleRevokePermissionRequest request = AuthRoleRevokePermissionRequest.newBuilder()
                .setRoleBytes(bytes(role))
                .setKey(bytes(key))
                .setRangeEnd(bytes(rangeEnd))
                .build();
        return calls.write(AuthGrpc.getRoleRevokePermissionMethod(), request)
                .thenApply(AuthRoleRevokePermissionResponse::new);
    }

    @Override
    public CompletableFuture<AuthRoleDeleteResponse> roleDelete(ByteSequence role) {
        AuthRoleDeleteRequest request =
                AuthRoleDeleteRequest.newBuilder().setRoleBytes(bytes(role)).build();
        return calls.write(AuthGrpc.getRoleDeleteMethod(), request).thenApply(AuthRoleDeleteResponse::new);
    }

    @Override
    public CompletableFuture<AuthRoleGrantPermissionResponse> roleGrantPermission(
            ByteSequence role, ByteSequence key, ByteSequence rangeEnd, Permission.Type permType) {
        io.etcd.jetcd.api.Permission permission = io.etcd.jetcd.api.Permission.newBuilder()
                .setKey(bytes(key))
                .setRangeEnd(bytes(rangeEnd))
                .setPermType(type(permType))
                .build();
        AuthRoleGrantPermissionRequest request = AuthRoleGrantPermissionRequest.newBuilder()
                .setNameBytes(bytes(role))
                .setPerm(permission)
                .build();
        return calls.write(AuthGrpc.getRoleGrantPermissionMethod(), request)
                .thenApply(AuthRoleGrantPermissionResponse::new);
    }

    /** The catalogue's message would name the link's own user. */
    private Throwable named(Throwable failure, ByteSequence user) {
        Throwable cause = LinkErrors.unwrapped(failure);
        return cause instanceof EtcdException refusal && refusal.code().equals(LinkErrors.WRONG_PASSWORD)
                ? calls.errors.wrongPassword(user.toString(), refusal)
                : cause;
    }

    private static io.etcd.jetcd.api.Permission.Type type(Permission.Type type) {
        return switch (type) {
            case READ -> io.etcd.jetcd.api.Permission.Type.READ;
            case WRITE -> io.etcd.jetcd.api.Permission.Type.WRITE;
            case READWRITE -> io.etcd.jetcd.api.Permission.Type.READWRITE;
            case UNRECOGNIZED ->
                throw new IllegalArgumentException("permType: UNRECOGNIZED; allowed: READ, WRITE, READWRITE");
        };
    }

    private static ByteString bytes(ByteSequence sequence) {
        return ByteString.copyFrom(sequence.getBytes());
    }
}
