package org.etcdjakarta.rar;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
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
    void theReadmeListsEveryJar() throws IOException {
        String readme = Files.readString(Path.of("README.md"));
        assertThat(archive.jars())
                .allSatisfy(jar -> assertThat(readme).contains("`" + jar.replaceFirst("-\\d.*", "") + "`"));
        assertThat(readme.lines().filter(line -> line.matches("\\| `[^`]+` \\| \\d+ .*")))
                .hasSameSizeAs(archive.jars());
    }
}
