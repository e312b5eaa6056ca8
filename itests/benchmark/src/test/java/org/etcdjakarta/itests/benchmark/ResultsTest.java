package org.etcdjakarta.itests.benchmark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;
import static org.etcdjakarta.itests.benchmark.Samples.CELL;
import static org.etcdjakarta.itests.benchmark.Samples.sample;

import org.junit.jupiter.api.Test;

class ResultsTest {

    private static final Cell OTHER = new Cell(Operation.GET, 256, ThreadKind.VIRTUAL);

    private final Results results = new Results();

    /** The machine was slow for both in the second round and fast in the third. */
    private void threeRounds() {
        results.add(CELL, Variant.STUB, sample(1_000, 100, 8_000, 500));
        results.add(CELL, Variant.OURS, sample(900, 110, 8_500, 500));
        results.add(CELL, Variant.OURS, sample(400, 260, 8_600, 900));
        results.add(CELL, Variant.STUB, sample(500, 200, 8_100, 900));
        results.add(CELL, Variant.STUB, sample(2_000, 50, 8_050, 100));
        results.add(CELL, Variant.OURS, sample(2_000, 60, 8_550, 100));
    }

    @Test
    void ratiosAreTakenTurnByTurn() {
        threeRounds();
        // 0.9, 0.8, 1.0; the ratio of the medians would be the same, that of the CPU not: 1.1, 1.3, 1.2 and 110 / 100.
        assertThat(results.ratio(CELL, Variant.OURS, Sample::operationsPerSecond))
                .isEqualTo(0.9);
        assertThat(results.ratio(CELL, Variant.OURS, Sample::cpuMicrosPerOperation))
                .isCloseTo(1.2, within(1e-9));
    }

    @Test
    void floorIsItsOwnMeasure() {
        threeRounds();
        assertThat(results.ratio(CELL, Variant.STUB, Sample::operationsPerSecond))
                .isEqualTo(1);
        assertThat(results.excess(CELL, Variant.STUB, Sample::bytesPerOperation))
                .isEqualTo(0);
    }

    @Test
    void excessIsOfTheMedians() {
        threeRounds();
        assertThat(results.excess(CELL, Variant.OURS, Sample::bytesPerOperation))
                .isEqualTo(500);
    }

    @Test
    void percentilesAreOverAllTurns() {
        threeRounds();
        assertThat(results.percentile(CELL, Variant.STUB, 50)).isEqualTo(100);
        assertThat(results.percentile(CELL, Variant.STUB, 85)).isBetween(495L, 505L);
    }

    @Test
    void medianOverCellsTakesTheWantedOnes() {
        threeRounds();
        results.add(OTHER, Variant.STUB, sample(100, 30, 8_000, 100));
        results.add(OTHER, Variant.OURS, sample(100, 36, 8_000, 100));
        assertThat(results.cells()).containsExactly(CELL, OTHER);
        assertThat(results.over(
                        cell -> cell.callers() == 256,
                        cell -> results.ratio(cell, Variant.OURS, Sample::cpuMicrosPerOperation)))
                .isCloseTo(1.2, within(1e-9));
        assertThat(results.over(cell -> true, cell -> cell.callers())).isEqualTo((8 + 256) / 2.0);
        assertThat(results.over(cell -> false, cell -> 1)).isNaN();
    }

    @Test
    void whatWasNotRunIsNamed() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> results.of(CELL, Variant.JETCD))
                .withMessageContaining("jetcd")
                .withMessageContaining("put 8 platform");
    }
}
