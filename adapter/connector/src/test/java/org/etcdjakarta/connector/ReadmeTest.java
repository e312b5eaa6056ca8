package org.etcdjakarta.connector;

import static java.util.stream.Collectors.joining;
import static org.assertj.core.api.Assertions.assertThat;

import jakarta.resource.spi.ConfigProperty;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The tables of properties are made from the annotations: {@code mvn test -Dtest=ReadmeTest -Dreadme.update=true} writes them. */
class ReadmeTest {

    private static final Path README = Path.of("README.md");
    private static final Pattern NAME = Pattern.compile("`([^`]+)`");

    @Test
    void tableOfPropertiesIsThatOfTheAnnotations() throws IOException {
        checkTable(
                """
                | property | system property | what, and what is allowed | while running |
                | --- | --- | --- | --- |
                """,
                Arrays.stream(Property.values()).map(ReadmeTest::row).collect(joining()));
    }

    @Test
    void tableOfActivationsIsThatOfTheAnnotations() throws IOException {
        checkTable(
                """
                | activation config property | what, and what is allowed |
                | --- | --- |
                """,
                Arrays.stream(ActivationProperty.values())
                        .map(property -> "| `" + property.beanName() + "` | "
                                + String.join(
                                        " ",
                                        annotation(EtcdActivationSpec.class, property.beanName())
                                                .description())
                                + " |\n")
                        .collect(joining()));
    }

    private static void checkTable(String head, String rows) throws IOException {
        String text = Files.readString(README);
        int begin = text.indexOf(head);
        assertThat(begin).as("the table's head").isPositive();
        int end = text.indexOf("\n\n", begin) + 1;
        if (Boolean.getBoolean("readme.update")) {
            Files.writeString(README, text.substring(0, begin) + head + rows + text.substring(end));
        }
        assertThat(Files.readString(README)).contains(head + rows + "\n");
    }

    private static String row(Property property) {
        ConfigProperty annotation = annotation(EtcdResourceAdapter.class, property.beanName());
        return "| `" + property.beanName() + "` | `" + property.key() + "` | "
                + String.join(" ", annotation.description()) + " | "
                + (annotation.supportsDynamicUpdates() ? "yes" : "") + " |\n";
    }

    private static ConfigProperty annotation(Class<?> bean, String name) {
        ConfigProperty annotation = Arrays.stream(bean.getMethods())
                .filter(method ->
                        method.getName().equals("set" + Character.toUpperCase(name.charAt(0)) + name.substring(1)))
                .findFirst()
                .orElseThrow()
                .getAnnotation(ConfigProperty.class);
        assertThat(annotation).as(name).isNotNull();
        return annotation;
    }

    @Test
    void annotationsSayWhatTheListSays() {
        for (Property property : Property.values()) {
            ConfigProperty annotation = annotation(EtcdResourceAdapter.class, property.beanName());
            assertThat(annotation.confidential()).as("%s", property).isEqualTo(property.isSecret());
            assertThat(annotation.supportsDynamicUpdates()).as("%s", property).isEqualTo(property.isDynamic());
            assertThat(annotation.description()).as("%s", property).hasSize(1);
        }
    }

    /** Rows of rules: a number, and the tests in the last column. */
    @Test
    void testsOfTheRulesAreThere() throws IOException {
        List<String> rows = Files.readString(README)
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
        assertThat(rows).hasSize(26);
        for (String row : rows) {
            String column = row.substring(row.lastIndexOf("| ", row.length() - 3));
            assertThat(NAME.matcher(column).results().map(name -> name.group(1)))
                    .as(row)
                    .isNotEmpty()
                    .isSubsetOf(tests);
        }
    }
}
