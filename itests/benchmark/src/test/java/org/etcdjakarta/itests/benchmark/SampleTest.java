package org.etcdjakarta.itests.benchmark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;

class SampleTest {

    @Test
    void figuresArePerOperation() {
        Sample sample = Samples.sample(2_000, 80, 9_000, 450);
        assertThat(sample.operationsPerSecond()).isEqualTo(2_000);
        assertThat(sample.cpuMicrosPerOperation()).isEqualTo(80);
        assertThat(sample.bytesPerOperation()).isEqualTo(9_000);
    }

    @Test
    void oneLineCarriesAllOfIt() {
        Sample sample = Samples.sample(1_234, 80, 9_000, 450);
        String line = sample.toLine();
        assertThat(line).doesNotContain("\n");
        assertThat(Sample.parse(line)).isEqualTo(sample);
    }

    @Test
    void anotherLineIsRefusedWithItsText() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Sample.parse("Hello"))
                .withMessageContaining("Hello");
    }
}
