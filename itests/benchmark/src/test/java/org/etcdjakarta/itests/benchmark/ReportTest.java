package org.etcdjakarta.itests.benchmark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.etcdjakarta.itests.benchmark.Samples.CELL;
import static org.etcdjakarta.itests.benchmark.Samples.sample;

import java.time.Duration;
import java.time.LocalDate;
import java.util.List;
import org.junit.jupiter.api.Test;

class ReportTest {

    private static String report(Cell cell) {
        Results results = new Results();
        results.add(cell, Variant.STUB, sample(1_000, 100, 8_000, 100));
        results.add(cell, Variant.JETCD, sample(800, 164, 11_000, 250));
        Plan plan = new Plan(
                List.of(cell), List.of(Variant.STUB, Variant.JETCD), 1, Duration.ofSeconds(1), Duration.ofSeconds(1));
        Surroundings surroundings = new Surroundings(LocalDate.of(2026, 2, 3), "2 processors", "17.0.1", "3.5.16");
        return new Report(plan, results, surroundings).markdown();
    }

    @Test
    void tellsWhereItWasMeasured() {
        assertThat(report(CELL))
                .contains("2026-02-03. etcd 3.5.16, one member. Java 17.0.1. 2 processors.")
                .contains("256 bytes a value, 1 turns of 1000 ms");
    }

    @Test
    void hasOneRowForEachCellAndClient() {
        assertThat(report(CELL))
                .contains("| put 8 platform | stub | 1000 | 1.00 | 0.10 | 0.10 | 100.0 | 1.00 | 8000 | +0 |")
                .contains("| put 8 platform | jetcd | 800 | 0.80 | 0.25 | 0.25 | 164.0 | 1.64 | 11000 | +3000 |");
    }

    @Test
    void summaryStandsBesideTheGoals() {
        assertThat(report(CELL))
                .contains("| jetcd | 0.80 | 1.64 | +3000 | – |")
                .contains("| *goal for ours* | ≥ 0.97 | ≤ 1.15 | ≤ +1024 | ≤ 1.30 |");
    }

    @Test
    void manyVirtualThreadsHaveTheirOwnColumn() {
        assertThat(report(new Cell(Operation.PUT, 256, ThreadKind.VIRTUAL)))
                .contains("| jetcd | 0.80 | 1.64 | +3000 | 1.64 |");
    }

    @Test
    void everyRowHasAsManyColumnsAsItsHeading() {
        long rows = report(CELL)
                .lines()
                .filter(line -> line.startsWith("|"))
                .map(line -> line.chars().filter(c -> c == '|').count())
                .filter(bars -> bars == 6 || bars == 11)
                .count();
        assertThat(rows).isEqualTo(5 + 4);
    }
}
