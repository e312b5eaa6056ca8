package org.etcdjakarta.itests.wildfly;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.etcdjakarta.itests.support.EtcdServer;
import org.etcdjakarta.itests.support.Etcdctl;
import org.etcdjakarta.itests.wildfly.inside.CommitBesides;
import org.etcdjakarta.itests.wildfly.inside.GoOn;
import org.jboss.shrinkwrap.api.spec.WebArchive;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * What WildFly's own recovery manager does with branches that a server has left prepared: it finishes those of its own log without
 * anybody's help, and keeps off those of another server, whatever that one is called.
 */
class RecoveryIT {

    /** How long etcd takes a process for alive that it does not hear of. */
    private static final String SESSION_TTL = "3s";

    private static final Duration SOON = Duration.ofSeconds(60);

    private final EtcdServer etcd = EtcdServer.start();
    private final Etcdctl witness = etcd.etcdctl();
    private final WebArchive application = Applications.commands();
    private final WildFlyProcess a = server("a");
    private final WildFlyProcess b = server("b");

    private WildFlyProcess server(String name) {
        return WildFlyProcess.fresh(name)
                .property("etcd.endpoints", etcd.endpoint())
                .property("etcd.session-ttl", SESSION_TTL)
                .property("etcd.request-timeout", "1s")
                .deploy(application);
    }

    @AfterEach
    void close() {
        try (etcd;
                a;
                b) {
            // all of them, whatever the others do
        }
    }

    /** Each has its own identifier, as it should. */
    @Test
    void finishesWhatItsOwnLogKnows() {
        a.property("jboss.tx.node.id", "a");
        b.property("jboss.tx.node.id", "b");
        WildFlyProcess.startAll(a, b);

        CompletableFuture<HttpResponse<String>> waiting = prepared(a, "etcd", "/waiting/1", "/waiting/2");
        passes(b);
        goOn(a, waiting);
        assertCommitted("/waiting/1", "/waiting/2");

        // The second phase fails, and the managed connection is gone before recovery comes. Beside it a pool without
        // the
        // credentials that the archive's has: that one nobody asks for what is prepared.
        new Pools(a).add("unrecovered", "XATransaction", Map.of("reservedPrefix", "/unrecovered/"));
        waiting = prepared(a, "etcd", "/flushed/1", "/flushed/2");
        CompletableFuture<HttpResponse<String>> unrecovered = prepared(a, "unrecovered", "/flushed/3");
        etcd.stop();
        a.run(application, GoOn.class);
        goOn(a, waiting);
        assertThat(WildFlyProcess.answer(unrecovered.join())).isEqualTo("committed");
        pool(a).run("flush-all-connection-in-pool");
        etcd.restart();
        awaitCommitted("/flushed/1", "/flushed/2");
        passes(a);
        assertThat(witness.keys("/unrecovered/p/")).hasSize(1);
        assertThat(witness.get("/flushed/3")).isEmpty();

        halt(a, "/halted/1", "/halted/2");
        awaitThatNobodyLives();
        passes(b);
        assertThat(prepared()).isEqualTo(1);
        assertThat(witness.keys("/halted/")).isEmpty();

        a.start();
        awaitCommitted("/halted/1", "/halted/2");
    }

    /** Both have WildFly's default one, "1", so each takes the other's branches for its own that it has lost the log of. */
    @Test
    void keepsOffTheBranchesOfANamesake() throws IOException {
        WildFlyProcess.startAll(a, b);

        CompletableFuture<HttpResponse<String>> waiting = prepared(a, "etcd", "/waiting/1", "/waiting/2");
        passes(b);
        goOn(a, waiting);
        assertCommitted("/waiting/1", "/waiting/2");

        halt(a, "/halted/1", "/halted/2");
        awaitThatNobodyLives();
        passes(b);
        assertThat(prepared()).isEqualTo(1);

        a.start();
        awaitCommitted("/halted/1", "/halted/2");

        // What it is that keeps the other off: without it the branch is lost.
        halt(a, "/lost/1", "/lost/2");
        b.kill();
        Files.writeString(home(b), Files.readString(home(a)));
        b.start();
        awaitThatNobodyLives();
        await().atMost(SOON).until(() -> {
            b.recover();
            return prepared() == 0;
        });
        assertThat(witness.keys("/lost/")).isEmpty();
    }

    private static Path home(WildFlyProcess server) {
        return server.base().resolve("data/etcd-jakarta/home");
    }

    /** Returns when both resources are prepared, and the other one waits in its commit. */
    private CompletableFuture<HttpResponse<String>> prepared(WildFlyProcess server, String pool, String... keys) {
        int before = allPrepared();
        CompletableFuture<HttpResponse<String>> call = commit(server, "WAIT", pool, keys);
        await().atMost(SOON).until(() -> allPrepared() == before + 1);
        return call;
    }

    private CompletableFuture<HttpResponse<String>> commit(
            WildFlyProcess server, String atCommit, String pool, String... keys) {
        List<String> arguments = new ArrayList<>(List.of(atCommit, "java:/eis/" + pool));
        arguments.addAll(List.of(keys));
        return server.send(application, CommitBesides.class, arguments.toArray(new String[0]));
    }

    /** Returns when the server is gone, and has left a branch that it had decided to commit. */
    private void halt(WildFlyProcess server, String... keys) {
        CompletableFuture<?> call = commit(server, "HALT", "etcd", keys);
        server.awaitEnd();
        assertThat(call).failsWithin(SOON);
        assertThat(prepared()).isEqualTo(1);
    }

    private int allPrepared() {
        return prepared() + witness.keys("/unrecovered/p/").size();
    }

    private int prepared() {
        return witness.keys("/_etcd-jakarta/p/").size();
    }

    /** Narayana rolls back what it has seen twice, with its safety interval in between, and does not know. */
    private static void passes(WildFlyProcess server) {
        for (int i = 0; i < 4; i++) {
            server.recover();
        }
    }

    private void goOn(WildFlyProcess server, CompletableFuture<HttpResponse<String>> call) {
        server.run(application, GoOn.class);
        assertThat(WildFlyProcess.answer(call.join())).isEqualTo("committed");
    }

    private static Management.Resource pool(WildFlyProcess server) {
        return server.management()
                .at(
                        "deployment=etcd-jakarta.rar",
                        "subsystem=resource-adapters",
                        "ironjacamar=ironjacamar",
                        "resource-adapter=etcd-jakarta.rar",
                        "connection-definitions=java:/eis/etcd");
    }

    /** Who only recovers does not say that it lives. */
    private void awaitThatNobodyLives() {
        await().atMost(SOON).until(() -> witness.keys("/_etcd-jakarta/s/").isEmpty());
    }

    private void awaitCommitted(String first, String second) {
        await().atMost(SOON).until(() -> prepared() == 0);
        assertCommitted(first, second);
    }

    private void assertCommitted(String first, String second) {
        assertThat(witness.get(first)).hasValue("committed");
        assertThat(witness.modRevision(first)).isEqualTo(witness.modRevision(second));
        assertThat(witness.keys("/_etcd-jakarta/p/")).isEmpty();
        assertThat(witness.keys("/_etcd-jakarta/i/")).isEmpty();
    }
}
