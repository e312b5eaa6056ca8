package org.etcdjakarta.itests.link;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.etcdjakarta.itests.link.Links.GENEROUS;
import static org.etcdjakarta.itests.link.Links.bytes;
import static org.etcdjakarta.itests.link.Links.config;
import static org.etcdjakarta.itests.link.Links.failureOf;
import static org.etcdjakarta.itests.link.Links.get;

import io.etcd.jetcd.Auth;
import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.KV;
import io.etcd.jetcd.auth.Permission;
import org.etcdjakarta.EtcdAccessException;
import org.etcdjakarta.EtcdAuth;
import org.etcdjakarta.EtcdException;
import org.etcdjakarta.EtcdException.Effect;
import org.etcdjakarta.core.link.EtcdLink;
import org.etcdjakarta.core.watch.WatchSpec;
import org.etcdjakarta.itests.support.EtcdServer;
import org.etcdjakarta.itests.support.WithEtcd;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** A cluster with authentication; the user app may use the keys below /app/. */
@WithEtcd
class AuthIT {

    private static final ByteSequence ROOT = bytes("root");

    private final EtcdServer etcd;

    AuthIT(EtcdServer etcd) {
        this.etcd = etcd;
    }

    private EtcdLink as(String user, String password) {
        return as(etcd, user, password);
    }

    private static EtcdLink as(EtcdServer etcd, String user, String password) {
        return EtcdLink.open(config(etcd.endpoint())
                .user(user)
                .password(password.toCharArray())
                .build());
    }

    @BeforeAll
    static void enable(EtcdServer etcd) {
        try (EtcdLink link = EtcdLink.open(config(etcd.endpoint()).build())) {
            Auth auth = link.client().getAuthClient();
            get(auth.roleAdd(ROOT));
            get(auth.userAdd(ROOT, bytes("r")));
            get(auth.userGrantRole(ROOT, ROOT));
            get(auth.roleAdd(bytes("app")));
            get(auth.roleGrantPermission(bytes("app"), bytes("/app/"), bytes("/app0"), Permission.Type.READWRITE));
            get(auth.userAdd(bytes("app"), bytes("a")));
            get(auth.userGrantRole(bytes("app"), bytes("app")));
            assertThat(get(auth.userList()).getUsers()).containsExactlyInAnyOrder("root", "app");
            assertThat(get(auth.roleGet(bytes("app"))).getPermissions()).hasSize(1);
            get(auth.authEnable());
        }
    }

    @AfterAll
    static void disable(EtcdServer etcd) {
        try (EtcdLink root = as(etcd, "root", "r")) {
            get(root.client().getAuthClient().authDisable());
        }
    }

    @Test
    void userReadsAndWritesWhereItMay() {
        try (EtcdLink link = as("app", "a")) {
            get(link.client().getKVClient().put(bytes("/app/k"), bytes("1")));
            EtcdException denied = failureOf(link.client().getKVClient().put(bytes("/other"), bytes("1")));

            assertThat(denied).isInstanceOf(EtcdAccessException.class).hasMessageContaining("\"app\"");
            assertThat(denied.effect()).isEqualTo(Effect.NOT_APPLIED);
        }
    }

    @Test
    void wrongPasswordIsNamed() {
        try (EtcdLink link = as("app", "wrong")) {
            assertThat(failureOf(link.client().getKVClient().get(bytes("/app/k"))))
                    .isInstanceOf(EtcdAccessException.class)
                    .hasMessageContainingAll("\"app\"", etcd.endpoint());
        }
    }

    @Test
    void missingUserIsNamed() {
        try (EtcdLink link = EtcdLink.open(config(etcd.endpoint()).build())) {
            assertThat(failureOf(link.client().getKVClient().get(bytes("/app/k"))))
                    .isInstanceOf(EtcdAccessException.class);
        }
    }

    /** Simple tokens live in the server's memory: a restart makes them invalid. */
    @Test
    void lostTokenIsRenewedForCallsAndWatches() {
        try (EtcdLink link = as("app", "a")) {
            KV kv = link.client().getKVClient();
            Collector collector = new Collector();
            var unused = link.watches().subscribe(WatchSpec.prefix(bytes("/app/w/")), collector, Runnable::run);
            await().atMost(GENEROUS).until(collector::isCreated);
            get(kv.put(bytes("/app/w/1"), bytes("1")));
            await().atMost(GENEROUS).until(() -> collector.revisions().size() == 1);
            etcd.kill();
            etcd.restart();
            // Repeated by the link; a write would be in doubt as long as it has not noticed the end of its connection.
            get(kv.get(bytes("/app/w/1")));
            get(kv.put(bytes("/app/w/2"), bytes("2")));
            await().atMost(GENEROUS).until(() -> collector.revisions().size() == 2);

            assertThat(collector.failures()).isEmpty();
        }
    }

    @Test
    void membersAreListedAfterTheTokenIsLost() {
        try (EtcdLink root = as("root", "r")) {
            get(root.client().getClusterClient().listMember());
            etcd.kill();
            etcd.restart();

            assertThat(get(root.client().getClusterClient().listMember()).getMembers())
                    .hasSize(1);
            assertThat(get(root.client().getAuthClient().userList()).getUsers()).contains("app");
        }
    }

    @Test
    void deniedWatchFailsAndEnds() {
        try (EtcdLink link = as("app", "a")) {
            Collector collector = new Collector();
            var watch = link.watches().subscribe(WatchSpec.prefix(bytes("/other/")), collector, Runnable::run);
            await().atMost(GENEROUS).until(watch::isClosed);

            assertThat(collector.failures()).singleElement().isInstanceOf(EtcdAccessException.class);
        }
    }

    @Test
    void statusSaysWhetherUsersAreAskedFor() {
        try (EtcdLink root = as("root", "r")) {
            EtcdAuth auth = EtcdAuth.of(root.client().getAuthClient());
            if (get(root.version()).startsWith("3.4.")) {
                EtcdException unknown = failureOf(auth.status());
                assertThat(unknown.code()).isEqualTo("ETCD-00131");
                assertThat(unknown).hasMessageContaining("etcd 3.4 has neither AuthStatus");
            } else {
                long revision = get(auth.status()).revision();
                assertThat(get(auth.status()).enabled()).isTrue();
                get(auth.roleAdd(bytes("counted")));
                assertThat(get(auth.status()).revision()).isEqualTo(revision + 1);
                get(auth.roleDelete(bytes("counted")));
            }
        }
    }

    @Test
    void userWithoutPasswordCannotLogInWithOne() {
        try (EtcdLink root = as("root", "r")) {
            EtcdAuth auth = EtcdAuth.of(root.client().getAuthClient());
            get(auth.userAddWithoutPassword(bytes("cert")));
            try {
                assertThat(get(auth.userList()).getUsers()).contains("cert");
                assertThat(failureOf(auth.authenticate(bytes("cert"), bytes("x"))))
                        .hasMessageContaining("no password user");
            } finally {
                get(auth.userDelete(bytes("cert")));
            }
        }
    }

    @Test
    void tokenOfAnotherUserIsGivenWithoutTouchingTheOwn() {
        try (EtcdLink root = as("root", "r")) {
            EtcdAuth auth = EtcdAuth.of(root.client().getAuthClient());
            assertThat(get(auth.authenticate(bytes("app"), bytes("a")))).isNotEmpty();

            assertThat(failureOf(auth.authenticate(bytes("app"), bytes("wrong"))))
                    .isInstanceOf(EtcdAccessException.class)
                    .hasMessageContaining("\"app\"");
            assertThat(get(auth.userList()).getUsers()).contains("app");
        }
    }

    @Test
    void permissionsReachAsFarAsTheyAreGranted() {
        try (EtcdLink root = as("root", "r");
                EtcdLink app = as("app", "a")) {
            EtcdAuth auth = EtcdAuth.of(root.client().getAuthClient());
            KV kv = app.client().getKVClient();
            ByteSequence role = bytes("app");
            get(auth.roleGrantPermission(role, bytes("/one"), EtcdAuth.SINGLE_KEY, Permission.Type.READ));
            get(auth.roleGrantPermission(
                    role, bytes("/many/"), EtcdAuth.endOfPrefix(bytes("/many/")), Permission.Type.WRITE));
            get(auth.roleGrantPermission(role, bytes("/z"), EtcdAuth.END_OF_KEYS, Permission.Type.READWRITE));

            get(kv.get(bytes("/one")));
            failureOf(kv.get(bytes("/one/more")));
            failureOf(kv.put(bytes("/one"), bytes("1")));
            get(kv.put(bytes("/many/1"), bytes("1")));
            failureOf(kv.get(bytes("/many/1")));
            get(kv.put(bytes("/zzz"), bytes("1")));
            assertThat(get(auth.roleGet(role)).getPermissions()).hasSize(4);
            get(auth.roleRevokePermission(role, bytes("/one"), EtcdAuth.SINGLE_KEY));
            get(auth.roleRevokePermission(role, bytes("/many/"), EtcdAuth.endOfPrefix(bytes("/many/"))));
            get(auth.roleRevokePermission(role, bytes("/z"), EtcdAuth.END_OF_KEYS));
            failureOf(kv.put(bytes("/zzz"), bytes("1")));
        }
    }
}
