package org.etcdjakarta.itests.jetcd;

import static org.etcdjakarta.itests.jetcd.Text.b;

import io.etcd.jetcd.Auth;
import io.etcd.jetcd.Client;
import io.etcd.jetcd.auth.Permission;
import io.etcd.jetcd.options.GetOption;

/** {@link Auth}, switched off and on. */
final class AuthPrograms {

    private AuthPrograms() {}

    static void users(Client client, Transcript t) throws Exception {
        Auth auth = client.getAuthClient();
        t.call("add", () -> auth.userAdd(b("ann"), b("secret")));
        t.call("addAgain", () -> auth.userAdd(b("ann"), b("secret")));
        t.call("addNobody", () -> auth.userAdd(b(""), b("secret")));
        t.call("list", auth::userList);
        t.call("change", () -> auth.userChangePassword(b("ann"), b("secret two")));
        t.call("changeOfNone", () -> auth.userChangePassword(b("bob"), b("secret")));
        t.call("grantNoRole", () -> auth.userGrantRole(b("ann"), b("reader")));
        t.call("role", () -> auth.roleAdd(b("reader")));
        t.call("grant", () -> auth.userGrantRole(b("ann"), b("reader")));
        t.call("grantToNone", () -> auth.userGrantRole(b("bob"), b("reader")));
        t.call("get", () -> auth.userGet(b("ann")));
        t.call("getNone", () -> auth.userGet(b("bob")));
        t.call("revoke", () -> auth.userRevokeRole(b("ann"), b("reader")));
        t.call("revokeAgain", () -> auth.userRevokeRole(b("ann"), b("reader")));
        t.call("delete", () -> auth.userDelete(b("ann")));
        t.call("deleteAgain", () -> auth.userDelete(b("ann")));
        t.call("enableWithoutRoot", auth::authEnable);
        t.call("disableTwice", auth::authDisable);
        t.call("roleDelete", () -> auth.roleDelete(b("reader")));
    }

    static void roles(Client client, Transcript t) throws Exception {
        Auth auth = client.getAuthClient();
        t.call("add", () -> auth.roleAdd(b("writer")));
        t.call("addAgain", () -> auth.roleAdd(b("writer")));
        t.call("list", auth::roleList);
        for (Permission.Type type :
                new Permission.Type[] {Permission.Type.READ, Permission.Type.WRITE, Permission.Type.READWRITE}) {
            t.call("grant-" + type, () -> auth.roleGrantPermission(b("writer"), b("/" + type), b(""), type));
        }
        t.call(
                "grantRange",
                () -> auth.roleGrantPermission(b("writer"), b("/r/"), b("/r0"), Permission.Type.READWRITE));
        t.call("grantToNone", () -> auth.roleGrantPermission(b("none"), b("/r/"), b(""), Permission.Type.READ));
        t.call("get", () -> auth.roleGet(b("writer")));
        t.call("getNone", () -> auth.roleGet(b("none")));
        t.call("revoke", () -> auth.roleRevokePermission(b("writer"), b("/r/"), b("/r0")));
        t.call("revokeAgain", () -> auth.roleRevokePermission(b("writer"), b("/r/"), b("/r0")));
        t.call("revokeOne", () -> auth.roleRevokePermission(b("writer"), b("/READ"), b("")));
        t.call("left", () -> auth.roleGet(b("writer")));
        t.call("delete", () -> auth.roleDelete(b("writer")));
        t.call("deleteAgain", () -> auth.roleDelete(b("writer")));
    }

    /** For a client whose user may read and write below /mine/ and nothing else. */
    static void withPassword(Client client, Transcript t) throws Exception {
        t.call("put", () -> client.getKVClient().put(b("/mine/a"), b("1")));
        t.call("get", () -> client.getKVClient()
                .get(b("/mine/"), GetOption.builder().isPrefix(true).build()));
        t.call("putElsewhere", () -> client.getKVClient().put(b("/other"), b("1")));
        t.call("getElsewhere", () -> client.getKVClient().get(b("/other")));
        t.call("grant", () -> client.getLeaseClient().grant(600));
        t.call("member", client.getClusterClient()::listMember);
        t.call("userAdd", () -> client.getAuthClient().userAdd(b("x"), b("y")));
        t.call("delete", () -> client.getKVClient().delete(b("/mine/a")));
    }

    /** For a client whose password is wrong. */
    static void withWrongPassword(Client client, Transcript t) throws Exception {
        t.call("get", () -> client.getKVClient().get(b("/mine/a")));
        t.call("put", () -> client.getKVClient().put(b("/mine/a"), b("1")));
        t.call("grant", () -> client.getLeaseClient().grant(600));
    }
}
