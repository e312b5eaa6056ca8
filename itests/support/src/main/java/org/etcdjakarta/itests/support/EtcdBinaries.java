package org.etcdjakarta.itests.support;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Where the etcd of a version line is: what the script {@code sample-app/find-etcd} says, as for the sample. It takes
 * {@code ETCD_BINARY_3_4} or {@code ETCD_BINARY_3_5}, the path and the distribution's package, and explains what to do otherwise.
 */
final class EtcdBinaries {

    private static final String SCRIPT = "sample-app/find-etcd";
    private static final Map<String, Path> FOUND = new ConcurrentHashMap<>();

    private EtcdBinaries() {}

    /** The folder that holds {@code etcd} and {@code etcdctl}; the empty line takes any version. */
    static Path folder(String line) {
        return FOUND.computeIfAbsent(line, EtcdBinaries::find);
    }

    private static Path find(String line) {
        Path script = Repository.root().resolve(SCRIPT);
        ProcessBuilder builder =
                new ProcessBuilder(line.isEmpty() ? List.of(script.toString()) : List.of(script.toString(), line));
        // What the script says on its way (a download, the three ways to provide etcd) belongs into the build's log.
        builder.redirectError(ProcessBuilder.Redirect.INHERIT);
        try {
            Process process = builder.start();
            process.getOutputStream().close();
            String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
            int status = process.waitFor();
            if (status != 0 || output.isEmpty()) {
                throw new IllegalStateException("no etcd " + line + ": " + builder.command() + " ended with " + status
                        + ", see its message above");
            }
            return Path.of(output.lines().reduce("", (first, last) -> last));
        } catch (IOException e) {
            throw new UncheckedIOException("could not run " + builder.command(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while looking for etcd " + line, e);
        }
    }
}
