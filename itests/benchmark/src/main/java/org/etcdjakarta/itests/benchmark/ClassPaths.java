package org.etcdjakarta.itests.benchmark;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.CodeSource;
import java.util.List;
import org.HdrHistogram.Histogram;
import org.etcdjakarta.itests.support.Repository;

/** The two class paths, as the build wrote them down: ours without Vert.x and unshaded netty, jetcd's with all it asks for. */
final class ClassPaths {

    private static final Path MODULE = Repository.root().resolve("itests/benchmark");

    private ClassPaths() {}

    static String of(Variant variant) {
        return variant.onJetcdClassPath()
                ? String.join(File.pathSeparator, place(Child.class), place(Histogram.class), jetcd())
                : String.join(File.pathSeparator, place(Child.class), read(MODULE.resolve("target/classpath")));
    }

    /** jetcd and everything it brings along, and nothing else. */
    static String jetcd() {
        return read(MODULE.resolve("jetcd/target/classpath"));
    }

    /** The folder or jar that a class comes from. */
    static String place(Class<?> type) {
        CodeSource source = type.getProtectionDomain().getCodeSource();
        try {
            return Path.of(source.getLocation().toURI()).toString();
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    /** The jars of a class path, by name. */
    static List<String> names(String classPath) {
        return List.of(classPath.split(File.pathSeparator)).stream()
                .map(entry -> String.valueOf(Path.of(entry).getFileName()))
                .sorted()
                .toList();
    }

    private static String read(Path file) {
        try {
            return Files.readString(file).strip();
        } catch (IOException e) {
            throw new UncheckedIOException(
                    file + " is missing: the build writes it (mvn process-classes -pl itests/benchmark -am)", e);
        }
    }
}
