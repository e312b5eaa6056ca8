package org.etcdjakarta.itests.browser;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.etcdjakarta.itests.support.Etcdctl;
import org.etcdjakarta.itests.support.Ports;
import org.etcdjakarta.itests.support.Repository;

/** {@code sample-app/run}, started and read as a user does; what it prints is all that is known of it. */
final class RunningSample implements AutoCloseable {

    private static final Pattern ADDRESS = Pattern.compile("The sample runs:\\s+(http\\S+)");
    private static final Pattern WITNESS = Pattern.compile("(\\S*etcdctl) --endpoints=(\\S+) ");

    private final Path output;
    private final Process script;

    private RunningSample(Path output, Process script) {
        this.output = output;
        this.script = script;
    }

    /** Starts it on a free port and waits until it has printed its address. */
    static RunningSample start() {
        return start(Map.of());
    }

    /** As {@link #start()}, with these environment variables besides those of this process. */
    static RunningSample start(Map<String, String> environment) {
        Path output = Path.of("target", "sample-run.log").toAbsolutePath();
        Path run = Repository.root().resolve("sample-app/run");
        try {
            Files.createDirectories(output.getParent());
            // A build in the background ignores SIGINT, and a shell cannot trap what it was started to ignore.
            String[] command = {"env", "--default-signal=INT", run.toString(), "--port", Integer.toString(Ports.free())
            };
            ProcessBuilder builder =
                    new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(output.toFile());
            builder.environment().putAll(environment);
            Process script = builder.start();
            RunningSample sample = new RunningSample(output, script);
            Runtime.getRuntime().addShutdownHook(new Thread(sample::close, "sample-reaper"));
            System.out.println("The sample's output: " + output);
            sample.awaitAddress();
            return sample;
        } catch (IOException e) {
            throw new UncheckedIOException("could not start " + run, e);
        }
    }

    private void awaitAddress() {
        Awaitility.await("the sample's address")
                .atMost(Duration.ofMinutes(8))
                .pollInterval(Duration.ofMillis(200))
                .until(() -> !script.isAlive() || ADDRESS.matcher(printed()).find());
        if (!script.isAlive()) {
            throw new IllegalStateException("the script ended with " + script.exitValue() + ":\n" + printed());
        }
    }

    String address() {
        return find(ADDRESS).group(1);
    }

    /** The command that the script offers for a look behind the application's back. */
    Etcdctl witness() {
        Matcher matcher = find(WITNESS);
        return new Etcdctl(Path.of(matcher.group(1)), matcher.group(2));
    }

    /** The script's own process and all that it has started. */
    List<ProcessHandle> processes() {
        return Stream.concat(Stream.of(script.toHandle()), script.descendants()).toList();
    }

    /** Whether this process still does something. One that has ended and that nobody has waited for stays in the list as a zombie. */
    static boolean runs(ProcessHandle process) {
        try {
            String status = Files.readString(Path.of("/proc", Long.toString(process.pid()), "stat"));
            // The state follows the command's name, which stands in parentheses and may contain anything.
            return process.isAlive() && status.charAt(status.lastIndexOf(')') + 2) != 'Z';
        } catch (IOException e) {
            return false;
        }
    }

    /** What Ctrl-C does. */
    void interrupt() throws IOException, InterruptedException {
        new ProcessBuilder("kill", "-INT", Long.toString(script.pid()))
                .inheritIO()
                .start()
                .waitFor();
    }

    /** The script's exit code, when it ends in a generous time. */
    int awaitEnd() throws InterruptedException {
        if (!script.waitFor(2, TimeUnit.MINUTES)) {
            throw new IllegalStateException("the script does not end:\n" + printed());
        }
        return script.exitValue();
    }

    String printed() {
        try {
            return Files.readString(output, StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        if (script.isAlive()) {
            try {
                interrupt();
                awaitEnd();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            } finally {
                processes().forEach(ProcessHandle::destroyForcibly);
            }
        }
    }

    private Matcher find(Pattern pattern) {
        Matcher matcher = pattern.matcher(printed());
        if (!matcher.find()) {
            throw new IllegalStateException("the script has not printed " + pattern + ":\n" + printed());
        }
        return matcher;
    }
}
