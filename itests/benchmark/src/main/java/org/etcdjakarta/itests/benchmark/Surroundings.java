package org.etcdjakarta.itests.benchmark;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.etcdjakarta.itests.support.EtcdServer;

/** What figures depend on beside the clients. */
record Surroundings(LocalDate date, String machine, String java, String etcd) {

    private static final Path CPU_INFO = Path.of("/proc/cpuinfo");
    private static final Pattern VERSION = Pattern.compile("\"version\":\"([^\"]+)\"");

    static Surroundings of(EtcdServer etcd, Runtime.Version java) {
        String machine = Runtime.getRuntime().availableProcessors() + " processors" + model() + ", "
                + System.getProperty("os.name") + " " + System.getProperty("os.version");
        return new Surroundings(LocalDate.now(ZoneOffset.UTC), machine, java.toString(), version(etcd));
    }

    private static String version(EtcdServer etcd) {
        String status = etcd.etcdctl("endpoint", "status", "--write-out=json");
        Matcher matcher = VERSION.matcher(status);
        if (!matcher.find()) {
            throw new IllegalStateException("etcdctl printed no version: " + status);
        }
        return matcher.group(1);
    }

    private static String model() {
        if (!Files.isReadable(CPU_INFO)) {
            return "";
        }
        try (Stream<String> lines = Files.lines(CPU_INFO)) {
            return lines.filter(line -> line.startsWith("model name"))
                    .findFirst()
                    .map(line -> " (" + line.substring(line.indexOf(':') + 1).strip() + ")")
                    .orElse("");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
