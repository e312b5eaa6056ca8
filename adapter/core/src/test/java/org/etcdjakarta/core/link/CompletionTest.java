package org.etcdjakarta.core.link;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.Client;
import io.etcd.jetcd.KV;
import io.etcd.jetcd.api.AlarmMember;
import io.etcd.jetcd.api.AuthenticateResponse;
import io.etcd.jetcd.api.RangeResponse;
import io.etcd.jetcd.options.GetOption;
import io.grpc.Status;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.etcdjakarta.EtcdKv;
import org.etcdjakarta.EtcdLease;
import org.etcdjakarta.EtcdMaintenance;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** On which thread calls of a link end. */
class CompletionTest {

    private static final ByteSequence KEY = ByteSequence.from("k", UTF_8);
    private static final Duration GENEROUS = Duration.ofSeconds(60);

    private final FakeEtcd etcd = new FakeEtcd();
    private final List<EtcdLink> links = new ArrayList<>();
    private final ExecutorService given = Executors.newSingleThreadExecutor(task -> new Thread(task, "given"));

    @AfterEach
    void close() {
        links.forEach(EtcdLink::close);
        etcd.close();
        given.shutdownNow();
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

    /** The fake answers when somebody waits, so that it is seen who takes the answer. */
    private CountDownLatch holdAnswers() {
        CountDownLatch asked = new CountDownLatch(1);
        etcd.onRange = observer -> {
            await().atMost(GENEROUS).until(() -> asked.getCount() == 0);
            FakeEtcd.answer(RangeResponse.getDefaultInstance()).accept(observer);
        };
        return asked;
    }

    private static void releaseWhenParked(Thread waiting, CountDownLatch asked) {
        new Thread(() -> {
                    await().atMost(GENEROUS)
                            .until(() -> waiting.getState() == Thread.State.WAITING
                                    || waiting.getState() == Thread.State.TIMED_WAITING);
                    asked.countDown();
                })
                .start();
    }

    @Test
    void blockingCallEndsOnTheThreadOfItsCaller() throws Exception {
        KV kv = kv(config());
        kv.get(KEY).get();
        CountDownLatch asked = holdAnswers();
        CompletableFuture<Thread> answer = kv.get(KEY).thenApply(response -> Thread.currentThread());
        releaseWhenParked(Thread.currentThread(), asked);

        assertThat(answer.get()).isSameAs(Thread.currentThread());
    }

    @Test
    void blockingCallThroughATokenAndARetryEndsOnTheThreadOfItsCaller() throws Exception {
        Thread caller = Thread.currentThread();
        etcd.onAuthenticate = observer -> {
            await().atMost(GENEROUS).until(() -> caller.getState() == Thread.State.WAITING);
            FakeEtcd.answer(AuthenticateResponse.newBuilder().setToken("t").build())
                    .accept(observer);
        };
        KV kv = kv(config().user("root").password("secret".toCharArray()));
        etcd.onRange = FakeEtcd.firstThen(
                FakeEtcd.fail(Status.UNAVAILABLE.withDescription("etcdserver: leader changed")),
                FakeEtcd.withToken("t", Status.UNKNOWN, FakeEtcd.answer(RangeResponse.getDefaultInstance())));

        assertThat(kv.get(KEY).thenApply(response -> Thread.currentThread()).get())
                .isSameAs(Thread.currentThread());
        assertThat(etcd.ranges).hasValue(2);
    }

    @Test
    void asynchronousCallEndsOnAThreadOfTheLink() throws Exception {
        KV kv = kv(config());
        CompletableFuture<String> where = new CompletableFuture<>();
        CountDownLatch asked = holdAnswers();
        var unused = kv.get(KEY)
                .thenAccept(response -> where.complete(Thread.currentThread().getName()));
        asked.countDown();

        assertThat(where.get(60, TimeUnit.SECONDS)).startsWith("etcd-link-").contains("-work-");
    }

    @Test
    void asynchronousCallEndsOnTheGivenExecutorWhichStaysOpen() throws Exception {
        EtcdLink link = open(config().executor(given));
        CompletableFuture<String> where = new CompletableFuture<>();
        CountDownLatch asked = holdAnswers();
        var unused = link.client()
                .getKVClient()
                .get(KEY)
                .thenAccept(response -> where.complete(Thread.currentThread().getName()));
        asked.countDown();
        assertThat(where.get(60, TimeUnit.SECONDS)).isEqualTo("given");
        link.close();

        assertThat(given.isShutdown()).isFalse();
    }

    @Test
    void onlyThreadOfTheGivenExecutorMayBlockInACall() throws Exception {
        KV kv = kv(config().executor(given));

        assertThat(given.submit(() -> kv.get(KEY).get()).get(60, TimeUnit.SECONDS))
                .isNotNull();
    }

    /** What is one call for the caller and several for the link. */
    @Test
    void onlyThreadOfTheGivenExecutorMayBlockInACallOfSeveral() throws Exception {
        FakeLeases leases = new FakeLeases();
        FakeMaintenance maintenance = new FakeMaintenance();
        leases.lostAnswers.set(1);
        maintenance.alarms.add(
                AlarmMember.newBuilder().setMemberID(1).setAlarmValue(1).build());
        maintenance.alarms.add(
                AlarmMember.newBuilder().setMemberID(1).setAlarmValue(2).build());
        try (FakeEtcd several = new FakeEtcd(leases, maintenance)) {
            several.onRange = FakeEtcd.firstThen(
                    FakeEtcd.fail(
                            Status.RESOURCE_EXHAUSTED.withDescription("gRPC message exceeds maximum size 10: 20")),
                    FakeEtcd.answer(RangeResponse.getDefaultInstance()));
            Client client = open(EtcdLinkConfig.builder()
                            .endpoints(several.endpoint())
                            .requestTimeout(Duration.ofSeconds(30))
                            .executor(given))
                    .client();
            EtcdLease lease = EtcdLease.of(client.getLeaseClient());
            EtcdMaintenance member = EtcdMaintenance.of(client.getMaintenanceClient());
            assertThat(onGiven(() -> lease.grant(5).get().getID())).isPositive();
            assertThat(onGiven(() -> lease.keepAliveOnce(1).get().getTTL())).isPositive();
            assertThat(onGiven(() -> member.disarmAll().get())).hasSize(2);
            assertThat(onGiven(() -> member.moveLeader(2).get())).isNotNull();
            assertThat(onGiven(() ->
                            EtcdKv.of(client.getKVClient())
                                    .pages(
                                            KEY,
                                            GetOption.builder().isPrefix(true).build())
                                    .stream()
                                    .count()))
                    .isZero();

            assertThat(several.ranges).hasValue(2);
            assertThat(leases.asked).hasSize(2);
        }
    }

    private <T> T onGiven(Callable<T> call) throws Exception {
        return given.submit(call).get(60, TimeUnit.SECONDS);
    }

    @Test
    void callOfSeveralEndsOnTheGivenExecutorToo() throws Exception {
        try (FakeEtcd several = new FakeEtcd(new FakeLeases())) {
            CountDownLatch hold = new CountDownLatch(1);
            given.execute(() -> await().atMost(GENEROUS).until(() -> hold.getCount() == 0));
            CompletableFuture<String> where = new CompletableFuture<>();
            var unused = open(EtcdLinkConfig.builder()
                            .endpoints(several.endpoint())
                            .executor(given))
                    .client()
                    .getLeaseClient()
                    .grant(5)
                    .thenAccept(answer -> where.complete(Thread.currentThread().getName()));
            hold.countDown();

            assertThat(where.get(60, TimeUnit.SECONDS)).isEqualTo("given");
        }
    }

    @Test
    void noCompletionIsLostWhenTheGivenExecutorRefuses() throws Exception {
        given.shutdown();
        KV kv = kv(config().executor(given));
        CompletableFuture<String> where = new CompletableFuture<>();
        CountDownLatch asked = holdAnswers();
        var unused = kv.get(KEY)
                .thenAccept(response -> where.complete(Thread.currentThread().getName()));
        asked.countDown();

        assertThat(where.get(60, TimeUnit.SECONDS)).startsWith("etcd-link-");
    }

    @Test
    void taskOfAnExecutorThatRunsAndThenThrowsRunsOnce() {
        AtomicInteger runs = new AtomicInteger();
        GivenExecutor executor = new GivenExecutor(
                task -> {
                    task.run();
                    throw new RejectedExecutionException("too late");
                },
                Runnable::run);
        executor.execute(runs::incrementAndGet);

        assertThat(runs).hasValue(1);
    }

    @Test
    void executorIsPartOfTheConfigurationByIdentity() {
        EtcdLinkConfig one = config().executor(given).build();

        assertThat(config().executor(given).build()).isEqualTo(one).hasSameHashCodeAs(one);
        assertThat(config().build()).isNotEqualTo(one);
        assertThat(config().executor(Runnable::run).build()).isNotEqualTo(one);
    }

    @Test
    void manyWaitersOnManyCallsAllGetTheirAnswers() throws Exception {
        KV kv = kv(config());
        ExecutorService callers = Executors.newFixedThreadPool(16);
        Map<Thread, Integer> done = new ConcurrentHashMap<>();
        try {
            List<CompletableFuture<Void>> all = new ArrayList<>();
            for (int i = 0; i < 16; i++) {
                all.add(CompletableFuture.runAsync(
                        () -> {
                            for (int call = 0; call < 100; call++) {
                                kv.get(KEY).join();
                                done.merge(Thread.currentThread(), 1, Integer::sum);
                            }
                        },
                        callers));
            }
            CompletableFuture.allOf(all.toArray(CompletableFuture[]::new)).get(60, TimeUnit.SECONDS);
        } finally {
            callers.shutdownNow();
        }

        assertThat(done.values()).containsOnly(100);
    }

    @Test
    void hundredReferencesAddNoThreadAndNoConnection() throws Exception {
        kv(config()).get(KEY).get();
        Set<Thread> before = linkThreads();
        for (int i = 0; i < 100; i++) {
            EtcdLink link = open(config());
            link.client().getKVClient().get(KEY).get();
            assertThat(link.version().get()).isNotEmpty();
        }

        // the pool may have grown by the one or two callbacks that came before their caller waited
        assertThat(linkThreads()).hasSizeLessThan(before.size() + 5);
        assertThat(etcd.transports).hasValue(1);
    }

    private static Set<Thread> linkThreads() {
        Set<Thread> threads = ConcurrentHashMap.newKeySet();
        for (Thread thread : Thread.getAllStackTraces().keySet()) {
            if (thread.getName().startsWith("etcd-link-")) {
                threads.add(thread);
            }
        }
        return threads;
    }
}
