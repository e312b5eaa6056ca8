package org.etcdjakarta.itests.environment;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** Whole folders: what {@link Files} leaves out. */
public final class Folders {

    private Folders() {}

    /** Copies a folder with everything in it to a place where nothing is yet. */
    public static void copy(Path from, Path to) throws IOException {
        for (Path file : walk(from, Comparator.naturalOrder())) {
            Files.copy(file, to.resolve(from.relativize(file).toString()));
        }
    }

    /** Deletes a folder with everything in it, if there is one. */
    public static void delete(Path folder) throws IOException {
        if (Files.exists(folder)) {
            for (Path file : walk(folder, Comparator.reverseOrder())) {
                Files.delete(file);
            }
        }
    }

    private static List<Path> walk(Path folder, Comparator<Path> order) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            return files.sorted(order).toList();
        }
    }
}
