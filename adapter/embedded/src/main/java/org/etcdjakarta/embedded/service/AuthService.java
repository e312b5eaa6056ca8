package org.etcdjakarta.embedded.service;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.etcd.jetcd.api.AuthDisableRequest;
import io.etcd.jetcd.api.AuthDisableResponse;
import io.etcd.jetcd.api.AuthEnableRequest;
import io.etcd.jetcd.api.AuthEnableResponse;
import io.etcd.jetcd.api.AuthGrpc;
import io.etcd.jetcd.api.AuthRoleAddRequest;
import io.etcd.jetcd.api.AuthRoleAddResponse;
import io.etcd.jetcd.api.AuthRoleDeleteRequest;
import io.etcd.jetcd.api.AuthRoleDeleteResponse;
import io.etcd.jetcd.api.AuthRoleGetRequest;
import io.etcd.jetcd.api.AuthRoleGetResponse;
import io.etcd.jetcd.api.AuthRoleGrantPermissionRequest;
import io.etcd.jetcd.api.AuthRoleGrantPermissionResponse;
import io.etcd.jetcd.api.AuthRoleListRequest;
import io.etcd.jetcd.api.AuthRoleListResponse;
import io.etcd.jetcd.api.AuthRoleRevokePermissionRequest;
import io.etcd.jetcd.api.AuthRoleRevokePermissionResponse;
import io.etcd.jetcd.api.AuthUserAddRequest;
import io.etcd.jetcd.api.AuthUserAddResponse;
import io.etcd.jetcd.api.AuthUserChangePasswordRequest;
import io.etcd.jetcd.api.AuthUserChangePasswordResponse;
import io.etcd.jetcd.api.AuthUserDeleteRequest;
import io.etcd.jetcd.api.AuthUserDeleteResponse;
import io.etcd.jetcd.api.AuthUserGetRequest;
import io.etcd.jetcd.api.AuthUserGetResponse;
import io.etcd.jetcd.api.AuthUserGrantRoleRequest;
import io.etcd.jetcd.api.AuthUserGrantRoleResponse;
import io.etcd.jetcd.api.AuthUserListRequest;
import io.etcd.jetcd.api.AuthUserListResponse;
import io.etcd.jetcd.api.AuthUserRevokeRoleRequest;
import io.etcd.jetcd.api.AuthUserRevokeRoleResponse;
import io.etcd.jetcd.api.AuthenticateRequest;
import io.etcd.jetcd.api.AuthenticateResponse;
import io.etcd.jetcd.api.ResponseHeader;
import io.grpc.BindableService;
import io.grpc.ServerServiceDefinition;
import io.grpc.stub.StreamObserver;
import java.util.List;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.etcdjakarta.embedded.auth.AuthState;
import org.etcdjakarta.embedded.auth.AuthStatus;
import org.etcdjakarta.embedded.auth.Tokens;
import org.etcdjakarta.embedded.protocol.AuthStatusRequest;
import org.etcdjakarta.embedded.protocol.AuthStatusResponse;
import org.etcdjakarta.embedded.protocol.UserAddOptions;
import org.etcdjakarta.embedded.store.Store;

/** etcd's Auth service. The rules are in {@link AuthState}; here is who may ask, and which tokens end by it. */
public final class AuthService implements AuthGrpc.AsyncService, BindableService {

    /** etcd's field that jetcd's request lacks. */
    private static final int OPTIONS_FIELD = 3;

    private final Store store;
    private final Headers headers;
    private final Admission admission;
    private final Tokens tokens;

    public AuthService(Store store, Headers headers, Admission admission, Tokens tokens) {
        this.store = store;
        this.headers = headers;
        this.admission = admission;
        this.tokens = tokens;
    }

    @Override
    public ServerServiceDefinition bindService() {
        return EtcdMethods.add(AuthGrpc.bindService(this), EtcdMethods.AUTH_STATUS, this::authStatus);
    }

    // ---- authentication ----

    @Override
    public void authEnable(AuthEnableRequest request, StreamObserver<AuthEnableResponse> caller) {
        change(caller, AuthState::enable, header -> AuthEnableResponse.newBuilder()
                .setHeader(header)
                .build());
    }

    @Override
    public void authDisable(AuthDisableRequest request, StreamObserver<AuthDisableResponse> caller) {
        change(caller, AuthState::disable, header -> {
            tokens.expireAll();
            return AuthDisableResponse.newBuilder().setHeader(header).build();
        });
    }

    private void authStatus(AuthStatusRequest request, StreamObserver<AuthStatusResponse> caller) {
        look(caller, (auth, header) -> AuthStatusResponse.newBuilder()
                .setHeader(header)
                .setEnabled(auth.enabled())
                .setAuthRevision(auth.revision())
                .build());
    }

    @Override
    public void authenticate(AuthenticateRequest request, StreamObserver<AuthenticateResponse> caller) {
        Answer.to(
                caller,
                () -> store.exclusively(() -> {
                    store.auth().checkPassword(request.getName(), request.getPassword());
                    return AuthenticateResponse.newBuilder()
                            .setHeader(headers.now())
                            .setToken(tokens.issue(request.getName()))
                            .build();
                }));
    }

    // ---- users ----

    @Override
    public void userAdd(AuthUserAddRequest request, StreamObserver<AuthUserAddResponse> caller) {
        change(
                caller,
                auth -> auth.addUser(request.getName(), hasNoPassword(request) ? null : request.getPassword()),
                header -> AuthUserAddResponse.newBuilder().setHeader(header).build());
    }

    private static boolean hasNoPassword(AuthUserAddRequest request) {
        List<ByteString> options =
                request.getUnknownFields().getField(OPTIONS_FIELD).getLengthDelimitedList();
        try {
            return !options.isEmpty()
                    && UserAddOptions.parseFrom(options.get(options.size() - 1)).getNoPassword();
        } catch (InvalidProtocolBufferException e) {
            return false;
        }
    }

    @Override
    public void userGet(AuthUserGetRequest request, StreamObserver<AuthUserGetResponse> caller) {
        Answer.to(
                caller,
                () -> store.exclusively(() -> {
                    admission.lookAtUser(request.getName());
                    return AuthUserGetResponse.newBuilder()
                            .setHeader(headers.now())
                            .addAllRoles(store.auth().rolesOf(request.getName()))
                            .build();
                }));
    }

    @Override
    public void userList(AuthUserListRequest request, StreamObserver<AuthUserListResponse> caller) {
        look(caller, (auth, header) -> AuthUserListResponse.newBuilder()
                .setHeader(header)
                .addAllUsers(auth.userNames())
                .build());
    }

    @Override
    public void userDelete(AuthUserDeleteRequest request, StreamObserver<AuthUserDeleteResponse> caller) {
        change(caller, auth -> auth.deleteUser(request.getName()), header -> {
            tokens.expire(request.getName());
            return AuthUserDeleteResponse.newBuilder().setHeader(header).build();
        });
    }

    @Override
    public void userChangePassword(
            AuthUserChangePasswordRequest request, StreamObserver<AuthUserChangePasswordResponse> caller) {
        change(caller, auth -> auth.changePassword(request.getName(), request.getPassword()), header -> {
            tokens.expire(request.getName());
            return AuthUserChangePasswordResponse.newBuilder().setHeader(header).build();
        });
    }

    @Override
    public void userGrantRole(AuthUserGrantRoleRequest request, StreamObserver<AuthUserGrantRoleResponse> caller) {
        change(
                caller,
                auth -> auth.grantRole(request.getUser(), request.getRole()),
                header ->
                        AuthUserGrantRoleResponse.newBuilder().setHeader(header).build());
    }

    @Override
    public void userRevokeRole(AuthUserRevokeRoleRequest request, StreamObserver<AuthUserRevokeRoleResponse> caller) {
        change(
                caller,
                auth -> auth.revokeRole(request.getName(), request.getRole()),
                header -> AuthUserRevokeRoleResponse.newBuilder()
                        .setHeader(header)
                        .build());
    }

    // ---- roles ----

    @Override
    public void roleAdd(AuthRoleAddRequest request, StreamObserver<AuthRoleAddResponse> caller) {
        change(caller, auth -> auth.addRole(request.getName()), header -> AuthRoleAddResponse.newBuilder()
                .setHeader(header)
                .build());
    }

    @Override
    public void roleGet(AuthRoleGetRequest request, StreamObserver<AuthRoleGetResponse> caller) {
        Answer.to(
                caller,
                () -> store.exclusively(() -> {
                    admission.lookAtRole(request.getRole());
                    return AuthRoleGetResponse.newBuilder()
                            .setHeader(headers.now())
                            .addAllPerm(store.auth().permissionsOf(request.getRole()))
                            .build();
                }));
    }

    @Override
    public void roleList(AuthRoleListRequest request, StreamObserver<AuthRoleListResponse> caller) {
        look(caller, (auth, header) -> AuthRoleListResponse.newBuilder()
                .setHeader(header)
                .addAllRoles(auth.roleNames())
                .build());
    }

    @Override
    public void roleDelete(AuthRoleDeleteRequest request, StreamObserver<AuthRoleDeleteResponse> caller) {
        change(caller, auth -> auth.deleteRole(request.getRole()), header -> AuthRoleDeleteResponse.newBuilder()
                .setHeader(header)
                .build());
    }

    @Override
    public void roleGrantPermission(
            AuthRoleGrantPermissionRequest request, StreamObserver<AuthRoleGrantPermissionResponse> caller) {
        change(
                caller,
                auth -> {
                    if (!request.hasPerm()) {
                        throw AuthStatus.permissionNotGiven();
                    }
                    return auth.grant(request.getName(), request.getPerm());
                },
                header -> AuthRoleGrantPermissionResponse.newBuilder()
                        .setHeader(header)
                        .build());
    }

    @Override
    public void roleRevokePermission(
            AuthRoleRevokePermissionRequest request, StreamObserver<AuthRoleRevokePermissionResponse> caller) {
        change(
                caller,
                auth -> auth.revoke(request.getRole(), request.getKey(), request.getRangeEnd()),
                header -> AuthRoleRevokePermissionResponse.newBuilder()
                        .setHeader(header)
                        .build());
    }

    private <R> void change(
            StreamObserver<R> caller, UnaryOperator<AuthState> change, Function<ResponseHeader, R> answer) {
        Answer.to(
                caller,
                () -> store.exclusively(() -> {
                    admission.administer();
                    store.changeAuth(change);
                    return answer.apply(headers.now());
                }));
    }

    private <R> void look(StreamObserver<R> caller, BiFunction<AuthState, ResponseHeader, R> answer) {
        Answer.to(
                caller,
                () -> store.exclusively(() -> {
                    admission.administer();
                    return answer.apply(store.auth(), headers.now());
                }));
    }
}
