package org.etcdjakarta.itests.environment;

import org.etcdjakarta.itests.support.EtcdServer;
import org.etcdjakarta.itests.support.Etcdctl;
import org.jboss.arquillian.core.api.annotation.Observes;
import org.jboss.arquillian.core.api.event.ManagerStarted;
import org.jboss.arquillian.core.api.event.ManagerStopping;
import org.jboss.arquillian.core.spi.LoadableExtension;

/**
 * Two etcds that live as long as the module's suites: the one that the adapter uses, and one with authentication switched on. Their
 * addresses are system properties of this JVM, and of the server's JVM by way of {@code arquillian.xml}.
 */
public final class EtcdForSuites implements LoadableExtension {

    /** The endpoint of the etcd that asks for user and password: root, {@link #SECURED_PASSWORD}. */
    public static final String SECURED_ENDPOINT_PROPERTY = "etcd.secured.endpoint";

    public static final String SECURED_USER = "root";
    public static final String SECURED_PASSWORD = "correct-password";

    @Override
    public void register(ExtensionBuilder builder) {
        builder.observer(Servers.class);
    }

    static final class Servers {

        private final EtcdServer plain = EtcdServer.start();
        private final EtcdServer secured = EtcdServer.start();

        /** Before the server is prepared (100) and arquillian.xml is read (0). */
        void start(@Observes(precedence = 200) ManagerStarted event) {
            secured.etcdctl("user", "add", SECURED_USER + ":" + SECURED_PASSWORD);
            secured.etcdctl("auth", "enable");
            System.setProperty(Etcdctl.ENDPOINT_PROPERTY, plain.endpoint());
            System.setProperty(Etcdctl.BINARY_PROPERTY, plain.etcdctl().binary().toString());
            System.setProperty(SECURED_ENDPOINT_PROPERTY, secured.endpoint());
        }

        /** After the server has stopped, so that its last words on the link are no failures. */
        void stop(@Observes(precedence = -100) ManagerStopping event) {
            plain.close();
            secured.close();
        }
    }
}
