package org.etcdjakarta.itests.benchmark;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * What is run, and how long.
 *
 * @param turns of each client in each cell that count; one of half the length goes before and does not
 * @param warming of each client before the first cell, for each operation
 */
record Plan(List<Cell> cells, List<Variant> variants, int turns, Duration turn, Duration warming) {

    private static final List<Integer> CALLERS = List.of(1, 8, 64, 256);

    Plan {
        cells = List.copyOf(cells);
        variants = List.copyOf(variants);
        if (!variants.contains(Variant.FLOOR)) {
            throw new IllegalArgumentException(
                    "variants: " + variants + "; " + Variant.FLOOR + " has to be among them, all ratios are to it");
        }
        if (cells.isEmpty() || turns < 1) {
            throw new IllegalArgumentException("nothing to do: " + cells.size() + " cells, " + turns + " turns");
        }
    }

    /** Every operation, number of callers and kind of thread that this Java has. */
    static Plan full(List<Variant> variants, int javaFeature) {
        List<Cell> cells = new ArrayList<>();
        for (ThreadKind kind : kinds(javaFeature)) {
            for (Operation operation : Operation.values()) {
                for (int callers : CALLERS) {
                    cells.add(new Cell(operation, callers, kind));
                }
            }
        }
        return new Plan(cells, variants, 5, Duration.ofSeconds(1), Duration.ofSeconds(3));
    }

    /** A look, not a measurement: the corners of the table, short turns. */
    static Plan quick(List<Variant> variants, int javaFeature) {
        List<Cell> cells = new ArrayList<>();
        for (ThreadKind kind : kinds(javaFeature)) {
            for (Operation operation : Operation.values()) {
                cells.add(new Cell(operation, 1, kind));
                cells.add(new Cell(operation, 256, kind));
            }
        }
        return new Plan(cells, variants, 3, Duration.ofMillis(300), Duration.ofSeconds(1));
    }

    private static List<ThreadKind> kinds(int javaFeature) {
        return javaFeature >= ThreadKind.VIRTUAL_SINCE ? List.of(ThreadKind.values()) : List.of(ThreadKind.PLATFORM);
    }
}
