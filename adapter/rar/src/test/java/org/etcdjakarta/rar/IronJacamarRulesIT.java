package org.etcdjakarta.rar;

import static org.assertj.core.api.Assertions.assertThat;

import jakarta.resource.spi.ConnectionManager;
import jakarta.resource.spi.ConnectionRequestInfo;
import jakarta.resource.spi.ManagedConnection;
import jakarta.resource.spi.ManagedConnectionFactory;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.Serial;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;
import javax.security.auth.Subject;
import org.etcdjakarta.connector.EtcdManagedConnectionFactory;
import org.etcdjakarta.connector.EtcdResourceAdapter;
import org.jboss.jca.validator.Validation;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** WildFly's own rules for archives, on ours: no error and no warning. */
class IronJacamarRulesIT {

    private static final Path ARCHIVE = Path.of(System.getProperty("archive"));

    @TempDir
    private Path reports;

    /** What the validator has to say; nothing when all is well. */
    private String complaints(Path archive) throws IOException {
        int result = Validation.validate(archive.toUri().toURL(), reports.toString());
        try (Stream<Path> files = Files.list(reports)) {
            List<Path> written = files.toList();
            // 0 is all well, 1 complaints, which are in the report; anything else that it has not come to an end.
            assertThat(result).as("%s", written).isEqualTo(written.isEmpty() ? 0 : 1);
            return written.isEmpty() ? "" : Files.readString(written.get(0));
        }
    }

    @Test
    void archiveKeepsAllRules() throws IOException {
        assertThat(complaints(ARCHIVE)).isEmpty();
    }

    @Test
    void factoryWithoutEqualsIsFound() throws IOException {
        assertThat(complaints(with(EtcdManagedConnectionFactory.class, WithoutEquals.class)))
                .contains("ERROR", "equals", "hashCode");
    }

    @Test
    void adapterThatIsNoneIsFound() throws IOException {
        assertThat(complaints(with(EtcdResourceAdapter.class, String.class))).contains("ERROR", "ResourceAdapter");
    }

    @Test
    void missingClassIsFound() throws IOException {
        assertThat(complaints(with(EtcdManagedConnectionFactory.class.getName(), "org.example.Missing")))
                .contains("ERROR", "ClassNotFoundException");
    }

    private Path with(Class<?> named, Class<?> instead) throws IOException {
        return with(named.getName(), instead.getName());
    }

    /** A copy whose ra.xml names another class, without the jars of others, through which the validator would look for minutes. */
    private Path with(String named, String instead) throws IOException {
        Path copy = Files.createTempDirectory("rar").resolve("broken.rar");
        try (ZipFile from = new ZipFile(ARCHIVE.toFile());
                ZipOutputStream to = new ZipOutputStream(Files.newOutputStream(copy))) {
            for (ZipEntry entry : from.stream().toList()) {
                if (entry.getName().endsWith(".jar") && !entry.getName().startsWith("etcd-jakarta")) {
                    continue;
                }
                byte[] content = from.getInputStream(entry).readAllBytes();
                if (entry.getName().equals("META-INF/ra.xml")) {
                    String text = new String(content, StandardCharsets.UTF_8);
                    assertThat(text).contains(">" + named + "<");
                    content =
                            text.replace(">" + named + "<", ">" + instead + "<").getBytes(StandardCharsets.UTF_8);
                }
                to.putNextEntry(new ZipEntry(entry.getName()));
                to.write(content);
                to.closeEntry();
            }
        }
        return copy;
    }

    /** As several adapters in the field are. */
    public static final class WithoutEquals implements ManagedConnectionFactory {

        @Serial
        private static final long serialVersionUID = 1L;

        @Override
        public Object createConnectionFactory(ConnectionManager connectionManager) {
            throw new UnsupportedOperationException();
        }

        @Override
        public Object createConnectionFactory() {
            throw new UnsupportedOperationException();
        }

        @Override
        public ManagedConnection createManagedConnection(
                @Nullable Subject subject, @Nullable ConnectionRequestInfo info) {
            throw new UnsupportedOperationException();
        }

        @Override
        @SuppressWarnings("rawtypes")
        public @Nullable ManagedConnection matchManagedConnections(
                Set candidates, @Nullable Subject subject, @Nullable ConnectionRequestInfo info) {
            return null;
        }

        @Override
        public void setLogWriter(@Nullable PrintWriter writer) {}

        @Override
        public @Nullable PrintWriter getLogWriter() {
            return null;
        }
    }
}
