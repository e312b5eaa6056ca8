package org.etcdjakarta.itests.benchmark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

class OptionsTest {

    @Test
    void nothingGivenIsTheFullRunOnThisJava() {
        Options options = Options.parse(List.of());
        assertThat(options.quick()).isFalse();
        assertThat(options.java()).isEqualTo(Path.of(System.getProperty("java.home")));
        assertThat(options.out()).isNull();
        assertThat(options.variants()).containsExactly(Variant.values());
    }

    @Test
    void givenOnesAreTaken() {
        Options options = Options.parse(
                List.of("--quick", "--out", "r.md", "--clients", "jetcd", "--jdk", System.getProperty("java.home")));
        assertThat(options.quick()).isTrue();
        assertThat(options.out()).isEqualTo(Path.of("r.md"));
        assertThat(options.variants()).containsExactly(Variant.STUB, Variant.JETCD);
    }

    @Test
    void badOnesAreNamed() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Options.parse(List.of("--fast")))
                .withMessageContaining("--fast")
                .withMessageContaining("usage");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Options.parse(List.of("--jdk", "/nowhere")))
                .withMessageContaining("/nowhere");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Options.parse(List.of("--clients", "stub,rust")))
                .withMessageContaining("rust");
        assertThatIllegalArgumentException().isThrownBy(() -> Options.parse(List.of("--out")));
    }
}
