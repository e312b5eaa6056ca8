package org.etcdjakarta.itests.wildfly;

import java.util.HashMap;
import java.util.Map;
import java.util.stream.Stream;
import org.etcdjakarta.itests.wildfly.Management.Resource;

/** Pools of a running server, made through its management interface as the README has it. */
final class Pools {

    private static final String FACTORY = "org.etcdjakarta.connector.EtcdManagedConnectionFactory";

    private final Management management;

    Pools(WildFlyProcess server) {
        this.management = server.management();
    }

    /**
     * A pool at {@code java:/eis/<name>} that counts what happens in it.
     *
     * @param properties of the factory
     * @param attributes of the connection definition: name, value, name, value
     */
    Resource add(String name, String transactionSupport, Map<String, String> properties, String... attributes) {
        Resource adapter = adapter(name);
        adapter.run("add", "archive", "etcd-jakarta.rar", "transaction-support", transactionSupport);
        Resource definition = definition(name);
        Map<String, String> all = new HashMap<>();
        all.put("class-name", FACTORY);
        all.put("jndi-name", "java:/eis/" + name);
        all.put("enabled", "true");
        for (int i = 0; i < attributes.length; i += 2) {
            all.put(attributes[i], attributes[i + 1]);
        }
        definition.run(
                "add",
                all.entrySet().stream()
                        .flatMap(each -> Stream.of(each.getKey(), each.getValue()))
                        .toArray(String[]::new));
        properties.forEach((property, value) -> management
                .at(
                        "subsystem=resource-adapters",
                        "resource-adapter=" + name,
                        "connection-definitions=" + name,
                        "config-properties=" + property)
                .run("add", "value", value));
        adapter.run("activate");
        statistics(name).run("write-attribute", "name", "statistics-enabled", "value", "true");
        return definition;
    }

    private Resource adapter(String name) {
        return management.at("subsystem=resource-adapters", "resource-adapter=" + name);
    }

    private Resource definition(String name) {
        return management.at(
                "subsystem=resource-adapters", "resource-adapter=" + name, "connection-definitions=" + name);
    }

    Resource statistics(String name) {
        return management.at(
                "subsystem=resource-adapters",
                "resource-adapter=" + name,
                "connection-definitions=" + name,
                "statistics=pool");
    }
}
