package org.etcdjakarta.itests.support;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The outside witness: etcd's own command against one endpoint. It shares no code with what is tested, and needs only the path
 * of the binary, so that it works inside an application server's JVM as well ({@link #fromSystemProperties()}).
 */
public final class Etcdctl {

    /** Where a test that runs inside a server finds the binary. */
    public static final String BINARY_PROPERTY = "etcdctl.binary";

    /** The endpoint of the test's etcd, as the adapter's own property of that name. */
    public static final String ENDPOINT_PROPERTY = "etcd.endpoints";

    private static final Pattern REVISION = Pattern.compile("\"revision\":(\\d+)");

    private final Path binary;
    private final String endpoint;

    public Etcdctl(Path binary, String endpoint) {
        this.binary = binary;
        this.endpoint = endpoint;
    }

    /** The command of the build's version line, see {@link EtcdServer}, for any endpoint. */
    public static Etcdctl to(String endpoint) {
        Path folder = EtcdBinaries.folder(System.getProperty(EtcdServer.LINE_PROPERTY, ""));
        return new Etcdctl(folder.resolve("etcdctl"), endpoint);
    }

    public static Etcdctl fromSystemProperties() {
        return new Etcdctl(Path.of(required(BINARY_PROPERTY)), required(ENDPOINT_PROPERTY));
    }

    public Path binary() {
        return binary;
    }

    /** Runs the command and returns what it prints; fails with its error output when it fails. */
    public String run(String... arguments) {
        ProcessBuilder builder = builder(arguments);
        try {
            Path errors = Files.createTempFile("etcdctl", ".err");
            try {
                return output(builder.redirectError(errors.toFile()), errors);
            } finally {
                Files.deleteIfExists(errors);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("could not run " + builder.command(), e);
        }
    }

    /** Starts one that reads or goes on, as watch and lock do. Its errors are not kept; the caller ends it. */
    public Process start(String... arguments) {
        ProcessBuilder builder = builder(arguments).redirectError(ProcessBuilder.Redirect.DISCARD);
        try {
            return builder.start();
        } catch (IOException e) {
            throw new UncheckedIOException("could not run " + builder.command(), e);
        }
    }

    private ProcessBuilder builder(String... arguments) {
        List<String> command = new ArrayList<>(List.of(binary.toString(), "--endpoints=" + endpoint));
        command.addAll(List.of(arguments));
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().keySet().removeIf(name -> name.startsWith("ETCDCTL_"));
        builder.environment().put("ETCDCTL_API", "3");
        return builder;
    }

    private static String output(ProcessBuilder builder, Path errors) throws IOException {
        Process process = builder.start();
        try {
            process.getOutputStream().close();
            String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            if (!process.waitFor(60, TimeUnit.SECONDS) || process.exitValue() != 0) {
                throw new IllegalStateException(builder.command() + " failed: " + Files.readString(errors));
            }
            return output;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted in " + builder.command(), e);
        } finally {
            process.destroyForcibly();
        }
    }

    public void put(String key, String value) {
        run("put", "--", key, value);
    }

    public void delete(String key) {
        run("del", "--", key);
    }

    public void deletePrefix(String prefix) {
        run("del", "--prefix", "--", prefix);
    }

    public Optional<String> get(String key) {
        String output = run("get", "--print-value-only", "--", key);
        // A missing key prints nothing; an empty value prints its line end.
        return output.isEmpty() ? Optional.empty() : Optional.of(output.substring(0, output.length() - 1));
    }

    /** The keys below the prefix, in order. Keys with line ends are not for this method. */
    public List<String> keys(String prefix) {
        return run("get", "--prefix", "--keys-only", "--", prefix)
                .lines()
                .filter(line -> !line.isEmpty())
                .toList();
    }

    /** The store's revision now. */
    public long revision() {
        return revisionIn(run("get", "--write-out=json", "--keys-only", "--", "/no-such-key"), REVISION);
    }

    /** The revision at which this key was last written; 0 when it does not exist. */
    public long modRevision(String key) {
        String json = run("get", "--write-out=json", "--", key);
        Pattern pattern = Pattern.compile("\"mod_revision\":(\\d+)");
        return pattern.matcher(json).find() ? revisionIn(json, pattern) : 0;
    }

    private static long revisionIn(String json, Pattern pattern) {
        Matcher matcher = pattern.matcher(json);
        if (!matcher.find()) {
            throw new IllegalStateException("etcdctl printed no revision: " + json);
        }
        return Long.parseLong(matcher.group(1));
    }

    private static String required(String property) {
        String value = System.getProperty(property);
        if (value == null) {
            throw new IllegalStateException("system property " + property + " is not set in this JVM");
        }
        return value;
    }
}
