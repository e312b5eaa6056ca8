package org.etcdjakarta.itests.link;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.etcdjakarta.itests.link.Links.GENEROUS;
import static org.etcdjakarta.itests.link.Links.awaitConnected;
import static org.etcdjakarta.itests.link.Links.bytes;
import static org.etcdjakarta.itests.link.Links.config;
import static org.etcdjakarta.itests.link.Links.failureOf;
import static org.etcdjakarta.itests.link.Links.get;
import static org.etcdjakarta.itests.link.Links.impatient;

import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.KV;
import io.etcd.jetcd.common.exception.CompactedException;
import io.etcd.jetcd.kv.GetResponse;
import io.etcd.jetcd.op.Cmp;
import io.etcd.jetcd.op.CmpTarget;
import io.etcd.jetcd.op.Op;
import io.etcd.jetcd.options.DeleteOption;
import io.etcd.jetcd.options.GetOption;
import io.etcd.jetcd.options.PutOption;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.etcdjakarta.EtcdException;
import org.etcdjakarta.EtcdException.Effect;
import org.etcdjakarta.EtcdInDoubtException;
import org.etcdjakarta.EtcdLimitException;
import org.etcdjakarta.EtcdUnavailableException;
import org.etcdjakarta.core.link.EtcdLink;
import org.etcdjakarta.itests.support.EtcdServer;
import org.etcdjakarta.itests.support.TcpProxy;
import org.etcdjakarta.itests.support.Threads;
import org.etcdjakarta.itests.support.WithEtcd;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

@WithEtcd
class LinkIT {

    private final EtcdServer etcd;

    LinkIT(EtcdServer etcd) {
        this.etcd = etcd;
    }

    @BeforeEach
    @AfterEach
    void clear() {
        etcd.resume();
        etcd.etcdctl().deletePrefix("/");
    }

    // ---- KV

    @Test
    void namespaceIsInEtcdAndNotInTheApplication() {
        try (EtcdLink link =
                EtcdLink.open(config(etcd.endpoint()).namespace("/shop/").build())) {
            KV kv = link.client().getKVClient();
            get(kv.put(bytes("a"), bytes("1")));
            get(kv.put(bytes("b"), bytes("2")));
            etcd.etcdctl().put("/other", "x");

            assertThat(etcd.etcdctl().keys("/")).containsExactly("/other", "/shop/a", "/shop/b");
            GetResponse all = get(kv.get(
                    bytes("\0"),
                    GetOption.builder()
                            .withRange(bytes("\0"))
                            .withSortOrder(GetOption.SortOrder.DESCEND)
                            .build()));
            assertThat(all.getKvs()).extracting(one -> one.getKey().toString()).containsExactly("b", "a");
        }
    }

    @Test
    void optionsDoWhatEtcdDoes() {
        try (EtcdLink link = EtcdLink.open(config(etcd.endpoint()).build())) {
            KV kv = link.client().getKVClient();
            ByteSequence key = bytes("/k");
            long first = get(kv.put(key, bytes("1"))).getHeader().getRevision();
            assertThat(get(kv.put(
                                    key,
                                    bytes("2"),
                                    PutOption.builder().withPrevKV().build()))
                            .getPrevKv()
                            .getValue())
                    .isEqualTo(bytes("1"));
            assertThat(get(kv.get(key, GetOption.builder().withRevision(first).build()))
                            .getKvs()
                            .get(0)
                            .getValue())
                    .isEqualTo(bytes("1"));
            assertThat(get(kv.get(key, GetOption.builder().withCountOnly(true).build()))
                            .getCount())
                    .isEqualTo(1);
            assertThat(get(kv.delete(
                                    key, DeleteOption.builder().withPrevKV(true).build()))
                            .getPrevKvs())
                    .hasSize(1);
            assertThat(get(kv.txn()
                                    .If(new Cmp(key, Cmp.Op.EQUAL, CmpTarget.version(0)))
                                    .Then(Op.put(key, bytes("3"), PutOption.DEFAULT))
                                    .Else(Op.get(key, GetOption.DEFAULT))
                                    .commit())
                            .isSucceeded())
                    .isTrue();
            assertThat(etcd.etcdctl().get("/k")).hasValue("3");
        }
    }

    @Test
    void compactedRevisionIsTold() {
        try (EtcdLink link = EtcdLink.open(config(etcd.endpoint()).build())) {
            KV kv = link.client().getKVClient();
            long first = get(kv.put(bytes("/k"), bytes("1"))).getHeader().getRevision();
            long second = get(kv.put(bytes("/k"), bytes("2"))).getHeader().getRevision();
            get(kv.compact(second));

            assertThat(failureOf(kv.get(
                            bytes("/k"), GetOption.builder().withRevision(first).build())))
                    .hasRootCauseInstanceOf(CompactedException.class);
        }
    }

    @Test
    void etcdsLimitsAreTold() {
        try (EtcdLink link = EtcdLink.open(config(etcd.endpoint()).build())) {
            KV kv = link.client().getKVClient();
            Op[] many = new Op[129];
            for (int i = 0; i < many.length; i++) {
                many[i] = Op.put(bytes("/k" + i), bytes("1"), PutOption.DEFAULT);
            }
            EtcdException operations = failureOf(kv.txn().Then(many).commit());
            assertThat(operations).isInstanceOf(EtcdLimitException.class).hasMessageContaining("too many operations");
            EtcdException size = failureOf(kv.put(bytes("/k"), ByteSequence.from(new byte[1_600_000])));
            assertThat(size).isInstanceOf(EtcdLimitException.class);
            assertThat(size.effect()).isEqualTo(Effect.NOT_APPLIED);
            EtcdException twice = failureOf(kv.txn().Then(many[0], many[0]).commit());
            assertThat(twice).hasMessageContaining("duplicate key");
        }
    }

    @Test
    void bigAnswersPass() {
        try (EtcdLink link = EtcdLink.open(config(etcd.endpoint()).build())) {
            KV kv = link.client().getKVClient();
            for (int i = 0; i < 8; i++) {
                get(kv.put(bytes("/big/" + i), ByteSequence.from(new byte[1_000_000])));
            }
            assertThat(get(kv.get(
                                    bytes("/big/"),
                                    GetOption.builder().isPrefix(true).build()))
                            .getKvs())
                    .hasSize(8);
        }
    }

    // ---- faults

    @Test
    void unreachableEtcdFailsWithinTheTimeoutAndNothingIsWritten() {
        try (TcpProxy proxy = TcpProxy.to(etcd);
                EtcdLink link = impatient(proxy.endpoint())) {
            proxy.cut();
            EtcdException failure = failureOf(link.client().getKVClient().put(bytes("/k"), bytes("1")));

            assertThat(failure).isInstanceOf(EtcdUnavailableException.class).hasMessageContaining(proxy.endpoint());
            assertThat(failure.effect()).isEqualTo(Effect.NOT_APPLIED);
            assertThat(etcd.etcdctl().get("/k")).isEmpty();
        }
    }

    @Test
    void frozenEtcd_readIsUnavailableAndWriteInDoubt() {
        try (EtcdLink link = impatient(etcd.endpoint())) {
            KV kv = link.client().getKVClient();
            awaitConnected(link);
            etcd.pause();
            assertThat(failureOf(kv.get(bytes("/k")))).isInstanceOf(EtcdUnavailableException.class);
            assertThat(failureOf(kv.put(bytes("/k"), bytes("2")))).isInstanceOf(EtcdInDoubtException.class);
        }
    }

    /** Why the write above must not count as failed, and must not be repeated. */
    @Test
    void writeInDoubtMayHaveBeenApplied() {
        try (TcpProxy proxy = TcpProxy.to(etcd);
                EtcdLink link = impatient(proxy.endpoint())) {
            KV kv = link.client().getKVClient();
            awaitConnected(link);
            proxy.holdResponses();
            assertThat(failureOf(kv.put(bytes("/k"), bytes("2")))).isInstanceOf(EtcdInDoubtException.class);

            await().atMost(GENEROUS)
                    .untilAsserted(() -> assertThat(etcd.etcdctl().get("/k")).hasValue("2"));
        }
    }

    @Test
    void connectionResetWithTheAnswerUnderWayIsInDoubtAndNotRepeated() {
        try (TcpProxy proxy = TcpProxy.to(etcd);
                EtcdLink link = EtcdLink.open(config(proxy.endpoint()).build())) {
            KV kv = link.client().getKVClient();
            get(kv.put(bytes("/k"), bytes("1")));
            proxy.holdResponses();
            CompletableFuture<?> put = kv.put(bytes("/k"), bytes("2"));
            await().atMost(GENEROUS)
                    .until(() -> etcd.etcdctl().get("/k").filter("2"::equals).isPresent());
            long written = etcd.etcdctl().modRevision("/k");
            proxy.drop();
            proxy.restore();

            assertThat(failureOf(put)).isInstanceOf(EtcdInDoubtException.class);
            get(kv.get(bytes("/k")));
            assertThat(etcd.etcdctl().modRevision("/k")).isEqualTo(written);
        }
    }

    @Test
    void callsWaitForAShortBreak() {
        try (TcpProxy proxy = TcpProxy.to(etcd);
                EtcdLink link = EtcdLink.open(config(proxy.endpoint()).build())) {
            KV kv = link.client().getKVClient();
            get(kv.put(bytes("/k"), bytes("1")));
            long connections = proxy.accepted();
            proxy.cut();
            // From here on the link knows: a write begun earlier could be in doubt.
            await().atMost(GENEROUS).until(() -> proxy.accepted() > connections);
            CompletableFuture<?> put = kv.put(bytes("/k"), bytes("2"));
            CompletableFuture<GetResponse> read = kv.get(bytes("/k"));
            proxy.restore();

            get(put);
            assertThat(get(read).getKvs()).hasSize(1);
        }
    }

    @Test
    void restartedEtcdIsFoundAgainSoon() {
        try (EtcdLink link = EtcdLink.open(
                config(etcd.endpoint()).requestTimeout(Duration.ofSeconds(10)).build())) {
            KV kv = link.client().getKVClient();
            get(kv.put(bytes("/k"), bytes("1")));
            etcd.kill();
            etcd.restart();

            assertThat(get(kv.get(bytes("/k"))).getKvs()).hasSize(1);
        }
    }

    @Test
    void deadEndpointBesideALiveOneDoesNoHarm() {
        try (TcpProxy dead = TcpProxy.to(etcd)) {
            dead.cut();
            try (EtcdLink link = EtcdLink.open(
                    config(dead.endpoint() + "," + etcd.endpoint()).build())) {
                for (int i = 0; i < 20; i++) {
                    get(link.client().getKVClient().put(bytes("/k"), bytes("" + i)));
                }
            }
        }
    }

    @Test
    void nothingIsLeftAfterTheLastClose() {
        Threads before = Threads.snapshot();
        for (int i = 0; i < 3; i++) {
            EtcdLink link = EtcdLink.open(config(etcd.endpoint()).build());
            get(link.client().getKVClient().put(bytes("/k"), bytes("1")));
            link.close();
        }
        before.awaitBack(Duration.ofSeconds(30));
    }
}
