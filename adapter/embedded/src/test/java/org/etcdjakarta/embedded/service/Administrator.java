package org.etcdjakarta.embedded.service;

import static org.etcdjakarta.embedded.service.Embedded.bytes;

import com.google.protobuf.UnknownFieldSet;
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
import io.etcd.jetcd.api.AuthenticateRequest;
import io.etcd.jetcd.api.Permission;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.stub.ClientCalls;
import java.util.List;
import org.etcdjakarta.embedded.protocol.AuthStatusRequest;
import org.etcdjakarta.embedded.protocol.AuthStatusResponse;
import org.etcdjakarta.embedded.protocol.UserAddOptions;

/** Somebody who calls the Auth service. */
final class Administrator {

    private final Channel channel;
    private final AuthGrpc.AuthBlockingStub auth;

    Administrator(Channel channel) {
        this.channel = channel;
        this.auth = AuthGrpc.newBlockingStub(channel);
    }

    /** A root with this password, and nobody does anything without a token. */
    void secure(String password) {
        addUser("root", password);
        grantRole("root", "root");
        enable();
    }

    void enable() {
        var unused = auth.authEnable(AuthEnableRequest.getDefaultInstance());
    }

    void disable() {
        var unused = auth.authDisable(AuthDisableRequest.getDefaultInstance());
    }

    AuthStatusResponse status() {
        return ClientCalls.blockingUnaryCall(
                channel, EtcdMethods.AUTH_STATUS, CallOptions.DEFAULT, AuthStatusRequest.getDefaultInstance());
    }

    String token(String user, String password) {
        return auth.authenticate(AuthenticateRequest.newBuilder()
                        .setName(user)
                        .setPassword(password)
                        .build())
                .getToken();
    }

    void addUser(String name, String password) {
        var unused = auth.userAdd(AuthUserAddRequest.newBuilder()
                .setName(name)
                .setPassword(password)
                .build());
    }

    void addUserWithoutPassword(String name) {
        var options = UnknownFieldSet.Field.newBuilder()
                .addLengthDelimited(
                        UserAddOptions.newBuilder().setNoPassword(true).build().toByteString())
                .build();
        var unused = auth.userAdd(AuthUserAddRequest.newBuilder()
                .setName(name)
                .setUnknownFields(
                        UnknownFieldSet.newBuilder().addField(3, options).build())
                .build());
    }

    void changePassword(String name, String password) {
        var unused = auth.userChangePassword(AuthUserChangePasswordRequest.newBuilder()
                .setName(name)
                .setPassword(password)
                .build());
    }

    void deleteUser(String name) {
        var unused =
                auth.userDelete(AuthUserDeleteRequest.newBuilder().setName(name).build());
    }

    void grantRole(String user, String role) {
        var unused = auth.userGrantRole(AuthUserGrantRoleRequest.newBuilder()
                .setUser(user)
                .setRole(role)
                .build());
    }

    void revokeRole(String user, String role) {
        var unused = auth.userRevokeRole(AuthUserRevokeRoleRequest.newBuilder()
                .setName(user)
                .setRole(role)
                .build());
    }

    List<String> rolesOf(String user) {
        return auth.userGet(AuthUserGetRequest.newBuilder().setName(user).build())
                .getRolesList();
    }

    List<String> users() {
        return auth.userList(AuthUserListRequest.getDefaultInstance()).getUsersList();
    }

    void addRole(String name) {
        var unused = auth.roleAdd(AuthRoleAddRequest.newBuilder().setName(name).build());
    }

    void deleteRole(String name) {
        var unused =
                auth.roleDelete(AuthRoleDeleteRequest.newBuilder().setRole(name).build());
    }

    List<String> roles() {
        return auth.roleList(AuthRoleListRequest.getDefaultInstance()).getRolesList();
    }

    List<Permission> permissions(String role) {
        return auth.roleGet(AuthRoleGetRequest.newBuilder().setRole(role).build())
                .getPermList();
    }

    void grant(String role, Permission.Type type, String key, String end) {
        var unused = auth.roleGrantPermission(AuthRoleGrantPermissionRequest.newBuilder()
                .setName(role)
                .setPerm(permission(type, key, end))
                .build());
    }

    void grantNothing(String role) {
        var unused = auth.roleGrantPermission(
                AuthRoleGrantPermissionRequest.newBuilder().setName(role).build());
    }

    void revoke(String role, String key, String end) {
        var unused = auth.roleRevokePermission(AuthRoleRevokePermissionRequest.newBuilder()
                .setRole(role)
                .setKey(bytes(key))
                .setRangeEnd(bytes(end))
                .build());
    }

    static Permission permission(Permission.Type type, String key, String end) {
        return Permission.newBuilder()
                .setPermType(type)
                .setKey(bytes(key))
                .setRangeEnd(bytes(end))
                .build();
    }
}
