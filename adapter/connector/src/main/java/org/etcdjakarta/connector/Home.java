package org.etcdjakarta.connector;

import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
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
        return of(systemProperty, Files::createLink);
    }

    /** Gives a file one more name, unless there is one of that name. */
    interface Linking {
        Path link(Path name, Path file) throws IOException;
    }

    static String of(UnaryOperator<@Nullable String> systemProperty, Linking linking) {
        // where WildFly and Payara have their logs by default
        for (String property : new String[] {"jboss.server.data.dir", "com.sun.aas.instanceRoot"}) {
            String folder = systemProperty.apply(property);
            if (folder != null && !folder.isBlank()) {
                return in(Path.of(folder), linking);
            }
        }
        return TxSettings.UNKNOWN_HOME;
    }

    private static String in(Path folder, Linking linking) {
        Path file = folder.resolve("etcd-jakarta/home");
        try {
            if (!Files.exists(file)) {
                create(file, linking);
            }
            String home = Files.readString(file).strip();
            if (home.isEmpty()) {
                throw new IOException("the file is empty; delete it, and another id is made");
            }
            return home;
        } catch (IOException | SecurityException e) {
            LOG.log(Level.WARNING, ConnectorMessages.noHome(file), e);
            return TxSettings.UNKNOWN_HOME;
        }
    }

    /**
     * Complete and on the disk before it has its name, and never over another one: an archive that is deployed twice comes here
     * twice at the same moment.
     */
    private static void create(Path file, Linking linking) throws IOException {
        Files.createDirectories(file.getParent());
        Path draft = Files.createTempFile(file.getParent(), "home", ".draft");
        try {
            try (FileChannel channel = FileChannel.open(draft, StandardOpenOption.WRITE)) {
                channel.write(ByteBuffer.wrap(UUID.randomUUID().toString().getBytes(StandardCharsets.UTF_8)));
                channel.force(true);
            }
            try {
                linking.link(file, draft);
            } catch (FileAlreadyExistsException another) {
                throw another;
            } catch (UnsupportedOperationException | FileSystemException noLinksHere) {
                // file systems of other systems, which say so one way or the other
                Files.move(draft, file);
            }
        } catch (FileAlreadyExistsException another) {
            // its id is as good
        } finally {
            Files.deleteIfExists(draft);
        }
    }
}
