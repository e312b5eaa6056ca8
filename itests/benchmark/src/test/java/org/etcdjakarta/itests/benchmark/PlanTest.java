package org.etcdjakarta.itests.benchmark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.List;
import org.junit.jupiter.api.Test;

class PlanTest {

    private static final List<Variant> ALL = List.of(Variant.values());

    @Test
    void fullIsEveryOperationCallersAndThreads() {
        assertThat(Plan.full(ALL, 21).cells())
                .hasSize(3 * 4 * 2)
                .doesNotHaveDuplicates()
                .contains(new Cell(Operation.TXN, 256, ThreadKind.VIRTUAL));
    }

    @Test
    void virtualThreadsAreLeftOutWhereThereAreNone() {
        assertThat(Plan.full(ALL, 17).cells()).hasSize(3 * 4).allMatch(cell -> cell.threads() == ThreadKind.PLATFORM);
    }

    @Test
    void quickIsPartOfFull() {
        assertThat(Plan.full(ALL, 21).cells())
                .containsAll(Plan.quick(ALL, 21).cells())
                .hasSizeGreaterThan(Plan.quick(ALL, 21).cells().size());
    }

    @Test
    void nothingIsMeasuredWithoutTheFloor() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Plan.full(List.of(Variant.OURS), 17))
                .withMessageContaining("stub");
    }
}
