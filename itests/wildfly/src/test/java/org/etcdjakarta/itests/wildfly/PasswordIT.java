package org.etcdjakarta.itests.wildfly;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.util.Map;
import org.etcdjakarta.itests.support.EtcdServer;
import org.etcdjakarta.itests.wildfly.inside.Put;
import org.jboss.shrinkwrap.api.spec.WebArchive;
import org.junit.jupiter.api.Test;

/** Passwords that do not stand in WildFly's configuration, by the commands of the connector's README. */
class PasswordIT {

    private static final String SECRET = "correct-password";

    /** Not those of a user who may not do something, whom etcd accepts. */
    private static void connectionsOfAUserThatIsDeletedAreDestroyed(
            EtcdServer etcd, WildFlyProcess server, WebArchive application, Pools pools) {
        String root = "--user=root:" + SECRET;
        etcd.etcdctl(root, "role", "add", "writer");
        etcd.etcdctl(root, "role", "grant-permission", "writer", "--prefix=true", "readwrite", "/w/");
        etcd.etcdctl(root, "role", "grant-permission", "writer", "--prefix=true", "readwrite", "/_etcd-jakarta/");
        etcd.etcdctl(root, "user", "add", "passing:pass");
        etcd.etcdctl(root, "user", "grant-role", "passing", "writer");
        pools.add("passing", "XATransaction", Map.of("user", "passing", "password", "pass"));
        server.run(application, Put.class, "java:/eis/passing", "/w/1");
        assertThatThrownBy(() -> server.run(application, Put.class, "java:/eis/passing", "/forbidden"))
                .hasMessageContaining("EtcdAccessException");
        assertThat(pools.statistics("passing").number("DestroyedCount")).isZero();

        etcd.etcdctl(root, "user", "delete", "passing");
        assertThatThrownBy(() -> server.run(application, Put.class, "java:/eis/passing", "/w/2"))
                .hasMessageContaining("EtcdAccessException");
        assertThat(pools.statistics("passing").number("DestroyedCount")).isEqualTo(1);
    }

    @Test
    void comeFromElytron() throws IOException {
        WebArchive application = Applications.commands();
        try (EtcdServer etcd = EtcdServer.start();
                WildFlyProcess server = WildFlyProcess.fresh("passwords")
                        .property("jboss.tx.node.id", "passwords")
                        .property("etcd.endpoints", etcd.endpoint())
                        .deploy(application)) {
            etcd.etcdctl("user", "add", "root:" + SECRET);
            etcd.etcdctl("auth", "enable");
            server.start();
            Management management = server.management();
            Pools pools = new Pools(server);

            management
                    .at("subsystem=elytron", "secret-key-credential-store=etcd-keys")
                    .run("add", "path", "etcd-keys.cs", "relative-to", "jboss.server.config.dir");
            management
                    .at("subsystem=elytron", "expression=encryption")
                    .run(
                            "add",
                            "resolvers",
                            "[{\"name\"=>\"etcd\",\"credential-store\"=>\"etcd-keys\",\"secret-key\"=>\"key\"}]");
            String expression = management
                    .at("subsystem=elytron", "expression=encryption")
                    .run("create-expression", "resolver", "etcd", "clear-text", SECRET)
                    .get("expression")
                    .asString();
            assertThat(expression).startsWith("${ENC::etcd:");
            pools.add("encrypted", "XATransaction", Map.of("user", "root", "password", expression));
            server.run(application, Put.class, "java:/eis/encrypted", "/encrypted");

            management
                    .at("subsystem=elytron", "credential-store=etcd")
                    .run(
                            "add",
                            "path",
                            "etcd.cs",
                            "relative-to",
                            "jboss.server.config.dir",
                            "create",
                            "true",
                            "credential-reference",
                            "{\"clear-text\"=>\"of-the-store\"}");
            management
                    .at("subsystem=elytron", "credential-store=etcd")
                    .run("add-alias", "alias", "root", "secret-value", SECRET);
            management
                    .at("subsystem=elytron", "authentication-configuration=etcd")
                    .run(
                            "add",
                            "authentication-name",
                            "root",
                            "credential-reference",
                            "{\"store\"=>\"etcd\",\"alias\"=>\"root\"}");
            management
                    .at("subsystem=elytron", "authentication-context=etcd")
                    .run("add", "match-rules", "[{\"authentication-configuration\"=>\"etcd\"}]");
            pools.add(
                    "signed-on",
                    "XATransaction",
                    Map.of(),
                    "elytron-enabled",
                    "true",
                    "authentication-context",
                    "etcd",
                    "recovery-elytron-enabled",
                    "true",
                    "recovery-authentication-context",
                    "etcd");
            server.run(application, Put.class, "java:/eis/signed-on", "/signed-on");

            connectionsOfAUserThatIsDeletedAreDestroyed(etcd, server, application, pools);

            pools.add("nobody", "XATransaction", Map.of());
            assertThatThrownBy(() -> server.run(application, Put.class, "java:/eis/nobody", "/nobody"))
                    .as("etcd asks everybody")
                    .hasMessageContaining("EtcdAccessException");
            String configuration = Files.readString(server.base().resolve("configuration/standalone.xml"));
            assertThat(configuration).contains("signed-on").doesNotContain(SECRET);
            assertThat(server.log()).doesNotContain(SECRET);
        }
    }
}
