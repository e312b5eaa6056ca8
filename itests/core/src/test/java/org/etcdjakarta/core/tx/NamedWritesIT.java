package org.etcdjakarta.core.tx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.etcd.jetcd.Auth;
import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.api.DeleteRangeRequest;
import io.etcd.jetcd.api.PutRequest;
import io.etcd.jetcd.api.RequestOp;
import io.etcd.jetcd.api.TxnRequest;
import io.etcd.jetcd.auth.Permission;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.etcdjakarta.EtcdAccessException;
import org.etcdjakarta.core.link.EtcdLink;
import org.etcdjakarta.core.link.EtcdLinkConfig;
import org.etcdjakarta.core.link.KvProtocol;
import org.etcdjakarta.itests.support.EtcdServer;
import org.etcdjakarta.itests.support.WithEtcd;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Naming the writes of a transaction asks etcd for the permissions that its commit will need. */
@WithEtcd
class NamedWritesIT {

    private static final Frame NOTHING = new Frame(List.of(), List.of(), List.of());

    private static final String RESERVED = "/_rights/";

    private final EtcdServer etcd;

    NamedWritesIT(EtcdServer etcd) {
        this.etcd = etcd;
    }

    @BeforeAll
    static void enable(EtcdServer etcd) {
        try (EtcdLink link = EtcdLink.open(
                EtcdLinkConfig.builder().endpoints(etcd.endpoint()).build())) {
            Auth auth = link.client().getAuthClient();
            done(auth.roleAdd(text("root")));
            done(auth.userAdd(text("root"), text("r")));
            done(auth.userGrantRole(text("root"), text("root")));
            done(auth.roleAdd(text("app")));
            done(auth.roleGrantPermission(text("app"), text("/app/"), text("/app0"), Permission.Type.READWRITE));
            done(auth.roleGrantPermission(text("app"), text("/read/"), text("/read0"), Permission.Type.READ));
            done(auth.roleGrantPermission(text("app"), text("/single"), text(""), Permission.Type.READWRITE));
            done(auth.roleGrantPermission(text("app"), text(RESERVED), text("/_rights0"), Permission.Type.READWRITE));
            done(auth.userAdd(text("app"), text("a")));
            done(auth.userGrantRole(text("app"), text("app")));
            done(auth.authEnable());
        }
    }

    @AfterAll
    static void disable(EtcdServer etcd) {
        try (EtcdLink root = as(etcd, "root", "r")) {
            done(root.client().getAuthClient().authDisable());
        }
    }

    @Test
    void whatMayNotBeWrittenIsRefused() {
        try (EtcdLink link = as(etcd, "app", "a")) {
            for (int guards : new int[] {1, 120, 1500}) {
                assertThat(name(link, guards, List.of(put("/app/"), put("/app/z"), delete("/single"))))
                        .isTrue();
                for (RequestOp forbidden : List.of(put("/read/1"), put("/app0"), put("/single/1"), delete("/other"))) {
                    assertThatThrownBy(() -> name(link, guards, List.of(forbidden)))
                            .as(guards + " " + forbidden)
                            .isInstanceOf(EtcdAccessException.class)
                            .hasMessageContaining("permission denied");
                }
            }
        }
    }

    /** The guard of prepared branches stands beside them: in it, etcd would not look at their rights. */
    @Test
    void callsOutsideOfTransactionsAreRefusedToo() {
        EtcdLinkConfig app = EtcdLinkConfig.builder()
                .endpoints(etcd.endpoint())
                .user("app")
                .password("a".toCharArray())
                .build();
        try (TxEngine engine = TxEngine.open(app, new TxSettings(RESERVED, TxSettings.DEFAULT_MAX_TXN_OPS, "node"))) {
            KvProtocol kv = engine.newSession().kv();
            TxnRequest allowed = TxnRequest.newBuilder()
                    .addSuccess(put("/app/1"))
                    .addSuccess(delete("/single"))
                    .build();
            assertThat(Await.answer(kv.txn(allowed)).getSucceeded()).isTrue();
            for (RequestOp forbidden : List.of(put("/read/1"), delete("/other"))) {
                assertThatThrownBy(() -> Await.answer(kv.txn(
                                TxnRequest.newBuilder().addSuccess(forbidden).build())))
                        .as("%s", forbidden)
                        .isInstanceOf(EtcdAccessException.class)
                        .hasMessageContaining(RESERVED);
            }
        }
    }

    private static boolean name(EtcdLink link, int reads, List<RequestOp> more) {
        Guards guards = new Guards();
        IntStream.range(0, reads).forEach(i -> guards.key(ByteString.copyFromUtf8("/read/" + i), 0));
        List<RequestOp> writes = Stream.concat(IntStream.range(0, 40).mapToObj(i -> put("/app/" + i)), more.stream())
                .toList();
        return Await.answer(
                        link.kvProtocol().txn(new TxnComposer(128).compose(NOTHING, guards, 0, writes, Writes.NAMED)))
                .getSucceeded();
    }

    private static RequestOp put(String key) {
        return RequestOp.newBuilder()
                .setRequestPut(PutRequest.newBuilder().setKey(ByteString.copyFromUtf8(key)))
                .build();
    }

    private static RequestOp delete(String key) {
        return RequestOp.newBuilder()
                .setRequestDeleteRange(DeleteRangeRequest.newBuilder().setKey(ByteString.copyFromUtf8(key)))
                .build();
    }

    private static EtcdLink as(EtcdServer etcd, String user, String password) {
        return EtcdLink.open(EtcdLinkConfig.builder()
                .endpoints(etcd.endpoint())
                .user(user)
                .password(password.toCharArray())
                .build());
    }

    private static ByteSequence text(String text) {
        return ByteSequence.from(text, StandardCharsets.UTF_8);
    }

    private static void done(CompletableFuture<?> call) {
        Object unused = call.join();
    }
}
