package org.etcdjakarta.embedded;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.StringWriter;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Each example of the README compiles as it stands there, without a warning. */
class ReadmeTest {

    private static final Pattern EXAMPLE = Pattern.compile("^```java\n(.*?)^```$", Pattern.MULTILINE | Pattern.DOTALL);
    private static final Pattern CLASS_NAME = Pattern.compile("class (\\w+)");

    static Stream<String> examples() throws IOException {
        return EXAMPLE.matcher(Files.readString(Path.of("README.md"))).results().map(match -> match.group(1));
    }

    @Test
    void thereAreExamples() throws IOException {
        assertThat(examples()).hasSizeGreaterThanOrEqualTo(2);
    }

    @ParameterizedTest
    @MethodSource("examples")
    void compiles(String example, @TempDir Path classes) {
        assertThat(compile(example, classes)).isEmpty();
    }

    @Test
    void whatDoesNotCompileWouldBeNoticed(@TempDir Path classes) {
        assertThat(compile("class Broken { String text = new Object(); }", classes))
                .contains("incompatible types");
    }

    private static String compile(String source, Path classes) {
        MatchResult name = CLASS_NAME.matcher(source).results().findFirst().orElseThrow();
        JavaFileObject file =
                new SimpleJavaFileObject(
                        URI.create("string:///" + name.group(1) + ".java"), JavaFileObject.Kind.SOURCE) {
                    @Override
                    public CharSequence getCharContent(boolean ignoreEncodingErrors) {
                        return source;
                    }
                };
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        StringWriter messages = new StringWriter();
        var options = List.of(
                "-Xlint:all,-classfile,-processing",
                "-proc:none",
                "-d",
                classes.toString(),
                "-classpath",
                System.getProperty("java.class.path"));
        compiler.getTask(messages, null, null, options, null, List.of(file)).call();
        return messages.toString();
    }
}
