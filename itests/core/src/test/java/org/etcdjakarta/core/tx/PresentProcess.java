package org.etcdjakarta.core.tx;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.etcdjakarta.core.link.EtcdLink;
import org.etcdjakarta.core.link.EtcdLinkConfig;

/** A process that is there for a moment, as etcd sees it, and halts. */
final class PresentProcess {

    static final int HALTED = 98;

    private PresentProcess() {}

    static Process start(String endpoint, String reserved, String linkId, String node, Duration ttl)
            throws IOException {
        return new ProcessBuilder(List.of(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:TieredStopAtLevel=1",
                        "-Xshare:auto",
                        "-cp",
                        System.getProperty("java.class.path"),
                        PresentProcess.class.getName(),
                        endpoint,
                        reserved,
                        linkId,
                        node,
                        ttl.toString()))
                .inheritIO()
                .start();
    }

    public static void main(String[] arguments) {
        EtcdLink link =
                EtcdLink.open(EtcdLinkConfig.builder().endpoints(arguments[0]).build());
        Presence.of(link, arguments[1], arguments[2], Alive.here(arguments[3]), Duration.parse(arguments[4]))
                .await(Duration.ofSeconds(60));
        // nothing is closed: it is killed
        Runtime.getRuntime().halt(HALTED);
    }
}
