package org.etcdjakarta.connector;

import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.UUID;
import java.util.function.UnaryOperator;
import org.etcdjakarta.core.tx.TxSettings;
import org.jspecify.annotations.Nullable;

/**
 * Which transaction log this server works with: a random id in a file beside it, made at the first start. Two servers that call
 * themselves the same have different ones, and a server whose data folder is moved takes it along.
 */
final class Home {

    private static final System.Logger LOG = System.getLogger(Home.class.getName());

    /** Once: engines are shared by equal settings. */
    private static final class Current {
        private static final String ID = of(System::getProperty);
    }

    private Home() {}

    /** Empty when there is no such folder. */
    static String current() {
        return Current.ID;
    }

    static String of(UnaryOperator<@Nullable String> systemProperty) {
        // where WildFly and Payara have their logs by default
        for (String property : new String[] {"jboss.server.data.dir", "com.sun.aas.instanceRoot"}) {
            String folder = systemProperty.apply(property);
            if (folder != null && !folder.isBlank()) {
                return in(Path.of(folder));
            }
        }
        return TxSettings.UNKNOWN_HOME;
    }

    private static String in(Path folder) {
        Path file = folder.resolve("etcd-jakarta/home");
        try {
            if (!Files.exists(file)) {
                create(file);
            }
            return Files.readString(file).strip();
        } catch (IOException | SecurityException e) {
            LOG.log(Level.WARNING, ConnectorMessages.noHome(file), e);
            return TxSettings.UNKNOWN_HOME;
        }
    }

    /**
     * Complete and on the disk before it has its name, and never over another one: an archive that is deployed twice comes here
     * twice at the same moment.
     */
    private static void create(Path file) throws IOException {
        Files.createDirectories(file.getParent());
        Path draft = Files.createTempFile(file.getParent(), "home", ".draft");
        try {
            try (FileChannel channel = FileChannel.open(draft, StandardOpenOption.WRITE)) {
                channel.write(ByteBuffer.wrap(UUID.randomUUID().toString().getBytes(StandardCharsets.UTF_8)));
                channel.force(true);
            }
            try {
                Files.createLink(file, draft);
            } catch (UnsupportedOperationException noLinksHere) {
                Files.move(draft, file);
            }
        } catch (FileAlreadyExistsException another) {
            // its id is as good
        } finally {
            Files.deleteIfExists(draft);
        }
    }
}
