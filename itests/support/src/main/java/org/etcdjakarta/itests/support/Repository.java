package org.etcdjakarta.itests.support;

import java.nio.file.Files;
import java.nio.file.Path;

/** The project's own folders, found from wherever a module's tests run. */
public final class Repository {

    private Repository() {}

    /** The folder with the root pom. */
    public static Path root() {
        Path start = Path.of("").toAbsolutePath();
        for (Path folder = start; folder != null; folder = folder.getParent()) {
            if (Files.isDirectory(folder.resolve("itests")) && Files.isDirectory(folder.resolve("sample-app"))) {
                return folder;
            }
        }
        throw new IllegalStateException("not inside the project's folder: " + start);
    }
}
