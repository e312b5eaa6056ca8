package org.etcdjakarta.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.etcdjakarta.embedded.TestClient.patiently;

import com.sun.management.UnixOperatingSystemMXBean;
import io.etcd.jetcd.api.lock.LockGrpc;
import java.lang.management.ManagementFactory;
import java.lang.ref.WeakReference;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Many servers one after the other in one JVM, as a build with many tests has them. */
class StartStopTest {

    /** A few for every build; the profile {@code long} does 1,000. */
    private static final int CYCLES = Integer.getInteger("embedded.cycles", 100);

    /** What gRPC and the JVM keep once for all, and what comes and goes by itself. */
    private static final int SLACK = 20;

    private final Logger logger = Logger.getLogger(EmbeddedEtcd.class.getName());
    private final List<String> logged = new ArrayList<>();
    private final Handler handler = new Handler() {
        @Override
        public void publish(LogRecord log) {
            if (log.getLevel().equals(Level.INFO)) {
                logged.add(log.getMessage());
            }
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
    };

    @BeforeEach
    void listen() {
        logger.addHandler(handler);
        logger.setUseParentHandlers(false);
    }

    @AfterEach
    void forget() {
        logger.removeHandler(handler);
        logger.setUseParentHandlers(true);
    }

    @Test
    void cyclesLeakNoThreadNoFileAndNoServer() {
        List<WeakReference<Object>> gone = new ArrayList<>();
        cycle(gone);
        long threads = threads();
        long files = files();

        for (int i = 0; i < CYCLES; i++) {
            cycle(gone);
        }

        patiently().untilAsserted(() -> assertThat(threads()).isLessThan(threads + SLACK));
        patiently().untilAsserted(() -> assertThat(files()).isLessThan(files + SLACK));
        patiently().untilAsserted(() -> {
            System.gc();
            assertThat(gone).allMatch(reference -> reference.get() == null);
        });
        assertThat(gone).hasSize(2 * CYCLES + 2);
        assertThat(logged).hasSize(CYCLES + 1);
    }

    private static void cycle(List<WeakReference<Object>> gone) {
        EmbeddedEtcd etcd = EmbeddedEtcd.start();
        gone.add(new WeakReference<>(etcd));
        gone.add(new WeakReference<>(etcd.channel()));
        TestClient.inProcess(etcd).put("k");
        leaveOpen(TestClient.inProcess(etcd), etcd, 2);
        etcd.restart();
        try (TestClient client = TestClient.onPort(etcd)) {
            client.put("k");
            leaveOpen(client, etcd, 4);
            etcd.close();
        }
    }

    /** A watch, and a lock that is waited for: one more than there are to be had. */
    private static void leaveOpen(TestClient client, EmbeddedEtcd etcd, int locks) {
        var unused = client.watch("k");
        client.lockLater("l");
        client.lockLater("l");
        Awaitility.await()
                .atMost(60, TimeUnit.SECONDS)
                .pollDelay(Duration.ZERO)
                .pollInterval(Duration.ofMillis(1))
                .until(() -> etcd.faults().seen(LockGrpc.getLockMethod()) == locks);
    }

    @Test
    void serversThatAreNotClosedWouldBeNoticed() {
        List<EmbeddedEtcd> left = new ArrayList<>();
        long threads = threads();
        long files = files();
        // Twice as many: threads that others have left may end meanwhile.
        for (int i = 0; i < 2 * SLACK; i++) {
            left.add(EmbeddedEtcd.start());
        }

        assertThat(threads()).isGreaterThanOrEqualTo(threads + SLACK);
        assertThat(files()).isGreaterThanOrEqualTo(files + SLACK);
        left.forEach(EmbeddedEtcd::close);
    }

    @Test
    void eachStartSaysOnceWhatItIsFor() {
        try (EmbeddedEtcd etcd = EmbeddedEtcd.start()) {
            etcd.restart();

            assertThat(logged)
                    .containsExactly("An embedded etcd, for development and tests only, listens on " + etcd.endpoint());
        }
    }

    @Test
    void theTimeToTheFirstAnswerIsMeasured() {
        cycle(new ArrayList<>());
        long start = System.nanoTime();
        try (EmbeddedEtcd etcd = EmbeddedEtcd.start()) {
            TestClient.inProcess(etcd).put("k");
            long inProcess = System.nanoTime();
            System.out.printf("start to first answer in process, warm: %d us%n", (inProcess - start) / 1000);
        }
        start = System.nanoTime();
        try (EmbeddedEtcd etcd = EmbeddedEtcd.start();
                TestClient client = TestClient.onPort(etcd)) {
            client.put("k");
            System.out.printf("start to first answer on the port, warm: %d us%n", (System.nanoTime() - start) / 1000);
        }
        assertThat(logged).hasSize(3);
    }

    private static long threads() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(Thread::isAlive)
                .count();
    }

    private static long files() {
        return ((UnixOperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean()).getOpenFileDescriptorCount();
    }
}
