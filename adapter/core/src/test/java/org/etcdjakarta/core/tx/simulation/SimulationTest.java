package org.etcdjakarta.core.tx.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.etcdjakarta.core.tx.simulation.Deal.Outcome;
import org.etcdjakarta.core.tx.simulation.Faults.Fate;
import org.etcdjakarta.core.tx.simulation.World.Report;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Thousands of schedules. {@code -Dsim.seed=N} replays the one that a failure names and prints all that happens in it, {@code
 * -Dsim.schedules=N} runs more.
 */
class SimulationTest {

    private static final int SCHEDULES = Integer.getInteger("sim.schedules", 2_000);

    /** A mutation that is not found in as many is not found by the test above it either. */
    private static final int FOUND_WITHIN = 1_000;

    /** What a process logs as it dies is not worth its price. */
    private static final Logger LOGGER = Logger.getLogger("org.etcdjakarta.core.tx");

    private static Level before = Level.INFO;

    @BeforeAll
    static void quiet() {
        before = LOGGER.getLevel();
        LOGGER.setLevel(Level.OFF);
    }

    @AfterAll
    static void asBefore() {
        LOGGER.setLevel(before);
    }

    @Test
    void whateverIsLostOrDiesTransactionsAreAtomicAndNothingIsLeft() {
        Long only = Long.getLong("sim.seed");
        if (only != null) {
            Report report = World.run(only, Mutation.NONE, true);
            System.out.println(report.trace());
            assertThat(report.violations()).isEmpty();
            return;
        }
        Map<Outcome, Integer> outcomes = new EnumMap<>(Outcome.class);
        Map<Fate, Integer> faults = new EnumMap<>(Fate.class);
        int crashes = 0;
        int recovered = 0;
        for (long seed = 1; seed <= SCHEDULES; seed++) {
            Report report = run(seed, Mutation.NONE);
            assertThat(report.violations()).as("-Dsim.seed=%d", seed).isEmpty();
            report.outcomes().forEach((outcome, count) -> outcomes.merge(outcome, count, Integer::sum));
            report.faults().forEach((fate, count) -> faults.merge(fate, count, Integer::sum));
            crashes += report.crashes();
            recovered += report.recovered();
        }
        System.out.printf(
                "%d schedules: %s, faults %s, %d crashes, %d branches recovered%n",
                SCHEDULES, outcomes, faults, crashes, recovered);
        assertThat(outcomes).as("something of everything").containsOnlyKeys(Outcome.values());
        assertThat(outcomes.get(Outcome.COMMITTED)).isGreaterThan(SCHEDULES);
        assertThat(faults).containsOnlyKeys(Fate.values());
        assertThat(crashes).isGreaterThan(SCHEDULES / 10);
        assertThat(recovered).isGreaterThan(SCHEDULES / 50);
    }

    @Test
    void aSeedIsAlwaysTheSameSchedule() {
        for (long seed : new long[] {3, 17, 171}) {
            assertThat(World.run(seed, Mutation.NONE, true).trace())
                    .isEqualTo(World.run(seed, Mutation.NONE, true).trace());
        }
    }

    static List<Mutation> mutations() {
        return Mutation.toBeFound();
    }

    /** In a schedule in which the whole protocol keeps its promises. */
    @ParameterizedTest
    @MethodSource("mutations")
    void theProtocolWithoutOneOfItsProtectionsIsFoundOut(Mutation mutation) {
        for (long seed = 1; seed <= FOUND_WITHIN; seed++) {
            Report report = run(seed, mutation);
            if (!report.violations().isEmpty()
                    && run(seed, Mutation.NONE).violations().isEmpty()) {
                System.out.printf("%s: seed %d: %s%n", mutation, seed, report.violations());
                return;
            }
        }
        throw new AssertionError(mutation + " is not found in " + FOUND_WITHIN + " schedules");
    }

    private static Report run(long seed, Mutation mutation) {
        try {
            return World.run(seed, mutation, false);
        } catch (AssertionError e) {
            throw new AssertionError("-Dsim.seed=" + seed + ": " + e.getMessage(), e);
        }
    }
}
