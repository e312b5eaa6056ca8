package org.etcdjakarta.connector;

import static java.util.stream.Collectors.joining;
import static org.assertj.core.api.Assertions.assertThat;

import jakarta.resource.spi.ConfigProperty;
import java.io.IOException;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

/** The table of properties is made from the annotations: {@code mvn test -Dtest=ReadmeTest -Dreadme.update=true} writes it. */
class ReadmeTest {

    private static final String BEGIN =
            """
            | property | system property | what, and what is allowed | while running |
            | --- | --- | --- | --- |
            """;

    @Test
    void tableIsThatOfTheAnnotations() throws IOException {
        Path readme = Path.of("README.md");
        String text = Files.readString(readme);
        String made =
                BEGIN + Arrays.stream(Property.values()).map(ReadmeTest::row).collect(joining());
        int begin = text.indexOf(BEGIN);
        assertThat(begin).as("the table's head").isPositive();
        int end = text.indexOf("\n\n", begin) + 1;
        if (Boolean.getBoolean("readme.update")) {
            Files.writeString(readme, text.substring(0, begin) + made + text.substring(end));
        }
        assertThat(Files.readString(readme)).contains(made + "\n");
    }

    private static String row(Property property) {
        ConfigProperty annotation = setter(property).getAnnotation(ConfigProperty.class);
        return "| `" + property.beanName() + "` | `" + property.key() + "` | "
                + String.join(" ", annotation.description()) + " | "
                + (annotation.supportsDynamicUpdates() ? "yes" : "") + " |\n";
    }

    private static Method setter(Property property) {
        String name = property.beanName();
        return Arrays.stream(EtcdResourceAdapter.class.getMethods())
                .filter(method ->
                        method.getName().equals("set" + Character.toUpperCase(name.charAt(0)) + name.substring(1)))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void annotationsSayWhatTheListSays() {
        for (Property property : Property.values()) {
            ConfigProperty annotation = setter(property).getAnnotation(ConfigProperty.class);
            assertThat(annotation).as("%s", property).isNotNull();
            assertThat(annotation.confidential()).as("%s", property).isEqualTo(property.isSecret());
            assertThat(annotation.supportsDynamicUpdates()).as("%s", property).isEqualTo(property.isDynamic());
            assertThat(annotation.description()).as("%s", property).hasSize(1);
        }
    }
}
