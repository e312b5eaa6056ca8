package org.etcdjakarta.itests.embedded;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import io.etcd.jetcd.api.AuthDisableRequest;
import io.etcd.jetcd.api.AuthEnableRequest;
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
import io.etcd.jetcd.api.CompactionRequest;
import io.etcd.jetcd.api.Compare;
import io.etcd.jetcd.api.DeleteRangeRequest;
import io.etcd.jetcd.api.LeaseGrantRequest;
import io.etcd.jetcd.api.LeaseRevokeRequest;
import io.etcd.jetcd.api.Permission;
import io.etcd.jetcd.api.PutRequest;
import io.etcd.jetcd.api.RangeRequest;
import io.etcd.jetcd.api.RequestOp;
import io.etcd.jetcd.api.TxnRequest;
import io.etcd.jetcd.api.WatchCreateRequest;
import io.etcd.jetcd.api.WatchRequest;
import io.etcd.jetcd.api.WatchResponse;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.etcdjakarta.embedded.EmbeddedEtcd;
import org.etcdjakarta.embedded.protocol.AuthStatusRequest;
import org.etcdjakarta.itests.support.EtcdServer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Users, roles and what they permit: the same requests, by the same users, to a real etcd 3.5 and to the embedded one. */
class SameAuthIT {

    private static final String ROOT = "root";
    private static final String USER = "user";
    private static final String NO_TOKEN = "no token of anybody";
    private static final long LEASE = 11;

    private final EtcdServer server = EtcdServer.builder().line("3.5").start();
    private final EmbeddedEtcd embeddedEtcd = EmbeddedEtcd.start();
    private final Peer etcd = new Peer(server.endpoint());
    private final Peer embedded = new Peer(embeddedEtcd.endpoint());

    @AfterEach
    void close() {
        etcd.close();
        embedded.close();
        embeddedEtcd.close();
        server.close();
    }

    @Test
    void usersAndRoles() {
        both(AuthEnableRequest.getDefaultInstance());
        both(AuthDisableRequest.getDefaultInstance());
        both(authenticate(USER, "secret"));
        for (String name : new String[] {ROOT, USER, USER, ""}) {
            both(userAdd(name, "secret"));
            both(AuthRoleAddRequest.newBuilder().setName(name).build());
        }
        both(grant(USER, "a", "c", Permission.Type.READWRITE));
        both(grant(USER, "a", "c", Permission.Type.READ));
        both(grant(USER, "x", "", Permission.Type.WRITE));
        both(grant(USER, "m", "\0", Permission.Type.READ));
        both(grant("nobody", "x", "", Permission.Type.READ));
        both(AuthRoleGrantPermissionRequest.newBuilder().setName(USER).build());
        both(AuthRoleGetRequest.newBuilder().setRole(USER).build());
        both(AuthRoleGetRequest.newBuilder().setRole(ROOT).build());
        both(AuthRoleGetRequest.newBuilder().setRole("nobody").build());
        both(AuthRoleListRequest.getDefaultInstance());
        both(userGrant(USER, USER));
        both(userGrant(USER, USER));
        both(userGrant(USER, "nobody"));
        both(userGrant("nobody", USER));
        both(AuthEnableRequest.getDefaultInstance());
        both(userGrant(ROOT, ROOT));
        both(AuthUserGetRequest.newBuilder().setName(USER).build());
        both(AuthUserGetRequest.newBuilder().setName("nobody").build());
        both(AuthUserListRequest.getDefaultInstance());
        both(AuthStatusRequest.getDefaultInstance());
        both(revoke(USER, "x", ""));
        both(revoke(USER, "x", ""));
        both(revoke("nobody", "x", ""));
        both(AuthUserRevokeRoleRequest.newBuilder().setName(USER).setRole(USER).build());
        both(AuthUserRevokeRoleRequest.newBuilder().setName(USER).setRole(USER).build());
        both(AuthUserRevokeRoleRequest.newBuilder()
                .setName("nobody")
                .setRole(USER)
                .build());
        both(changePassword("nobody", "new"));
        both(AuthRoleDeleteRequest.newBuilder().setRole(USER).build());
        both(AuthRoleDeleteRequest.newBuilder().setRole(USER).build());
        both(AuthUserDeleteRequest.newBuilder().setName(USER).build());
        both(AuthUserDeleteRequest.newBuilder().setName(USER).build());
        both(AuthStatusRequest.getDefaultInstance());
    }

    @Test
    void whatIsPermitted() {
        secure();

        for (String key : new String[] {"a", "b", "c", "x"}) {
            eachOf(range(key, ""));
            eachOf(put(key));
            eachOf(delete(key, ""));
        }
        eachOf(range("a", "c"));
        eachOf(range("a", "d"));
        eachOf(range("b", "\0"));
        eachOf(delete("a", "c"));
        eachOf(delete("a", "d"));
        eachOf(put("x").toBuilder().setPrevKv(true).build());
        eachOf(txn(operation(put("a"))));
        eachOf(txn(operation(put("c"))));
        eachOf(txn(RequestOp.newBuilder().setRequestRange(range("c", "")).build()));
        eachOf(txn(
                RequestOp.newBuilder().setRequestDeleteRange(delete("a", "d")).build()));
        eachOf(TxnRequest.newBuilder()
                .addCompare(Compare.newBuilder().setKey(utf8("c")))
                .build());
        eachOf(range("", ""));
        bothWatch(USER, "a", "c");
        bothWatch(USER, "a", "d");
        bothWatch(USER, "x", "");
        bothWatch(ROOT, "x", "");
        bothWatch(NO_TOKEN, "a", "");
    }

    @Test
    void leasesOfOthers() {
        secure();
        both(LeaseGrantRequest.newBuilder().setID(LEASE).setTTL(3_600).build(), USER);
        both(put("c").toBuilder().setLease(LEASE).build(), ROOT);

        both(put("a").toBuilder().setLease(LEASE).build(), USER);
        both(LeaseRevokeRequest.newBuilder().setID(LEASE).build(), USER);
        both(LeaseRevokeRequest.newBuilder().setID(LEASE).build(), ROOT);
        both(CompactionRequest.newBuilder().setRevision(1).build(), NO_TOKEN);
    }

    @Test
    void whoMayAdministerAndWhenATokenEnds() {
        secure();

        both(authenticate(USER, "wrong"));
        both(authenticate("nobody", "secret"));
        both(authenticate("", ""));
        eachOf(AuthUserListRequest.getDefaultInstance());
        eachOf(AuthUserGetRequest.newBuilder().setName(USER).build());
        eachOf(AuthUserGetRequest.newBuilder().setName(ROOT).build());
        eachOf(AuthRoleGetRequest.newBuilder().setRole(USER).build());
        eachOf(AuthRoleGetRequest.newBuilder().setRole(ROOT).build());
        both(userAdd("other", "secret"), USER);
        both(AuthUserDeleteRequest.newBuilder().setName(ROOT).build(), ROOT);
        both(AuthUserRevokeRoleRequest.newBuilder().setName(ROOT).setRole(ROOT).build(), ROOT);
        both(AuthRoleDeleteRequest.newBuilder().setRole(ROOT).build(), ROOT);
        both(AuthEnableRequest.getDefaultInstance(), ROOT);

        both(changePassword(USER, "new"), ROOT);
        both(range("a", ""), USER);
        both(authenticate(USER, "secret"));
        both(authenticate(USER, "new"));
        both(range("a", ""), USER);
        both(revoke(USER, "a", "c"), ROOT);
        both(range("a", ""), USER);
        both(AuthUserDeleteRequest.newBuilder().setName(USER).build(), ROOT);
        both(range("a", ""), USER);

        both(AuthDisableRequest.getDefaultInstance(), NO_TOKEN);
        both(AuthDisableRequest.getDefaultInstance());
        both(AuthDisableRequest.getDefaultInstance(), ROOT);
        both(range("a", ""));
        both(range("a", ""), ROOT);
        both(range("a", ""), NO_TOKEN);
        both(AuthStatusRequest.getDefaultInstance());
    }

    /** The user may read and write from "a" to "b", and write "x". */
    private void secure() {
        both(userAdd(ROOT, "secret"));
        both(userAdd(USER, "secret"));
        both(AuthRoleAddRequest.newBuilder().setName(ROOT).build());
        both(AuthRoleAddRequest.newBuilder().setName(USER).build());
        both(grant(USER, "a", "c", Permission.Type.READWRITE));
        both(grant(USER, "x", "", Permission.Type.WRITE));
        both(userGrant(ROOT, ROOT));
        both(userGrant(USER, USER));
        both(AuthEnableRequest.getDefaultInstance());
        both(authenticate(ROOT, "secret"));
        both(authenticate(USER, "secret"));
    }

    /** By a user, by root, by nobody and by somebody with a token that is none. */
    private void eachOf(Message request) {
        both(request, USER);
        both(request);
        both(request, NO_TOKEN);
        both(request, ROOT);
    }

    private void both(Message request) {
        assertThat(embedded.answer(request)).as(words(request)).isEqualTo(etcd.answer(request));
    }

    private void both(Message request, String user) {
        assertThat(embedded.answer(request, user))
                .as(words(request) + " by " + user)
                .isEqualTo(etcd.answer(request, user));
    }

    private static String words(Message request) {
        return request.getClass().getSimpleName() + " " + request;
    }

    private void bothWatch(String user, String key, String end) {
        assertThat(created(embedded, user, key, end))
                .as("watch of " + key + " to " + end + " by " + user)
                .isEqualTo(created(etcd, user, key, end));
    }

    private static WatchResponse created(Peer peer, String user, String key, String end) {
        BlockingQueue<WatchResponse> answers = new LinkedBlockingQueue<>();
        peer.watch(user, new Collecting<>(answers::add))
                .onNext(WatchRequest.newBuilder()
                        .setCreateRequest(WatchCreateRequest.newBuilder()
                                .setKey(utf8(key))
                                .setRangeEnd(utf8(end)))
                        .build());
        try {
            WatchResponse answer = answers.poll(60, TimeUnit.SECONDS);
            if (answer == null) {
                throw new AssertionError("no answer within 60 s to a watch");
            }
            return peer.mapped(answer);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    private static AuthenticateRequest authenticate(String user, String password) {
        return AuthenticateRequest.newBuilder()
                .setName(user)
                .setPassword(password)
                .build();
    }

    private static AuthUserAddRequest userAdd(String user, String password) {
        return AuthUserAddRequest.newBuilder()
                .setName(user)
                .setPassword(password)
                .build();
    }

    private static AuthUserChangePasswordRequest changePassword(String user, String password) {
        return AuthUserChangePasswordRequest.newBuilder()
                .setName(user)
                .setPassword(password)
                .build();
    }

    private static AuthUserGrantRoleRequest userGrant(String user, String role) {
        return AuthUserGrantRoleRequest.newBuilder().setUser(user).setRole(role).build();
    }

    private static AuthRoleGrantPermissionRequest grant(String role, String key, String end, Permission.Type type) {
        return AuthRoleGrantPermissionRequest.newBuilder()
                .setName(role)
                .setPerm(Permission.newBuilder()
                        .setKey(utf8(key))
                        .setRangeEnd(utf8(end))
                        .setPermType(type))
                .build();
    }

    private static AuthRoleRevokePermissionRequest revoke(String role, String key, String end) {
        return AuthRoleRevokePermissionRequest.newBuilder()
                .setRole(role)
                .setKey(utf8(key))
                .setRangeEnd(utf8(end))
                .build();
    }

    private static RangeRequest range(String key, String end) {
        return RangeRequest.newBuilder()
                .setKey(utf8(key))
                .setRangeEnd(utf8(end))
                .build();
    }

    private static PutRequest put(String key) {
        return PutRequest.newBuilder().setKey(utf8(key)).build();
    }

    private static DeleteRangeRequest delete(String key, String end) {
        return DeleteRangeRequest.newBuilder()
                .setKey(utf8(key))
                .setRangeEnd(utf8(end))
                .build();
    }

    private static RequestOp operation(PutRequest put) {
        return RequestOp.newBuilder().setRequestPut(put).build();
    }

    private static TxnRequest txn(RequestOp operation) {
        return TxnRequest.newBuilder().addSuccess(operation).build();
    }

    private static ByteString utf8(String text) {
        return ByteString.copyFromUtf8(text);
    }
}
