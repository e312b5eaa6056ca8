package org.etcdjakarta.core.tx;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.util.Arrays;
import java.util.stream.Stream;
import org.etcdjakarta.core.tx.Stage.Commit;
import org.etcdjakarta.embedded.EmbeddedEtcd;
import org.etcdjakarta.itests.support.Repository;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** The table of anomalies holds on the embedded etcd, in both directions, and is the one that the README shows. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class AnomalyTest {

    private final EmbeddedEtcd etcd = EmbeddedEtcd.start();

    @AfterAll
    void close() {
        etcd.close();
    }

    /** Each anomaly at each level, in one phase and in two. */
    static Stream<Arguments> cells() {
        return Arrays.stream(Anomaly.values()).flatMap(anomaly -> Arrays.stream(Isolation.values())
                .flatMap(isolation ->
                        Arrays.stream(Commit.values()).map(commit -> Arguments.of(anomaly, isolation, commit))));
    }

    @ParameterizedTest
    @MethodSource("cells")
    void happensWhereTheTableSaysSo(Anomaly anomaly, Isolation isolation, Commit commit) {
        try (Stage stage = new Stage(etcd.endpoint(), isolation, commit, anomaly.name())) {
            assertThat(anomaly.play(stage)).isEqualTo(anomaly.at(isolation));
        }
    }

    @ParameterizedTest
    @EnumSource
    void theReadmeSaysTheSame(Anomaly anomaly) throws IOException {
        assertThat(Files.readAllLines(Repository.root().resolve("adapter/core/README.md")))
                .filteredOn(line -> line.startsWith("| " + anomaly.title() + " |"))
                .containsExactly(anomaly.row());
    }
}
