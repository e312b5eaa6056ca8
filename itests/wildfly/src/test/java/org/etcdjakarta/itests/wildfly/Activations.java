package org.etcdjakarta.itests.wildfly;

import java.io.IOException;
import java.util.Map;
import javax.management.JMException;
import javax.management.MBeanServerConnection;
import javax.management.ObjectName;
import javax.management.remote.JMXConnector;
import javax.management.remote.JMXConnectorFactory;
import javax.management.remote.JMXServiceURL;

/** The management beans of a server's activations, by the server's own JMX. */
final class Activations implements AutoCloseable {

    private final JMXConnector connector;
    private final MBeanServerConnection server;

    @SuppressWarnings("BanJNDI") // the server is the test's own
    Activations(int managementPort) throws IOException {
        connector = JMXConnectorFactory.connect(
                new JMXServiceURL("service:jmx:remote+http://127.0.0.1:" + managementPort), Map.of());
        server = connector.getMBeanServerConnection();
    }

    @SuppressWarnings("TypeParameterUnusedInFormals")
    <T> T attribute(String bean, String attribute) {
        try {
            @SuppressWarnings("unchecked") // the test says what it is
            T value = (T) server.getAttribute(name(bean), attribute);
            return value;
        } catch (IOException | JMException e) {
            throw new IllegalStateException(attribute + " of " + bean, e);
        }
    }

    void run(String bean, String operation) {
        try {
            server.invoke(name(bean), operation, new Object[0], new String[0]);
        } catch (IOException | JMException e) {
            throw new IllegalStateException(operation + " of " + bean, e);
        }
    }

    /** The server's name for an endpoint has the bean's in it. */
    private ObjectName name(String bean) throws IOException, JMException {
        return server.queryNames(new ObjectName("org.etcdjakarta:type=Activation,*"), null).stream()
                .filter(name -> name.toString().contains(bean))
                .findFirst()
                .orElseThrow(() -> new IllegalStateException("no activation of " + bean));
    }

    @Override
    public void close() throws IOException {
        connector.close();
    }
}
