package org.etcdjakarta.itests.wildfly;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * What a {@code standalone.xml} needs before it deploys any message-driven bean, as the README's command sets it. In the file, so that the
 * beans may be deployed at the server's first start.
 */
final class MessageDriven {

    private static final String POOLS = "<pools>\\s*<bean-instance-pools>";
    private static final String ADAPTER = "<resource-adapter-ref resource-adapter-name=\"etcd-jakarta.rar\"/>";

    private MessageDriven() {}

    /** @param base of a server that is not started yet */
    static void enable(Path base) throws IOException {
        Path file = base.resolve("configuration/standalone.xml");
        String xml = Files.readString(file);
        String changed = xml.replaceFirst(POOLS, "<mdb>" + ADAPTER + "</mdb>$0");
        if (changed.equals(xml)) {
            throw new IllegalStateException("not the configuration that was expected: " + file);
        }
        Files.writeString(file, changed);
    }

    static WildFlyProcess enabled(WildFlyProcess server) {
        return server.configure(POOLS, "<mdb>" + ADAPTER + "</mdb>$0");
    }

    /** All beans have pools of one instance, for which nobody waits long. */
    static WildFlyProcess enabledWithOneInstance(WildFlyProcess server) {
        return server.configure(
                POOLS,
                "<mdb>" + ADAPTER + "<bean-instance-pool-ref pool-name=\"one\"/></mdb>$0"
                        + "<strict-max-pool name=\"one\" max-pool-size=\"1\" instance-acquisition-timeout=\"20\""
                        + " instance-acquisition-timeout-unit=\"MILLISECONDS\"/>");
    }
}
