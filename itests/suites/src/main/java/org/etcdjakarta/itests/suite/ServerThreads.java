package org.etcdjakarta.itests.suite;

import java.io.IOException;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jboss.shrinkwrap.api.ShrinkWrap;
import org.jboss.shrinkwrap.api.spec.WebArchive;

/** The server's threads from outside, by way of {@link ThreadNames}. */
final class ServerThreads {

    private ServerThreads() {}

    static WebArchive application() {
        return ShrinkWrap.create(WebArchive.class, "threads.war").addClass(ThreadNames.class);
    }

    /**
     * How many of ours there are of each name without its numbers. Callback threads of the link come and go with the load; what is
     * counted are the others.
     */
    static Map<String, Long> ours(URL application) {
        return names(application).stream()
                .filter(name -> name.startsWith("etcd") || name.startsWith("grpc"))
                .filter(name -> !name.contains("-work-"))
                .map(name -> name.replaceAll("\\d+", "N"))
                .collect(Collectors.groupingBy(Function.identity(), TreeMap::new, Collectors.counting()));
    }

    private static List<String> names(URL application) {
        try (var body = new URL(application, "names").openStream()) {
            return new String(body.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .toList();
        } catch (IOException e) {
            throw new AssertionError("the server's threads cannot be asked for at " + application, e);
        }
    }
}
