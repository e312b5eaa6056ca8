package org.etcdjakarta.itests.link;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.etcdjakarta.itests.link.Links.GENEROUS;
import static org.etcdjakarta.itests.link.Links.config;
import static org.etcdjakarta.itests.link.Links.get;

import io.etcd.jetcd.options.LeaseOption;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import org.etcdjakarta.core.link.EtcdLink;
import org.etcdjakarta.itests.support.EtcdServer;
import org.etcdjakarta.itests.support.WithEtcd;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The owner of a session is stopped (SIGSTOP) for longer than its lease lives, and goes on. */
@WithEtcd
class StoppedOwnerIT {

    private final EtcdServer etcd;
    private final List<String> lines = new CopyOnWriteArrayList<>();
    private final Process owner;
    private final PrintWriter requests;

    StoppedOwnerIT(EtcdServer etcd) throws IOException {
        this.etcd = etcd;
        owner = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        SessionOwner.class.getName(),
                        etcd.endpoint(),
                        "5")
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        requests = new PrintWriter(owner.getOutputStream(), true, UTF_8);
        Thread reader = new Thread(this::read, "owner-output");
        reader.setDaemon(true);
        reader.start();
    }

    private void read() {
        try (BufferedReader output = owner.inputReader(UTF_8)) {
            output.lines().forEach(lines::add);
        } catch (IOException e) {
            lines.add(e.toString());
        }
    }

    @AfterEach
    void end() {
        owner.destroyForcibly();
    }

    private void signal(String signal) throws Exception {
        assertThat(new ProcessBuilder("kill", signal, Long.toString(owner.pid()))
                        .inheritIO()
                        .start()
                        .waitFor())
                .isZero();
    }

    /** The lease that the owner says it works under, which is another one than that. */
    private long worksUnder(long other) {
        AtomicLong found = new AtomicLong();
        await().atMost(GENEROUS).until(() -> {
            int before = lines.size();
            requests.println();
            // between the request and its answer there may be other lines
            found.set(lease(await().atMost(GENEROUS).until(() -> answer(before), line -> !line.isEmpty())));
            return found.get() != 0 && found.get() != other;
        });
        return found.get();
    }

    private String answer(int before) {
        return lines.stream()
                .skip(before)
                .filter(line -> line.startsWith("works"))
                .findFirst()
                .orElse("");
    }

    private static long lease(String line) {
        return line.startsWith("works under ") ? Long.parseLong(line.substring("works under ".length())) : 0;
    }

    @Test
    void learnsThatItHasLostItsLeaseBeforeItWorksUnderIt() throws Exception {
        try (EtcdLink outside = EtcdLink.open(config(etcd.endpoint()).build())) {
            long first = worksUnder(0);
            signal("-STOP");
            int before = lines.size();
            // It has work to do as soon as it goes on.
            requests.println();
            await().atMost(GENEROUS)
                    .until(() -> get(outside.client().getLeaseClient().timeToLive(first, LeaseOption.DEFAULT))
                                    .getTTL()
                            == -1);
            assertThat(lines).as("it stands still").hasSize(before);
            signal("-CONT");
            long second = worksUnder(first);

            List<String> afterwards = lines.subList(before, lines.size());
            assertThat(afterwards)
                    .doesNotContain("works under " + first)
                    .containsSubsequence("LOST", "CONNECTED", "works under " + second);
            assertThat(get(outside.leases())).contains(second).doesNotContain(first);
        }
    }
}
