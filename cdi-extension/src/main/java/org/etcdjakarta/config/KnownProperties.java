package org.etcdjakarta.config;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.etcdjakarta.core.link.LinkProperty;

/** The names of all settings, to find typing errors with: a setting that nobody reads is otherwise silent. */
public final class KnownProperties {

    private static final String ALL = "etcd.";
    private static final String CLIENTS = "etcd.clients.";

    private static final Set<String> CLIENT = Stream.concat(
                    Stream.of("jndi-name"), Arrays.stream(LinkProperty.values()).map(LinkProperty::key))
            .collect(Collectors.toUnmodifiableSet());

    /** Of the config source, and those that only the resource adapter reads. */
    private static final Set<String> OTHERS = Set.of(
            "config.enabled",
            "config.prefix",
            "config.ordinal",
            "config.startup",
            "config.startup-timeout",
            "isolation",
            "settling-time",
            "max-txn-ops",
            "reserved-prefix",
            "transaction-support");

    private KnownProperties() {}

    /**
     * The unknown ones among the names that begin with {@code etcd.}, each with the known name that is nearest. Names that an
     * environment variable gives are left out: other programs have variables such as ETCD_NAME, for etcd itself.
     */
    public static Map<String, String> unknown(Iterable<String> names, Set<String> environment) {
        Map<String, String> unknown = new TreeMap<>();
        for (String name : names) {
            if (name.startsWith(ALL) && !isKnown(name) && !environment.contains(variable(name))) {
                unknown.put(name, nearest(name));
            }
        }
        return unknown;
    }

    private static boolean isKnown(String name) {
        if (name.startsWith(CLIENTS)) {
            String rest = name.substring(CLIENTS.length());
            return CLIENT.stream()
                    .anyMatch(setting -> rest.length() > setting.length() + 1 && rest.endsWith("." + setting));
        }
        String setting = name.substring(ALL.length());
        return CLIENT.contains(setting) || OTHERS.contains(setting);
    }

    private static String variable(String name) {
        return name.replaceAll("[^A-Za-z0-9]", "_").toUpperCase(Locale.ROOT);
    }

    private static String nearest(String name) {
        List<String> candidates = new ArrayList<>();
        if (name.startsWith(CLIENTS)) {
            // the name of a client may hold dots
            for (int dot = name.indexOf('.', CLIENTS.length()); dot > 0; dot = name.indexOf('.', dot + 1)) {
                String client = name.substring(0, dot + 1);
                CLIENT.forEach(setting -> candidates.add(client + setting));
            }
        } else {
            CLIENT.forEach(setting -> candidates.add(ALL + setting));
            OTHERS.forEach(setting -> candidates.add(ALL + setting));
        }
        return candidates.stream()
                .min(Comparator.<String>comparingInt(candidate -> distance(name, candidate))
                        .thenComparing(Comparator.naturalOrder()))
                .orElse(CLIENTS + "<name>.endpoints");
    }

    /** Levenshtein's. */
    private static int distance(String one, String other) {
        int[] previous = new int[other.length() + 1];
        for (int j = 0; j <= other.length(); j++) {
            previous[j] = j;
        }
        for (int i = 1; i <= one.length(); i++) {
            int[] current = new int[other.length() + 1];
            current[0] = i;
            for (int j = 1; j <= other.length(); j++) {
                int replaced = previous[j - 1] + (one.charAt(i - 1) == other.charAt(j - 1) ? 0 : 1);
                current[j] = Math.min(replaced, Math.min(previous[j], current[j - 1]) + 1);
            }
            previous = current;
        }
        return previous[other.length()];
    }
}
