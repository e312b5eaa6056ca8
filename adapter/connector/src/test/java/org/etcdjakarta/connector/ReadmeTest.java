package org.etcdjakarta.connector;

import static java.util.stream.Collectors.joining;
import static org.assertj.core.api.Assertions.assertThat;

import jakarta.resource.spi.ConfigProperty;
import java.io.IOException;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The table of properties is made from the annotations: {@code mvn test -Dtest=ReadmeTest -Dreadme.update=true} writes it. */
class ReadmeTest {

    private static final Pattern NAME = Pattern.compile("`([^`]+)`");

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

    /** Rows of rules: a number, and the tests in the last column. */
    @Test
    void testsOfTheRulesAreThere() throws IOException {
        List<String> rows = Files.readString(Path.of("README.md"))
                .lines()
                .filter(line -> line.matches("\\| \\d+ \\|.*"))
                .toList();
        Set<String> tests = new TreeSet<>();
        for (String root : List.of("src/test/java", "../rar/src/test/java", "../core/src/test/java")) {
            try (Stream<Path> files = Files.walk(Path.of(root))) {
                files.map(file -> file.getFileName().toString())
                        .filter(name -> name.endsWith(".java"))
                        .forEach(name -> tests.add(name.substring(0, name.length() - ".java".length())));
            }
        }
        assertThat(rows).hasSizeGreaterThanOrEqualTo(21);
        for (String row : rows) {
            String column = row.substring(row.lastIndexOf("| ", row.length() - 3));
            assertThat(NAME.matcher(column).results().map(name -> name.group(1)))
                    .as(row)
                    .isNotEmpty()
                    .isSubsetOf(tests);
        }
    }
}
