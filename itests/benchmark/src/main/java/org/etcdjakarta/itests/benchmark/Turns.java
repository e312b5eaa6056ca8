package org.etcdjakarta.itests.benchmark;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;
import org.etcdjakarta.itests.support.EtcdServer;

/** Lets the clients take turns, cell by cell. Each round begins with another client, so that none always comes first. */
final class Turns {

    private final Plan plan;
    private final EtcdServer etcd;
    private final Map<Variant, ChildProcess> children;
    private final Consumer<String> progress;
    private long compacted;

    Turns(Plan plan, EtcdServer etcd, Map<Variant, ChildProcess> children, Consumer<String> progress) {
        this.plan = plan;
        this.etcd = etcd;
        this.children = new LinkedHashMap<>(children);
        this.progress = progress;
    }

    Results run() {
        warm();
        Results results = new Results();
        for (Cell cell : plan.cells()) {
            compact();
            plan.variants()
                    .forEach(variant -> child(variant).turn(cell, plan.turn().dividedBy(2)));
            for (int round = 0; round < plan.turns(); round++) {
                for (int i = 0; i < plan.variants().size(); i++) {
                    Variant variant =
                            plan.variants().get((i + round) % plan.variants().size());
                    results.add(cell, variant, child(variant).turn(cell, plan.turn()));
                }
            }
            progress.accept(line(results, cell));
        }
        return results;
    }

    private void warm() {
        progress.accept("warming " + plan.variants());
        for (Variant variant : plan.variants()) {
            for (Operation operation : Operation.values()) {
                child(variant).turn(new Cell(operation, 8, ThreadKind.PLATFORM), plan.warming());
            }
        }
    }

    /** Without it etcd would grow by a gigabyte, and later cells would be measured on another database than earlier ones. */
    private void compact() {
        long revision = etcd.etcdctl().revision();
        // A cell of gets has written nothing, and etcd refuses to compact twice at one revision.
        if (revision > compacted) {
            etcd.etcdctl("compaction", "--physical", Long.toString(revision));
            compacted = revision;
        }
    }

    private String line(Results results, Cell cell) {
        StringBuilder line = new StringBuilder(cell.toString()).append(':');
        for (Variant variant : plan.variants()) {
            line.append(" %s %.0f/s %.0f us"
                    .formatted(
                            variant,
                            results.median(cell, variant, Sample::operationsPerSecond),
                            results.median(cell, variant, Sample::cpuMicrosPerOperation)));
        }
        return line.toString();
    }

    private ChildProcess child(Variant variant) {
        ChildProcess child = children.get(variant);
        if (child == null) {
            throw new IllegalArgumentException("no JVM for " + variant);
        }
        return child;
    }
}
