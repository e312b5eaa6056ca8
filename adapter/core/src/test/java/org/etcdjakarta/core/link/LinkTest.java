package org.etcdjakarta.core.link;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.awaitility.Awaitility.await;

import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.KV;
import io.etcd.jetcd.api.AuthEnableRequest;
import io.etcd.jetcd.api.AuthGrpc;
import io.etcd.jetcd.api.AuthUserAddRequest;
import io.etcd.jetcd.api.AuthUserGrantRoleRequest;
import io.etcd.jetcd.api.AuthenticateRequest;
import io.etcd.jetcd.api.KVGrpc;
import io.etcd.jetcd.api.PutRequest;
import io.etcd.jetcd.api.RangeRequest;
import io.grpc.MethodDescriptor;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URL;
import java.net.URLClassLoader;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.etcdjakarta.EtcdAccessException;
import org.etcdjakarta.EtcdException;
import org.etcdjakarta.EtcdException.Effect;
import org.etcdjakarta.EtcdInDoubtException;
import org.etcdjakarta.EtcdUnavailableException;
import org.etcdjakarta.embedded.EmbeddedEtcd;
import org.etcdjakarta.embedded.faults.LostAnswer;
import org.etcdjakarta.embedded.faults.Refusal;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class LinkTest {

    private static final ByteSequence KEY = ByteSequence.from("k", UTF_8);
    private static final Duration GENEROUS = Duration.ofSeconds(30);
    private static final MethodDescriptor<PutRequest, ?> PUT = KVGrpc.getPutMethod();
    private static final MethodDescriptor<RangeRequest, ?> RANGE = KVGrpc.getRangeMethod();
    private static final MethodDescriptor<AuthenticateRequest, ?> AUTHENTICATE = AuthGrpc.getAuthenticateMethod();

    private final EmbeddedEtcd etcd = EmbeddedEtcd.start();
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

    /** From now on nobody does anything without a token. */
    private void secure(String password) {
        var auth = AuthGrpc.newBlockingStub(etcd.channel());
        var unusedUser = auth.userAdd(AuthUserAddRequest.newBuilder()
                .setName("root")
                .setPassword(password)
                .build());
        var unusedRole = auth.userGrantRole(AuthUserGrantRoleRequest.newBuilder()
                .setUser("root")
                .setRole("root")
                .build());
        var unusedAnswer = auth.authEnable(AuthEnableRequest.getDefaultInstance());
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
        etcd.faults().onEveryCall().loseAnswer(LostAnswer.NEVER_ENDS);
        KV kv = kv(config().requestTimeout(Duration.ofSeconds(3)));
        long start = System.nanoTime();

        EtcdException write = failureOf(kv.put(KEY, KEY));
        assertThat(write).isInstanceOf(EtcdInDoubtException.class);
        assertThat(write).hasMessageContainingAll("Put", etcd.endpoint(), "3s");
        EtcdException read = failureOf(kv.get(KEY));
        assertThat(read).isInstanceOf(EtcdUnavailableException.class);
        assertThat(read.effect()).isEqualTo(Effect.NONE);
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isBetween(Duration.ofSeconds(5), GENEROUS);
    }

    @Test
    void noServer_writeNeverLeft() {
        etcd.stop();
        EtcdException failure =
                failureOf(kv(config().requestTimeout(Duration.ofSeconds(3))).put(KEY, KEY));

        assertThat(failure).isInstanceOf(EtcdUnavailableException.class);
        assertThat(failure.effect()).isEqualTo(Effect.NOT_APPLIED);
        assertThat(failure).hasMessageContainingAll("never left", "refused");
    }

    @Test
    void portThatAcceptsAndSaysNothing_writeNeverLeft() throws Exception {
        try (ServerSocket mute = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
            KV kv = kv(EtcdLinkConfig.builder()
                    .endpoints("127.0.0.1:" + mute.getLocalPort())
                    .requestTimeout(Duration.ofSeconds(3)));
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
        etcd.faults().on(PUT).loseAnswer(LostAnswer.UNAVAILABLE);
        int closed;
        try (ServerSocket free = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
            closed = free.getLocalPort();
        }
        EtcdLinkConfig.Builder both = EtcdLinkConfig.builder().endpoints("localhost:" + closed, etcd.endpoint());

        assertThat(failureOf(kv(both.requestTimeout(GENEROUS)).put(KEY, KEY)).endpoint())
                .isEqualTo(etcd.endpoint());
    }

    @Test
    void callThatWaitsForATokenEndsAtItsOwnDeadline() throws Exception {
        etcd.faults().on(AUTHENTICATE).loseAnswer(LostAnswer.NEVER_ENDS);
        EtcdLink link = open(asUser());
        CompletableFuture<?> patient = link.client().getKVClient().put(KEY, KEY);
        await().atMost(GENEROUS).until(() -> etcd.faults().seen(AUTHENTICATE) == 1);
        EtcdException failure = failureOf(link.client().getLeaseClient().grant(10, 200, TimeUnit.MILLISECONDS));

        assertThat(failure).isInstanceOf(EtcdUnavailableException.class);
        assertThat(failure.effect()).isEqualTo(Effect.NOT_APPLIED);
        // the shared fetch goes on for those with more time
        assertThat(patient).isNotDone();
        assertThat(etcd.faults().seen(AUTHENTICATE)).isEqualTo(1);
    }

    @Test
    void callThatHangsWithItsTokenEndsAndTheNextOneAsksAnew() throws Exception {
        secure("secret");
        etcd.faults().on(AUTHENTICATE).next(1).loseAnswer(LostAnswer.NEVER_ENDS);
        KV kv = kv(asUser().requestTimeout(Duration.ofSeconds(1)));
        EtcdException failure = failureOf(kv.put(KEY, KEY));
        assertThat(failure).isInstanceOf(EtcdUnavailableException.class);
        assertThat(failure.effect()).isEqualTo(Effect.NOT_APPLIED);
        assertThat(etcd.faults().seen(PUT)).isZero();

        await().atMost(GENEROUS)
                .until(() ->
                        kv.put(KEY, KEY).handle((put, again) -> again == null).get(60, TimeUnit.SECONDS));
    }

    /** Nothing but this ends early: a wrong password is not tried again until the deadline. */
    @Test
    void wrongPasswordIsAskedOnce() {
        secure("another");

        assertThat(failureOf(kv(asUser()).get(KEY))).isInstanceOf(EtcdAccessException.class);
        assertThat(etcd.faults().seen(AUTHENTICATE)).isEqualTo(1);
    }

    // ---- repetition

    @Test
    void readIsRepeatedWhileEtcdIsUnavailable() throws Exception {
        etcd.faults().on(RANGE).next(1).refuse(Refusal.UNAVAILABLE);
        kv(config()).get(KEY).get(60, TimeUnit.SECONDS);

        assertThat(etcd.faults().seen(RANGE)).isEqualTo(2);
    }

    @Test
    void readBetweenTwoAttemptsEndsWhenTheLinkCloses() {
        etcd.faults().on(RANGE).refuse(Refusal.UNAVAILABLE);
        EtcdLink link = open(config());
        List<CompletableFuture<?>> reads = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            reads.add(link.client().getKVClient().get(KEY));
        }
        // the pauses grow to half a second, so that nearly all of them are in one by then
        await().atMost(GENEROUS).until(() -> etcd.faults().seen(RANGE) >= 100);
        link.close();

        for (CompletableFuture<?> read : reads) {
            assertThat(failureOf(read).effect()).isEqualTo(Effect.NONE);
        }
    }

    @Test
    void writeThatMayHaveBeenAppliedIsNotRepeated() throws Exception {
        etcd.faults().on(PUT).next(1).loseAnswer(LostAnswer.UNAVAILABLE);
        KV kv = kv(config());

        assertThat(failureOf(kv.put(KEY, KEY))).isInstanceOf(EtcdInDoubtException.class);
        assertThat(etcd.faults().seen(PUT)).isEqualTo(1);
        assertThat(kv.get(KEY).get(60, TimeUnit.SECONDS).getCount())
                .as("it was")
                .isEqualTo(1);
    }

    /** etcd says "server stopped" also to whom it has applied already. */
    @Test
    void writeThatWasRefusedInWordsThatProveNothingIsNotRepeated() throws Exception {
        etcd.faults().on(PUT).next(1).refuse(Refusal.UNAVAILABLE);
        KV kv = kv(config());

        assertThat(failureOf(kv.put(KEY, KEY))).isInstanceOf(EtcdInDoubtException.class);
        assertThat(etcd.faults().seen(PUT)).isEqualTo(1);
        assertThat(kv.get(KEY).get(60, TimeUnit.SECONDS).getCount())
                .as("it was not")
                .isZero();
    }

    @Test
    void writeRefusedForLackOfALeaderIsRepeated() throws Exception {
        etcd.faults().on(PUT).next(1).refuse(Refusal.NO_LEADER);
        kv(config()).put(KEY, KEY).get(60, TimeUnit.SECONDS);

        assertThat(etcd.faults().seen(PUT)).isEqualTo(2);
    }

    // ---- authentication

    @Test
    void expiredTokenIsRenewedOnceForAllAndTheWriteRepeated() throws Exception {
        secure("secret");
        KV kv = kv(asUser());
        kv.put(KEY, KEY).get(60, TimeUnit.SECONDS);
        etcd.faults().expireTokens();
        List<CompletableFuture<?>> calls = new ArrayList<>();
        for (int i = 0; i < 64; i++) {
            calls.add(kv.put(KEY, KEY));
        }
        CompletableFuture.allOf(calls.toArray(CompletableFuture[]::new))
                .orTimeout(60, TimeUnit.SECONDS)
                .join();

        assertThat(etcd.faults().seen(AUTHENTICATE)).isEqualTo(2);
        assertThat(kv.get(KEY).get(60, TimeUnit.SECONDS).getKvs().get(0).getVersion())
                .as("each was applied once")
                .isEqualTo(65);
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
        etcd.faults().on(PUT).loseAnswer(LostAnswer.NEVER_ENDS);
        EtcdLink link = open(config());
        CompletableFuture<?> put = link.client().getKVClient().put(KEY, KEY);
        await().atMost(GENEROUS).until(() -> etcd.faults().seen(PUT) == 1);
        link.close();

        assertThat(failureOf(put)).isInstanceOf(EtcdInDoubtException.class);
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
