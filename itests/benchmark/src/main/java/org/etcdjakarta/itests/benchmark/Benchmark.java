package org.etcdjakarta.itests.benchmark;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import org.etcdjakarta.itests.support.EtcdServer;

/** The harness: one etcd, one JVM for each client, one report. */
public final class Benchmark {

    private Benchmark() {}

    /** See {@code itests/benchmark/README.md}. */
    public static void main(String[] arguments) throws IOException {
        Options options;
        try {
            options = Options.parse(List.of(arguments));
        } catch (IllegalArgumentException e) {
            System.err.println(e.getMessage());
            System.exit(2);
            return;
        }
        String report = run(
                options.java(),
                options.variants(),
                options.quick() ? Plan::quick : Plan::full,
                line -> System.err.println(line));
        System.out.write(report.getBytes(StandardCharsets.UTF_8));
        System.out.flush();
        Path out = options.out();
        if (out != null) {
            Files.writeString(out, report);
        }
    }

    /** The plan is made when it is known which Java the clients run on. */
    static String run(
            Path javaHome,
            List<Variant> variants,
            BiFunction<List<Variant>, Integer, Plan> plan,
            Consumer<String> progress) {
        Map<Variant, ChildProcess> children = new EnumMap<>(Variant.class);
        try (EtcdServer etcd = EtcdServer.start()) {
            try {
                for (Variant variant : variants) {
                    children.put(variant, ChildProcess.start(variant, javaHome, etcd.endpoint()));
                }
                Runtime.Version java = children.values().iterator().next().java();
                Plan settled = plan.apply(variants, java.feature());
                Results results = new Turns(settled, etcd, children, progress).run();
                return new Report(settled, results, Surroundings.of(etcd, java)).markdown();
            } finally {
                children.values().forEach(ChildProcess::close);
            }
        }
    }
}
