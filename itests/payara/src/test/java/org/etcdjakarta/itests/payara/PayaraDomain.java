package org.etcdjakarta.itests.payara;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.etcdjakarta.itests.environment.EtcdForSuites;
import org.etcdjakarta.itests.environment.Folders;
import org.etcdjakarta.itests.environment.PortOffset;
import org.etcdjakarta.itests.support.Etcdctl;
import org.jboss.arquillian.core.api.annotation.Observes;
import org.jboss.arquillian.core.api.event.ManagerStarted;
import org.jboss.arquillian.core.api.event.ManagerStopping;
import org.jboss.arquillian.core.spi.LoadableExtension;

/**
 * A fresh domain for each run with the archive, its pool and its resource, made by the commands of the README. The container
 * adapter that works on this version only deploys: the domain is started and stopped here.
 */
public final class PayaraDomain implements LoadableExtension {

    private static final String NAME = "itests";

    private static final String SECURED_ALIAS = "etcd-secured";

    @Override
    public void register(ExtensionBuilder builder) {
        builder.observer(Lifecycle.class);
    }

    static final class Lifecycle {

        private final Path domains = Path.of(System.getProperty("server.base"));
        private final int base = PortOffset.free(9, 37, 38, 39, 48, 66, 76, 80, 81, 86);
        private final Asadmin asadmin = new Asadmin(Path.of(System.getProperty("server.home")), base + 48);

        /** After etcd (200) and before arquillian.xml is read (0). */
        void start(@Observes(precedence = 100) ManagerStarted event) throws IOException {
            Folders.delete(domains);
            Files.createDirectories(domains);
            System.out.println("Payara's log: " + domains.resolve(NAME + "/logs/server.log"));
            String folder = domains.toString();
            asadmin.run("create-domain", "--domaindir=" + folder, "--nopassword=true", "--portbase=" + base, NAME);
            keepToThisMachine(domains.resolve(NAME + "/config/domain.xml"));
            Runtime.getRuntime().addShutdownHook(new Thread(this::kill, "payara-reaper"));
            asadmin.run("start-domain", "--domaindir=" + folder, NAME);
            alias(SECURED_ALIAS, EtcdForSuites.SECURED_PASSWORD);
            asadmin.script(List.of(
                    systemProperty(Etcdctl.ENDPOINT_PROPERTY),
                    systemProperty(Etcdctl.BINARY_PROPERTY),
                    systemProperty(EtcdForSuites.SECURED_ENDPOINT_PROPERTY),
                    "deploy --name etcd-jakarta " + System.getProperty("adapter.archive"),
                    "create-connector-connection-pool --raname etcd-jakarta"
                            + " --connectiondefinition org.etcdjakarta.EtcdConnectionFactory"
                            + " --transactionsupport XATransaction --steadypoolsize 0 etcd-pool",
                    "create-connector-resource --poolname etcd-pool eis/etcd",
                    "create-connector-connection-pool --raname etcd-jakarta"
                            + " --connectiondefinition org.etcdjakarta.EtcdConnectionFactory"
                            + " --transactionsupport XATransaction --steadypoolsize 0 secured-pool",
                    set("endpoints", System.getProperty(EtcdForSuites.SECURED_ENDPOINT_PROPERTY)),
                    set("user", EtcdForSuites.SECURED_USER),
                    set("password", "${ALIAS=" + SECURED_ALIAS + "}"),
                    "create-connector-resource --poolname secured-pool eis/secured"));
            System.setProperty("server.admin.port", Integer.toString(base + 48));
        }

        /** Listens on the loopback address only, and without the data grid, which would join other Payaras on the network. */
        private static void keepToThisMachine(Path config) throws IOException {
            String grid = "<hazelcast-config-specific-configuration";
            String xml = Files.readString(config);
            if (!xml.contains(grid)) {
                throw new IllegalStateException("the domain is not made as expected: " + config);
            }
            Files.writeString(
                    config,
                    xml.replace(grid, grid + " enabled=\"false\"")
                            .replace("address=\"0.0.0.0\"", "address=\"127.0.0.1\"")
                            .replaceAll("<network-listener (?![^>]*address=)", "$0address=\"127.0.0.1\" "));
        }

        /** Before etcd is stopped (-100). */
        void stop(@Observes(precedence = -50) ManagerStopping event) throws IOException {
            asadmin.run("stop-domain", "--domaindir=" + domains, NAME);
        }

        private static String set(String property, String value) {
            return "set resources.connector-connection-pool.secured-pool.property." + property + "=" + value;
        }

        private void alias(String name, String password) throws IOException {
            Path file = Files.createTempFile("alias", ".properties");
            try {
                Files.writeString(file, "AS_ADMIN_ALIASPASSWORD=" + password);
                asadmin.run("--passwordfile", file.toString(), "create-password-alias", name);
            } finally {
                Files.delete(file);
            }
        }

        private static String systemProperty(String name) {
            // The command's own separator is a colon, so those of the value are escaped, for it and for the script's
            // reader.
            String value = System.getProperty(name).replace(":", "\\\\:");
            return "create-system-properties " + name + "=" + value;
        }

        /** What is left when the test's JVM ends early. After an orderly stop there is no file and nothing to do. */
        private void kill() {
            Path pid = domains.resolve(NAME + "/config/pid");
            if (Files.exists(pid)) {
                try {
                    ProcessHandle.of(Long.parseLong(Files.readString(pid).strip()))
                            .ifPresent(ProcessHandle::destroyForcibly);
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            }
        }
    }
}
