package org.etcdjakarta.connector;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class ReadmeTest {

    @Test
    void tableListsExactlyTheProperties() throws IOException {
        assertThat(Files.readString(Path.of("README.md"))
                        .lines()
                        .filter(line -> line.startsWith("| `"))
                        .map(line -> line.replaceFirst("^(\\| `[^`]+` \\| `[^`]+` ).*", "$1")))
                .containsExactlyElementsOf(Arrays.stream(Property.values())
                        .map(property -> "| `" + property.beanName() + "` | `" + property.key() + "` ")
                        .toList());
    }
}
