package org.etcdjakarta.core.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.util.Map;
import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class PhaseTest {

    /** As the design draws it. */
    private static final Map<Phase, Set<Phase>> NEXT = Map.of(
            Phase.GRANTING, Set.of(Phase.CONFIRMING, Phase.CONNECTED, Phase.CLOSED),
            Phase.CONFIRMING, Set.of(Phase.GRANTING, Phase.CONNECTED, Phase.CLOSED),
            Phase.CONNECTED, Set.of(Phase.SUSPENDED, Phase.REVOKING, Phase.GRANTING, Phase.CLOSED),
            Phase.SUSPENDED, Set.of(Phase.CONNECTED, Phase.REVOKING, Phase.GRANTING, Phase.CLOSED),
            Phase.REVOKING, Set.of(Phase.GRANTING, Phase.CLOSED),
            Phase.CLOSED, Set.of());

    @ParameterizedTest
    @EnumSource
    void illegalTransitionsAreNamed(Phase from) {
        for (Phase there : Phase.values()) {
            if (NEXT.getOrDefault(from, Set.of()).contains(there)) {
                assertThat(from.to(there)).isEqualTo(there);
            } else {
                assertThatIllegalStateException()
                        .isThrownBy(() -> from.to(there))
                        .withMessage("a session that is %s cannot become %s", from, there);
            }
        }
    }
}
