package org.etcdjakarta.core.link;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.awaitility.Awaitility.await;

import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.KV;
import io.etcd.jetcd.api.AuthenticateResponse;
import io.etcd.jetcd.api.PutResponse;
import io.etcd.jetcd.api.RangeResponse;
import io.grpc.Status;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URL;
import java.net.URLClassLoader;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.etcdjakarta.EtcdAccessException;
import org.etcdjakarta.EtcdException;
import org.etcdjakarta.EtcdException.Effect;
import org.etcdjakarta.EtcdInDoubtException;
import org.etcdjakarta.EtcdUnavailableException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class LinkTest {

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

    // ---- deadlines

    @Test
    void silentServer_readIsUnavailableAndWriteInDoubtAfterTheTimeout() {
        etcd.onPut = FakeEtcd.silence();
        etcd.onRange = FakeEtcd.silence();
        KV kv = kv(config().requestTimeout(Duration.ofMillis(500)));
        long start = System.nanoTime();

        EtcdException write = failureOf(kv.put(KEY, KEY));
        assertThat(write).isInstanceOf(EtcdInDoubtException.class);
        assertThat(write).hasMessageContainingAll("Put", etcd.endpoint(), "500ms");
        EtcdException read = failureOf(kv.get(KEY));
        assertThat(read).isInstanceOf(EtcdUnavailableException.class);
        assertThat(read.effect()).isEqualTo(Effect.NONE);
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isBetween(Duration.ofMillis(900), GENEROUS);
    }

    @Test
    void noServer_writeNeverLeft() {
        etcd.stop();
        EtcdException failure =
                failureOf(kv(config().requestTimeout(Duration.ofMillis(500))).put(KEY, KEY));

        assertThat(failure).isInstanceOf(EtcdUnavailableException.class);
        assertThat(failure.effect()).isEqualTo(Effect.NOT_APPLIED);
        assertThat(failure).hasMessageContainingAll("never left", "refused");
    }

    @Test
    void portThatAcceptsAndSaysNothing_writeNeverLeft() throws Exception {
        try (ServerSocket mute = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
            KV kv = kv(EtcdLinkConfig.builder()
                    .endpoints("127.0.0.1:" + mute.getLocalPort())
                    .requestTimeout(Duration.ofMillis(500)));
            assertThat(failureOf(kv.put(KEY, KEY)).effect()).isEqualTo(Effect.NOT_APPLIED);
        }
    }

    @Test
    void callBeforeTheServerIsThereSucceedsWhenItComesInTime() throws Exception {
        KV kv = kv(config());
        etcd.stop();
        CompletableFuture<?> put = kv.put(KEY, KEY);
        etcd.restart();

        put.get(60, TimeUnit.SECONDS);
    }

    @Test
    void errorNamesTheMemberThatTheCallWasSentTo() throws Exception {
        etcd.onPut = FakeEtcd.fail(Status.INTERNAL);
        int closed;
        try (ServerSocket free = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
            closed = free.getLocalPort();
        }
        EtcdLinkConfig.Builder both = EtcdLinkConfig.builder().endpoints("localhost:" + closed, etcd.endpoint());

        assertThat(failureOf(kv(both.requestTimeout(GENEROUS)).put(KEY, KEY)).endpoint())
                .isEqualTo("http://" + etcd.endpoint());
    }

    @Test
    void callThatWaitsForATokenEndsAtItsOwnDeadline() throws Exception {
        CountDownLatch asked = new CountDownLatch(1);
        etcd.onAuthenticate = observer -> asked.countDown();
        EtcdLink link = open(asUser());
        CompletableFuture<?> patient = link.client().getKVClient().put(KEY, KEY);
        assertThat(asked.await(60, TimeUnit.SECONDS)).isTrue();
        EtcdException failure = failureOf(link.client().getLeaseClient().grant(10, 200, TimeUnit.MILLISECONDS));

        assertThat(failure).isInstanceOf(EtcdUnavailableException.class);
        assertThat(failure.effect()).isEqualTo(Effect.NOT_APPLIED);
        // the shared fetch goes on for those with more time
        assertThat(patient).isNotDone();
        assertThat(etcd.authentications).hasValue(1);
    }

    @Test
    void callThatHangsWithItsTokenEndsAndTheNextOneAsksAnew() throws Exception {
        etcd.onAuthenticate = FakeEtcd.firstThen(FakeEtcd.silence(), token("t"));
        KV kv = kv(asUser().requestTimeout(Duration.ofSeconds(1)));
        EtcdException failure = failureOf(kv.put(KEY, KEY));
        assertThat(failure).isInstanceOf(EtcdUnavailableException.class);
        assertThat(failure.effect()).isEqualTo(Effect.NOT_APPLIED);
        assertThat(etcd.puts).hasValue(0);

        await().atMost(GENEROUS)
                .until(() ->
                        kv.put(KEY, KEY).handle((put, again) -> again == null).get(60, TimeUnit.SECONDS));
    }

    /** Nothing but this ends early: a wrong password is not tried again until the deadline. */
    @Test
    void wrongPasswordIsAskedOnce() {
        etcd.onAuthenticate = FakeEtcd.fail(Status.INVALID_ARGUMENT.withDescription(
                "etcdserver: authentication failed, invalid user ID or password"));

        assertThat(failureOf(kv(asUser()).get(KEY))).isInstanceOf(EtcdAccessException.class);
        assertThat(etcd.authentications).hasValue(1);
    }

    // ---- repetition

    @Test
    void readIsRepeatedWhileEtcdIsUnavailable() throws Exception {
        etcd.onRange = FakeEtcd.firstThen(
                FakeEtcd.fail(Status.UNAVAILABLE.withDescription("etcdserver: leader changed")),
                FakeEtcd.answer(RangeResponse.getDefaultInstance()));
        kv(config()).get(KEY).get(60, TimeUnit.SECONDS);

        assertThat(etcd.ranges).hasValue(2);
    }

    @Test
    void readBetweenTwoAttemptsEndsWhenTheLinkCloses() {
        etcd.onRange = FakeEtcd.fail(Status.UNAVAILABLE.withDescription("etcdserver: leader changed"));
        EtcdLink link = open(config());
        List<CompletableFuture<?>> reads = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            reads.add(link.client().getKVClient().get(KEY));
        }
        // the pauses grow to half a second, so that nearly all of them are in one by then
        await().atMost(GENEROUS).until(() -> etcd.ranges.get() >= 100);
        link.close();

        for (CompletableFuture<?> read : reads) {
            assertThat(failureOf(read).effect()).isEqualTo(Effect.NONE);
        }
    }

    @Test
    void writeThatMayHaveBeenAppliedIsNotRepeated() {
        etcd.onPut = FakeEtcd.firstThen(
                FakeEtcd.fail(Status.UNAVAILABLE.withDescription("etcdserver: leader changed")),
                FakeEtcd.answer(PutResponse.getDefaultInstance()));

        assertThat(failureOf(kv(config()).put(KEY, KEY))).isInstanceOf(EtcdInDoubtException.class);
        assertThat(etcd.puts).hasValue(1);
    }

    @Test
    void writeRefusedForLackOfALeaderIsRepeated() throws Exception {
        etcd.onPut = FakeEtcd.firstThen(
                FakeEtcd.fail(Status.UNAVAILABLE.withDescription("etcdserver: no leader")),
                FakeEtcd.answer(PutResponse.getDefaultInstance()));
        kv(config()).put(KEY, KEY).get(60, TimeUnit.SECONDS);

        assertThat(etcd.puts).hasValue(2);
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

    // ---- authentication

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
    void expiredTokenIsRenewedOnceForAllAndTheWriteRepeated() {
        etcd.onAuthenticate = FakeEtcd.firstThen(token("old"), token("new"));
        etcd.onPut = FakeEtcd.withToken("new", INVALID_TOKEN, FakeEtcd.answer(PutResponse.getDefaultInstance()));
        KV kv = kv(asUser());
        List<CompletableFuture<?>> calls = new ArrayList<>();
        for (int i = 0; i < 64; i++) {
            calls.add(kv.put(KEY, KEY));
        }
        CompletableFuture.allOf(calls.toArray(CompletableFuture[]::new))
                .orTimeout(60, TimeUnit.SECONDS)
                .join();

        assertThat(etcd.authentications).hasValue(2);
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

    private static java.util.function.Consumer<io.grpc.stub.StreamObserver<AuthenticateResponse>> token(String text) {
        return FakeEtcd.answer(AuthenticateResponse.newBuilder().setToken(text).build());
    }

    // ---- life

    @Test
    void equalConfigurationSharesOneLinkUntilTheLastClose() throws Exception {
        EtcdLink first = open(config());
        EtcdLink second = open(config());
        EtcdLink third = second.retain();
        links.add(third);
        KV kv = third.client().getKVClient();
        kv.put(KEY, KEY).get(60, TimeUnit.SECONDS);
        assertThat(linkThreads())
                .extracting(name -> name.replaceAll("-(io|work)-.*", ""))
                .containsOnly(linkThreads().get(0).replaceAll("-(io|work)-.*", ""));

        first.close();
        first.close();
        second.close();
        kv.put(KEY, KEY).get(60, TimeUnit.SECONDS);
        third.close();
        assertThat(failureOf(kv.put(KEY, KEY))).hasMessageContaining("closed");
    }

    @Test
    void closedReferenceIsNoLongerUsable() {
        EtcdLink link = open(config());
        link.close();

        assertThatIllegalStateException().isThrownBy(link::retain);
        assertThatIllegalStateException().isThrownBy(link::client);
        assertThatIllegalStateException().isThrownBy(link::kvProtocol);
        assertThatIllegalStateException().isThrownBy(link::watches);
    }

    @Test
    void noThreadOfTheLinkIsLeftAfterTheLastClose() throws Exception {
        EtcdLink link = open(config());
        link.client().getKVClient().put(KEY, KEY).get(60, TimeUnit.SECONDS);
        assertThat(linkThreads()).isNotEmpty();
        link.close();

        await().atMost(Duration.ofSeconds(30)).until(() -> linkThreads().isEmpty());
    }

    @Test
    void linkMayBeClosedFromItsOwnCallback() throws Exception {
        EtcdLink link = open(config());
        link.client()
                .getKVClient()
                .put(KEY, KEY)
                .thenAccept(response -> link.close())
                .get(60, TimeUnit.SECONDS);

        await().atMost(Duration.ofSeconds(30)).until(() -> linkThreads().isEmpty());
    }

    @Test
    void callUnderWayAtCloseIsInDoubt() {
        etcd.onPut = FakeEtcd.silence();
        EtcdLink link = open(config());
        CompletableFuture<?> put = link.client().getKVClient().put(KEY, KEY);
        await().atMost(GENEROUS).until(() -> etcd.puts.get() == 1);
        link.close();

        assertThat(failureOf(put)).isInstanceOf(EtcdInDoubtException.class);
    }

    @Test
    void versionComesOverTheConnectionThatIsThere() throws Exception {
        EtcdLink link = open(config());
        link.client().getKVClient().put(KEY, KEY).get(60, TimeUnit.SECONDS);
        assertThat(link.version().get(60, TimeUnit.SECONDS)).isEqualTo("3.5.16");
        assertThat(etcd.transports).hasValue(1);
    }

    @Test
    void contextClassLoaderOfTheCallerNeitherMattersNorStays() throws Exception {
        Thread thread = Thread.currentThread();
        ClassLoader before = thread.getContextClassLoader();
        try (URLClassLoader blind = new URLClassLoader(new URL[0], null)) {
            thread.setContextClassLoader(blind);
            kv(config()).put(KEY, KEY).get(60, TimeUnit.SECONDS);

            assertThat(thread.getContextClassLoader()).isSameAs(blind);
            assertThat(Thread.getAllStackTraces().keySet())
                    .filteredOn(one -> one.getName().startsWith("etcd-link-"))
                    .isNotEmpty()
                    .allSatisfy(one -> assertThat(one.getContextClassLoader()).isNotSameAs(blind));
        } finally {
            thread.setContextClassLoader(before);
        }
    }

    private static List<String> linkThreads() {
        return Thread.getAllStackTraces().keySet().stream()
                .map(Thread::getName)
                .filter(name -> name.startsWith("etcd-link-"))
                .toList();
    }
}
