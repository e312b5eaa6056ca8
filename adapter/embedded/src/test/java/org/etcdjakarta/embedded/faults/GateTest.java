package org.etcdjakarta.embedded.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class GateTest {

    private final Gate gate = new Gate();
    private final List<String> passed = new ArrayList<>();

    @Test
    void anEventThatFailsHoldsUpNoOther() {
        gate.hold();
        gate.pass(() -> {
            throw new IllegalStateException("first");
        });
        gate.pass(() -> {
            throw new IllegalStateException("second");
        });
        gate.pass(() -> passed.add("behind them"));

        assertThatIllegalStateException().isThrownBy(gate::release).withMessage("first");

        assertThat(passed).containsExactly("behind them");
        gate.pass(() -> passed.add("later"));
        assertThat(passed).containsExactly("behind them", "later");
    }
}
