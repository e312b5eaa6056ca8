package org.etcdjakarta.itests.payara;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Payara's administration command. Each run has an end: start-domain on a domain that runs already hangs for ever. */
final class Asadmin {

    private static final long MINUTES = 5;

    private final Path home;
    private final int port;

    Asadmin(Path home, int port) {
        this.home = home;
        this.port = port;
    }

    /** Runs one command in a process of its own. */
    void run(String... arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                home.resolve("bin/asadmin").toString(), "--interactive=false", "--port", Integer.toString(port)));
        command.addAll(List.of(arguments));
        Path log = Files.createTempFile("asadmin", ".log");
        try {
            ProcessBuilder builder =
                    new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile());
            builder.environment().put("AS_JAVA", System.getProperty("java.home"));
            builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
            Process process = builder.start();
            process.getOutputStream().close();
            boolean ended = process.waitFor(MINUTES, TimeUnit.MINUTES);
            String output = Files.readString(log, StandardCharsets.UTF_8);
            if (!ended) {
                process.destroyForcibly();
                throw new IllegalStateException(command + " did not end within " + MINUTES + " minutes:\n" + output);
            }
            // A script of several commands ends with 0 whatever became of them.
            if (process.exitValue() != 0 || output.contains(" failed.")) {
                throw new IllegalStateException(command + " ended with " + process.exitValue() + ":\n" + output);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted in " + command, e);
        } finally {
            Files.deleteIfExists(log);
        }
    }

    /** Runs several commands in one process, which is much faster. */
    void script(List<String> commands) throws IOException {
        Path script = Files.createTempFile("asadmin", ".script");
        try {
            Files.write(script, commands);
            run("multimode", "--file", script.toString());
        } finally {
            Files.deleteIfExists(script);
        }
    }
}
