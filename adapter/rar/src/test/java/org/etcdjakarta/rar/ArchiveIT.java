package org.etcdjakarta.rar;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** What is in the archive, and what must never get into it. */
class ArchiveIT {

    private final Archive archive = new Archive();

    @Test
    void carriesTheDescriptorsOfTheServers() {
        assertThat(archive.entries())
                .contains(
                        "META-INF/ra.xml",
                        "META-INF/ironjacamar.xml",
                        "META-INF/beans.xml",
                        "META-INF/jboss-deployment-structure.xml");
        assertThat(archive.descriptor("beans.xml").getAttribute("bean-discovery-mode"))
                .isEqualTo("none");
    }

    @Test
    void jarsLieFlatAtItsRoot() {
        assertThat(archive.jars()).isNotEmpty().allSatisfy(jar -> assertThat(jar)
                .doesNotContain("/"));
    }

    @Test
    void classesOfTheServerAndOfTheClientsThatAreNotUsedStayOut() {
        Pattern forbidden =
                Pattern.compile("(javax|jakarta|io/vertx|io/netty|org/slf4j|dev/failsafe|com/fasterxml|org/junit)/.*");
        assertThat(archive.jarsByClass().keySet())
                .filteredOn(name -> forbidden.matcher(name).matches())
                .isEmpty();
    }

    @Test
    void everythingNeededIsThereOnce() {
        Map<String, List<String>> classes = archive.jarsByClass();
        assertThat(classes)
                .containsKeys(
                        "org/etcdjakarta/EtcdConnectionFactory.class",
                        "org/etcdjakarta/connector/EtcdResourceAdapter.class",
                        "org/etcdjakarta/core/link/EtcdLink.class",
                        "io/etcd/jetcd/KV.class",
                        "io/etcd/jetcd/api/KVGrpc.class",
                        "io/grpc/netty/shaded/io/grpc/netty/NettyChannelBuilder.class");
        assertThat(classes.entrySet())
                .filteredOn(entry -> entry.getValue().stream().distinct().count() > 1)
                .isEmpty();
    }

    @Test
    void theReadmeListsExactlyTheJars() throws IOException {
        assertThat(readmeSizes().keySet())
                .containsExactlyInAnyOrderElementsOf(
                        archive.jars().stream().map(ArchiveIT::withoutVersion).toList());
    }

    /** Those of others, to the KB: they change with their version only. Our own grow with every commit. */
    @Test
    void theReadmeKnowsTheirSizes() throws IOException {
        Map<String, Integer> sizes = readmeSizes();
        assertThat(archive.jars())
                .filteredOn(jar -> !jar.startsWith("etcd-jakarta-"))
                .isNotEmpty()
                .allSatisfy(jar -> assertThat((double) sizes.getOrDefault(withoutVersion(jar), -1))
                        .as(jar)
                        .isCloseTo(archive.size(jar) / 1024.0, within(1.0)));
    }

    private static String withoutVersion(String jar) {
        return jar.replaceFirst("-\\d.*", "");
    }

    /** The rows of jars, the only ones with a number in the second column. */
    private static Map<String, Integer> readmeSizes() throws IOException {
        Pattern row = Pattern.compile("\\| `([^`]+)` \\| (\\d+) .*");
        return Files.readString(Path.of("README.md"))
                .lines()
                .map(row::matcher)
                .filter(Matcher::matches)
                .collect(Collectors.toMap(matcher -> matcher.group(1), matcher -> Integer.valueOf(matcher.group(2))));
    }
}
