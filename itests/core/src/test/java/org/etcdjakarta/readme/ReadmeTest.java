package org.etcdjakarta.readme;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.StringWriter;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;
import org.etcdjakarta.itests.support.Repository;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

@DisplayName("each example of the READMEs")
class ReadmeTest {

    private static final Pattern EXAMPLE = Pattern.compile("^```java\n(.*?)^```$", Pattern.MULTILINE | Pattern.DOTALL);
    private static final Pattern CLASS_NAME = Pattern.compile("public class (\\w+)");

    static Stream<Example> examples() throws IOException {
        List<Example> examples = new ArrayList<>();
        for (String readme : List.of("README.md", "adapter/core/README.md")) {
            EXAMPLE.matcher(Files.readString(Repository.root().resolve(readme)))
                    .results()
                    .map(match -> match.group(1))
                    .map(Example::of)
                    .forEach(examples::add);
        }
        return examples.stream();
    }

    @Test
    @DisplayName("is found: inject, configuration, event, transaction, connector, message-driven bean; link, EtcdKv")
    void isFound() throws IOException {
        assertThat(examples()).hasSizeGreaterThanOrEqualTo(8);
    }

    @ParameterizedTest
    @MethodSource("examples")
    @DisplayName("compiles as it stands there, without a warning")
    void compiles(Example example, @TempDir Path classes) {
        assertThat(compile(example, classes)).isEmpty();
    }

    @Test
    @DisplayName("would fail this test if it did not compile")
    void negativeControl(@TempDir Path classes) {
        assertThat(compile(Example.of("public class Broken { io.etcd.jetcd.KV kv = new Object(); }"), classes))
                .contains("incompatible types");
    }

    private static String compile(Example example, Path classes) {
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        StringWriter messages = new StringWriter();
        var options = List.of(
                "-Xlint:all,-classfile,-processing",
                "-proc:none",
                "-d",
                classes.toString(),
                "-classpath",
                System.getProperty("java.class.path"));
        compiler.getTask(messages, null, null, options, null, List.of(example)).call();
        return messages.toString();
    }

    private static final class Example extends SimpleJavaFileObject {

        private final String name;
        private final String source;

        private Example(String name, String source) {
            super(URI.create("string:///" + name + Kind.SOURCE.extension), JavaFileObject.Kind.SOURCE);
            this.name = name;
            this.source = source;
        }

        static Example of(String source) {
            var match = CLASS_NAME.matcher(source);
            assertThat(match.find())
                    .as("a public class in the example:%n%s", source)
                    .isTrue();
            return new Example(match.group(1), source);
        }

        @Override
        public CharSequence getCharContent(boolean ignoreEncodingErrors) {
            return source;
        }

        @Override
        public String toString() {
            return name;
        }
    }
}
