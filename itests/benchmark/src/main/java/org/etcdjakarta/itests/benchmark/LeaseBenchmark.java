package org.etcdjakarta.itests.benchmark;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.etcdjakarta.itests.support.EtcdServer;

/** What it costs to keep many leases alive, in a JVM that does nothing else. Arguments: leases, TTL and seconds to measure. */
public final class LeaseBenchmark {

    private LeaseBenchmark() {}

    /** See {@code itests/benchmark/README.md}. */
    public static void main(String[] arguments) throws Exception {
        String leases = arguments.length > 0 ? arguments[0] : "10000";
        String ttl = arguments.length > 1 ? arguments[1] : "60";
        String seconds = arguments.length > 2 ? arguments[2] : "60";
        StringBuilder report = new StringBuilder();
        for (LeaseKind kind : LeaseKind.values()) {
            // One etcd each: it goes on keeping the leases of those before.
            try (EtcdServer etcd = EtcdServer.start()) {
                if (report.isEmpty()) {
                    head(report, Surroundings.of(etcd, Runtime.version()), leases, ttl, seconds);
                }
                double etcdBefore = etcd.metrics().value("process_cpu_seconds_total");
                long received = etcd.metrics().received("LeaseKeepAlive");
                String line = run(kind, etcd.endpoint(), leases, ttl, seconds);
                row(report, kind, line, Double.parseDouble(seconds), etcd, etcdBefore, received);
            }
        }
        System.out.print(report);
    }

    private static void head(StringBuilder report, Surroundings where, String leases, String ttl, String seconds) {
        report.append("# %s leases kept alive, TTL %s s, measured for %s s%n%n".formatted(leases, ttl, seconds))
                .append("%s, Java %s, etcd %s, %s.%n%n"
                        .formatted(where.machine(), where.java(), where.etcd(), where.date()))
                .append(
                        "| client | CPU of the client, share of a core | answers heard | bytes allocated a second | threads | ends told |")
                .append(" keep-alives etcd received in all | streams |%n".formatted())
                .append("| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |%n".formatted());
    }

    private static void row(
            StringBuilder report,
            LeaseKind kind,
            String line,
            double seconds,
            EtcdServer etcd,
            double etcdBefore,
            long received) {
        String[] figures = line.split(" ", -1);
        report.append(String.format(
                Locale.ROOT,
                "| %s | %.2f %% | %s | %.0f | %s | %s | %d | %d |%n",
                kind.title(),
                Long.parseLong(figures[1]) / 1e7 / seconds,
                kind == LeaseKind.SESSIONS ? "-" : figures[0],
                Long.parseLong(figures[2]) / seconds,
                figures[3],
                figures[4],
                etcd.metrics().received("LeaseKeepAlive") - received,
                etcd.metrics().started("LeaseKeepAlive")));
        System.err.printf(
                Locale.ROOT,
                "%s: %s; etcd's CPU with the grants: %.1f s%n",
                kind,
                line,
                etcd.metrics().value("process_cpu_seconds_total") - etcdBefore);
    }

    private static String run(LeaseKind kind, String endpoint, String leases, String ttl, String seconds)
            throws IOException, InterruptedException {
        Process process = new ProcessBuilder(List.of(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xms512m",
                        "-Xmx512m",
                        "-cp",
                        kind.classPath(),
                        LeaseChild.class.getName(),
                        kind.name(),
                        endpoint,
                        leases,
                        ttl,
                        seconds))
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        try {
            String line = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
            if (process.waitFor() != 0) {
                throw new IllegalStateException(kind + " ended with " + process.exitValue());
            }
            return line;
        } finally {
            process.destroyForcibly();
        }
    }
}
