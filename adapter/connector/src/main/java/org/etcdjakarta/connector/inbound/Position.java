package org.etcdjakarta.connector.inbound;

import com.google.protobuf.ByteString;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * How far one lane of a durable watch has been delivered, as its checkpoint says. Text, for people: {@code etcdctl get --prefix
 * /_etcd-jakarta/c/}.
 *
 * @param revision everything of this lane up to here
 * @param lanes how many there are
 * @param range what is watched
 * @param earlier what was delivered beyond that revision when there was another number of lanes
 * @param node that wrote it, for people
 */
record Position(long revision, int lanes, String range, List<Division> earlier, String node) {

    private static final String VERSION = "1";

    /** How far each lane was at the end of a time when there were so many. */
    record Division(List<Long> revisions) {

        boolean delivered(int hash, long revision) {
            return revision <= revisions.get(Batches.lane(hash, revisions.size()));
        }

        long farthest() {
            return revisions.stream().mapToLong(Long::longValue).max().orElse(0);
        }
    }

    /** Whether a change has been delivered. */
    boolean delivered(int hash, long changed) {
        return changed <= revision || earlier.stream().anyMatch(division -> division.delivered(hash, changed));
    }

    /** Divisions that say nothing more are left out. */
    Position at(long next, String writer) {
        return new Position(
                next,
                lanes,
                range,
                earlier.stream().filter(division -> division.farthest() > next).toList(),
                writer);
    }

    /** Behind a gap: what was delivered beyond it was of another history, or is told by the gap. */
    Position behindGap(long next, String writer) {
        return new Position(next, lanes, range, List.of(), writer);
    }

    ByteString encode() {
        return ByteString.copyFromUtf8("version=" + VERSION
                + "\nrevision=" + revision
                + "\nlanes=" + lanes
                + "\nrange=" + escaped(range)
                + "\nearlier="
                + earlier.stream()
                        .map(division -> division.revisions().stream()
                                .map(String::valueOf)
                                .collect(Collectors.joining(",")))
                        .collect(Collectors.joining(";"))
                + "\nnode=" + escaped(node) + "\n");
    }

    /** @throws IllegalArgumentException it is of a newer version, or none of ours */
    static Position decode(ByteString value) {
        Map<String, String> fields = new LinkedHashMap<>();
        value.toStringUtf8().lines().forEach(line -> {
            int end = line.indexOf('=');
            if (end > 0) {
                fields.put(line.substring(0, end), line.substring(end + 1));
            }
        });
        String version = field(fields, "version");
        if (!version.equals(VERSION)) {
            throw new IllegalArgumentException("it is of version " + version + "; this one knows " + VERSION);
        }
        Position position = new Position(
                Long.parseLong(field(fields, "revision")),
                Integer.parseInt(field(fields, "lanes")),
                unescaped(field(fields, "range")),
                divisions(field(fields, "earlier")),
                unescaped(field(fields, "node")));
        if (position.lanes < 1 || position.revision < 0) {
            throw new IllegalArgumentException("it has lanes=" + position.lanes + " and revision=" + position.revision);
        }
        return position;
    }

    private static String field(Map<String, String> fields, String name) {
        String value = fields.get(name);
        if (value == null) {
            throw new IllegalArgumentException("it has no line " + name + "=…");
        }
        return value;
    }

    private static List<Division> divisions(String text) {
        List<Division> divisions = new ArrayList<>();
        for (String division : text.isEmpty() ? new String[0] : text.split(";")) {
            divisions.add(new Division(
                    Arrays.stream(division.split(",")).map(Long::valueOf).toList()));
        }
        return divisions;
    }

    private static String escaped(String text) {
        return text.replace("%", "%25").replace("\n", "%0A").replace("\r", "%0D");
    }

    private static String unescaped(String text) {
        return text.replace("%0D", "\r").replace("%0A", "\n").replace("%25", "%");
    }
}
