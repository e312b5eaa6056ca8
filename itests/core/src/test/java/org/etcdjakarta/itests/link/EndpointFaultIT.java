package org.etcdjakarta.itests.link;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;
import static org.etcdjakarta.itests.link.Links.GENEROUS;
import static org.etcdjakarta.itests.link.Links.bytes;
import static org.etcdjakarta.itests.link.Links.config;
import static org.etcdjakarta.itests.link.Links.failureOf;
import static org.etcdjakarta.itests.link.Links.get;

import io.etcd.jetcd.KV;
import io.etcd.jetcd.kv.GetResponse;
import io.grpc.StatusRuntimeException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.etcdjakarta.EtcdException;
import org.etcdjakarta.EtcdException.Effect;
import org.etcdjakarta.EtcdUnavailableException;
import org.etcdjakarta.core.link.EtcdLink;
import org.etcdjakarta.itests.support.EtcdServer;
import org.etcdjakarta.itests.support.TcpProxy;
import org.etcdjakarta.itests.support.WithEtcd;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The only endpoint is down at first, goes down later, comes back. */
@WithEtcd
class EndpointFaultIT {

    private enum End {
        KILLED,
        TERMINATED;

        void of(EtcdServer etcd) {
            switch (this) {
                case KILLED -> etcd.kill();
                case TERMINATED -> etcd.stop();
            }
        }
    }

    private final EtcdServer etcd;

    EndpointFaultIT(EtcdServer etcd) {
        this.etcd = etcd;
    }

    @AfterEach
    void clear() {
        if (!etcd.isRunning()) {
            etcd.restart();
        }
        etcd.etcdctl().deletePrefix("/");
    }

    @Test
    void linkOpenedWhileEtcdIsDownFailsItsCallsAndWorksOnceEtcdIsUp() {
        etcd.kill();
        try (EtcdLink link = EtcdLink.open(config(etcd.endpoint())
                        .requestTimeout(Duration.ofSeconds(5))
                        .build());
                BareStubs bare = BareStubs.to(etcd.endpoint())) {
            assertThatThrownBy(() -> bare.kv().range(BareStubs.get("/k")))
                    .isInstanceOf(StatusRuntimeException.class)
                    .hasMessageContaining("UNAVAILABLE");
            KV kv = link.client().getKVClient();
            CompletableFuture<?> writing = kv.put(bytes("/k"), bytes("1"));
            EtcdException read = failureOf(kv.get(bytes("/k")));
            EtcdException write = failureOf(writing);

            assertThat(write)
                    .isInstanceOf(EtcdUnavailableException.class)
                    .hasMessageContainingAll("ETCD-00102", "Put", etcd.endpoint(), "Connection refused", "5s");
            assertThat(write.effect()).isEqualTo(Effect.NOT_APPLIED);
            assertThat(read)
                    .isInstanceOf(EtcdUnavailableException.class)
                    .hasMessageContainingAll("ETCD-00101", "Range", etcd.endpoint(), "Connection refused", "5s");
            assertThat(read.effect()).isEqualTo(Effect.NONE);

            etcd.restart();
            await().atMost(GENEROUS).ignoreExceptions().untilAsserted(() -> assertThat(
                            get(kv.get(bytes("/k"))).getKvs())
                    .isEmpty());
            get(kv.put(bytes("/k"), bytes("2")));
            assertThat(bare.version("/k")).isEqualTo(1);
        }
    }

    @Test
    void callsBegunWhileEtcdIsDownSucceedWhenItComesUpInTime() {
        etcd.kill();
        try (EtcdLink link = EtcdLink.open(config(etcd.endpoint()).build());
                BareStubs bare = BareStubs.to(etcd.endpoint())) {
            KV kv = link.client().getKVClient();
            CompletableFuture<?> write = kv.put(bytes("/k"), bytes("1"));
            CompletableFuture<GetResponse> read = kv.get(bytes("/other"));
            assertThatThrownBy(() -> bare.kv().range(BareStubs.get("/k"))).hasMessageContaining("UNAVAILABLE");
            assertThat(write).isNotDone();
            assertThat(read).isNotDone();

            etcd.restart();
            get(write);
            assertThat(get(read).getKvs()).isEmpty();
            assertThat(bare.version("/k")).isEqualTo(1);
        }
    }

    /** Callers that neither wait nor repeat see the outage; reads through the link do not. */
    @ParameterizedTest
    @EnumSource
    void readsDoNotNoticeAShortOutage(End how) {
        etcd.etcdctl().put("/k", "1");
        try (EtcdLink link = EtcdLink.open(config(etcd.endpoint()).build());
                BareStubs bare = BareStubs.to(etcd.endpoint());
                Repeated ours = Repeated.of(
                        () -> assertThat(get(link.client().getKVClient().get(bytes("/k")))
                                        .getKvs())
                                .hasSize(1));
                Repeated unprotected = Repeated.of(() -> bare.kv().range(BareStubs.get("/k")))) {
            ours.awaitMore(20);
            unprotected.awaitMore(20);
            how.of(etcd);
            await().atMost(GENEROUS).until(() -> !unprotected.failures().isEmpty());
            etcd.restart();
            ours.awaitMore(20);

            assertThat(ours.failures()).isEmpty();
        }
    }

    /** From when the link knows that its connection is gone, a write waits for the next one: it cannot have been sent. */
    @Test
    void writesBegunInAnOutageAreSentAfterIt() {
        try (TcpProxy proxy = TcpProxy.to(etcd);
                EtcdLink link = EtcdLink.open(config(proxy.endpoint()).build());
                BareStubs bare = BareStubs.to(etcd.endpoint())) {
            KV kv = link.client().getKVClient();
            get(kv.get(bytes("/k")));
            long connections = proxy.accepted();
            etcd.kill();
            await().atMost(GENEROUS).until(() -> proxy.accepted() > connections);
            CompletableFuture<?> put = kv.put(bytes("/k"), bytes("1"));
            etcd.restart();

            get(put);
            assertThat(bare.version("/k")).isEqualTo(1);
        }
    }

    @ParameterizedTest
    @EnumSource
    void noWriteUnderWayAtTheEndOfEtcdIsLostOrDoubled(End how) {
        try (EtcdLink link = EtcdLink.open(config(etcd.endpoint()).build());
                BareStubs bare = BareStubs.to(etcd.endpoint());
                Load load = Load.of(8, link, "/load/" + how + "/")) {
            await().atMost(GENEROUS).until(() -> load.acknowledged() > 200);
            how.of(etcd);
            etcd.restart();
            long before = load.acknowledged();
            await().atMost(GENEROUS).until(() -> load.acknowledged() > before + 200);

            load.stopAndCheck(bare.kv());
            assertThat(load.failedReads()).isEmpty();
        }
    }
}
