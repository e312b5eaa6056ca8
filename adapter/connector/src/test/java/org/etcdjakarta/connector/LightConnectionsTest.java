package org.etcdjakarta.connector;

import static org.assertj.core.api.Assertions.assertThat;

import io.etcd.jetcd.ByteSequence;
import jakarta.resource.ResourceException;
import jakarta.resource.spi.ManagedConnection;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.LongSupplier;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.etcdjakarta.EtcdConnection;
import org.etcdjakarta.EtcdConnectionFactory;
import org.etcdjakarta.embedded.EmbeddedEtcd;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What a managed connection costs, and that handles leave nothing behind. */
class LightConnectionsTest {

    private static final int MANY = 10_000;

    private static final ByteSequence KEY = ByteSequence.from("k", StandardCharsets.UTF_8);

    private final EmbeddedEtcd etcd = EmbeddedEtcd.start();
    private final EtcdManagedConnectionFactory factory = new EtcdManagedConnectionFactory();

    LightConnectionsTest() {
        factory.setEndpoints(etcd.endpoint());
    }

    @AfterEach
    void stop() {
        etcd.close();
    }

    /** As in a server's pool: with a listener, asked for its XA resource, used once in a transaction and once outside, cleaned up. */
    private EtcdManagedConnection used() throws ResourceException {
        EtcdManagedConnection connection = factory.createManagedConnection(null, null);
        connection.addConnectionEventListener(Containers.DEAF);
        assertThat(connection.getXAResource()).isNotNull();
        connection.getConnection(null, null).close();
        connection.getLocalTransaction().begin();
        connection.getLocalTransaction().rollback();
        connection.cleanup();
        return connection;
    }

    @Test
    void managedConnectionsAreSmallAndHaveNeitherThreadNorSocket() throws Exception {
        EtcdManagedConnection first = used();
        assertThat(first.getConnection(null, null).kv().put(KEY, KEY)).succeedsWithin(Duration.ofSeconds(30));
        List<ManagedConnection> pool = new ArrayList<>(MANY);
        pool.add(used());
        long threads = settled(() -> Thread.getAllStackTraces().size());
        long descriptors = settled(LightConnectionsTest::sockets);
        long before = heap();
        for (int i = 1; i < MANY; i++) {
            pool.add(used());
        }
        long each = (heap() - before) / (MANY - 1);

        assertThat(each).as("bytes for each").isBetween(100L, 1024L);
        assertThat(Thread.getAllStackTraces().size()).isLessThanOrEqualTo((int) threads + 2);
        assertThat(sockets()).isLessThanOrEqualTo(descriptors);
        for (ManagedConnection connection : pool) {
            connection.destroy();
        }
        first.destroy();
    }

    @Test
    void tenThousandHandlesOfSixtyFourThreadsLeaveNothing() throws Exception {
        TestPool pool = new TestPool(8);
        EtcdConnectionFactory pooled = factory.createConnectionFactory(pool);
        leavesNothing(pooled);
        assertThat(pool.made()).isBetween(1, 8);
        assertThat(pool.idle()).isEqualTo(pool.made());
        assertThat(pool.errors()).isZero();
        pool.destroyAll();
    }

    @Test
    void withoutAServerTooAndTheLinkIsClosedWithTheLast() throws Exception {
        long before = linkThreads();
        leavesNothing(factory.createConnectionFactory());
        Awaitility.await().atMost(Duration.ofSeconds(60)).untilAsserted(() -> assertThat(linkThreads())
                .isLessThanOrEqualTo(before));
    }

    private void leavesNothing(EtcdConnectionFactory connections) throws Exception {
        opened(connections, 100);
        long before = heap();
        opened(connections, MANY);
        long left = heap() - before;

        assertThat(left).as("bytes left of %s handles", MANY).isLessThan(MANY * 20L);
    }

    private static void opened(EtcdConnectionFactory connections, int handles) throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(64);
        try {
            List<Callable<Boolean>> calls = new ArrayList<>();
            for (int i = 0; i < handles; i++) {
                boolean asks = i % 100 == 0;
                calls.add(() -> {
                    try (EtcdConnection connection = connections.getConnection()) {
                        return !asks || connection.kv().get(KEY).get().getCount() == 0;
                    }
                });
            }
            for (Future<Boolean> call : threads.invokeAll(calls)) {
                assertThat(call.get()).isTrue();
            }
        } finally {
            threads.shutdown();
        }
    }

    private static long linkThreads() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().startsWith("etcd-link"))
                .count();
    }

    private static long sockets() {
        try (Stream<Path> descriptors = Files.list(Path.of("/proc/self/fd"))) {
            return descriptors.filter(LightConnectionsTest::isSocket).count();
        } catch (IOException e) {
            return 0;
        }
    }

    private static boolean isSocket(Path descriptor) {
        try {
            return Files.readSymbolicLink(descriptor).toString().startsWith("socket:");
        } catch (IOException closedMeanwhile) {
            return false;
        }
    }

    /** After collection, until it does not fall any more. */
    private static long heap() {
        Runtime runtime = Runtime.getRuntime();
        return settled(() -> {
            System.gc();
            return runtime.totalMemory() - runtime.freeMemory();
        });
    }

    private static long settled(LongSupplier figure) {
        long last = figure.getAsLong();
        for (int round = 0; round < 10; round++) {
            long next = figure.getAsLong();
            if (next >= last - 1024) {
                return Math.min(next, last);
            }
            last = next;
        }
        return last;
    }
}
