package org.etcdjakarta.itests.benchmark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;

class CellTest {

    @Test
    void isReadAsItIsPrinted() {
        Cell cell = new Cell(Operation.TXN, 256, ThreadKind.VIRTUAL);
        assertThat(cell).hasToString("txn 256 virtual");
        assertThat(Cell.parse("txn 256 virtual")).isEqualTo(cell);
    }

    @Test
    void somethingElseIsRefused() {
        assertThatIllegalArgumentException().isThrownBy(() -> Cell.parse("put 64"));
        assertThatIllegalArgumentException().isThrownBy(() -> Cell.parse("put 0 platform"));
        assertThatIllegalArgumentException().isThrownBy(() -> Cell.parse("patch 1 platform"));
    }
}
