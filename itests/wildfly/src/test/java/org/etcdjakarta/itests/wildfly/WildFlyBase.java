package org.etcdjakarta.itests.wildfly;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.etcdjakarta.itests.environment.Folders;
import org.etcdjakarta.itests.environment.PortOffset;
import org.jboss.arquillian.core.api.annotation.Observes;
import org.jboss.arquillian.core.api.event.ManagerStarted;
import org.jboss.arquillian.core.spi.LoadableExtension;

/**
 * A fresh server base folder for each run, with the archive in its deployments, so that nothing of an earlier run is left and the
 * unpacked server itself is never written to. The container adapter starts and stops the server.
 */
public final class WildFlyBase implements LoadableExtension {

    @Override
    public void register(ExtensionBuilder builder) {
        builder.observer(Preparation.class);
    }

    static final class Preparation {

        /** Before arquillian.xml is read, which happens at the same event with precedence 0. */
        void prepare(@Observes(precedence = 100) ManagerStarted event) throws IOException {
            Path home = Path.of(System.getProperty("server.home"));
            Path base = Path.of(System.getProperty("server.base"));
            Folders.delete(base);
            Folders.copy(home.resolve("standalone"), base);
            Files.copy(Path.of(System.getProperty("adapter.archive")), base.resolve("deployments/etcd-jakarta.rar"));
            MessageDriven.enable(base);

            int offset = PortOffset.free(8080, 8443, 9990, 4712, 4713);
            System.setProperty("server.port.offset", Integer.toString(offset));
            System.setProperty("server.management.port", Integer.toString(9990 + offset));
            System.out.println("WildFly's log: " + base.resolve("log/server.log"));
        }
    }
}
