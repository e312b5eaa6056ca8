package org.etcdjakarta.itests.benchmark;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStreamWriter;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** The harness's end of a {@link Child}. Between its turns the child waits for its next line and costs nothing. */
final class ChildProcess implements AutoCloseable {

    private final Variant variant;
    private final Process process;
    private final Path log;
    private final PrintWriter commands;
    private final BufferedReader answers;
    private final String java;

    private ChildProcess(Variant variant, Process process, Path log) {
        this.variant = variant;
        this.process = process;
        this.log = log;
        commands = new PrintWriter(new OutputStreamWriter(process.getOutputStream(), StandardCharsets.UTF_8), true);
        answers = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
        java = answer(Child.READY);
    }

    /** Starts it and waits until it is connected and its keys are there. */
    static ChildProcess start(Variant variant, Path javaHome, String endpoint) {
        try {
            Path log = Files.createTempFile("benchmark-" + variant, ".log");
            // The same fixed heap for all: how a collector sizes its heap is not the client's merit.
            Process process = new ProcessBuilder(List.of(
                            javaHome.resolve("bin/java").toString(),
                            "-Xms1g",
                            "-Xmx1g",
                            "-cp",
                            ClassPaths.of(variant),
                            Child.class.getName(),
                            variant.toString(),
                            endpoint))
                    .redirectError(log.toFile())
                    .start();
            return new ChildProcess(variant, process, log);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The version of Java it runs on. */
    Runtime.Version java() {
        return Runtime.Version.parse(java);
    }

    Sample turn(Cell cell, Duration duration) {
        commands.println(duration.toMillis() + " " + cell);
        return Sample.parse(answer(Child.SAMPLE));
    }

    private String answer(String expected) {
        try {
            String line = answers.readLine();
            if (line != null && line.startsWith(expected)) {
                return line.substring(expected.length());
            }
            if (line == null) {
                process.waitFor(10, TimeUnit.SECONDS);
            }
            throw new IllegalStateException(
                    variant + " answered " + line + "; its standard error:\n" + Files.readString(log));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    /** Ends it by the end of its input; with force when it does not heed that. */
    @Override
    public void close() {
        commands.close();
        try {
            if (!process.waitFor(30, TimeUnit.SECONDS)) {
                process.destroyForcibly().waitFor();
            }
            Files.deleteIfExists(log);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }
}
