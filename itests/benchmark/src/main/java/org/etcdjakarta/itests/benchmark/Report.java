package org.etcdjakarta.itests.benchmark;

import java.util.Locale;
import java.util.function.ToDoubleFunction;

/** The results as Markdown: medians over all cells beside the goals, then every cell. */
final class Report {

    private final Plan plan;
    private final Results results;
    private final Surroundings surroundings;

    Report(Plan plan, Results results, Surroundings surroundings) {
        this.plan = plan;
        this.results = results;
        this.surroundings = surroundings;
    }

    String markdown() {
        StringBuilder text = new StringBuilder("# Clients for etcd, side by side\n\n");
        heading(text);
        summary(text);
        cells(text);
        return text.toString();
    }

    private void heading(StringBuilder text) {
        line(
                text,
                "%s. etcd %s, one member. Java %s. %s.",
                surroundings.date(),
                surroundings.etcd(),
                surroundings.java(),
                surroundings.machine());
        line(text, "");
        line(
                text,
                "Closed loop of blocking calls, %d bytes a value, %d turns of %d ms in each cell.",
                KvCalls.VALUE,
                plan.turns(),
                plan.turn().toMillis());
        line(
                text,
                "`×` is the median of the turns' ratios to the bare blocking stub in the same round; `+B` are bytes more than the stub's.");
        line(text, "CPU is that of the client's whole process.");
        line(text, "");
    }

    private void summary(StringBuilder text) {
        line(text, "## Medians over all cells");
        line(text, "");
        line(text, "| client | throughput × | CPU × | allocation +B | CPU × of 256 virtual threads |");
        line(text, "| --- | ---: | ---: | ---: | ---: |");
        for (Variant variant : plan.variants()) {
            line(
                    text,
                    "| %s | %s | %s | %s | %s |",
                    variant,
                    ratio(all(cell -> results.ratio(cell, variant, Sample::operationsPerSecond))),
                    ratio(all(cell -> results.ratio(cell, variant, Sample::cpuMicrosPerOperation))),
                    bytes(all(cell -> results.excess(cell, variant, Sample::bytesPerOperation))),
                    ratio(results.over(
                            Report::manyVirtual, cell -> results.ratio(cell, variant, Sample::cpuMicrosPerOperation))));
        }
        line(text, "| *goal for ours* | ≥ 0.97 | ≤ 1.15 | ≤ +1024 | ≤ 1.30 |");
        line(text, "");
    }

    private static boolean manyVirtual(Cell cell) {
        return cell.threads() == ThreadKind.VIRTUAL && cell.callers() == 256;
    }

    private double all(ToDoubleFunction<Cell> figure) {
        return results.over(cell -> true, figure);
    }

    private void cells(StringBuilder text) {
        line(text, "## Cells");
        line(text, "");
        line(
                text,
                "| operation, callers, threads | client | ops/s | × | p50 ms | p99 ms | CPU µs/op | × | B/op | +B |");
        line(text, "| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |");
        for (Cell cell : results.cells()) {
            for (Variant variant : plan.variants()) {
                line(
                        text,
                        "| %s | %s | %.0f | %s | %s | %s | %.1f | %s | %.0f | %s |",
                        cell,
                        variant,
                        results.median(cell, variant, Sample::operationsPerSecond),
                        ratio(results.ratio(cell, variant, Sample::operationsPerSecond)),
                        millis(results.percentile(cell, variant, 50)),
                        millis(results.percentile(cell, variant, 99)),
                        results.median(cell, variant, Sample::cpuMicrosPerOperation),
                        ratio(results.ratio(cell, variant, Sample::cpuMicrosPerOperation)),
                        results.median(cell, variant, Sample::bytesPerOperation),
                        bytes(results.excess(cell, variant, Sample::bytesPerOperation)));
            }
        }
    }

    private static String ratio(double value) {
        return Double.isNaN(value) ? "–" : String.format(Locale.ROOT, "%.2f", value);
    }

    private static String bytes(double value) {
        return String.format(Locale.ROOT, "%+.0f", value);
    }

    private static String millis(long micros) {
        return String.format(Locale.ROOT, "%.2f", micros / 1_000.0);
    }

    private static void line(StringBuilder text, String format, Object... values) {
        text.append(values.length == 0 ? format : String.format(Locale.ROOT, format, values))
                .append('\n');
    }
}
