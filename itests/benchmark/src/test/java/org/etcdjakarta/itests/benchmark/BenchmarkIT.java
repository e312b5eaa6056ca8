package org.etcdjakarta.itests.benchmark;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The benchmark itself, so short that every build can run it. Its figures only have to be possible. */
class BenchmarkIT {

    private static final Path JAVA = Path.of(System.getProperty("java.home"));

    private static Plan tiny(List<Variant> variants) {
        return new Plan(
                List.of(
                        new Cell(Operation.TXN, 4, ThreadKind.PLATFORM),
                        new Cell(Operation.GET, 1, ThreadKind.PLATFORM)),
                variants,
                2,
                Duration.ofMillis(200),
                Duration.ofMillis(100));
    }

    @Test
    void everyClientIsMeasured() {
        List<String> progress = new ArrayList<>();
        String report =
                Benchmark.run(JAVA, List.of(Variant.values()), (variants, java) -> tiny(variants), progress::add);
        for (Variant variant : Variant.values()) {
            for (String cell : List.of("txn 4 platform", "get 1 platform")) {
                assertThat(report.lines().filter(line -> line.startsWith("| " + cell + " | " + variant + " |")))
                        .as("%s of %s in\n%s", cell, variant, report)
                        .singleElement()
                        .satisfies(BenchmarkIT::isPossible);
            }
        }
        assertThat(progress).hasSize(3);
    }

    /** Operations, latencies, CPU and allocation are there; a get has its 256 bytes of value to carry. */
    private static void isPossible(String row) {
        String[] columns = row.split("\\|", -1);
        assertThat(number(columns[3])).as("ops/s").isPositive();
        assertThat(number(columns[5])).as("p50").isPositive().isLessThanOrEqualTo(number(columns[6]));
        assertThat(number(columns[7])).as("CPU").isPositive();
        assertThat(number(columns[9])).as("allocation").isGreaterThan(KvCalls.VALUE);
    }

    private static double number(String column) {
        return Double.parseDouble(column.strip());
    }

    @Test
    void classPathsAreApart() {
        List<String> ours = ClassPaths.names(ClassPaths.of(Variant.OURS));
        List<String> jetcd = ClassPaths.names(ClassPaths.of(Variant.JETCD));
        assertThat(ours)
                .anyMatch(jar -> jar.startsWith("grpc-netty-shaded-"))
                .noneMatch(jar -> jar.startsWith("vertx-") || jar.startsWith("netty-"));
        assertThat(jetcd)
                .anyMatch(jar -> jar.startsWith("vertx-grpc-"))
                .anyMatch(jar -> jar.startsWith("netty-codec-http2-"))
                .noneMatch(jar -> jar.startsWith("grpc-netty-shaded-") || jar.startsWith("etcd-jakarta-core"));
    }
}
