package org.etcdjakarta.itests.benchmark;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.function.ToDoubleFunction;
import org.HdrHistogram.Histogram;

/**
 * The samples of all turns. The n-th samples of a cell were taken one right after the other, so ratios are taken between them
 * first and the median of these ratios then: what the machine did to one turn it did to its neighbours, too.
 */
final class Results {

    private final Map<Cell, Map<Variant, List<Sample>>> samples = new LinkedHashMap<>();

    void add(Cell cell, Variant variant, Sample sample) {
        samples.computeIfAbsent(cell, c -> new LinkedHashMap<>())
                .computeIfAbsent(variant, v -> new ArrayList<>())
                .add(sample);
    }

    /** In the order in which they were run. */
    List<Cell> cells() {
        return List.copyOf(samples.keySet());
    }

    List<Sample> of(Cell cell, Variant variant) {
        List<Sample> found = samples.getOrDefault(cell, Map.of()).get(variant);
        if (found == null) {
            throw new IllegalArgumentException("no turn of " + variant + " in " + cell);
        }
        return found;
    }

    double median(Cell cell, Variant variant, ToDoubleFunction<Sample> figure) {
        return Median.of(of(cell, variant).stream().mapToDouble(figure).toArray());
    }

    /** Of this variant's figure to the floor's, turn by turn. */
    double ratio(Cell cell, Variant variant, ToDoubleFunction<Sample> figure) {
        List<Sample> floor = of(cell, Variant.FLOOR);
        List<Sample> own = of(cell, variant);
        double[] ratios = new double[Math.min(floor.size(), own.size())];
        for (int turn = 0; turn < ratios.length; turn++) {
            ratios[turn] = figure.applyAsDouble(own.get(turn)) / figure.applyAsDouble(floor.get(turn));
        }
        return Median.of(ratios);
    }

    /** Of this variant's figure less the floor's. */
    double excess(Cell cell, Variant variant, ToDoubleFunction<Sample> figure) {
        return median(cell, variant, figure) - median(cell, Variant.FLOOR, figure);
    }

    /** The median over all cells that are wanted; NaN when there is none. */
    double over(Predicate<Cell> wanted, ToDoubleFunction<Cell> figure) {
        double[] figures =
                samples.keySet().stream().filter(wanted).mapToDouble(figure).toArray();
        return figures.length == 0 ? Double.NaN : Median.of(figures);
    }

    /** In microseconds, over all turns together. */
    long percentile(Cell cell, Variant variant, double percentile) {
        List<Histogram> parts =
                of(cell, variant).stream().map(Sample::latencies).toList();
        return LoadGenerator.merged(parts).getValueAtPercentile(percentile);
    }
}
