package org.etcdjakarta.connector;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HomeTest {

    private static String home(String property, Path folder) {
        return Home.of(Map.of(property, folder.toString())::get);
    }

    @Test
    void isTheSameAtEveryStartAndAnotherOneElsewhere(@TempDir Path folder) {
        for (String property : List.of("jboss.server.data.dir", "com.sun.aas.instanceRoot")) {
            Path here = folder.resolve(property);
            String home = home(property, here);
            assertThat(home).isNotBlank().isEqualTo(home(property, here));
            assertThat(home(property, folder.resolve("not " + property))).isNotEqualTo(home);
        }
    }

    @Test
    void movesWithTheFolder(@TempDir Path folder) throws Exception {
        Path here = folder.resolve("here");
        String home = home("jboss.server.data.dir", here);
        Path there = Files.move(here, folder.resolve("there"));
        assertThat(home("jboss.server.data.dir", there)).isEqualTo(home);
    }

    @Test
    void isNotKnownOutsideOfAServerOrWhereNothingCanBeWritten(@TempDir Path folder) throws Exception {
        assertThat(Home.of(property -> null)).isEmpty();
        Path file = Files.writeString(folder.resolve("file"), "no folder");
        assertThat(home("jboss.server.data.dir", file)).isEmpty();
    }

    @Test
    void isMadeWhereFilesHaveOneNameOnly(@TempDir Path folder) {
        List<Home.Linking> without = List.of(
                (name, file) -> {
                    throw new FileSystemException(name.toString(), null, "Operation not permitted");
                },
                (name, file) -> {
                    throw new UnsupportedOperationException();
                });
        for (int i = 0; i < without.size(); i++) {
            Path here = folder.resolve("volume" + i);
            String home = Home.of(property -> here.toString(), without.get(i));
            assertThat(home).isNotBlank().isEqualTo(home("jboss.server.data.dir", here));
        }
    }

    @Test
    void isNotKnownWhenTheFileIsEmpty(@TempDir Path folder) throws Exception {
        Files.createDirectories(folder.resolve("etcd-jakarta"));
        Files.createFile(folder.resolve("etcd-jakarta/home"));
        assertThat(home("jboss.server.data.dir", folder)).isEmpty();
    }

    @Test
    void isOneWhenManyComeAtTheSameMoment(@TempDir Path folder) throws Exception {
        Set<String> homes = ConcurrentHashMap.newKeySet();
        IntStream.range(0, 64).parallel().forEach(i -> homes.add(home("jboss.server.data.dir", folder)));
        assertThat(homes).hasSize(1);
        try (Stream<Path> left = Files.list(folder.resolve("etcd-jakarta"))) {
            assertThat(left).hasSize(1);
        }
    }
}
