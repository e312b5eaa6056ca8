package org.etcdjakarta.connector;

import java.lang.management.ManagementFactory;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import javax.management.InstanceAlreadyExistsException;
import javax.management.InstanceNotFoundException;
import javax.management.JMException;
import javax.management.MBeanServer;
import javax.management.MalformedObjectNameException;
import javax.management.ObjectName;

/**
 * What one adapter shows to JMX, below the domain {@code org.etcdjakarta}. Several adapters live in one process, with class
 * loaders of their own, and may have the same to show: a name that is taken gets {@code number=2} and so on. That a bean cannot be
 * registered is logged and harms nothing else.
 */
public final class ManagementBeans {

    static final String DOMAIN = "org.etcdjakarta";

    private static final System.Logger LOG = System.getLogger(ManagementBeans.class.getName());

    private final MBeanServer server;
    private final Set<ObjectName> registered = ConcurrentHashMap.newKeySet();
    private volatile boolean closed;

    /** Of the process's own MBean server. */
    public ManagementBeans() {
        this(ManagementFactory.getPlatformMBeanServer());
    }

    ManagementBeans(MBeanServer server) {
        this.server = server;
    }

    /**
     * Registers a bean.
     *
     * @param type what it is, the key {@code type} of its name, for example {@code Transactions}
     * @param name which of them, the key {@code name}; any text
     * @param bean an MXBean or MBean
     * @return unregisters it; to be run any number of times
     */
    public Runnable register(String type, String name, Object bean) {
        try {
            if (closed) {
                return () -> {};
            }
            ObjectName taken = registerAs(type, name, bean);
            registered.add(taken);
            if (closed) {
                // close() may have looked just before
                unregister(taken);
            }
            return () -> unregister(taken);
        } catch (JMException | RuntimeException failure) {
            LOG.log(System.Logger.Level.WARNING, ConnectorMessages.notManageable(type, name), failure);
            return () -> {};
        }
    }

    private ObjectName registerAs(String type, String name, Object bean) throws JMException {
        for (int number = 1; ; number++) {
            ObjectName candidate = name(type, name, number);
            try {
                return server.registerMBean(bean, candidate).getObjectName();
            } catch (InstanceAlreadyExistsException taken) {
                LOG.log(System.Logger.Level.DEBUG, () -> candidate + " is taken");
            }
        }
    }

    private static ObjectName name(String type, String name, int number) throws MalformedObjectNameException {
        String text = DOMAIN + ":type=" + type + ",name=" + ObjectName.quote(name);
        return new ObjectName(number == 1 ? text : text + ",number=" + number);
    }

    private void unregister(ObjectName name) {
        if (!registered.remove(name)) {
            return;
        }
        try {
            server.unregisterMBean(name);
        } catch (InstanceNotFoundException gone) {
            LOG.log(System.Logger.Level.DEBUG, () -> name + " was unregistered by somebody else");
        } catch (JMException | RuntimeException failure) {
            LOG.log(System.Logger.Level.WARNING, ConnectorMessages.notUnregistered(name), failure);
        }
    }

    /** Unregisters all; more can be registered afterwards. */
    public void clear() {
        Set.copyOf(registered).forEach(this::unregister);
    }

    /** Unregisters all; what is registered afterwards by somebody who comes late does not appear. */
    public void close() {
        closed = true;
        clear();
    }
}
