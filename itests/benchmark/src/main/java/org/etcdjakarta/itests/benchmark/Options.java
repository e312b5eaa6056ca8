package org.etcdjakarta.itests.benchmark;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What the command line asks for.
 *
 * @param java the JDK that the clients run on; virtual threads from 21 on
 * @param out the file of the report; null for standard output only
 */
record Options(boolean quick, Path java, @Nullable Path out, List<Variant> variants) {

    static final String USAGE =
            "usage: run [--quick] [--jdk JAVA_HOME] [--etcd 3.4|3.5] [--out FILE] [--clients stub,ours,guarded,jetcd]";

    static Options parse(List<String> arguments) {
        boolean quick = false;
        Path java = Path.of(System.getProperty("java.home"));
        Path out = null;
        List<Variant> variants = List.of(Variant.values());
        for (Iterator<String> rest = arguments.iterator(); rest.hasNext(); ) {
            String option = rest.next();
            switch (option) {
                case "--quick" -> quick = true;
                case "--jdk" -> java = jdk(value(option, rest));
                case "--out" -> out = Path.of(value(option, rest));
                case "--clients" -> variants = variants(value(option, rest));
                default -> throw new IllegalArgumentException("unknown option " + option + "; " + USAGE);
            }
        }
        return new Options(quick, java, out, variants);
    }

    private static String value(String option, Iterator<String> rest) {
        if (!rest.hasNext()) {
            throw new IllegalArgumentException(option + " without a value; " + USAGE);
        }
        return rest.next();
    }

    private static Path jdk(String home) {
        Path java = Path.of(home);
        if (!Files.isExecutable(java.resolve("bin/java"))) {
            throw new IllegalArgumentException("--jdk " + home + ": no bin/java there; " + USAGE);
        }
        return java;
    }

    /** The floor is always among them. */
    private static List<Variant> variants(String names) {
        Set<Variant> wanted = EnumSet.of(Variant.FLOOR);
        for (String name : names.split(",", -1)) {
            wanted.add(Arrays.stream(Variant.values())
                    .filter(variant -> variant.toString().equals(name))
                    .findFirst()
                    .orElseThrow(() -> new IllegalArgumentException("--clients: no client " + name + "; " + USAGE)));
        }
        return List.copyOf(wanted);
    }
}
