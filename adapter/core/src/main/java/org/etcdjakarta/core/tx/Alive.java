package org.etcdjakarta.core.tx;

import com.google.protobuf.ByteString;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The value of a link's key below {@code s/}: whose link it is. Lines of text, because the one who looks at it with
 * {@code etcdctl} has no other tool at hand: the version, then the components in their order, one a line. A later version may
 * only add lines.
 *
 * @param node as the transaction manager tells servers apart
 * @param process on its host
 * @param host its name; empty when it has none that can be found without asking the network
 * @param startedMillis when the process was started, not the link
 */
record Alive(String node, String process, String host, long startedMillis) {

    /**
     * What cannot be read. A link is alive whatever its value says, and recovery has to leave its branches alone; so reading never
     * fails.
     */
    static final Alive UNREADABLE = new Alive("", "", "", 0);

    private static final String VERSION = "1";
    private static final int LINES = 5;
    private static final Pattern LINE_BREAK = Pattern.compile("\\R");
    private static final String HOST = findHost();

    /** A link of this process. */
    static Alive here(String node) {
        ProcessHandle self = ProcessHandle.current();
        return new Alive(
                node,
                String.valueOf(self.pid()),
                HOST,
                self.info().startInstant().map(Instant::toEpochMilli).orElse(0L));
    }

    /** From the environment and a file: asking the network for it can block for seconds. */
    private static String findHost() {
        String given = Stream.of("HOSTNAME", "COMPUTERNAME")
                .map(System::getenv)
                .filter(Objects::nonNull)
                .filter(name -> !name.isBlank())
                .findFirst()
                .orElse("");
        if (!given.isEmpty()) {
            return given;
        }
        try {
            return Files.readString(Path.of("/etc/hostname")).strip();
        } catch (IOException | SecurityException e) {
            return "";
        }
    }

    /**
     * In containers every process has the number 1, clones of one may have the same host name, and two class loaders of one
     * process share nothing but what the system says of it: only all of it together tells processes apart.
     */
    boolean isSameProcessAs(Alive other) {
        return process.equals(other.process) && host.equals(other.host) && startedMillis == other.startedMillis;
    }

    ByteString encode() {
        return ByteString.copyFromUtf8(String.join(
                "\n",
                VERSION,
                oneLine(node),
                oneLine(process),
                oneLine(host),
                Instant.ofEpochMilli(startedMillis).toString()));
    }

    private static String oneLine(String text) {
        return LINE_BREAK.matcher(text).replaceAll(" ");
    }

    static Alive decode(ByteString value) {
        List<String> lines = List.of(value.toString(StandardCharsets.UTF_8).split("\n", -1));
        if (lines.size() < LINES) {
            return UNREADABLE;
        }
        try {
            return new Alive(
                    lines.get(1),
                    lines.get(2),
                    lines.get(3),
                    Instant.parse(lines.get(4)).toEpochMilli());
        } catch (DateTimeException | ArithmeticException e) {
            return UNREADABLE;
        }
    }

    /** For messages. */
    @Override
    public String toString() {
        return "process " + process + " on " + (host.isEmpty() ? "a host without a name" : host) + ", started "
                + Instant.ofEpochMilli(startedMillis);
    }
}
