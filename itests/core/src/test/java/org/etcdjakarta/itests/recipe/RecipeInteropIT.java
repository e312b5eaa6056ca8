package org.etcdjakarta.itests.recipe;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.etcd.jetcd.ByteSequence;
import java.io.BufferedReader;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import org.etcdjakarta.core.link.EtcdLink;
import org.etcdjakarta.core.link.EtcdLinkConfig;
import org.etcdjakarta.core.recipe.FencedLock;
import org.etcdjakarta.core.recipe.Leader;
import org.etcdjakarta.core.recipe.LeaderElection;
import org.etcdjakarta.core.recipe.Recipes;
import org.etcdjakarta.core.session.Session;
import org.etcdjakarta.itests.support.EtcdServer;
import org.etcdjakarta.itests.support.WithEtcd;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The same queue as that of {@code etcdctl lock} and {@code elect}, which are Go's Mutex and Election, and of etcd's own services. */
@WithEtcd
class RecipeInteropIT {

    private static final Duration GENEROUS = Duration.ofSeconds(60);

    private final EtcdServer etcd;
    private final EtcdLink link;
    private final Session session;
    private final Recipes recipes;

    RecipeInteropIT(EtcdServer etcd) {
        this.etcd = etcd;
        link = EtcdLink.open(EtcdLinkConfig.builder().endpoints(etcd.endpoint()).build());
        session = link.newSession(Duration.ofSeconds(20));
        recipes = new Recipes(link, session);
    }

    @AfterEach
    void close() {
        session.close();
        link.close();
    }

    private static ByteSequence bytes(String text) {
        return ByteSequence.from(text, UTF_8);
    }

    /** Its first line comes when it has what it waits for. */
    private static CompletableFuture<String> firstLine(Process process) {
        return CompletableFuture.supplyAsync(
                () -> {
                    try {
                        BufferedReader output = process.inputReader(UTF_8);
                        return String.valueOf(output.readLine());
                    } catch (java.io.IOException e) {
                        throw new java.io.UncheckedIOException(e);
                    }
                },
                task -> new Thread(task).start());
    }

    @Test
    void etcdctlLockIsWaitedFor() throws Exception {
        FencedLock lock = recipes.lock("/locks/a");
        Process other = etcd.etcdctl().start("lock", "/locks/a");
        try {
            assertThat(firstLine(other)).succeedsWithin(GENEROUS).asString().startsWith("/locks/a/");
            assertThat(lock.tryLock(Duration.ZERO)).isFalse();
            assertThat(lock.tryLock(Duration.ofSeconds(1))).isFalse();
            other.destroy();

            assertThat(lock.tryLock(GENEROUS)).isTrue();
            lock.unlock();
        } finally {
            other.destroyForcibly();
        }
    }

    @Test
    void etcdctlLockWaits() throws Exception {
        FencedLock lock = recipes.lock("/locks/b");
        assertThat(lock.tryLock(GENEROUS)).isTrue();
        Process other = etcd.etcdctl().start("lock", "/locks/b");
        try {
            CompletableFuture<String> line = firstLine(other);
            await().atMost(GENEROUS)
                    .until(() -> etcd.etcdctl().keys("/locks/b/").size() == 2);
            await().during(Duration.ofSeconds(1)).atMost(GENEROUS).until(() -> !line.isDone());
            lock.unlock();

            assertThat(line).succeedsWithin(GENEROUS).asString().startsWith("/locks/b/");
        } finally {
            other.destroyForcibly();
        }
    }

    @Test
    void etcdsOwnLockServiceStandsInTheSameQueue() throws Exception {
        FencedLock lock = recipes.lock("/locks/c");
        assertThat(lock.tryLock(GENEROUS)).isTrue();
        long lease = link.client().getLeaseClient().grant(60).get().getID();
        var waits = link.client().getLockClient().lock(bytes("/locks/c"), lease);
        await().atMost(GENEROUS).until(() -> etcd.etcdctl().keys("/locks/c/").size() == 2);
        assertThat(waits).isNotDone();
        lock.unlock();

        assertThat(waits).succeedsWithin(GENEROUS);
        assertThat(lock.tryLock(Duration.ZERO)).isFalse();
    }

    @Test
    void etcdctlElectIsFollowedAndSucceeded() throws Exception {
        List<String> seen = new CopyOnWriteArrayList<>();
        Process other = etcd.etcdctl().start("elect", "/elections/a", "theirs");
        try (LeaderElection election = recipes.election("/elections/a");
                AutoCloseable observing = election.observe(
                        leader -> seen.add(leader.proposal().toString()), failure -> seen.add("failed"))) {
            assertThat(firstLine(other)).succeedsWithin(GENEROUS).asString().startsWith("/elections/a/");
            assertThat(election.leader()).map(Leader::proposal).contains(bytes("theirs"));
            election.campaign(bytes("ours"));
            await().atMost(GENEROUS)
                    .until(() -> etcd.etcdctl().keys("/elections/a/").size() == 2);
            assertThat(election.isLeader()).isFalse();
            other.destroy();

            assertThat(election.awaitLeadership(GENEROUS)).isTrue();
            election.proclaim(bytes("ours again"));
            await().atMost(GENEROUS).until(() -> seen.contains("ours again"));
            assertThat(seen).startsWith("theirs").doesNotContain("failed");
            assertThat(observing).isNotNull();
        } finally {
            other.destroyForcibly();
        }
    }

    @Test
    void etcdctlElectFollowsAndSucceeds() throws Exception {
        try (LeaderElection election = recipes.election("/elections/b")) {
            election.campaign(bytes("ours"));
            assertThat(election.awaitLeadership(GENEROUS)).isTrue();
            Process listener = etcd.etcdctl().start("elect", "-l", "/elections/b");
            Process other = etcd.etcdctl().start("elect", "/elections/b", "theirs");
            try {
                assertThat(firstLine(listener))
                        .succeedsWithin(GENEROUS)
                        .asString()
                        .startsWith("/elections/b/");
                CompletableFuture<String> elected = firstLine(other);
                await().atMost(GENEROUS)
                        .until(() -> etcd.etcdctl().keys("/elections/b/").size() == 2);
                assertThat(elected).isNotDone();
                election.resign();

                assertThat(elected).succeedsWithin(GENEROUS);
                assertThat(election.leader()).map(Leader::proposal).contains(bytes("theirs"));
            } finally {
                listener.destroyForcibly();
                other.destroyForcibly();
            }
        }
    }
}
