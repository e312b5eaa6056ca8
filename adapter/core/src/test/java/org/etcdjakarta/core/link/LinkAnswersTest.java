package org.etcdjakarta.core.link;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.KV;
import io.etcd.jetcd.api.AuthenticateResponse;
import io.etcd.jetcd.api.PutResponse;
import io.etcd.jetcd.api.RangeResponse;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.etcdjakarta.EtcdAccessException;
import org.etcdjakarta.EtcdException;
import org.etcdjakarta.EtcdException.Effect;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * What needs answers, or sights of the wire, that no etcd gives on demand: a token that is refused again and again, one that is
 * held back until all have asked, an end exactly behind a refusal. What etcd does by itself or by its faults is in {@link LinkTest}.
 */
class LinkAnswersTest {

    private static final ByteSequence KEY = ByteSequence.from("k", UTF_8);
    private static final Duration GENEROUS = Duration.ofSeconds(30);
    private static final Status INVALID_TOKEN =
            Status.UNAUTHENTICATED.withDescription("etcdserver: invalid auth token");

    private final FakeEtcd etcd = new FakeEtcd();
    private final List<EtcdLink> links = new ArrayList<>();

    @AfterEach
    void close() {
        links.forEach(EtcdLink::close);
        etcd.close();
    }

    private EtcdLinkConfig.Builder config() {
        return EtcdLinkConfig.builder().endpoints(etcd.endpoint()).requestTimeout(GENEROUS);
    }

    private EtcdLink open(EtcdLinkConfig.Builder config) {
        EtcdLink link = EtcdLink.open(config.build());
        links.add(link);
        return link;
    }

    private KV kv(EtcdLinkConfig.Builder config) {
        return open(config).client().getKVClient();
    }

    private EtcdLinkConfig.Builder asUser() {
        return config().user("root").password("secret".toCharArray());
    }

    private static EtcdException failureOf(CompletableFuture<?> future) {
        try {
            Object value = future.get(60, TimeUnit.SECONDS);
            throw new AssertionError("no failure but " + value);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof EtcdException failure) {
                return failure;
            }
            throw new AssertionError("of another family", e.getCause());
        } catch (InterruptedException | TimeoutException e) {
            throw new AssertionError(e);
        }
    }

    private static Consumer<StreamObserver<AuthenticateResponse>> token(String text) {
        return FakeEtcd.answer(AuthenticateResponse.newBuilder().setToken(text).build());
    }

    @Test
    void sixtyFourCallersShareOneAuthentication() {
        CountDownLatch allAsked = new CountDownLatch(1);
        etcd.onAuthenticate = observer -> {
            await().atMost(GENEROUS).until(() -> allAsked.getCount() == 0);
            token("t1").accept(observer);
        };
        etcd.onRange = FakeEtcd.withToken("t1", INVALID_TOKEN, FakeEtcd.answer(RangeResponse.getDefaultInstance()));
        KV kv = kv(asUser());
        List<CompletableFuture<?>> calls = new ArrayList<>();
        for (int i = 0; i < 64; i++) {
            calls.add(kv.get(KEY));
        }
        allAsked.countDown();
        CompletableFuture.allOf(calls.toArray(CompletableFuture[]::new))
                .orTimeout(60, TimeUnit.SECONDS)
                .join();

        assertThat(etcd.authentications).hasValue(1);
        assertThat(etcd.ranges).hasValue(64);
    }

    @Test
    void tokenThatStaysRefusedIsAnAccessErrorAfterAFewRenewals() {
        etcd.onAuthenticate = token("t");
        etcd.onPut = FakeEtcd.fail(INVALID_TOKEN);

        EtcdException failure = failureOf(kv(asUser()).put(KEY, KEY));
        assertThat(failure).isInstanceOf(EtcdAccessException.class);
        assertThat(failure.effect()).isEqualTo(Effect.NOT_APPLIED);
        assertThat(etcd.puts).hasValue(4);
        assertThat(etcd.authentications).hasValue(4);
    }

    @Test
    void wrongCredentialsNameUserAndEndpointAndTheNextCallTriesAnew() throws Exception {
        etcd.onAuthenticate = FakeEtcd.firstThen(
                FakeEtcd.fail(Status.INVALID_ARGUMENT.withDescription(
                        "etcdserver: authentication failed, invalid user ID or password")),
                token("t"));
        KV kv = kv(asUser());

        EtcdException failure = failureOf(kv.put(KEY, KEY));
        assertThat(failure).isInstanceOf(EtcdAccessException.class);
        assertThat(failure).hasMessageContainingAll("\"root\"", etcd.endpoint());
        assertThat(failure.getMessage()).doesNotContain("secret");
        assertThat(etcd.puts).hasValue(0);
        kv.put(KEY, KEY).get(60, TimeUnit.SECONDS);
    }

    @Test
    void clusterWithoutAuthenticationServesAUserWithoutToken() throws Exception {
        kv(asUser()).put(KEY, KEY).get(60, TimeUnit.SECONDS);

        assertThat(etcd.authentications).hasValue(1);
        assertThat(etcd.tokens).containsOnly("null");
    }

    @Test
    void versionComesOverTheConnectionThatIsThere() throws Exception {
        EtcdLink link = open(config());
        link.client().getKVClient().put(KEY, KEY).get(60, TimeUnit.SECONDS);
        assertThat(link.version().get(60, TimeUnit.SECONDS)).isEqualTo("3.5.16");
        assertThat(etcd.transports).hasValue(1);
    }

    @Test
    void writeThatWasRefusedUnseenAndThenNeverLeftIsNotApplied() {
        etcd.onPut = observer -> {
            FakeEtcd.<PutResponse>fail(Status.UNAVAILABLE.withDescription("etcdserver: no leader"))
                    .accept(observer);
            new Thread(etcd::stop).start();
        };

        assertThat(failureOf(kv(config().requestTimeout(Duration.ofSeconds(1))).put(KEY, KEY))
                        .effect())
                .isEqualTo(Effect.NOT_APPLIED);
    }
}
