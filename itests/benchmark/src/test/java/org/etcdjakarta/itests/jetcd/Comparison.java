package org.etcdjakarta.itests.jetcd;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * Two transcripts side by side. Answers have to be equal in every field. Failures are jetcd's {@code StatusRuntimeException},
 * {@code EtcdException} or a type of its own, whichever interface it is, and with us always of one family; what has to be equal is
 * what a program can learn from jetcd's: if it has etcd's status, text or error code, then ours has the same.
 */
final class Comparison {

    private static final String OUR_FAMILY = "org.etcdjakarta.Etcd";
    private static final String NO_LINE = "(not there)";

    /** Where jetcd's failure says nothing, ours may say more. */
    private static final Set<String> SILENT = Set.of("UNKNOWN", "nothing", "none");

    private Comparison() {}

    /** One text for each difference; empty when a program cannot tell the two apart. */
    static List<String> differences(List<String> theirs, List<String> ours) {
        Map<String, String> their = byName(theirs);
        Map<String, String> our = byName(ours);
        Set<String> names = new TreeSet<>(their.keySet());
        names.addAll(our.keySet());
        List<String> differences = new ArrayList<>();
        for (String name : names) {
            String jetcds = their.getOrDefault(name, NO_LINE);
            String own = our.getOrDefault(name, NO_LINE);
            if (!same(name, jetcds, own)) {
                differences.add(name + ": jetcd " + jetcds + ", ours " + own);
            }
        }
        return differences;
    }

    private static boolean same(String name, String jetcds, String own) {
        if (name.endsWith(".failed")) {
            return jetcds.equals(own) || (!jetcds.equals(NO_LINE) && own.startsWith(OUR_FAMILY));
        }
        if (name.contains(".failed.") && SILENT.contains(jetcds)) {
            return !own.equals(NO_LINE);
        }
        return jetcds.equals(own);
    }

    private static Map<String, String> byName(List<String> lines) {
        Map<String, String> values = new LinkedHashMap<>();
        for (String line : lines) {
            int equals = line.indexOf(" = ");
            String before = values.put(line.substring(0, equals), line.substring(equals + 3));
            if (before != null) {
                throw new IllegalArgumentException("a program uses a name twice: " + line);
            }
        }
        return values;
    }
}
